// SPDX-License-Identifier: Apache-2.0
// One entry of an access list, of every kind and dialect, as sets of packets; and its meaning as rules.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "input/cisco/address_set.h"
#include "input/cisco/definitions.h"
#include "input/cisco/words.h"
#include "model/rule.h"

namespace segproof::cisco {

enum class ListKind : std::uint8_t {
  standard,  // IPv4 sources
  extended,
  ipv6,
  other,  // MAC, ethertype, webtype: no IP packets
};

struct Entry {
  bool permits = false;
  bool is_unclear = false;  // may permit or deny
  bool is_remark = false;
  bool is_inactive = false;
  bool only_fragments = false;
  bool is_evaluate = false;  // permits what a reflexive list holds
  std::uint32_t sequence = 0;
  ServiceSet services;
  AddressSet source = AddressSet::any();
  AddressSet destination = AddressSet::any();
  std::vector<model::Test> header;          // flags, traffic class
  std::vector<model::UnknownTest> unknown;  // time ranges, users
  std::string text;                         // of a remark
  SourceSpan origin;
  std::size_t statement = 0;
};

// Addresses of the device's interfaces, for `interface NAME` in a list.
using InterfaceAddresses = std::map<std::string, AddressSet, std::less<>>;

class EntryParser {
 public:
  EntryParser(const Definitions& definitions, const InterfaceAddresses& interfaces)
      : definitions_(definitions), interfaces_(interfaces) {}

  // Reads from `permit`, `deny` or `remark` on. False when the entry is not understood: `fault` says why, and what was
  // read before it is in `entry`.
  [[nodiscard]] bool parse(Words& words, ListKind kind, Entry& entry, std::string& fault) const;
  // `any`, `host A`, `A MASK`, `object N` ... in the dialect's form; false when it is none.
  [[nodiscard]] bool take_address(Words& words, ListKind kind, AddressSet& into, std::string& fault) const;

 private:
  static bool undefined(Words& words, Entry& entry, std::string_view name);
  bool take_host(Words& words, AddressSet& into) const;
  bool take_masked(std::string_view word, Words& words, ListKind kind, AddressSet& into) const;
  bool standard(Words& words, Entry& entry, std::string& fault) const;
  bool take_protocol(Words& words, ListKind kind, Entry& entry, std::string& fault) const;
  bool take_ports(Words& words, Entry& entry, bool at_source, std::string& fault) const;
  bool take_icmp(Words& words, Entry& entry) const;
  bool take_tail(Words& words, Entry& entry, std::string& fault) const;
  bool take_option(std::string_view word, Words& words, Entry& entry) const;
  bool take_flags(std::string_view word, Words& words, Entry& entry) const;
  void skip_identity(Words& words, Entry& entry) const;

  const Definitions& definitions_;
  const InterfaceAddresses& interfaces_;
};

// The conditions of an entry, each for the families that the list sees: one for each protocol that it tells apart.
// `fragments_apart`: the device does not reassemble, so later fragments are asked without their ports, which a permit
// does not need and a deny does.
struct Meaning {
  bool ipv4 = true;
  bool ipv6 = true;
  bool fragments_apart = true;
};
[[nodiscard]] std::vector<model::Condition> conditions_of(const Entry& entry, const Meaning& meaning);

// What an entry leaves undecided, for people; empty when nothing.
[[nodiscard]] std::string undecided_part(const Entry& entry);

}  // namespace segproof::cisco
