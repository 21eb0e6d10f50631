// SPDX-License-Identifier: Apache-2.0
// Names, objects and object groups of a configuration, of every type and in every dialect, with their values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "input/cisco/address_set.h"
#include "input/cisco/dialect.h"
#include "input/cisco/findings.h"
#include "input/cisco/groups.h"
#include "input/cisco/statements.h"
#include "input/cisco/words.h"

namespace segproof::cisco {

class Definitions {
 public:
  explicit Definitions(CiscoDialect dialect) : dialect_(dialect) {}

  // Reads and resolves all of them; what is wrong goes to `findings`.
  void read(const Statements& statements, Findings& findings);

  [[nodiscard]] CiscoDialect dialect() const { return dialect_; }
  // Null when nothing of that kind has the name.
  [[nodiscard]] const AddressSet* network(std::string_view name) const;
  [[nodiscard]] const ServiceSet* service(std::string_view name) const;
  // An address, or a name that `name ADDRESS NAME` gave it.
  [[nodiscard]] std::optional<std::uint32_t> address(std::string_view word) const;
  // Objects and groups that stand empty.
  [[nodiscard]] bool is_empty_group(std::string_view name) const;

  // Ports after an operator: `eq 80 443`, `range 1 5`, `gt 1023`; nothing when they cannot be read. Takes the words.
  struct Ports {
    IntervalSet ports;
    bool is_unclear = false;  // a name that means different ports in different releases
  };
  [[nodiscard]] static bool is_port_operator(std::string_view word);
  [[nodiscard]] static std::optional<Ports> take_ports(Words& words);

 private:
  void top_level(const Statements& statements, std::size_t at, Findings& findings);
  void name_line(const Statements& statements, std::size_t at, Findings& findings);
  void object_block(const Statements& statements, std::size_t at, Findings& findings);
  void group_block(const Statements& statements, std::size_t at, Findings& findings);
  [[nodiscard]] std::optional<AddressSet> object_address(Words& words) const;
  // One member of a group; false when it is not understood.
  bool network_member(Words& words, std::size_t at);
  bool service_member(Words& words, const IntervalSet& typed, std::size_t at);
  bool port_member(Words& words, const IntervalSet& typed, std::size_t at);
  [[nodiscard]] std::optional<Service> take_service(Words& words) const;
  [[nodiscard]] std::optional<Service> icmp_service(std::string_view type, std::string_view code, Family family) const;
  void resolve(const Statements& statements, Findings& findings);

  CiscoDialect dialect_;
  std::map<std::string, std::uint32_t, std::less<>> names_;
  Groups<AddressSet> networks_;
  Groups<ServiceSet> services_;
  std::set<std::string, std::less<>> empty_;
};

}  // namespace segproof::cisco
