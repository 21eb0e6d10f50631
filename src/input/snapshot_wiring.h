// SPDX-License-Identifier: Apache-2.0
// What interfaces are wired to when no topology says it: a guess from the networks of their addresses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "input/snapshot_assembly.h"
#include "model/device_configuration.h"
#include "packet/address.h"

namespace segproof::input {

// The assumption that verdicts lean on where wires were guessed.
inline constexpr std::string_view wires_assumption = "A-WIRES";

// An interface of a configuration that no topology puts on a segment, and whose addresses are on none.
struct LooseInterface {
  yaml::WrittenNode* node = nullptr;
  std::string name;
  bool is_zone_name = false;  // the configuration gives it a name of its own, which can be the zone's
  std::vector<InterfaceAddress> addresses;
  SourceSpan origin;
};

// The gateway of a default route.
struct DefaultGateway {
  Address gateway;
  SourceSpan origin;
};

// Puts loose interfaces with addresses of one network on one segment, each guess reported, and registers the assumption
// A-WIRES. Where networks overlap without being the same, an address is used twice, or a device has two interfaces in
// one network, nothing is guessed: those are wired to nothing that is known, which is reported. Where no zone is
// declared, each guessed segment is a zone, named after the interfaces where they have names of their own; and one that
// holds the gateway of a default route, a public address that nobody here has, is the Internet.
// Segments and zones are assembled before, nodes after.
void guess_wires(std::vector<LooseInterface> loose, const std::vector<DefaultGateway>& gateways, Written& written,
                 Assembly& assembly);

}  // namespace segproof::input
