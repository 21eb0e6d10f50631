// SPDX-License-Identifier: Apache-2.0
// Random rule sets for the nodes of a random network.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "agree/naive/draft.h"

namespace segproof::naive {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  [[nodiscard]] bool chance(double probability) {
    return static_cast<double>(random_() >> 11U) / 9007199254740992.0 < probability;
  }
  [[nodiscard]] std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }
  template <class T>
  [[nodiscard]] const T& of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::mt19937_64 random_;
};

// What rules may talk about.
struct Vocabulary {
  std::vector<std::string> prefixes;                      // of segments and hosts
  std::vector<std::string> segments;                      // prefixes of segments alone
  std::vector<std::string> hosts;                         // addresses
  std::vector<std::pair<std::string, std::string>> legs;  // interface of this node and the prefix of its segment
  std::string public_address;                             // for NAT
  bool undecided = false;                                 // some tests cannot be decided
  Family family = Family::ipv4;
};

[[nodiscard]] Rules firewall_rules(Dice& dice, const Vocabulary& words);
[[nodiscard]] Rules host_rules(Dice& dice, const Vocabulary& words);

}  // namespace segproof::naive
