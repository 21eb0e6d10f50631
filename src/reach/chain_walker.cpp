// SPDX-License-Identifier: Apache-2.0
#include "reach/chain_walker.h"

#include <algorithm>
#include <set>

#include "base/assert.h"

namespace segproof::reach {
namespace {

using model::MarkKind;

// More effects than any rule set of people has. Thirty undecided rules that set, clear and flip single bits of a mark
// can have a million: beyond this number all marks count as unsure, which loses no packet.
constexpr std::size_t most_effects = 256;

Effect without_marks(const Effect& effect) {
  Effect unsure;
  unsure.mark_unsure = true;
  unsure.connection_mark_unsure = true;
  unsure.untracked = effect.untracked;
  unsure.helped = effect.helped;
  return unsure;
}

void add(ChainWalker::Underway& underway, const Effect& effect, PacketSet packets) {
  if (packets.is_empty()) {
    return;
  }
  if (const auto known = underway.find(effect); known != underway.end()) {
    known->second |= packets;
    return;
  }
  if (underway.size() >= most_effects && effect != without_marks(effect)) {
    add(underway, without_marks(effect), packets);
    return;
  }
  underway.emplace(effect, packets);
}

void add(ChainWalker::Ends& ends, End end, std::size_t rewrite, const Effect& effect, PacketSet packets) {
  if (packets.is_empty()) {
    return;
  }
  for (ChainWalker::Leaving& known : ends) {
    if (known.end == end && known.rewrite == rewrite && known.effect == effect) {
      known.may |= packets;
      return;
    }
  }
  ends.push_back({end, rewrite, effect, packets});
}

}  // namespace

// One chain on its way: what is under way before the rule at hand, and after it.
struct ChainWalker::Frame {
  Underway now;
  Underway next;
  Ends ends;
};

ChainWalker::ChainWalker(const model::RuleSet& rules, const NodeFacts& facts, const HeaderSets& headers,
                         StageProgram& program, std::size_t merge_from)
    : rules_(&rules),
      facts_(&facts),
      headers_(&headers),
      conditions_(facts, headers),
      program_(&program),
      merge_from_(merge_from) {}

const ChainWalker::Ends& ChainWalker::ends_of(model::ChainId chain) {
  if (const auto found = compiled_.find(chain); found != compiled_.end()) {
    return found->second;
  }
  if (depth_ == 0) {
    for (const model::ChainId below : from_below(chain)) {
      static_cast<void>(only_decides(below));
    }
  }
  if (depth_ == deepest_descent) {
    for (const model::ChainId below : from_below(chain)) {
      if (!compiled_.contains(below)) {
        compiled_.emplace(below, compile(below));
      }
    }
    return compiled_.at(chain);
  }
  ++depth_;
  Ends ends = compile(chain);
  --depth_;
  return compiled_.emplace(chain, std::move(ends)).first->second;
}

// The chains that this one may reach and itself, each behind those that it calls: asked in this order, no question
// descends more than one call.
std::vector<model::ChainId> ChainWalker::from_below(model::ChainId chain) const {
  struct Visit {
    model::ChainId chain;
    std::size_t next = 0;
  };
  std::vector<model::ChainId> order;
  std::set<model::ChainId> seen{chain};
  std::vector<Visit> stack{{chain}};
  while (!stack.empty()) {
    Visit& top = stack.back();
    const std::vector<model::Rule>& rules = rules_->chain(top.chain).rules;
    if (top.next == rules.size()) {
      order.push_back(top.chain);
      stack.pop_back();
      continue;
    }
    const auto* jump = std::get_if<model::Call>(&rules[top.next++].action);
    if (jump != nullptr && seen.insert(jump->chain).second) {
      stack.push_back({jump->chain});
    }
  }
  return order;
}

ChainWalker::Ends ChainWalker::compile(model::ChainId chain) {
  Frame frame;
  add(frame.now, Effect{}, headers_->space().all());
  std::span<const model::Rule> left = rules_->chain(chain).rules;
  std::size_t run = run_length(left);  // of the rules at hand; counted once for each run
  while (!left.empty() && !frame.now.empty()) {
    const std::size_t taken = run >= merge_from_ ? run : 1;
    if (run >= merge_from_) {
      merge(left.first(run), frame);
    } else {
      step(left.front(), frame);
    }
    left = left.subspan(taken);
    run = run > taken ? run - taken : run_length(left);
    frame.now = std::move(frame.next);
    frame.next.clear();
  }
  for (const auto& [effect, packets] : frame.now) {
    add(frame.ends, End::come_back, 0, effect, packets);
  }
  return std::move(frame.ends);
}

// Nothing that the rule does shows but in where packets end.
bool ChainWalker::only_decides(const model::Rule& rule) {
  if (const auto* call = std::get_if<model::Call>(&rule.action)) {
    return only_decides(call->chain);
  }
  return std::holds_alternative<model::Decide>(rule.action) || std::holds_alternative<model::ComeBack>(rule.action) ||
         std::holds_alternative<model::GoOn>(rule.action);
}

bool ChainWalker::only_decides(model::ChainId chain) {
  if (const auto known = only_decides_.find(chain); known != only_decides_.end()) {
    return known->second;
  }
  const std::vector<model::Rule>& rules = rules_->chain(chain).rules;
  const bool result =
      std::all_of(rules.begin(), rules.end(), [this](const model::Rule& rule) { return only_decides(rule); });
  only_decides_[chain] = result;
  return result;
}

std::size_t ChainWalker::run_length(std::span<const model::Rule> rules) {
  const auto end =
      std::find_if_not(rules.begin(), rules.end(), [this](const model::Rule& rule) { return only_decides(rule); });
  return static_cast<std::size_t>(end - rules.begin());
}

// The same as a step for each rule of the run.
void ChainWalker::merge(std::span<const model::Rule> run, Frame& frame) {
  for (const auto& [effect, reaching] : frame.now) {
    const DecisionRun::Result result = merged(run, effect);
    for (const DecisionRun::Part& part : result.parts) {
      add(frame.ends, part.end, 0, effect, reaching & part.packets);
    }
    add(frame.next, effect, reaching & result.passed);
  }
}

DecisionRun::Result ChainWalker::merged(std::span<const model::Rule> rules, const Effect& effect) {
  DecisionRun run(conditions_, headers_->space(), effect);
  for (const model::Rule& rule : rules) {
    if (const auto* decide = std::get_if<model::Decide>(&rule.action)) {
      run.decide(rule.condition, decide->verdict == model::Verdict::accept ? End::accept : End::drop);
    } else if (std::holds_alternative<model::ComeBack>(rule.action)) {
      run.decide(rule.condition, End::come_back);
    } else if (const auto* jump = std::get_if<model::Call>(&rule.action)) {
      add_call(rule, *jump, effect, run);
    }
  }
  return run.merged();
}

void ChainWalker::add_call(const model::Rule& rule, const model::Call& jump, const Effect& effect, DecisionRun& run) {
  std::vector<DecisionRun::Part> parts;
  PacketSet back = headers_->space().none();
  for (const Leaving& inner : ends_of(jump.chain)) {
    const PacketSet guard = guard_of(inner, effect);
    if (inner.end == End::come_back && jump.comes_back) {
      back = guard;
    } else {
      parts.push_back({inner.end, guard});
    }
  }
  run.call(conditions_.of(rule.condition, effect), parts, back);
}

// What must enter a chain, with an effect of before, to leave it so.
PacketSet ChainWalker::guard_of(const Leaving& inner, const Effect& effect) const {
  return effect.changes_marks() || effect.untracked ? before_effect(inner.may, effect, *facts_) : inner.may;
}

void ChainWalker::step(const model::Rule& rule, Frame& frame) {
  const bool sees_effects = ConditionSets::sees_effects(rule.condition);
  std::optional<MayMust> match;
  for (const auto& [effect, reaching] : frame.now) {
    if (!match || sees_effects) {
      match = conditions_.of(rule.condition, effect);
    }
    const PacketSet may = reaching & match->may;
    if (may.is_empty()) {
      add(frame.next, effect, reaching);
      continue;
    }
    if (const auto* jump = std::get_if<model::Call>(&rule.action)) {
      call(*jump, *match, effect, reaching, frame);
      continue;
    }
    const PacketSet passed_by = reaching - match->must;
    if (const auto change = effect_of(rule.action)) {
      add(frame.next, effect * *change, may);
      add(frame.next, effect, passed_by);
    } else if (const auto* decide = std::get_if<model::Decide>(&rule.action)) {
      add(frame.ends, decide->verdict == model::Verdict::accept ? End::accept : End::drop, 0, effect, may);
      add(frame.next, effect, passed_by);
    } else if (std::holds_alternative<model::ComeBack>(rule.action)) {
      add(frame.ends, End::come_back, 0, effect, may);
      add(frame.next, effect, passed_by);
    } else if (const auto* translation = std::get_if<model::Translate>(&rule.action)) {
      translate(*translation, rule.origin, effect, may, frame);
      add(frame.next, effect, passed_by);
    } else if (const auto* anything = std::get_if<model::Anything>(&rule.action)) {
      for (const End end : {End::accept, End::drop, End::scramble, End::come_back}) {
        add(frame.ends, end, 0, effect, may);
      }
      add(frame.next, effect, reaching);
      if (anything->may_deliver_locally) {
        program_->may_deliver_locally |= may;
      }
    } else if (const auto* copy = std::get_if<model::Duplicate>(&rule.action)) {
      program_->copies.push_back({may, copy->gateway});
      add(frame.next, effect, reaching);
    } else {
      SEGPROOF_ASSERT(std::holds_alternative<model::GoOn>(rule.action));
      add(frame.next, effect, reaching);
    }
  }
}

void ChainWalker::call(const model::Call& jump, const MayMust& match, const Effect& effect, PacketSet reaching,
                       Frame& frame) {
  const PacketSet entering = reaching & match.may;
  for (const Leaving& inner : ends_of(jump.chain)) {
    const PacketSet may = entering & guard_of(inner, effect);
    if (inner.end != End::come_back) {
      add(frame.ends, inner.end, inner.rewrite, effect * inner.effect, may);
    } else if (jump.comes_back) {
      add(frame.next, effect * inner.effect, may);
    } else {
      add(frame.ends, End::come_back, 0, effect * inner.effect, may);
    }
  }
  add(frame.next, effect, reaching - match.must);
}

std::optional<Effect> ChainWalker::effect_of(const model::Action& action) const {
  if (const auto* set = std::get_if<model::SetMark>(&action)) {
    return mark_effect(set->kind, set->keep, set->flip);
  }
  if (const auto* copy = std::get_if<model::CopyMark>(&action)) {
    if (copy->to == MarkKind::packet && !facts_->copies_unsure) {
      return mark_effect(copy->to, ~copy->to_mask, 0);  // connection marks are always 0 here
    }
    Effect effect;
    (copy->to == MarkKind::packet ? effect.mark_unsure : effect.connection_mark_unsure) = true;
    return effect;
  }
  Effect effect;
  if (std::holds_alternative<model::Untrack>(action)) {
    effect.untracked = true;
    return effect;
  }
  if (std::holds_alternative<model::AttachHelper>(action)) {
    effect.helped = true;
    return effect;
  }
  return std::nullopt;
}

Effect ChainWalker::mark_effect(MarkKind kind, std::uint32_t keep, std::uint32_t flip) const {
  Effect effect;
  const MarkValues& values = kind == MarkKind::packet ? facts_->marks : facts_->connection_marks;
  if (!values.exact()) {
    (kind == MarkKind::packet ? effect.mark_unsure : effect.connection_mark_unsure) = true;
  } else {
    (kind == MarkKind::packet ? effect.mark : effect.connection_mark) = values.table(keep, flip);
  }
  return effect;
}

void ChainWalker::translate(const model::Translate& action, const SourceSpan& origin, const Effect& effect,
                            PacketSet may, Frame& frame) {
  Rewrite rewrite;
  rewrite.endpoint = action.endpoint;
  rewrite.ports = action.ports;
  rewrite.port_is_free = action.endpoint == model::Endpoint::source || !action.keeps_port;
  rewrite.origin = origin;
  const auto add_rewrite = [&](PacketSet packets) {
    if (!packets.is_empty()) {
      program_->rewrites.push_back(rewrite);
      add(frame.ends, End::translate, program_->rewrites.size() - 1, effect, packets);
    }
  };
  switch (action.to) {
    case model::Translate::To::network:
      rewrite.network = action.network;
      add_rewrite(may);
      return;
    case model::Translate::To::ranges:
      rewrite.addresses = IntervalSet::of(action.addresses);
      add_rewrite(may);
      return;
    case model::Translate::To::interface_address:
      break;
  }
  // One rewrite for each interface; an interface without a recorded address may have any.
  Space& space = headers_->space();
  const bool outward = action.endpoint == model::Endpoint::source;
  PacketSet elsewhere = may;
  for (const model::InterfaceId id : facts_->node().interfaces) {
    std::vector<Interval> numbers;
    if (outward) {
      for (std::size_t hop = 0; hop < facts_->hops.size(); ++hop) {
        if (facts_->hops[hop].interface == id) {
          numbers.push_back({hop + 1, hop + 1});
        }
      }
    } else {
      numbers.push_back({facts_->ingress_of(id), facts_->ingress_of(id)});
    }
    const PacketSet there = space.where(outward ? Field::egress : Field::ingress, IntervalSet::of(numbers));
    rewrite.addresses = facts_->addresses_on(id);
    if (rewrite.addresses.is_empty()) {
      rewrite.addresses = IntervalSet::range(0, low_ones(address_width(facts_->family)));
    }
    add_rewrite(may & there);
    elsewhere -= there;
  }
  // Generated here (redirect to the loopback address) or delivered here.
  rewrite.addresses = outward ? IntervalSet::range(0, low_ones(address_width(facts_->family)))
                              : IntervalSet::single(facts_->family == Family::ipv4 ? Bits{0x7f000001} : Bits{1});
  add_rewrite(elsewhere);
}

namespace {

// Which addresses occur in some packets: most rules of a long chain name others, and can be passed by at once.
class Addresses {
 public:
  explicit Addresses(const ChainWalker::Underway& packets) {
    for (const auto& [effect, set] : packets) {
      source_ = source_ | set.values(Field::source);
      destination_ = destination_ | set.values(Field::destination);
    }
  }
  [[nodiscard]] bool may_meet(const model::Condition& condition) const {
    return std::all_of(condition.tests.begin(), condition.tests.end(), [&](const model::Test& test) {
      const auto* field = std::get_if<model::FieldTest>(&test);
      return field == nullptr || ((field->field != Field::source || field->values.intersects(source_)) &&
                                  (field->field != Field::destination || field->values.intersects(destination_)));
    });
  }

