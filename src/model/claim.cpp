// SPDX-License-Identifier: Apache-2.0
#include "model/claim.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/text.h"
#include "packet/field.h"
#include "packet/packet.h"

namespace segproof::claim {
namespace {

template <class Value>
struct Spelling {
  Value value;
  std::string_view text;
};

constexpr std::array kind_spellings = {
    Spelling<Kind>{Kind::isolated, "isolated"},
    Spelling<Kind>{Kind::isolated_both_ways, "isolated-both-ways"},
    Spelling<Kind>{Kind::no_new_sessions, "no-new-sessions"},
    Spelling<Kind>{Kind::only, "only"},
    Spelling<Kind>{Kind::contained, "contained"},
    Spelling<Kind>{Kind::via, "via"},
    Spelling<Kind>{Kind::detached, "detached"},
    Spelling<Kind>{Kind::reachable, "reachable"},
    Spelling<Kind>{Kind::unreferenced, "unreferenced"},
    Spelling<Kind>{Kind::anti_spoofed, "anti-spoofed"},
    Spelling<Kind>{Kind::no_exfiltration, "no-exfiltration"},
    Spelling<Kind>{Kind::no_direct_exfiltration, "no-direct-exfiltration"},
    Spelling<Kind>{Kind::withstands, "withstands"},
    Spelling<Kind>{Kind::at_no_time, "at-no-time"},
    Spelling<Kind>{Kind::approved_change, "approved-change"},
};

constexpr std::array pivot_spellings = {
    Spelling<Pivot>{Pivot::direct, "direct"},       Spelling<Pivot>{Pivot::vulnerable, "vulnerable"},
    Spelling<Pivot>{Pivot::listening, "listening"}, Spelling<Pivot>{Pivot::worst_case, "worst-case"},
    Spelling<Pivot>{Pivot::paranoid, "paranoid"},
};

constexpr std::array spoofing_spellings = {
    Spelling<Spoofing>{Spoofing::any, "any"},
    Spelling<Spoofing>{Spoofing::segment, "segment"},
    Spelling<Spoofing>{Spoofing::own, "own"},
};

template <class Table, class Value>
std::string_view text_of(const Table& table, Value value) {
  const auto found = std::ranges::find(table, value, &Spelling<Value>::value);
  SEGPROOF_ASSERT(found != table.end());
  return found->text;
}

template <class Value, class Table>
std::optional<Value> value_of(const Table& table, std::string_view text) {
  const auto found = std::ranges::find(table, text, &Spelling<Value>::text);
  return found == table.end() ? std::nullopt : std::optional<Value>(found->value);
}

std::optional<Interval> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto low = parse_unsigned<std::uint16_t>(text.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : parse_unsigned<std::uint16_t>(text.substr(dash + 1));
  if (!low || !high || *low > *high) {
    return std::nullopt;
  }
  return Interval{*low, *high};
}

// "8", "8-10", "3.4": as type * 256 + code.
std::optional<Interval> parse_icmp_range(std::string_view text) {
  if (const std::size_t dot = text.find('.'); dot != std::string_view::npos) {
    const auto type = parse_unsigned<std::uint8_t>(text.substr(0, dot));
    const auto code = parse_unsigned<std::uint8_t>(text.substr(dot + 1));
    if (!type || !code) {
      return std::nullopt;
    }
    const Bits value = Bits{*type} * 256 + *code;
    return Interval{value, value};
  }
  const std::size_t dash = text.find('-');
  const auto low = parse_unsigned<std::uint8_t>(text.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : parse_unsigned<std::uint8_t>(text.substr(dash + 1));
  if (!low || !high || *low > *high) {
    return std::nullopt;
  }
  return Interval{Bits{*low} * 256, Bits{*high} * 256 + 255};
}

}  // namespace

std::string_view kind_name(Kind kind) {
  return text_of(kind_spellings, kind);
}
std::optional<Kind> parse_kind(std::string_view text) {
  return value_of<Kind>(kind_spellings, text);
}
std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names;
  for (const Spelling<Kind>& spelling : kind_spellings) {
    names.push_back(spelling.text);
  }
  return names;
}

std::string_view pivot_name(Pivot pivot) {
  return text_of(pivot_spellings, pivot);
}
std::optional<Pivot> parse_pivot(std::string_view text) {
  return value_of<Pivot>(pivot_spellings, text);
}

std::string_view spoofing_name(Spoofing spoofing) {
  return text_of(spoofing_spellings, spoofing);
}
std::optional<Spoofing> parse_spoofing(std::string_view text) {
  return value_of<Spoofing>(spoofing_spellings, text);
}

std::optional<ServiceSpec> parse_service(std::string_view text) {
  ServiceSpec spec;
  spec.text = std::string(text);
  if (text == "any") {
    return spec;
  }
  const std::size_t slash = text.find('/');
  spec.protocol = parse_protocol(text.substr(0, slash));
  if (!spec.protocol) {
    return std::nullopt;
  }
  if (slash == std::string_view::npos) {
    return spec;
  }
  const bool icmp = is_icmp(*spec.protocol);
  if (!icmp && !has_ports(*spec.protocol)) {
    return std::nullopt;
  }
  std::vector<Interval> ranges;
  for (const std::string_view part : split(text.substr(slash + 1), ',')) {
    const std::optional<Interval> range = icmp ? parse_icmp_range(part) : parse_port_range(part);
    if (!range) {
      return std::nullopt;
    }
    ranges.push_back(*range);
  }
  spec.ports = IntervalSet::of(std::move(ranges));
  return spec;
}

}  // namespace segproof::claim
