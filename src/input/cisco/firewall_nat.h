// SPDX-License-Identifier: Apache-2.0
// Address translation of firewalls: the three sections of releases since 8.3, and `nat`, `global` and `static` before.
// Both become one list of rules, of which the first that matches a connection counts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "input/cisco/device.h"
#include "model/device_configuration.h"

namespace segproof::cisco {

// A rule as the packet sees it that enters by `real_interface`: `real` becomes `mapped`, and the destination
// `shown_destination` becomes `true_destination`. A static rule holds backwards as well.
struct NatRule {
  enum class Section : std::uint8_t { first, objects, last } section = Section::first;
  std::size_t statement = 0;
  std::string real_interface, mapped_interface;  // empty: any
  bool is_dynamic = false;
  bool one_way = false;
  bool is_identity = false;  // the source stays
  AddressSet real = AddressSet::any();
  AddressSet mapped = AddressSet::any();
  bool mapped_is_interface = false;
  bool overloads = false;  // many share an address: ports change
  bool translates_destination = false;
  AddressSet shown_destination = AddressSet::any();
  AddressSet true_destination = AddressSet::any();
  bool shown_is_interface = false;
  std::optional<Service> shown_service, true_service;  // ports of the real side, and what becomes of them
  bool is_unclear = false;                             // perhaps
  std::string object;                                  // of the object section
};

// Takes the statements; in the order in which the device asks.
[[nodiscard]] std::vector<NatRule> read_firewall_nat(Device& device);
[[nodiscard]] std::vector<NatRule> read_old_firewall_nat(Device& device);
// Whether statements of releases before 8.3 stand in it.
[[nodiscard]] bool has_old_nat(const Statements& statements);

// The stages of these rules: destinations at the ingress hook, sources at the egress hook. True when a rule may send
// packets another way than the routes do.
bool build_firewall_nat(const std::vector<NatRule>& rules, Device& device,
                        const std::vector<model::ConfiguredRoute>& routes, RuleBuilder& builder);
// The tests of packets that a static rule takes from its mapped side, for lists that are asked before translation.
[[nodiscard]] std::vector<model::Condition> mapped_sides(const std::vector<NatRule>& rules, Device& device);

}  // namespace segproof::cisco