 private:
  IntervalSet source_;
  IntervalSet destination_;
};

constexpr std::size_t long_chain = 16;

}  // namespace

void ChainWalker::attribute(model::ChainId chain, const Underway& start, std::vector<DropBy>& drops,
                            Underway& come_back, std::vector<PacketSet>& done) {
  Underway now = start;
  const std::vector<model::Rule>& rules = rules_->chain(chain).rules;
  // Effects change no address, and packets only leave.
  const std::optional<Addresses> addresses =
      rules.size() >= long_chain ? std::optional<Addresses>(start) : std::nullopt;
  for (const model::Rule& rule : rules) {
    if (now.empty()) {
      break;
    }
    if (addresses && !addresses->may_meet(rule.condition)) {
      continue;
    }
    Underway next;
    ++attributed_;
    for (const auto& [effect, reaching] : now) {
      const MayMust match = conditions_.of(rule.condition, effect);
      const PacketSet may = reaching & match.may;
      const PacketSet passed_by = reaching - match.must;
      const auto* jump = std::get_if<model::Call>(&rule.action);
      if (jump != nullptr && !may.is_empty() && (depth_ >= deepest_descent || attributed_ >= most_attributed)) {
        drops.push_back({&rule, may});
        add(next, effect, may);
      } else if (jump != nullptr && !may.is_empty()) {
        Underway back;
        ++depth_;
        attribute(jump->chain, {{effect, may}}, drops, back, done);
        --depth_;
        for (const auto& [later, packets] : back) {
          add(jump->comes_back ? next : come_back, later, packets);
        }
      } else if (const auto* decide = std::get_if<model::Decide>(&rule.action); decide != nullptr && !may.is_empty()) {
        if (decide->verdict != model::Verdict::accept) {
          drops.push_back({&rule, may});
        } else {
          done.push_back(may);
        }
      } else if (std::holds_alternative<model::ComeBack>(rule.action)) {
        add(come_back, effect, may);
      } else if (const auto change = effect_of(rule.action)) {
        add(next, effect * *change, may);
      } else if (!std::holds_alternative<model::Translate>(rule.action)) {
        add(next, effect, may);
      }
      add(next, effect, passed_by);
    }
    now = std::move(next);
  }
  for (const auto& [effect, packets] : now) {
    add(come_back, effect, packets);
  }
}

}  // namespace segproof::reach
