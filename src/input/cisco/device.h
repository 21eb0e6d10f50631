// SPDX-License-Identifier: Apache-2.0
// All that a configuration was found to say before rules are made of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "input/cisco/access_lists.h"
#include "input/cisco/definitions.h"
#include "input/cisco/findings.h"
#include "input/cisco/ports.h"
#include "input/cisco/rule_builder.h"
#include "input/cisco/statements.h"
#include "model/device_configuration.h"

namespace segproof::cisco {

// A line whose effect is not known, and the word for it.
struct Doubt {
  SourceSpan origin;
  std::string why;
};

struct Device {
  CiscoDialect dialect = CiscoDialect::ios;
  const Statements* statements = nullptr;
  Findings* findings = nullptr;
  const Definitions* definitions = nullptr;
  Ports* ports = nullptr;
  const AccessLists* lists = nullptr;

  std::optional<Doubt> may_do_anything;  // the first line that may change which packets pass
  std::optional<Doubt> may_drop;         // the first line that may drop packets
  std::optional<Doubt> routes_multicast;

  [[nodiscard]] SourceSpan span(std::size_t statement) const { return findings->span(statement); }
  void doubt_everything(std::size_t statement, std::string why) {
    if (!may_do_anything)
      may_do_anything = Doubt{span(statement), std::move(why)};
  }
  // The names of the interfaces that `holds` is true for.
  template <class Holds>
  [[nodiscard]] std::vector<std::string> names_where(Holds holds) const {
    std::vector<std::string> names;
    for (const Port& port : ports->all()) {
      if (holds(port))
        names.push_back(port.name);
    }
    return names;
  }
};

// The stages of a router or switch (IOS, IOS-XE, NX-OS) and of a firewall (ASA, PIX, FWSM, FTD).
[[nodiscard]] model::RuleSet router_rules(Device& device);
[[nodiscard]] model::RuleSet firewall_rules(Device& device, const std::vector<model::ConfiguredRoute>& routes);

}  // namespace segproof::cisco
