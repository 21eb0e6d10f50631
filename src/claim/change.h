// SPDX-License-Identifier: Apache-2.0
// What changed from one network to the next, and which verdicts that cannot touch. Cautious: whatever is not told apart
// here counts as a change of everything.
#pragma once

#include <string>
#include <vector>

#include "model/claim.h"
#include "model/network.h"

namespace segproof::claim {

class Change {
 public:
  // `touched`: names of nodes whose files have other bytes now, be the model the same or not.
  Change(const model::Network& before, const model::Network& now, const std::vector<std::string>& touched);

  // More than the rules, routes and forwarding of some nodes changed, or these in a way that others may notice.
  [[nodiscard]] bool is_everything() const { return everything_; }
  [[nodiscard]] bool is_nothing() const;
  // By NodeId: the node is as it was. Empty where everything changed.
  [[nodiscard]] const std::vector<bool>& same() const { return same_; }
  // The claim, which is the same in both, speaks of places only to which no cable, and nothing outside the model, leads
  // from a node that changed.
  [[nodiscard]] bool is_far_from(const Claim& claim) const;

 private:
  void compare(const model::Network& before, const model::Network& now, const std::vector<std::string>& touched);
  void join_islands(const model::Network& before, const model::Network& now);
  [[nodiscard]] bool reaches(const std::vector<Name>& names) const;

  const model::Network* now_;
  bool everything_ = false;
  std::vector<bool> same_;
  std::vector<bool> island_changed_;         // by island
  std::vector<std::size_t> island_of_node_;  // by NodeId
  std::vector<std::size_t> island_of_segment_;
};

// Equal but for the places in files that they come from.
[[nodiscard]] bool same_words(const Claim& a, const Claim& b);

}  // namespace segproof::claim
