// SPDX-License-Identifier: Apache-2.0
// The routes of a table in the place of those that the configuration alone gives.
#pragma once

#include "base/diagnostic.h"
#include "input/cisco/ports.h"
#include "input/cisco/route_table.h"
#include "model/device_configuration.h"

namespace segproof::cisco {

// Takes the table for the IPv4 routes of the main routing instance and returns true. A table that is not whole, or that
// knows none of the device's own networks, is not taken; the latter is reported.
//  - An address that the device answers without having it at an interface becomes a local route.
//  - A hop by an interface that the configuration does not have leads to nothing that is known.
//  - A gateway without an interface is looked up in the table.
//  - A network of an interface that is up, and that the table does not list as connected, may also be reached as the
//    table says: the link was down, or comes back.
bool take_route_table(const CiscoRouteTable& table, Ports& ports, DiagnosticSink& sink,
                      model::DeviceConfiguration& into);

}  // namespace segproof::cisco
