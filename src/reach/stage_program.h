// SPDX-License-Identifier: Apache-2.0
// A stage compiled into sets: which packets may end how, seen from the packet as it enters. Each chain is compiled
// once, whoever calls it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "model/rule.h"
#include "reach/condition_sets.h"
#include "reach/rewrite.h"

namespace segproof::reach {

enum class End : std::uint8_t {
  accept,     // goes on to the next stage
  drop,       // gone; rejects too
  translate,  // goes on with a new header (Outcome::rewrite)
  scramble,   // goes on with any header: an action that is not understood
  come_back,  // only inside chains: back to the caller
};

struct Outcome {
  End end = End::accept;
  std::size_t rewrite = 0;  // index into StageProgram::rewrites, for translate
  Effect effect;
  PacketSet may;   // may end this way
  PacketSet must;  // can end in no other way
};

struct CopyTo {
  PacketSet may;
  std::optional<Address> gateway;
};

struct StageProgram {
  const model::Stage* stage = nullptr;
  std::vector<Outcome> outcomes;
  std::vector<Rewrite> rewrites;
  std::vector<CopyTo> copies;     // packets of which a copy may go elsewhere
  PacketSet may_deliver_locally;  // handed to a program of the node

  // The union over the outcomes of one end.
  [[nodiscard]] PacketSet may(End end) const;
  // Conservation: the may sets cover every packet, and the must sets are disjoint.
  [[nodiscard]] bool conserves() const;
};

[[nodiscard]] StageProgram compile_stage(const model::RuleSet& rules, const model::Stage& stage, const NodeFacts& facts,
                                         const HeaderSets& headers);
// The same rule by rule, as a second opinion for tests and benchmarks: much slower with many rules.
[[nodiscard]] StageProgram compile_stage_rule_by_rule(const model::RuleSet& rules, const model::Stage& stage,
                                                      const NodeFacts& facts, const HeaderSets& headers);

// Which rules (or the policy, with no rule) may drop packets of the set in this stage, in the order of the rules, each
// with what it drops.
struct DropBy {
  const model::Rule* rule = nullptr;
  PacketSet packets;
};
[[nodiscard]] std::vector<DropBy> attribute_drops(const model::RuleSet& rules, const model::Stage& stage,
                                                  const NodeFacts& facts, const HeaderSets& headers, PacketSet packets);

// The packets that would have been like these before an effect on their marks and their tracking.
[[nodiscard]] PacketSet before_effect(PacketSet packets, const Effect& effect, const NodeFacts& facts);
// What an effect does to packets.
[[nodiscard]] PacketSet after_effect(PacketSet packets, const Effect& effect, const NodeFacts& facts,
                                     const HeaderSets& headers);

}  // namespace segproof::reach
