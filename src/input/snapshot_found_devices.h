// SPDX-License-Identifier: Apache-2.0
// Devices that no topology names: their configurations lie in a folder, or a policy names them and there is no
// topology.
#pragma once

#include "input/snapshot_assembly.h"

namespace segproof::input {

// A whole configuration that was found, and that no policy names, becomes the rules of the node that its file name
// begins with, or of the one that its host name says, or of a new device of that name. A table of routes whose file
// name begins alike goes with it. Where a policy names whole configurations and there is no topology, their nodes are
// new devices. Reported with a note each. Before anything is assembled.
void take_found_devices(Written& written, Assembly& assembly);

}  // namespace segproof::input
