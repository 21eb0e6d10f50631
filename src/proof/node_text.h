// SPDX-License-Identifier: Apache-2.0
// A host or device, as lines of the network file: what is known of it, its services, interfaces, routes and rules.
#pragma once

#include "base/source.h"
#include "model/network.h"
#include "proof/words.h"

namespace segproof::proof {

void write_node(const model::Network& network, model::NodeId id, const SourceStore& sources, Page& page);

}  // namespace segproof::proof
