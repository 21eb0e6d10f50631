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

}  // namespace segproof::input
