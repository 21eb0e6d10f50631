// SPDX-License-Identifier: Apache-2.0
// What must hold: a claim as somebody wrote it, with names not yet resolved against a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "packet/address.h"
#include "packet/interval_set.h"

namespace segproof::claim {

enum class Kind : std::uint8_t {
  isolated,
  isolated_both_ways,
  no_new_sessions,
  only,
  contained,
  via,
  detached,
  reachable,
  unreferenced,
  anti_spoofed,
  no_exfiltration,
  no_direct_exfiltration,
  withstands,
  at_no_time,
  approved_change,  // known, not yet built: not-evaluated
};
[[nodiscard]] std::string_view kind_name(Kind kind);  // "no-new-sessions"
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view text);
[[nodiscard]] std::vector<std::string_view> kind_names();

enum class Pivot : std::uint8_t { direct, vulnerable, listening, worst_case, paranoid };
[[nodiscard]] std::string_view pivot_name(Pivot pivot);  // "worst-case"
[[nodiscard]] std::optional<Pivot> parse_pivot(std::string_view text);

enum class Spoofing : std::uint8_t { any, segment, own };
[[nodiscard]] std::string_view spoofing_name(Spoofing spoofing);
[[nodiscard]] std::optional<Spoofing> parse_spoofing(std::string_view text);

enum class Responder : std::uint8_t { include, report, ignore };  // responder-to-initiator

// A zone, host, prefix, "device:NAME", "unlisted@SEGMENT", "unknown" or segment, as written.
struct Name {
  std::string text;
  SourceSpan span;
  friend bool operator==(const Name&, const Name&) = default;
};

// "tcp/443", "tcp/8000-8100", "udp/53", "icmp/8", "icmp", "tcp", "any", "47": protocol and optional ports or types.
struct ServiceSpec {
  std::optional<std::uint8_t> protocol;  // nothing: any
  IntervalSet ports;                     // empty: all; for ICMP type * 256 + code
  std::string text;
  friend bool operator==(const ServiceSpec&, const ServiceSpec&) = default;
};
[[nodiscard]] std::optional<ServiceSpec> parse_service(std::string_view text);

// An entry of an allow-list. Empty from/to mean the claim's own.
struct Allowed {
  ServiceSpec service;
  std::vector<Name> from;
  std::vector<Name> to;
  std::string owner;
  std::string reason;
  std::string expires;  // YYYY-MM-DD; empty: never. Expired entries count as absent.
  SourceSpan span;
  friend bool operator==(const Allowed&, const Allowed&) = default;
};

struct Claim {
  std::string id;
  Kind kind = Kind::isolated;
  std::string text;
  std::string author;
  std::string date;
  std::vector<std::string> epochs;  // empty: every epoch
  std::vector<std::string> assumptions;
  std::vector<std::string> controls;
  Spoofing spoofing = Spoofing::any;
  bool trust_source_host = false;

  std::vector<Name> from;
  std::vector<Name> to;
  std::vector<Name> through;  // via
  std::vector<Name> zones;    // anti-spoofed
  std::vector<Name> hosts;    // detached
  std::vector<Allowed> services;
  std::vector<Allowed> except;       // detached
  std::vector<Name> names;           // unreferenced
  std::vector<Name> addresses;       // unreferenced
  std::vector<Name> from_addresses;  // reachable
  std::optional<Name> as_sent_to;    // header as sent instead of as delivered
  std::optional<ServiceSpec> as_sent_service;

  std::optional<Pivot> pivot;  // contained, no-exfiltration; default worst_case there
  Responder responder = Responder::include;
  std::optional<unsigned> hops;

  SourceSpan origin;  // the line of the id
  friend bool operator==(const Claim&, const Claim&) = default;
};

}  // namespace segproof::claim
