// SPDX-License-Identifier: Apache-2.0
// Networks for tests, written down in few words, with rule sets shaped as those of Linux: chains PREROUTING, INPUT,
// FORWARD, OUTPUT, POSTROUTING of raw, mangle, nat and filter at their hooks.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "model/claim.h"
#include "model/network.h"

namespace segproof::naive {

// Tests of rules.
[[nodiscard]] model::Test from_addresses(std::string_view prefix, bool negated = false);
[[nodiscard]] model::Test to_addresses(std::string_view prefix, bool negated = false);
[[nodiscard]] model::Test of_protocol(std::uint8_t protocol);
[[nodiscard]] std::vector<model::Test> to_port(std::uint8_t protocol, std::uint16_t port);    // as `-p P --dport N`
[[nodiscard]] std::vector<model::Test> from_port(std::uint8_t protocol, std::uint16_t port);  // as `-p P --sport N`
[[nodiscard]] model::Test in_state(std::initializer_list<TrackState> states);
[[nodiscard]] model::Test in_at(std::string_view interface);
[[nodiscard]] model::Test out_at(std::string_view interface);
[[nodiscard]] model::Test bare_syn(bool negated = false);  // as `--syn`
[[nodiscard]] model::Test perhaps(std::string_view text);
[[nodiscard]] model::Test with_mark(std::uint32_t mark);

// Actions.
inline const model::Decide accept{model::Verdict::accept};
inline const model::Decide drop{model::Verdict::drop};
[[nodiscard]] model::Translate to_destination(std::string_view address, std::optional<std::uint16_t> port = {});
[[nodiscard]] model::Translate to_source(std::string_view address);
[[nodiscard]] model::Translate masquerade();

enum class Base : std::uint8_t {
  raw_prerouting,
  mangle_prerouting,
  nat_prerouting,
  input,
  forward,
  mangle_forward,
  nat_postrouting,
  raw_output,
  output,
};

// A rule set under construction. Chains without rules are left out, as is tracking when nothing asks for it.
class Rules {
 public:
  Rules& policy(Base base, model::Verdict verdict);
  Rules& add(Base base, std::vector<model::Test> tests, model::Action action);
  Rules& track();  // connection tracking even without a rule that asks for it
  // A chain of its own; its rules are added by the returned id.
  model::ChainId chain(std::string name);
  Rules& add_to(model::ChainId chain, std::vector<model::Test> tests, model::Action action);
  [[nodiscard]] model::RuleSet build() const;

 private:
  struct Part {
    Base base;
    model::Verdict policy = model::Verdict::accept;
    model::ChainId chain;
  };
  Part& part(Base base);

  std::vector<Part> parts_;
  std::vector<model::Chain> chains_;
  bool tracks_ = false;
};

class Draft {
 public:
  explicit Draft(Family family = Family::ipv4);

  model::SegmentId segment(std::string name, std::string_view prefix, bool complete = false);
  model::SegmentId internet(std::string name, std::string_view prefix);
  // An external zone that owns its prefix alone.
  model::SegmentId partner(std::string name, std::string_view prefix);
  model::NodeId host(std::string name);
  model::NodeId device(std::string name);
  // `address` as "10.0.0.1/24"; an invalid segment is an interface that is wired to nothing.
  model::InterfaceId wire(model::NodeId node, std::string name, model::SegmentId segment, std::string_view address);
  void rules(model::NodeId node, const Rules& rules);
  // One hop through that gateway, on the interface whose prefix holds it; no gateway: blackhole.
  void route(model::NodeId node, std::string_view prefix, std::initializer_list<std::string_view> gateways);
  void zone(std::string name, std::string_view prefix);
  void assume(std::string id);

  [[nodiscard]] model::Network& network() { return network_; }
  [[nodiscard]] Family family() const { return family_; }

 private:
  model::NodeId node(std::string name, model::NodeKind kind);

  model::Network network_;
  Family family_;
};

[[nodiscard]] claim::Claim make_claim(claim::Kind kind, std::initializer_list<std::string_view> from,
                                      std::initializer_list<std::string_view> to);

}  // namespace segproof::naive
