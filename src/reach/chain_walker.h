// SPDX-License-Identifier: Apache-2.0
// Compiles chains into outcomes. The walk carries, for each effect that earlier rules may have had, the packets that
// may still be under way; a rule that surely matches takes its packets away, one that may match does not. Long runs of
// rules that only decide, or call chains that only decide, are compiled at once (reach/decision_run.h).
#pragma once

#include <map>
#include <span>
#include <vector>

#include "reach/decision_run.h"
#include "reach/stage_program.h"

namespace segproof::reach {

class ChainWalker {
 public:
  static constexpr std::size_t worthwhile_run = 6;
  // Calls within calls that are followed on the stack, and rules that are looked at to name those that drop.
  static constexpr std::size_t deepest_descent = 200;
  static constexpr std::size_t most_attributed = 200'000;

  // Runs of at least `merge_from` rules are merged; what comes out does not depend on it.
  ChainWalker(const model::RuleSet& rules, const NodeFacts& facts, const HeaderSets& headers, StageProgram& program,
              std::size_t merge_from = worthwhile_run);

  struct Leaving {
    End end;
    std::size_t rewrite;
    Effect effect;
    PacketSet may;
  };
  using Ends = std::vector<Leaving>;
  using Underway = std::map<Effect, PacketSet>;

  // How all packets may leave the chain; compiled once.
  [[nodiscard]] const Ends& ends_of(model::ChainId chain);
  // The same for some packets only, naming who drops what. Where chains are nested too deep, or called too often for
  // each call to be followed, the calling rule is named for all that it may send there.
  void attribute(model::ChainId chain, const Underway& start, std::vector<DropBy>& drops, Underway& come_back,
                 std::vector<PacketSet>& done);

 private:
  struct Frame;
  [[nodiscard]] std::vector<model::ChainId> from_below(model::ChainId chain) const;
  [[nodiscard]] Ends compile(model::ChainId chain);
  void step(const model::Rule& rule, Frame& frame);
  [[nodiscard]] bool only_decides(const model::Rule& rule);
  [[nodiscard]] bool only_decides(model::ChainId chain);
  [[nodiscard]] std::size_t run_length(std::span<const model::Rule> rules);
  void merge(std::span<const model::Rule> run, Frame& frame);
  [[nodiscard]] DecisionRun::Result merged(std::span<const model::Rule> run, const Effect& effect);
  [[nodiscard]] PacketSet guard_of(const Leaving& inner, const Effect& effect) const;
  void add_call(const model::Rule& rule, const model::Call& call, const Effect& effect, DecisionRun& run);
  void call(const model::Call& call, const MayMust& match, const Effect& effect, PacketSet reaching, Frame& frame);
  void translate(const model::Translate& action, const SourceSpan& origin, const Effect& effect, PacketSet may,
                 Frame& frame);
  [[nodiscard]] std::optional<Effect> effect_of(const model::Action& action) const;
  [[nodiscard]] Effect mark_effect(model::MarkKind kind, std::uint32_t keep, std::uint32_t flip) const;

  const model::RuleSet* rules_;
  const NodeFacts* facts_;
  const HeaderSets* headers_;
  ConditionSets conditions_;
  StageProgram* program_;
  std::size_t merge_from_;
  std::map<model::ChainId, Ends> compiled_;
  std::map<model::ChainId, bool> only_decides_;
  std::size_t depth_ = 0;
  std::size_t attributed_ = 0;
};

}  // namespace segproof::reach
