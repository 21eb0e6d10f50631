// SPDX-License-Identifier: Apache-2.0
// The interfaces of a configuration and what is bound to them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "input/cisco/access_entry.h"
#include "input/cisco/definitions.h"
#include "input/cisco/findings.h"
#include "input/cisco/statements.h"
#include "model/device_configuration.h"

namespace segproof::cisco {

// A name that an interface or another place refers to.
struct Binding {
  std::string name;
  std::size_t statement = 0;
};

struct Port {
  std::string name;  // by which rules refer to it: `nameif` on firewalls, else the hardware's
  std::string hardware;
  std::size_t statement = 0;
  std::string vrf;
  std::string zone;  // security zone of a zone-based firewall
  std::optional<unsigned> level;
  std::vector<InterfaceAddress> addresses;
  std::vector<Address> shared_addresses;  // of a redundancy group
  bool has_unknown_address = false;
  bool speaks_ipv6 = false;
  bool has_no_address = false;  // `no ip address` is written there
  bool is_up = true;
  bool management_only = false;
  bool is_switched = false;                       // layer 2
  std::optional<Binding> in, out, in_v6, out_v6;  // access lists
  std::optional<Binding> global_out;
  bool nat_inside = false;
  bool nat_outside = false;
  std::optional<Binding> policy_route;
  std::optional<Binding> inspect_in, inspect_out;
  std::optional<Binding> crypto_map;
  std::optional<Binding> reverse_path;
  std::vector<std::size_t> doubts;  // lines that are not understood

  // Carries no packets of its own, and says so.
  [[nodiscard]] bool is_idle() const {
    return has_no_address && addresses.empty() && shared_addresses.empty() && !has_unknown_address && !speaks_ipv6 &&
           doubts.empty();
  }
  [[nodiscard]] bool routes() const { return !is_switched && (!addresses.empty() || has_unknown_address); }
};

// All interfaces, in the order of the file; an interface that comes twice is one.
class Ports {
 public:
  Ports(const Definitions& definitions, Findings& findings) : definitions_(definitions), findings_(findings) {}

  void read(const Statements& statements);
  [[nodiscard]] std::vector<Port>& all() { return ports_; }
  [[nodiscard]] const std::vector<Port>& all() const { return ports_; }
  [[nodiscard]] Port* find(std::string_view name);  // by either name
  [[nodiscard]] InterfaceAddresses addresses() const;

 private:
  void block(const Statements& statements, std::size_t at);
  void line(const Statements& statements, std::size_t at, Port& port);
  void remove(const Statements& statements, std::size_t at);
  bool taken_back(Words& words, Port& port) const;
  bool firewall_line(Words& words, Port& port) const;
  bool address_line(Words& words, Port& port, std::size_t at);
  bool ipv6_line(Words& words, Port& port, std::size_t at);
  bool ip_line(Words& words, Port& port, std::size_t at);
  bool shared_address(Words& words, Port& port) const;
  void old_firewall(const Statements& statements, std::size_t at);
  Port& open(std::string_view hardware, std::size_t at);

  const Definitions& definitions_;
  Findings& findings_;
  std::vector<Port> ports_;
  std::map<std::string, std::size_t, std::less<>> by_hardware_;
};

}  // namespace segproof::cisco
