// SPDX-License-Identifier: Apache-2.0
// The catalogue of what rules can look at: which keys each header has, what their values are written like, and what
// they are to the model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "input/nft/expression.h"
#include "model/condition.h"

namespace segproof::nft {

// How values are written.
enum class Datatype : std::uint8_t {
  none,  // values that nothing is done with
  number,
  ipv4_address,
  ipv6_address,
  port,
  protocol,
  mark,
  tcp_flags,
  track_state,
  track_status,
  track_direction,
  icmp_type,
  icmp_code,
  icmpv6_type,
  icmpv6_code,
  dscp,
  ecn,
  family,
  ether_type,
  interface,
  packet_kind,
  address_type,
};
// Flags of which "one of these" is asked where no operator stands.
[[nodiscard]] bool is_bitmask(Datatype type);

// What a value is to the model.
enum class Meaning : std::uint8_t {
  undecided,       // nothing that a configuration decides: `unknown`
  field,           // `field`, `shift` bits above its lowest
  next_header,     // ip6 nexthdr: the protocol unless extension headers come first
  fragment_word,   // ip frag-off
  version,         // ip version
  measure,         // `measure`
  payload_length,  // ip6 length
  family,          // meta nfproto
  ether_type,      // meta protocol
  interface,       // a name; `field` is ingress or egress
  packet_mark,
  connection_mark,
  track_state,
  track_status,
  track_direction,
  track_protocol,
  track_family,
  address_type,  // fib ... type
};

// What a selector needs a packet to be, before it has a value at all.
enum class Needs : std::uint8_t {
  nothing,
  ipv4,
  ipv6,
  transport,  // any transport header: not a later fragment
  protocol,   // the transport header of one protocol: `protocol`
  icmp,       // IPv4 and ICMP
  icmpv6,
  entry,  // an entry in the connection table
};

struct Key {
  std::string_view header;
  std::string_view key;
  Datatype type = Datatype::none;
  Meaning meaning = Meaning::undecided;
  unsigned width = 0;  // of the value, in bits
  Needs needs = Needs::nothing;
  std::uint8_t protocol = 0;
  Field field = Field::protocol;
  unsigned shift = 0;
  model::Measure measure = model::Measure::total_length;
  model::Unknown unknown = model::Unknown::content;
};

// Null when there is no such key. `header` and `key` as in Selector.
[[nodiscard]] const Key* find_key(std::string_view header, std::string_view key);
[[nodiscard]] bool is_header(std::string_view word);
// Words that stand for "meta WORD" when they stand alone.
[[nodiscard]] bool is_bare_meta_key(std::string_view word);

}  // namespace segproof::nft
