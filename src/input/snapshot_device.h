// SPDX-License-Identifier: Apache-2.0
// What a whole configuration says of its device, beside the topology: interfaces, addresses, routes. Where the topology
// says something of its own, that counts.
#pragma once

#include "input/snapshot_assembly.h"
#include "model/device_configuration.h"

namespace segproof::input {

// Interfaces that the configurations named by the policy have, and the topology has not, are added to the devices, and
// addresses where it gives none. An interface is on the segment that holds its address. Before nodes are assembled.
void read_device_interfaces(Written& written, Assembly& assembly);

// Routes and forwarding of the configuration, for families of which nothing else gives routes.
void apply_device(const model::DeviceConfiguration& device, model::NodeId node, Assembly& assembly);

// Rules of the configuration that ask for the way back to a source, with the routes that the node has by now. They stay
// undecided where routes come and go, and where translation may send packets another way than the routes known here.
void resolve_ways_back_of(const model::DeviceConfiguration& device, model::NodeId node, model::RuleSet& rules,
                          const Assembly& assembly);

}  // namespace segproof::input
