// SPDX-License-Identifier: Apache-2.0
// Host inventories as their files state them: Ansible (INI and YAML), CSV with named columns, nmap XML. A reader
// returns what is listed, each thing with its place; it resolves no names, knows no topology and merges nothing across
// files. Faults of the file are diagnostics (04xx): with an error among them the file is unusable and nothing should be
// verified on it; warnings and notes are recovered from on the safe side (a service that cannot be read makes the
// host's services unknown, an address that cannot be resolved leaves the host without it).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/line_account.h"
#include "base/source.h"
#include "packet/address.h"
#include "packet/interval_set.h"

namespace segproof::input {

// Ports of one protocol on which a host listens. Of protocols without ports (all but TCP, UDP, SCTP, DCCP, UDP-Lite)
// `ports` is empty and the whole protocol is meant.
struct ListedService {
  std::uint8_t protocol = 0;
  IntervalSet ports;
  std::string name;     // "https", "OpenSSH"; empty if none is given
  bool certain = true;  // false: it may listen (nmap: filtered, open|filtered, unfiltered)
  std::vector<std::string> tags;
  SourceSpan origin;
};

// An address that the file gives to the host. Loopback, multicast, unspecified and broadcast addresses never appear.
struct ListedAddress {
  Address address;
  std::optional<unsigned> prefix_length;  // when it is written as 10.0.0.1/24
  std::string interface;                  // empty if none is given
  SourceSpan origin;
};

// One statement about a host. Within one file hosts of equal name, zone, segment and VRF are one ListedHost; a name may
// appear again with another zone, segment or VRF (a host with several interfaces): whoever builds the network merges
// them by name. Invariant: `name` is not empty (an nmap host or CSV row without name has its address as name).
struct ListedHost {
  std::string name;
  std::vector<std::string> aliases;      // other names of it, sorted: further host names, a symbolic ansible_host
  std::vector<ListedAddress> addresses;  // in the order of the file, no address twice
  std::vector<std::string> groups;       // all groups it is in, ancestors included; without `all`; sorted
  std::vector<std::string> tags;         // sorted
  std::vector<std::string> labels;       // data labels, sorted
  std::string zone;
  std::string segment;
  std::string vrf;
  // What is known about services. services_listed: `services` is the owner's complete list, all else does not listen.
  // Otherwise `services` holds within `scanned` only (protocol, ports; ascending): outside of it anything may listen.
  // Neither: nothing is known. A service that is not `certain` may or may not listen.
  std::vector<ListedService> services;  // by protocol and ports
  bool services_listed = false;
  std::vector<std::pair<std::uint8_t, IntervalSet>> scanned;
  SourceSpan origin;
};

struct Inventory {
  std::vector<ListedHost> hosts;  // in the order of the file
  unsigned lines = 0;
  // Entries whose value cannot be known from the file (expressions, unreadable services), and such that have a meaning
  // which is not taken in (protocol scans, unknown columns).
  std::vector<LineNote> notes;
};

// How the columns of a CSV file are called. An empty name means the usual ones (`name`, `hostname`, `address`, `ip`,
// ...; csv.cpp lists them); a name that is given must exist in the header. Names are compared without regard to case.
struct CsvColumns {
  std::string name;
  std::string address;
  std::string interface;
  std::string zone;
  std::string segment;
  std::string vrf;
  std::string services;
  std::string tags;
  std::string labels;
  std::string groups;
  std::optional<char> delimiter;  // `,` `;` or tab; found from the header if it is not given
};

// Each reads the whole file. O(size of the file and of what its ranges expand to, both bounded).
[[nodiscard]] Inventory read_ansible_ini(FileId file, const SourceStore& sources, DiagnosticSink& sink);
[[nodiscard]] Inventory read_ansible_yaml(FileId file, const SourceStore& sources, DiagnosticSink& sink);
[[nodiscard]] Inventory read_csv(FileId file, const SourceStore& sources, const CsvColumns& columns,
                                 DiagnosticSink& sink);
[[nodiscard]] Inventory read_nmap_xml(FileId file, const SourceStore& sources, DiagnosticSink& sink);

}  // namespace segproof::input
