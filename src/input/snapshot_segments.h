// SPDX-License-Identifier: Apache-2.0
// Which segment an address is on: the longest prefix within one VRF.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/network.h"
#include "packet/address.h"

namespace segproof::input {

// False for what an Internet segment never owns unless something declares it: private, shared, link-local, loopback,
// multicast and reserved addresses.
[[nodiscard]] bool is_public(const Address& address);

class SegmentTable {
 public:
  struct Place {
    model::SegmentId segment;
    Prefix prefix;
  };

  // The segment that has the prefix already; otherwise invalid, and the prefix is added.
  model::SegmentId add(const Prefix& prefix, const std::string& vrf, model::SegmentId segment);
  // The segment of an address in a VRF, or, when `vrf` is empty, in all of them: several when it cannot be told.
  [[nodiscard]] std::vector<Place> find(const Address& address, std::string_view vrf) const;

 private:
  using Table = std::map<Prefix, model::SegmentId>;
  std::map<std::string, Table, std::less<>> tables_;  // by VRF
  std::map<std::string, model::PerFamily<std::set<unsigned>>, std::less<>> lengths_;
};

}  // namespace segproof::input
