// SPDX-License-Identifier: Apache-2.0
// Trials in a laboratory of their own: a process that leaves the host's namespaces, builds the network, sends the
// packets, and takes everything with it when it ends. It dies with its parent.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "confirm/blueprint.h"
#include "confirm/trial.h"

namespace segproof::confirm {

struct Observations {
  std::map<model::NodeId, std::string> faults;    // nodes that could not be built as they are
  std::vector<std::vector<std::set<Seat>>> seen;  // by trial and shot
};

// A shot that ended elsewhere than expected is sent once more, alone, before it counts. A Failure when the laboratory
// could not be built.
[[nodiscard]] Result<Observations> experiment(const Blueprint& blueprint, const std::vector<Trial>& trials);

// Whether the shot ended where it was expected.
[[nodiscard]] bool is_as_expected(const Shot& shot, const std::set<Seat>& seen);

}  // namespace segproof::confirm
