// SPDX-License-Identifier: Apache-2.0
// The walk of one packet through the chains of one stage. A rule that may or may not match splits the walk; the parts
// that meet again in the same place with the same marks are one, so that long lists of undecided rules stay cheap.
#include "model/walk.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/assert.h"
#include "model/rule_index.h"
#include "model/translate.h"

namespace segproof::model {
namespace {

constexpr std::size_t most_branches = 4096;

struct Frame {
  ChainId chain;
  std::size_t next = 0;
  friend auto operator<=>(const Frame&, const Frame&) = default;
};

struct Branch {
  Flight flight;
  std::vector<Frame> frames;
  std::vector<Step> steps;
  std::optional<Step> blame;  // the first undecided rule that this branch took as matching
  bool translated = false;    // perhaps to what it was
};

struct Outcome {
  Fate fate = Fate::accept;
  Flight flight;
  Step decided_by;
  std::optional<Step> blame;
  std::vector<Step> steps;
  bool translated = false;  // then no later translation of the hook is asked
};

Fate fate_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::accept:
      return Fate::accept;
    case Verdict::drop:
      return Fate::drop;
    case Verdict::reject:
      return Fate::reject;
  }
  SEGPROOF_UNREACHABLE();
}

bool same_marks(const Flight& a, const Flight& b) {
  return a.mark == b.mark && a.connection_mark == b.connection_mark && a.marks_certain == b.marks_certain;
}
bool same_header(const Flight& a, const Flight& b) {
  return a.packet == b.packet && a.open == b.open && a.untracked == b.untracked;
}

void set_mark(Flight& flight, const SetMark& action) {
  std::uint32_t& mark = action.kind == MarkKind::packet ? flight.mark : flight.connection_mark;
  mark = (mark & action.keep) ^ action.flip;
}
void copy_mark(Flight& flight, const CopyMark& action) {
  const bool to_packet = action.to == MarkKind::packet;
  const std::uint32_t from = to_packet ? flight.connection_mark : flight.mark;
  std::uint32_t& to = to_packet ? flight.mark : flight.connection_mark;
  to = (to & ~action.to_mask) ^ (from & action.from_mask);
}

class Walker {
 public:
  Walker(const RuleSet& rules, const Stage& stage, const Surroundings& world, const RuleIndex* index)
      : rules_(rules), stage_(stage), world_(world), index_(index) {}

  StageResult run(Flight& flight) {
    todo_.push_back(Branch{flight, {{stage_.chain, 0}}, {}, std::nullopt});
    while (!todo_.empty() && !anything_ && !too_many_) {
      Branch branch = std::move(todo_.back());
      todo_.pop_back();
      follow(std::move(branch));
    }
    return conclude(flight);
  }

 private:
  enum class Next : std::uint8_t { go_on, ended };

  // Walks until the branch has an outcome or meets one that was walked before.
  void follow(Branch branch) {
    for (;;) {
      Frame& top = branch.frames.back();
      const std::vector<Rule>& list = rules_.chain(top.chain).rules;
      if (index_ != nullptr)
        top.next = index_->next(top.chain, top.next, branch.flight);
      if (top.next == list.size()) {
        if (!come_back(branch))
          return;
        continue;
      }
      const Rule& rule = list[top.next++];
      const Truth matched = evaluate(rule.condition, branch.flight, world_);
      if (matched == Truth::no)
        continue;
      const Step step{&stage_, top.chain, &rule, matched};
      branch.steps.push_back(step);
      const Next next = matched == Truth::yes ? take(branch, step) : take_perhaps(branch, step);
      if (next == Next::ended)
        return;
    }
  }

  // Ends the current chain. False when the branch ended: by the policy, or because it joined another one.
  bool come_back(Branch& branch) {
    const ChainId chain = branch.frames.back().chain;
    branch.frames.pop_back();
    if (branch.frames.empty()) {
      const Step policy{&stage_, chain, nullptr, Truth::yes};
      finish(branch, fate_of(stage_.policy), policy);
      return false;
    }
    if (!split_)
      return true;
    const bool is_new = remember(branch);
    return is_new || !branch.blame;  // the branch in which no undecided rule matched always reaches its end
  }

  // The rule matches.
  Next take(Branch& branch, const Step& step) {
    const Action& action = step.rule->action;
    if (const auto* decide = std::get_if<Decide>(&action)) {
      finish(branch, fate_of(decide->verdict), step);
      return Next::ended;
    }
    if (const auto* call = std::get_if<Call>(&action)) {
      if (!call->comes_back)
        branch.frames.pop_back();
      branch.frames.push_back({call->chain, 0});
      return Next::go_on;
    }
    if (std::holds_alternative<ComeBack>(action))
      return come_back(branch) ? Next::go_on : Next::ended;
    if (const auto* change = std::get_if<Translate>(&action)) {
      translate(*change, branch.flight, world_);
      branch.translated = true;
      finish(branch, Fate::accept, step);
      return Next::ended;
    }
    if (const auto* anything = std::get_if<Anything>(&action))
      return meet_anything(branch, step, *anything);
    if (const auto* set = std::get_if<SetMark>(&action))
      set_mark(branch.flight, *set);
    if (const auto* copy = std::get_if<CopyMark>(&action))
      copy_mark(branch.flight, *copy);
    if (std::holds_alternative<Untrack>(action)) {
      branch.flight.untracked = true;
      branch.flight.packet[Field::state] = static_cast<Bits>(TrackState::untracked);
    }
    return Next::go_on;
  }

