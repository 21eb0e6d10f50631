// SPDX-License-Identifier: Apache-2.0
// Which rules of a long chain can match a packet at all, by its addresses: whoever walks many packets need not ask the
// others. It knows intervals of addresses and nothing of sets of packets. A rule that it leaves out has a test of one
// address that the packet surely fails; the rules that are left are still asked one by one.
#pragma once

#include <cstdint>
#include <vector>

#include "model/rule.h"
#include "model/walk.h"

namespace segproof::model {

class RuleIndex {
 public:
  // O(rules * log rules). Precondition of use: the rules do not change.
  explicit RuleIndex(const RuleSet& rules);

  // The first rule at or after `from` that may match; the length of the chain when there is none.
  [[nodiscard]] std::size_t next(ChainId chain, std::size_t from, const Flight& flight) const;

 private:
  using Position = std::uint32_t;
  // Rules by the stretches of one field into which the ends of their intervals cut it.
  struct ByField {
    std::vector<Bits> starts;  // of the stretches, ascending, the first is 0
    std::vector<std::vector<Position>> rules;
  };
  struct Listed {
    std::size_t length = 0;
    bool is_indexed = false;  // short chains are not worth it
    std::vector<Position> always;
    ByField source;
    ByField destination;
  };
  static void spread(const Chain& chain, Field field, const std::vector<Position>& rules, ByField& into,
                     Listed& listed);

  std::vector<Listed> chains_;  // by ChainId
};

}  // namespace segproof::model
