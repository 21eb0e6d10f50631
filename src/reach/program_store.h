// SPDX-License-Identifier: Apache-2.0
// The compiled stages of nodes, kept from one network to the next that has some of the same nodes, in a Space of their
// own. Copying a program costs its edges once; compiling it costs many times that.
#pragma once

#include <memory>
#include <vector>

#include "reach/compiled_network.h"

namespace segproof::reach {

class ProgramStore {
 public:
  // Drops the programs of every node but these. Precondition: a node that stays is the same in the network at hand, by
  // its NodeId, as it was in the one that was kept.
  void retain(const std::vector<bool>& same);
  // Keeps the stages of all nodes of `network`, in place of all that was kept.
  void keep(const CompiledNetwork& network);

  // The stages of a node in the order in which they are compiled; null where they are not known. May be asked, and what
  // it gives copied, by several threads while nobody changes the store.
  [[nodiscard]] const std::vector<StageProgram>* find(model::NodeId node) const;
  // How many nodes have their stages here.
  [[nodiscard]] std::size_t known() const;

 private:
  std::unique_ptr<Space> space_;
  std::vector<std::vector<StageProgram>> programs_;  // by NodeId; empty: not known
};

// The same program with its sets in another Space, for a stage that is the same.
[[nodiscard]] StageProgram copied(const StageProgram& program, const model::Stage& stage, Space& into);

}  // namespace segproof::reach