  // The rule matches or not: both are followed, unless it makes no difference.
  Next take_perhaps(Branch& branch, const Step& step) {
    const Action& action = step.rule->action;
    if (std::holds_alternative<GoOn>(action) || std::holds_alternative<Duplicate>(action) ||
        std::holds_alternative<AttachHelper>(action)) {
      return Next::go_on;
    }
    if (std::holds_alternative<SetMark>(action) || std::holds_alternative<CopyMark>(action)) {
      Flight changed = branch.flight;
      if (const auto* set = std::get_if<SetMark>(&action))
        set_mark(changed, *set);
      if (const auto* copy = std::get_if<CopyMark>(&action))
        copy_mark(changed, *copy);
      if (!same_marks(changed, branch.flight))
        branch.flight.marks_certain = false;
      return Next::go_on;
    }
    if (const auto* anything = std::get_if<Anything>(&action))
      return meet_anything(branch, step, *anything);
    if (const auto* decide = std::get_if<Decide>(&action)) {
      add_outcome(fate_of(decide->verdict), branch, step, branch.blame ? branch.blame : step);
      return Next::go_on;
    }
    return split(branch, step);
  }

  // Both ways from here; nothing when another branch went both ways from the same place in the same state.
  Next split(Branch& branch, const Step& step) {
    split_ = true;
    --branch.frames.back().next;
    const bool is_new = splits_.insert(key(branch)).second;
    ++branch.frames.back().next;
    if (!is_new && branch.blame)
      return Next::ended;
    if (++branches_ > most_branches) {
      too_many_ = step;
      return Next::ended;
    }
    Branch taken = branch;
    if (!taken.blame)
      taken.blame = step;
    seen_.insert(key(branch));
    if (take(taken, step) == Next::go_on)
      todo_.push_back(std::move(taken));
    return Next::go_on;
  }

  Next meet_anything(const Branch& branch, const Step& step, const Anything& action) {
    if (!anything_) {
      anything_ = step;
      anything_steps_ = branch.steps;
    }
    may_deliver_locally_ = may_deliver_locally_ || action.may_deliver_locally;
    return Next::ended;
  }

  using Key = std::tuple<std::vector<Frame>, std::uint32_t, std::uint32_t, bool, bool>;
  static Key key(const Branch& branch) {
    const Flight& flight = branch.flight;
    return {branch.frames, flight.mark, flight.connection_mark, flight.marks_certain, flight.untracked};
  }
  // False when a branch was here before in the same state: what follows is known already.
  bool remember(const Branch& branch) { return seen_.insert(key(branch)).second; }

  void finish(const Branch& branch, Fate fate, const Step& step) { add_outcome(fate, branch, step, branch.blame); }

  void add_outcome(Fate fate, const Branch& branch, const Step& step, const std::optional<Step>& blame) {
    if (!blame) {  // the branch in which no undecided rule matched
      main_ = outcomes_.size();
    } else {
      for (const Outcome& known : outcomes_) {
        if (known.fate == fate && same_header(known.flight, branch.flight) && same_marks(known.flight, branch.flight) &&
            known.translated == branch.translated && known.blame) {
          return;
        }
      }
    }
    outcomes_.push_back({fate, branch.flight, step, blame, branch.steps, branch.translated});
  }

  StageResult conclude(Flight& flight) {
    StageResult result;
    result.may_deliver_locally = may_deliver_locally_;
    if (anything_ || too_many_) {
      result.fate = Fate::unknown;
      result.decided_by = anything_ ? *anything_ : *too_many_;
      result.steps = std::move(anything_steps_);
      flight.marks_certain = false;
      return result;
    }
    SEGPROOF_ASSERT(main_ < outcomes_.size());
    const Outcome& first = outcomes_[main_];
    result.fate = first.fate;
    result.decided_by = first.decided_by;
    result.steps = first.steps;
    flight = first.flight;
    for (const Outcome& other : outcomes_) {
      if (!same_marks(other.flight, first.flight))
        flight.marks_certain = false;
      const bool same =
          other.fate == first.fate && same_header(other.flight, first.flight) && other.translated == first.translated;
      if (!same && result.fate != Fate::unknown) {
        result.fate = Fate::unknown;
        result.decided_by = other.blame ? *other.blame : other.decided_by;
      }
    }
    return result;
  }

  const RuleSet& rules_;
  const Stage& stage_;
  const Surroundings& world_;
  const RuleIndex* index_;
  std::vector<Branch> todo_;
  std::vector<Outcome> outcomes_;
  std::set<Key> seen_;    // states in which a branch came back into a chain
  std::set<Key> splits_;  // states before a rule at which a branch was split
  std::optional<Step> anything_;
  std::optional<Step> too_many_;
  std::vector<Step> anything_steps_;
  std::size_t main_ = static_cast<std::size_t>(-1);
  std::size_t branches_ = 0;
  bool split_ = false;
  bool may_deliver_locally_ = false;
};

}  // namespace

bool tracks(const std::vector<const Stage*>& stages) {
  return std::ranges::any_of(stages, [](const Stage* stage) { return stage->kind == StageKind::track; });
}

StageResult walk_stage(const RuleSet& rules, const Stage& stage, Flight& flight, const Surroundings& world,
                       const RuleIndex* index) {
  SEGPROOF_ASSERT(stage.kind != StageKind::track);
  return Walker(rules, stage, world, index).run(flight);
}

}  // namespace segproof::model
