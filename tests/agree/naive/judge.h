// SPDX-License-Identifier: Apache-2.0
// The claims of claims.md section 4, by looking for one packet that the claim forbids.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agree/naive/compromise.h"

namespace segproof::naive {

// A place, the interface when only that one is meant, and the addresses when only those are.
struct Location {
  Place place;
  model::InterfaceId interface;
  std::optional<Prefix> within = {};
  friend auto operator<=>(const Location&, const Location&) = default;
};

struct Finding {
  std::string story;  // who sends what, and where it ends
};

class Judge {
 public:
  // The network must outlive the judge.
  Judge(const model::Network& network, Family family, const std::vector<Probe>& universe, const Setting& setting)
      : before_(sessions_of_before(network, family, universe, setting)),
        lab_(network, family, universe, setting),
        attack_(lab_, before_ ? &before_->attack : nullptr) {}

  // True: this engine has an opinion on claims of that kind.
  [[nodiscard]] static bool knows(claim::Kind kind);
  // A packet that the claim forbids, if there is one. Precondition: knows(claim.kind).
  [[nodiscard]] std::optional<Finding> forbidden(const claim::Claim& claim);

  [[nodiscard]] std::set<Location> resolve(const std::vector<claim::Name>& names) const;
  [[nodiscard]] Attack& attack() { return attack_; }
  [[nodiscard]] Lab& lab() { return lab_; }

 private:
  using Locations = std::set<Location>;
  [[nodiscard]] Locations zone(model::ZoneId id) const;
  [[nodiscard]] Locations on_segment(model::SegmentId id) const;
  enum class Devices : std::uint8_t { left_out, included };
  [[nodiscard]] Locations owning(const Prefix& prefix, Devices devices) const;
  [[nodiscard]] Locations externals() const;
  [[nodiscard]] bool is_at(const Delivery& delivery, const Locations& locations) const;
  [[nodiscard]] bool is_at(const Delivery& delivery, const Location& location) const;
  [[nodiscard]] bool is_ingress(model::InterfaceId id) const;
  [[nodiscard]] Senders sender(const Location& location) const;
  [[nodiscard]] bool expires(const claim::Allowed& allowed) const;
  [[nodiscard]] bool is_allowed(const Location& from, const Delivery& delivery,
                                const std::vector<claim::Allowed>& list) const;
  [[nodiscard]] std::string tell(const Location& from, const Delivery& delivery, std::string_view how);

  std::optional<Finding> any_packet(const Locations& from, const Locations& to, const std::set<Place>& removed = {},
                                    const std::set<model::SegmentId>& cut = {});
  std::optional<Finding> any_session(const claim::Claim& claim, const Locations& from, const Locations& to);
  std::optional<Finding> falls(const claim::Claim& claim);
  std::optional<Finding> around(const claim::Claim& claim);
  std::optional<Finding> touched(const claim::Claim& claim);
  std::optional<Finding> spoofed_in(const claim::Claim& claim);
  std::optional<Finding> exfiltrated(const claim::Claim& claim);
  [[nodiscard]] CompromiseRules rules_of(const claim::Claim& claim) const;

  // The epoch before, whose sessions may still be open, and so on.
  struct Before {
    Before(model::Network old, Family family, const std::vector<Probe>& universe, const Setting& setting)
        : network(std::move(old)),
          before(sessions_of_before(network, family, universe, setting)),
          lab(network, family, universe, setting),
          attack(lab, before ? &before->attack : nullptr) {}
    model::Network network;
    std::unique_ptr<Before> before;
    Lab lab;
    Attack attack;
  };
  [[nodiscard]] static std::unique_ptr<Before> sessions_of_before(const model::Network& network, Family family,
                                                                  const std::vector<Probe>& universe,
                                                                  const Setting& setting);

  std::unique_ptr<Before> before_;
  Lab lab_;
  Attack attack_;
};

}  // namespace segproof::naive
