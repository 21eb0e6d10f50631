// SPDX-License-Identifier: Apache-2.0
// Reads running configurations of Cisco firewalls, routers and switches. Nothing is skipped in silence: each line is
// modelled, irrelevant (on a maintained list), undecided or unmodelled, and what is not understood may do anything
// where it stands. docs/cisco.md tells the order in which the model asks, and where it comes from.
#pragma once

#include "base/diagnostic.h"
#include "base/source.h"
#include "input/cisco/dialect.h"
#include "input/cisco/route_table.h"
#include "model/device_configuration.h"

namespace segproof {

// Never fails. Faults of the text are warnings in `sink`, each with its line. Time and memory are linear in the text,
// but for 10,000 insertions and deletions within access lists. `table` is what the device itself said of its routes:
// the IPv4 routes of the main routing instance are those, unless the table cannot be used.
[[nodiscard]] model::DeviceConfiguration read_cisco(FileId file, const SourceStore& sources, CiscoDialect dialect,
                                                    DiagnosticSink& sink, const CiscoRouteTable* table = nullptr);

}  // namespace segproof
