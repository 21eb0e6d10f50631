// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as the output of `ip -j addr`, `ip -j route`, `ip -j rule` and `sysctl -a`.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "input/host_addresses/host_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace segproof;
  const std::string text(bytes, bytes + size);
  if (const auto json = read_host_json(text)) {
    for (const HostInterface& interface : json->interfaces) {
      SEGPROOF_ASSERT(!interface.name.empty());
      for (const InterfaceAddress& address : interface.addresses) {
        SEGPROOF_ASSERT(address.address.family == address.prefix.address.family);
        SEGPROOF_ASSERT(address.prefix.length <= address_width(address.prefix.address.family));
      }
    }
    for (const HostRoute& route : json->routes) {
      SEGPROOF_ASSERT(route.destination.length <= address_width(route.destination.address.family));
      for (const HostHop& hop : route.hops) {
        SEGPROOF_ASSERT(!hop.gateway || hop.gateway->family == route.destination.address.family);
      }
    }
    for (const HostRouteRule& rule : json->rules) {
      SEGPROOF_ASSERT(!rule.table.empty() || !rule.action.empty());
    }
  }
  if (const auto settings = read_host_settings(text)) {
    SEGPROOF_ASSERT(!settings->empty());
  }
  return 0;
}
