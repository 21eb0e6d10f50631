// SPDX-License-Identifier: Apache-2.0
// Compiles chains into outcomes. The walk carries, for each effect that earlier rules may have had, the packets that
// may still be under way; a rule that surely matches takes its packets away, one that may match does not.
#pragma once

#include <map>
#include <vector>

#include "reach/stage_program.h"

namespace segproof::reach {

class ChainWalker {
 public:
  ChainWalker(const model::RuleSet& rules, const NodeFacts& facts, const HeaderSets& headers, StageProgram& program);

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
  // The same for some packets only, naming who drops what.
  void attribute(model::ChainId chain, const Underway& start, std::vector<DropBy>& drops, Underway& come_back,
                 std::vector<PacketSet>& done);

 private:
  struct Frame;
  void step(const model::Rule& rule, Frame& frame);
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
  std::map<model::ChainId, Ends> compiled_;
};

}  // namespace segproof::reach
