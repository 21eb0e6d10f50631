// SPDX-License-Identifier: Apache-2.0
// The zone-based firewall of routers in the second reading: zone pairs with policies, policies of classes, classes of
// matches. Written from the vendor's design guide (document 98628).
#pragma once

#include <map>
#include <string>
#include <vector>

namespace segproof::agree {

struct ZoneMatch {
  enum class What { list, protocol, other_class, unclear } what = What::unclear;
  std::string name;
  bool negated = false;
};
struct ZoneClass {
  bool needs_all = true;
  std::vector<ZoneMatch> matches;
};
struct ZoneDeed {
  std::string class_name;
  enum class What { drop, pass, inspect } what = What::drop;
};
struct ZonePair {
  std::string from, to, policy;
};

struct Zoning {
  std::map<std::string, ZoneClass> classes;
  std::map<std::string, std::vector<ZoneDeed>> policies;
  std::vector<ZonePair> pairs;
};

// Everything but which interface is in which zone.
[[nodiscard]] Zoning read_zoning(const std::vector<std::string>& lines);

}  // namespace segproof::agree
