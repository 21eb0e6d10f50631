// SPDX-License-Identifier: Apache-2.0
// The routes that a router had when somebody asked it: what `show ip cef` and `show ip route` (IOS, IOS-XE), and `show
// route` (ASA) print of the main routing instance, IPv4. With it a configuration whose routes come from routing
// protocols is complete. A table that cannot be read whole is of no use: a row that is missing may be the one that
// leads packets elsewhere.
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"
#include "model/device_configuration.h"

namespace segproof {

struct CiscoRouteTable {
  // Routes of equal cost stand beside each other, with one destination. A route of kind `local` is an address that the
  // router itself answers; a hop without gateway is a connected one. Interfaces are named as the table names them.
  std::vector<model::ConfiguredRoute> routes;
  std::vector<model::Gap> unmodelled;  // rows that are not understood; without a node
  bool is_whole = false;               // no row is missing as far as the text tells, and each one is understood
};

// Whether the text begins like one of these tables.
[[nodiscard]] bool looks_like_cisco_routes(std::string_view text);

// Never fails. Faults are warnings in `sink`, each with its line. O(size of the text).
[[nodiscard]] CiscoRouteTable read_cisco_routes(FileId file, const SourceStore& sources, DiagnosticSink& sink);

}  // namespace segproof
