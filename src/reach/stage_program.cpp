// SPDX-License-Identifier: Apache-2.0
#include "reach/stage_program.h"

#include <algorithm>
#include <limits>

#include "reach/chain_walker.h"

namespace segproof::reach {
namespace {

PacketSet relabelled_before(PacketSet packets, Field field, const std::vector<std::uint16_t>& table) {
  Space& space = packets.space();
  // Values beyond the table occur in no packet; they stay, so that nothing is lost.
  PacketSet result = packets - space.where(field, IntervalSet::range(0, table.size() - 1));
  for (std::size_t index = 0; index < table.size(); ++index) {
    result |= space.where(field, index) & packets.cofactor(field, table[index]);
  }
  return result;
}

PacketSet any_mark(PacketSet packets, Field field, const MarkValues& values) {
  return packets.assign(field, IntervalSet::range(0, values.values().size() - 1));
}

// Each outcome is certain where no other one is possible.
void fill_must(std::vector<Outcome>& outcomes, Space& space) {
  std::vector<PacketSet> after(outcomes.size() + 1, space.none());  // without the first, which is asked for nowhere
  for (std::size_t i = outcomes.size(); i-- > 1;) {
    after[i] = after[i + 1] | outcomes[i].may;
  }
  PacketSet before = space.none();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    outcomes[i].must = outcomes[i].may - (before | after[i + 1]);
    before = i + 1 < outcomes.size() ? before | outcomes[i].may : before;
  }
}

}  // namespace

PacketSet before_effect(PacketSet packets, const Effect& effect, const NodeFacts& facts) {
  PacketSet result = packets;
  if (effect.mark_unsure) {
    result = result.forget(Field::mark);
  } else if (!effect.mark.empty()) {
    result = relabelled_before(result, Field::mark, effect.mark);
  }
  if (effect.connection_mark_unsure) {
    result = result.forget(Field::connection_mark);
  } else if (!effect.connection_mark.empty()) {
    result = relabelled_before(result, Field::connection_mark, effect.connection_mark);
  }
  if (effect.untracked) {
    std::vector<std::uint16_t> untracked;
    for (Bits state = 0; state < Bits{role_count} * 8; ++state) {
      untracked.push_back(static_cast<std::uint16_t>((state & ~Bits{7}) | static_cast<Bits>(TrackState::untracked)));
    }
    result = relabelled_before(result, Field::state, untracked);
  }
  static_cast<void>(facts);
  return result;
}

PacketSet after_effect(PacketSet packets, const Effect& effect, const NodeFacts& facts, const HeaderSets& headers) {
  PacketSet result = packets;
  if (effect.mark_unsure) {
    result = any_mark(result, Field::mark, facts.marks);
  } else if (!effect.mark.empty()) {
    result = result.relabel(Field::mark, effect.mark);
  }
  if (effect.connection_mark_unsure) {
    result = any_mark(result, Field::connection_mark, facts.connection_marks);
  } else if (!effect.connection_mark.empty()) {
    result = result.relabel(Field::connection_mark, effect.connection_mark);
  }
  if (effect.untracked) {
    result = headers.set_state(result, TrackState::untracked);
  }
  return result;
}

PacketSet StageProgram::may(End end) const {
  PacketSet result = may_deliver_locally.space().none();
  for (const Outcome& outcome : outcomes) {
    if (outcome.end == end) {
      result |= outcome.may;
    }
  }
  return result;
}

bool StageProgram::conserves() const {
  Space& space = may_deliver_locally.space();
  PacketSet covered = space.none();
  PacketSet certain = space.none();
  for (const Outcome& outcome : outcomes) {
    if (!outcome.must.subset_of(outcome.may) || certain.intersects(outcome.must)) {
      return false;
    }
    covered |= outcome.may;
    // What is certain in the end would be a large set that nobody asks for.
    certain = &outcome != &outcomes.back() ? certain | outcome.must : certain;
  }
  return covered.is_all();
}

namespace {

StageProgram compile(const model::RuleSet& rules, const model::Stage& stage, const NodeFacts& facts,
                     const HeaderSets& headers, std::size_t merge_from) {
  Space& space = headers.space();
  StageProgram program{&stage, {}, {}, {}, space.none()};
  ChainWalker walker(rules, facts, headers, program, merge_from);
  for (const ChainWalker::Leaving& end : walker.ends_of(stage.chain)) {
    Outcome outcome{end.end, end.rewrite, end.effect, end.may, space.none()};
    if (outcome.end == End::come_back) {  // the policy
      outcome.end = stage.policy == model::Verdict::accept ? End::accept : End::drop;
    }
    const auto same = std::find_if(program.outcomes.begin(), program.outcomes.end(), [&](const Outcome& known) {
      return known.end == outcome.end && known.rewrite == outcome.rewrite &&
             (known.effect == outcome.effect || known.end == End::drop);
    });
    if (same != program.outcomes.end()) {
      same->may |= outcome.may;
    } else {
      program.outcomes.push_back(outcome);
    }
  }
  fill_must(program.outcomes, space);
  return program;
}

}  // namespace

StageProgram compile_stage(const model::RuleSet& rules, const model::Stage& stage, const NodeFacts& facts,
                           const HeaderSets& headers) {
  return compile(rules, stage, facts, headers, ChainWalker::worthwhile_run);
}

StageProgram compile_stage_rule_by_rule(const model::RuleSet& rules, const model::Stage& stage, const NodeFacts& facts,
                                        const HeaderSets& headers) {
  return compile(rules, stage, facts, headers, std::numeric_limits<std::size_t>::max());
}

std::vector<DropBy> attribute_drops(const model::RuleSet& rules, const model::Stage& stage, const NodeFacts& facts,
                                    const HeaderSets& headers, PacketSet packets) {
  Space& space = headers.space();
  StageProgram scratch{&stage, {}, {}, {}, space.none()};
  ChainWalker walker(rules, facts, headers, scratch);
  std::vector<DropBy> drops;
  std::vector<PacketSet> done;
  ChainWalker::Underway left;
  walker.attribute(stage.chain, {{Effect{}, packets}}, drops, left, done);
  if (stage.policy != model::Verdict::accept) {
    PacketSet rest = space.none();
    for (const auto& [effect, set] : left) {
      rest |= set;
    }
    if (!rest.is_empty()) {
      drops.push_back({nullptr, rest});
    }
  }
  return drops;
}

}  // namespace segproof::reach
