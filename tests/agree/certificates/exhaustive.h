// SPDX-License-Identifier: Apache-2.0
// What is true of a small network, by trying one packet of every class that nothing in it tells apart (the naive
// engine): whether a claim holds, and whether a certificate says where all packets are.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agree/naive/judge.h"
#include "agree/naive/random_network.h"
#include "check/core/certificate.h"

namespace segproof::test {

class Exhaustive {
 public:
  // `made` must outlive this. `claims`: all that will be asked about.
  Exhaustive(const naive::RandomCase& made, const std::vector<claim::Claim>& claims, std::size_t most_packets);

  // False: the packets are so many that only a part of them was drawn.
  [[nodiscard]] bool is_complete() const { return is_complete_; }
  [[nodiscard]] std::size_t packet_count() const { return universe_.size(); }
  // The packet that the claim forbids and that gets there, in some world.
  [[nodiscard]] const std::optional<std::string>& forbidden(const claim::Claim& claim);
  // A packet that comes somewhere where the certificate has no row for it: of what everybody can send, and of what the
  // senders of question 0 can. `network` is the text that the certificate is about.
  [[nodiscard]] std::optional<std::string> lost(const claim::Claim& claim, const std::string& certificate,
                                                const check::Network& network);

 private:
  struct Came {
    check::Spot spot;
    naive::ProbeId packet = 0;
    friend auto operator<=>(const Came&, const Came&) = default;
  };
  using Arrivals = std::vector<Came>;
  struct Sent {
    Arrivals own;  // with state of the senders' own making
    Arrivals all;  // with everybody's
  };
  [[nodiscard]] Arrivals run(const naive::Powers& powers, const check::Surroundings& world);
  const Arrivals& from_everybody(const check::Surroundings& world);
  const Sent& from(const naive::Senders& senders, const check::Surroundings& world);
  [[nodiscard]] std::optional<std::string> outside(const check::Rows& rows, const Arrivals& arrivals, check::Sets& sets,
                                                   bool role_counts);
  [[nodiscard]] bool holds(const std::vector<check::Box>& rows, const naive::Probe& probe, check::Sets& sets,
                           bool role_counts) const;
  [[nodiscard]] std::vector<std::pair<check::Place, naive::Senders>> senders_of(const claim::Claim& claim,
                                                                                const check::Places& fallen);

  const naive::RandomCase* made_;
  std::vector<naive::Probe> universe_;
  bool is_complete_ = false;
  std::unique_ptr<naive::Judge> judge_;
  std::map<std::string, std::optional<std::string>> forbidden_;
  std::optional<Arrivals> everybody_;
  std::map<naive::Senders, Sent> sent_;
};

}  // namespace segproof::test
