// SPDX-License-Identifier: Apache-2.0
// What a rule asks of a packet: a conjunction of tests. Some tests cannot be decided from a configuration (a rate
// limit, a name that does not resolve); they stay in the rule as UnknownTest, so that the rule matches "perhaps" and is
// never dropped. Vendor-neutral: readers translate every syntax into these tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "packet/field.h"
#include "packet/interval_set.h"

namespace segproof::model {

// Kleene's three values. must(condition) = packets for which it is yes, may(condition) = yes or unknown.
enum class Truth : std::uint8_t { no, unknown, yes };
[[nodiscard]] constexpr Truth operator!(Truth t) {
  return t == Truth::yes ? Truth::no : t == Truth::no ? Truth::yes : Truth::unknown;
}
[[nodiscard]] constexpr Truth operator&&(Truth a, Truth b) {
  return a < b ? a : b;
}
[[nodiscard]] constexpr Truth operator||(Truth a, Truth b) {
  return a < b ? b : a;
}

enum class Endpoint : std::uint8_t { source, destination };
enum class Direction : std::uint8_t { ingress, egress };

// The field lies in `values` (a reader has already turned negation into the complement). Used for protocol, addresses,
// ports, ICMP type and code, flags, fragment. With `family`, no packet of the other family matches. A test of ports
// does not imply a protocol or "no later fragment": the reader adds those as tests of their own.
struct FieldTest {
  Field field;
  IntervalSet values;
  std::optional<Family> family = std::nullopt;
  friend bool operator==(const FieldTest&, const FieldTest&) = default;
};

// (field & mask) == value, or != when negated: non-contiguous address masks, TCP flags.
struct MaskTest {
  Field field;
  Bits value = 0;
  Bits mask = 0;
  bool negated = false;
  std::optional<Family> family = std::nullopt;
  friend bool operator==(const MaskTest&, const MaskTest&) = default;
};

// The interface on which the packet came in or goes out, by name. The absent interface (a packet generated or delivered
// here) has the empty name: it equals no name but every prefix of length 0.
struct InterfaceTest {
  Direction direction;
  std::string name;
  bool is_prefix = false;  // "eth+": every name that begins with `name`
  bool negated = false;
  friend bool operator==(const InterfaceTest&, const InterfaceTest&) = default;
};

// The tracked state is one of `states` (bit i = TrackState i), or the flow's translation has one of the bits of
// `translated` (bit 0 destination, bit 1 source).
struct TrackTest {
  std::uint8_t states = 0;
  std::uint8_t translated = 0;
  bool negated = false;
  friend bool operator==(const TrackTest&, const TrackTest&) = default;
};

enum class MarkKind : std::uint8_t { packet, connection };
struct MarkTest {
  MarkKind kind = MarkKind::packet;
  std::uint32_t value = 0;
  std::uint32_t mask = 0xffffffffU;
  bool negated = false;
  friend bool operator==(const MarkTest&, const MarkTest&) = default;
};

// What an address is to the device that asks. `local` is one of its own addresses.
enum class AddressType : std::uint8_t {
  unspecified,
  unicast,
  local,
  broadcast,
  multicast,
  anycast,
  unreachable,
  blackhole,
  prohibit
};
struct AddressTypeTest {
  Endpoint endpoint = Endpoint::destination;
  std::uint16_t types = 0;                        // bit i = AddressType i
  std::optional<Direction> interface_limit = {};  // `local` counts only addresses of that interface
  bool negated = false;
  friend bool operator==(const AddressTypeTest&, const AddressTypeTest&) = default;
};

// Properties of a packet that the diagrams do not carry. They are undecided in a network and known for one packet.
enum class Measure : std::uint8_t { total_length, hop_limit, traffic_class, packet_kind };
struct MeasureTest {
  Measure measure = Measure::total_length;
  IntervalSet values;  // negation is already in it
  friend bool operator==(const MeasureTest&, const MeasureTest&) = default;
};

// A property that no configuration decides. `fact` groups those that a single isolated packet decides after all: a
// packet without a MAC header, a socket owner, an IPsec policy or a bridge port has none of the three for certain.
enum class Unknown : std::uint8_t {
  rate,
  history,
  chance,
  content,
  clock,
  quota,
  connection_count,
  mac_address,
  socket_owner,
  ipsec_policy,
  bridge_port,
  reverse_path,
  set_content,
  unresolved_name,
  extension_header,
  not_understood,
};
struct UnknownTest {
  Unknown kind = Unknown::not_understood;
  std::string text;  // as written: "limit: 3/min burst 5"
  bool negated = false;
  friend bool operator==(const UnknownTest&, const UnknownTest&) = default;
};

struct Condition;
// One of the alternatives holds (none of them when negated).
struct AnyTest {
  std::vector<Condition> alternatives;
  bool negated = false;
  friend bool operator==(const AnyTest& a, const AnyTest& b);
};

using Test = std::variant<FieldTest, MaskTest, InterfaceTest, TrackTest, MarkTest, AddressTypeTest, MeasureTest,
                          UnknownTest, AnyTest>;

// All tests hold; no test at all is "any packet".
struct Condition {
  std::vector<Test> tests;
  friend bool operator==(const Condition&, const Condition&) = default;
};

// "rate", "socket owner": the word for messages.
[[nodiscard]] std::string_view unknown_name(Unknown kind);

}  // namespace segproof::model
