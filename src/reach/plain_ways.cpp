// SPDX-License-Identifier: Apache-2.0
#include "reach/plain_ways.h"

#include <algorithm>
#include <vector>

#include "reach/compiled_network.h"

namespace segproof::reach {
namespace {

using model::Hook;

bool only_filters(const CompiledStage& stage) {
  const std::vector<Outcome>& outcomes = stage.program.outcomes;
  return stage.stage->kind == model::StageKind::filter && stage.program.copies.empty() &&
         stage.program.may_deliver_locally.is_empty() &&
         std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
           return (outcome.end == End::accept || outcome.end == End::drop) && outcome.effect.is_none();
         });
}

// What all stages of the hook accept of these.
std::optional<PacketSet> accepted(const CompiledNode& node, Hook hook, Approximation approximation, PacketSet packets) {
  const std::vector<CompiledStage>& stages = node.stages[static_cast<std::size_t>(hook)];
  if (!std::all_of(stages.begin(), stages.end(), only_filters)) {
    return std::nullopt;
  }
  for (const CompiledStage& stage : stages) {
    PacketSet accepted = packets.space().none();
    for (const Outcome& outcome : stage.program.outcomes) {
      if (outcome.end == End::accept) {
        accepted |= approximation == Approximation::over ? outcome.may : outcome.must;
      }
    }
    packets &= accepted;
  }
  return packets;
}

}  // namespace

PlainWays plain_ways(const CompiledNode& node, Approximation approximation, Space& space) {
  PlainWays result;
  result.delivered = accepted(node, Hook::deliver, approximation, node.to_itself & space.where(Field::egress, Bits{0}));
  if (node.forwards) {
    const bool certain = approximation == Approximation::certain;
    const bool over = approximation == Approximation::over;
    const PacketSet foreign = (over ? node.never_forwarded : node.to_itself).complement();
    result.forwarded = accepted(node, Hook::forward, approximation,
                                (certain ? *node.fib.surely_leaves : *node.fib.may_leave) & foreign);
    if (result.forwarded) {
      result.through = accepted(node, Hook::egress, approximation, *result.forwarded);
    }
  }
  return result;
}

}  // namespace segproof::reach
