// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/claim_keys.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace segproof::input::yaml {
namespace {

using namespace std::string_view_literals;
using claim::Kind;
using Words = std::span<const std::string_view>;

constexpr std::array common = {"id"sv,     "kind"sv,        "text"sv,     "author"sv,   "date"sv,
                               "epochs"sv, "assumptions"sv, "controls"sv, "spoofing"sv, "trust-source-host"sv};
constexpr std::array special = {
    "from"sv,  "to"sv,     "services"sv, "as-sent"sv,   "pivot"sv, "responder-to-initiator"sv, "hops"sv, "through"sv,
    "hosts"sv, "except"sv, "names"sv,    "addresses"sv, "zone"sv,  "from-addresses"sv};

constexpr std::array all = [] {
  std::array<std::string_view, common.size() + special.size()> keys;
  auto end = std::ranges::copy(common, keys.begin()).out;
  std::ranges::copy(special, end);
  return keys;
}();

constexpr std::array pair_keys = {"from"sv, "to"sv};
constexpr std::array no_new_keys = {"from"sv, "to"sv, "services"sv, "as-sent"sv};
constexpr std::array contained_keys = {"from"sv, "to"sv, "pivot"sv, "responder-to-initiator"sv, "hops"sv};
constexpr std::array via_keys = {"from"sv, "to"sv, "through"sv};
constexpr std::array detached_keys = {"hosts"sv, "except"sv};
constexpr std::array reachable_keys = {"from"sv, "to"sv, "services"sv, "from-addresses"sv, "as-sent"sv};
constexpr std::array unreferenced_keys = {"names"sv, "addresses"sv};
constexpr std::array zone_keys = {"zone"sv};
constexpr std::array exfiltration_keys = {"from"sv, "responder-to-initiator"sv, "hops"sv};
constexpr std::array later_keys = {"from"sv, "to"sv, "services"sv, "pivot"sv, "through"sv, "hosts"sv};

constexpr std::array needs_from = {"from"sv};
constexpr std::array needs_list = {"from"sv, "to"sv, "services"sv};
constexpr std::array needs_hosts = {"hosts"sv};

Words special_keys(Kind kind) {
  switch (kind) {
    case Kind::isolated:
    case Kind::isolated_both_ways:
      return pair_keys;
    case Kind::no_new_sessions:
    case Kind::only:
      return no_new_keys;
    case Kind::contained:
      return contained_keys;
    case Kind::via:
      return via_keys;
    case Kind::detached:
      return detached_keys;
    case Kind::reachable:
      return reachable_keys;
    case Kind::unreferenced:
      return unreferenced_keys;
    case Kind::anti_spoofed:
      return zone_keys;
    case Kind::no_exfiltration:
      return exfiltration_keys;
    case Kind::no_direct_exfiltration:
      return needs_from;
    case Kind::withstands:
    case Kind::at_no_time:
    case Kind::approved_change:
      return later_keys;
  }
  SEGPROOF_UNREACHABLE();
}

}  // namespace

Words all_claim_keys() {
  return all;
}

bool claim_takes(Kind kind, std::string_view key) {
  return std::ranges::find(common, key) != common.end() ||
         std::ranges::find(special_keys(kind), key) != special_keys(kind).end();
}

Words needed_claim_keys(Kind kind) {
  switch (kind) {
    case Kind::isolated:
    case Kind::isolated_both_ways:
    case Kind::no_new_sessions:
    case Kind::contained:
      return pair_keys;
    case Kind::only:
    case Kind::reachable:
      return needs_list;
    case Kind::via:
      return via_keys;
    case Kind::detached:
      return needs_hosts;
    case Kind::anti_spoofed:
      return zone_keys;
    case Kind::no_exfiltration:
    case Kind::no_direct_exfiltration:
      return needs_from;
    case Kind::unreferenced:
    case Kind::withstands:
    case Kind::at_no_time:
    case Kind::approved_change:
      return {};
  }
  SEGPROOF_UNREACHABLE();
}

}  // namespace segproof::input::yaml
