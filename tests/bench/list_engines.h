// SPDX-License-Identifier: Apache-2.0
// Ways to compile one first-match list into the set of packets that it permits: ours and those that it is compared
// with. All of them answer for the same packets (`permits`), which is how a comparison is checked before it is
// believed.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "bench/group_list.h"
#include "packet/priority.h"

namespace segproof::bench {

// A compiled list. `permits` is slow on purpose: packet by packet.
struct Compiled {
  double seconds = 0;  // of processor time, without parsing and without setting up tables of fixed size
  std::size_t nodes = 0;
  std::size_t edges = 0;
  std::size_t live_rules = 0;  // that decide some packet; only where the engine attributes
  std::function<bool(const Packet&)> permits;
};

enum class Numbers : std::uint8_t {
  runs,   // neighbours of one action share their number: enough for the set
  rules,  // every rule has its own: who decides, and who is shadowed
};
[[nodiscard]] Compiled compile_merged(const RuleList& list, Numbers numbers);
[[nodiscard]] Compiled compile_groups(const GroupList& list);
// From the last rule to the first, each run as one union: how diagrams of bits are used as a rule, here on ours.
[[nodiscard]] Compiled compile_in_rule_order(const RuleList& list);
// The list as the stage of a firewall, with the state of connections, a rate limit on one rule in fifty (so that may
// and must differ), and who drops what: all that the product asks for.
[[nodiscard]] Compiled compile_as_stage(const RuleList& list);

// One rule after the other is replaced by another one; the time is the median of one change with its answer.
[[nodiscard]] Compiled change_rules(const RuleList& list, const RuleList& others);

// The same on BuDDy, a library of bit-level diagrams, in the order of the rules, with a table of two million nodes.
// Nothing when the bench was built without it. At most one list for each process: its state is global.
[[nodiscard]] std::optional<Compiled> compile_on_buddy(const RuleList& list);

// How many of these packets the compiled list and the naive engine disagree about.
[[nodiscard]] std::size_t disagreements(const RuleList& list, const Compiled& compiled, std::size_t packets);

}  // namespace segproof::bench
