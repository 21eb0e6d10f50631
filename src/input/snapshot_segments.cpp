// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_segments.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace segproof::input {

bool is_public(const Address& address) {
  static const std::array reserved = [] {
    constexpr std::array texts = {"0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
                                  "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
                                  "::/127",         "fc00::/7",      "fe80::/10",      "ff00::/8"};
    std::array<Prefix, texts.size()> prefixes;
    std::ranges::transform(texts, prefixes.begin(), [](std::string_view text) {
      const std::optional<Prefix> prefix = parse_prefix(text);
      SEGPROOF_ASSERT(prefix.has_value());
      return *prefix;
    });
    return prefixes;
  }();
  return std::ranges::none_of(reserved, [&](const Prefix& prefix) {
    return prefix.address.family == address.family && prefix.contains(address);
  });
}

model::SegmentId SegmentTable::add(const Prefix& prefix, const std::string& vrf, model::SegmentId segment) {
  const auto [entry, added] = tables_[vrf].emplace(prefix, segment);
  lengths_[vrf][model::index_of(prefix.address.family)].insert(prefix.length);
  return added ? model::SegmentId() : entry->second;
}

std::vector<SegmentTable::Place> SegmentTable::find(const Address& address, std::string_view vrf) const {
  std::vector<Place> places;
  for (const auto& [name, table] : tables_) {
    if (!vrf.empty() && vrf != name) {
      continue;
    }
    const std::set<unsigned>& lengths = lengths_.find(name)->second[model::index_of(address.family)];
    for (auto length = lengths.rbegin(); length != lengths.rend(); ++length) {
      const Prefix prefix = make_prefix(address, *length);
      if (const auto found = table.find(prefix); found != table.end()) {
        places.push_back({.segment = found->second, .prefix = prefix});
        break;
      }
    }
  }
  return places;
}

}  // namespace segproof::input
