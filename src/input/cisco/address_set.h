// SPDX-License-Identifier: Apache-2.0
// Addresses and services as lists and groups name them. Sets stay sets: a group of ten thousand members is one value,
// however many entries use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "input/cisco/values.h"
#include "model/condition.h"

namespace segproof::cisco {

struct AddressSet {
  bool is_any = false;  // every address of both families
  IntervalSet ipv4;
  IntervalSet ipv6;
  std::vector<MaskedAddress> masked;  // IPv4 whose wildcard has holes
  std::vector<std::string> unknown;   // perhaps further addresses: "fqdn www.example.net"

  [[nodiscard]] static AddressSet any();
  [[nodiscard]] static AddressSet of(Interval ipv4);
  [[nodiscard]] static AddressSet of(const Prefix& prefix);
  [[nodiscard]] static AddressSet of(const MaskedAddress& masked);
  [[nodiscard]] static AddressSet unclear(std::string what);
  void add(const AddressSet& other);
  // Whether an address of the family may be in it.
  [[nodiscard]] bool has(Family family) const;
  [[nodiscard]] bool is_exact() const { return unknown.empty(); }
  // Nothing when every address of the family is in it. Precondition: has(family).
  [[nodiscard]] std::optional<model::Test> test(Field field, Family family) const;
};

// A conjunction: protocols, and ports or ICMP types where they are limited.
struct Service {
  IntervalSet protocols;  // within 0..255
  std::optional<IntervalSet> source_ports;
  std::optional<IntervalSet> destination_ports;
  std::optional<IntervalSet> icmp;  // type * 256 + code
  std::string unknown;              // not empty: perhaps
  bool only_ports = false;          // of a group that stands in the place of ports

  [[nodiscard]] bool has_ports() const { return source_ports || destination_ports || icmp; }
  [[nodiscard]] bool is_every_protocol() const;
  [[nodiscard]] static Service protocol(unsigned number);  // or every_protocol
};

using ServiceSet = std::vector<Service>;

// Members that differ in one dimension only become one; the order is that of the first of them.
[[nodiscard]] ServiceSet merged(const ServiceSet& services);

}  // namespace segproof::cisco
