// SPDX-License-Identifier: Apache-2.0
// What a rule looks at, and what it takes for a packet to have one of some values there.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "input/nft/expression.h"
#include "input/nft/headers.h"
#include "input/nft/transform.h"
#include "input/nft/values.h"
#include "model/condition.h"

namespace segproof::nft {

struct Subject {
  const Key* key = nullptr;
  Selector selector;
  Transform transform{32};
  SourceSpan span;
  [[nodiscard]] ValueReader reader() const { return {key->type, key->width}; }
  [[nodiscard]] std::string text() const;  // "ct original saddr"
};

// What earlier statements of a rule have asked of the packet already. nft leaves out what they make plain: `meta
// l4proto icmp icmp type 8` does not ask for IPv4.
struct Asked {
  std::optional<Family> family;
  std::optional<std::uint8_t> protocol;
  IntervalSet protocols = IntervalSet::range(0, 255);  // those that are still possible
  bool no_later_fragment = false;
  bool entry = false;
};

// The parts of `ip saddr . tcp dport`, or the one selector with its bit operations.
[[nodiscard]] std::variant<std::vector<Subject>, ValueFault> read_subjects(const Expression& expression,
                                                                           const Asked& asked);

// What the packet must be for the subject to have a value; tests that `asked` has not asked yet are added.
void add_needs(const Key& key, Asked& asked, std::vector<model::Test>& tests);

// The packet has one of the values there. Precondition: its needs are met.
[[nodiscard]] model::Condition has_value(const Subject& subject, const Values& values, const Asked& asked);
// After a comparison with `values` succeeded: what follows from it.
void note_value(const Subject& subject, const Values& values, Asked& asked);
// After an equality with one value: nft takes headers for granted from there on.
void note_equality(const Subject& subject, const Values& values, Asked& asked);

[[nodiscard]] model::Test negated(model::Test test);
[[nodiscard]] model::Test never();
[[nodiscard]] model::Test any_of(std::vector<model::Condition> alternatives);

inline constexpr std::uint8_t with_entry = 7;  // fresh, established, related

}  // namespace segproof::nft
