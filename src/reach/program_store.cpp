// SPDX-License-Identifier: Apache-2.0
#include "reach/program_store.h"

#include <algorithm>

namespace segproof::reach {

StageProgram copied(const StageProgram& program, const model::Stage& stage, Space& into) {
  StageProgram result{&stage, {}, program.rewrites, {}, into.import(program.may_deliver_locally)};
  for (const Outcome& outcome : program.outcomes) {
    result.outcomes.push_back(
        {outcome.end, outcome.rewrite, outcome.effect, into.import(outcome.may), into.import(outcome.must)});
  }
  for (const CopyTo& copy : program.copies) {
    result.copies.push_back({into.import(copy.may), copy.gateway});
  }
  return result;
}

void ProgramStore::retain(const std::vector<bool>& same) {
  for (std::size_t node = 0; node < programs_.size(); ++node) {
    if (node >= same.size() || !same[node]) {
      programs_[node].clear();
    }
  }
}

void ProgramStore::keep(const CompiledNetwork& network) {
  auto space = std::make_unique<Space>(network.family());
  std::vector<std::vector<StageProgram>> programs(network.network().nodes.size());
  for (std::size_t n = 0; n < programs.size(); ++n) {
    for (const std::vector<CompiledStage>& hook : network.node(model::NodeId(n)).stages) {
      for (const CompiledStage& stage : hook) {
        if (stage.stage->kind != model::StageKind::track) {
          programs[n].push_back(copied(stage.program, *stage.stage, *space));
        }
      }
    }
  }
  programs_ = std::move(programs);
  space_ = std::move(space);
}

const std::vector<StageProgram>* ProgramStore::find(model::NodeId node) const {
  return node.index() < programs_.size() && !programs_[node.index()].empty() ? &programs_[node.index()] : nullptr;
}

std::size_t ProgramStore::known() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(programs_, [](const std::vector<StageProgram>& node) { return !node.empty(); }));
}

}  // namespace segproof::reach
