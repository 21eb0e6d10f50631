// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/dialect.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace segproof {
namespace {

using namespace std::string_view_literals;

constexpr std::array names = {"cisco-asa"sv, "cisco-ios"sv, "cisco-nxos"sv};
constexpr std::size_t looked_at = std::size_t{2} << 20U;

struct Sign {
  std::string_view begins;
  CiscoDialect dialect;
  unsigned weight;
};

// How lines begin (after white space) that speak for a dialect.
constexpr std::array signs = {
    Sign{"ASA Version", CiscoDialect::asa, 100},
    Sign{"PIX Version", CiscoDialect::asa, 100},
    Sign{"FWSM Version", CiscoDialect::asa, 100},
    Sign{"NGFW Version", CiscoDialect::asa, 100},
    Sign{"nameif ", CiscoDialect::asa, 10},
    Sign{"security-level ", CiscoDialect::asa, 10},
    Sign{"same-security-traffic", CiscoDialect::asa, 10},
    Sign{"object network ", CiscoDialect::asa, 5},
    Sign{"object service ", CiscoDialect::asa, 5},
    Sign{"network-object ", CiscoDialect::asa, 5},
    Sign{"access-group ", CiscoDialect::asa, 5},
    Sign{"static (", CiscoDialect::asa, 10},
    Sign{"global (", CiscoDialect::asa, 10},
    Sign{"nat (", CiscoDialect::asa, 10},
    Sign{"fixup protocol", CiscoDialect::asa, 10},
    Sign{"clear config", CiscoDialect::asa, 5},
    Sign{"version ", CiscoDialect::ios, 5},
    Sign{"ip access-list extended", CiscoDialect::ios, 5},
    Sign{"ip access-list standard", CiscoDialect::ios, 5},
    Sign{"ip address ", CiscoDialect::ios, 1},
    Sign{"ip access-group ", CiscoDialect::ios, 3},
    Sign{"ip nat ", CiscoDialect::ios, 5},
    Sign{"ip route ", CiscoDialect::ios, 3},
    Sign{"ip inspect name", CiscoDialect::ios, 5},
    Sign{"ipv6 access-list ", CiscoDialect::ios, 2},
    Sign{"ipv6 traffic-filter", CiscoDialect::ios, 5},
    Sign{"line vty", CiscoDialect::ios, 5},
    Sign{"line con", CiscoDialect::ios, 5},
    Sign{"service timestamps", CiscoDialect::ios, 5},
    Sign{"switchport", CiscoDialect::ios, 2},
    Sign{"zone security", CiscoDialect::ios, 5},
    Sign{"vrf definition", CiscoDialect::ios, 5},
    Sign{"boot-start-marker", CiscoDialect::ios, 10},
    Sign{"feature ", CiscoDialect::nxos, 10},
    Sign{"vrf context", CiscoDialect::nxos, 20},
    Sign{"object-group ip ", CiscoDialect::nxos, 20},
    Sign{"statistics per-entry", CiscoDialect::nxos, 10},
    Sign{"vdc ", CiscoDialect::nxos, 20},
    Sign{"!Command: show running-config", CiscoDialect::nxos, 20},
    Sign{"install feature-set", CiscoDialect::nxos, 20},
    Sign{"interface Ethernet1/", CiscoDialect::nxos, 2},
    Sign{"interface mgmt0", CiscoDialect::nxos, 10},
};

bool is_access_list_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, is_digit);
}

// Lines whose later words tell.
void look_closer(std::string_view line, std::array<unsigned, 3>& points) {
  const auto add = [&](CiscoDialect dialect, unsigned weight) { points[static_cast<std::size_t>(dialect)] += weight; };
  if (line.starts_with("access-list ")) {
    const std::vector<std::string_view> words = split_words(line.substr(0, 120));
    if (words.size() > 2 && is_access_list_number(words[1]))
      return add(CiscoDialect::ios, 3);
    if (words.size() > 2 &&
        (words[2] == "extended" || words[2] == "permit" || words[2] == "deny" || words[2] == "line"))
      return add(CiscoDialect::asa, 2);
  }
  if (line.starts_with("ip access-list ") && !line.starts_with("ip access-list extended") &&
      !line.starts_with("ip access-list standard") && !line.starts_with("ip access-list resequence")) {
    add(CiscoDialect::nxos, 10);
  }
  if (line.starts_with("ip address ") && line.find('/') != std::string_view::npos)
    add(CiscoDialect::nxos, 3);
}

}  // namespace

std::optional<CiscoDialect> recognise_cisco(std::string_view text) {
  std::array<unsigned, 3> points{};
  std::string_view rest = text.substr(0, looked_at);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trim(rest.substr(0, end));
    for (const Sign& sign : signs) {
      if (line.starts_with(sign.begins))
        points[static_cast<std::size_t>(sign.dialect)] += sign.weight;
    }
    look_closer(line, points);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto best = std::ranges::max_element(points);
  if (*best < 4)
    return std::nullopt;
  return static_cast<CiscoDialect>(best - points.begin());
}

std::string_view cisco_dialect_name(CiscoDialect dialect) {
  return names[static_cast<std::size_t>(dialect)];
}

std::optional<CiscoDialect> find_cisco_dialect(std::string_view name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<CiscoDialect>(found - names.begin()));
}

}  // namespace segproof
