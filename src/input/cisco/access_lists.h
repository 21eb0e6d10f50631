// SPDX-License-Identifier: Apache-2.0
// All access lists of a configuration, numbered and named, in the order in which the device asks their entries:
// sequence numbers, insertions by line and deletions are already in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "input/cisco/access_entry.h"
#include "input/cisco/findings.h"
#include "input/cisco/statements.h"

namespace segproof::cisco {

struct AccessList {
  std::string name;
  ListKind kind = ListKind::extended;
  std::vector<Entry> entries;
  SourceSpan origin;  // its first line
  std::size_t statement = 0;
  bool may_pass_fragments = false;  // NX-OS `fragments permit-all`

  [[nodiscard]] bool has_rules() const;
};

class AccessLists {
 public:
  AccessLists(const Definitions& definitions, const InterfaceAddresses& interfaces, Findings& findings)
      : definitions_(definitions), parser_(definitions, interfaces), findings_(findings) {}

  void read(const Statements& statements);
  // Null when there is no such list. IPv6 lists have names of their own.
  [[nodiscard]] const AccessList* find(std::string_view name, bool ipv6 = false) const;
  [[nodiscard]] const EntryParser& parser() const { return parser_; }

 private:
  using Lists = std::map<std::string, AccessList, std::less<>>;
  void top_level(const Statements& statements, std::size_t at);
  void one_line(const Statements& statements, std::size_t at);
  void block(const Statements& statements, std::size_t at);
  void block_line(const Statements& statements, std::size_t at, AccessList& list);
  void remove(const Statements& statements, std::size_t at);
  void remove_entry(Words& words, std::size_t at, AccessList& list);
  void add(AccessList& list, Words& words, std::size_t at, std::uint32_t sequence, std::uint32_t line);
  AccessList& open(Lists& lists, std::string_view name, ListKind kind, std::size_t at);
  void settle(AccessList& list);

  const Definitions& definitions_;
  EntryParser parser_;
  Findings& findings_;
  Lists lists_;
  Lists lists_v6_;
  std::size_t insertions_ = 0;
};

}  // namespace segproof::cisco
