// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/host_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"

namespace segproof::input::inventory {

bool HostList::has_room(std::size_t more, SourceSpan span) {
  if (inventory_.hosts.size() + more <= largest_host_count) {
    return true;
  }
  if (!full_) {
    full_ = true;
    reporter_.error(DiagnosticCode::inventory_too_large, span,
                    fmt::format("the inventory has more than {} hosts", largest_host_count),
                    "split it, or list networks as zones or segments instead");
  }
  return false;
}

ListedHost& HostList::add(ListedHost host) {
  inventory_.hosts.push_back(std::move(host));
  return inventory_.hosts.back();
}

void HostList::report_without_address() {
  std::vector<std::string> names;
  SourceSpan first;
  for (const ListedHost& host : inventory_.hosts) {
    if (host.addresses.empty()) {
      first = names.empty() ? host.origin : first;
      names.push_back(host.name);
    }
  }
  if (names.empty()) {
    return;
  }
  reporter_.note(DiagnosticCode::host_without_address, first,
                 names.size() == 1
                     ? fmt::format("host {} has no address in this file", quote(names.front()))
                     : fmt::format("{} hosts have no address in this file: {}", names.size(), some_names(names)),
                 "names are not resolved; the address must come from here or from the topology");
}

void HostList::report_shared_addresses() {
  struct Use {
    Address address;
    const ListedHost* host;
    SourceSpan span;
  };
  const auto place = [](const Use& use) { return std::tie(use.address, use.host->segment, use.host->vrf); };
  std::vector<Use> uses;
  for (const ListedHost& host : inventory_.hosts) {
    for (const ListedAddress& address : host.addresses) {
      const bool link_local = address.address.family == Family::ipv6 && (address.address.bits >> 118U) == 0x3faU;
      if (!link_local) {
        uses.push_back({.address = address.address, .host = &host, .span = address.origin});
      }
    }
  }
  std::ranges::stable_sort(uses, [&](const Use& a, const Use& b) { return place(a) < place(b); });
  std::vector<std::pair<Use, Use>> shared;
  for (std::size_t i = 1; i < uses.size(); ++i) {
    if (place(uses[i - 1]) == place(uses[i]) && uses[i - 1].host->name != uses[i].host->name) {
      shared.emplace_back(uses[i - 1], uses[i]);
    }
  }
  std::ranges::sort(shared, {}, [](const std::pair<Use, Use>& pair) { return pair.second.span; });
  for (const auto& [first, second] : shared) {
    reporter_.add(Severity::warning, DiagnosticCode::inventory_address_shared, second.span,
                  fmt::format("address `{}` of host {} belongs to host {}, too", to_string(second.address),
                              quote(second.host->name), quote(first.host->name)),
                  {.span = first.span, .message = fmt::format("given to {} here", quote(first.host->name))},
                  "give the hosts a segment or VRF of their own if the networks overlap");
  }
}

Inventory HostList::finish() && {
  // After an error nothing of the file is used, and what follows from it would only hide it.
  if (!reporter_.has_errors()) {
    if (bare_port) {
      reporter_.note(DiagnosticCode::inventory_port_without_protocol, *bare_port,
                     "a port without a protocol is taken as TCP and UDP", "write `tcp/443` or `udp/53`");
    }
    report_without_address();
    report_shared_addresses();
    if (inventory_.hosts.empty()) {
      reporter_.warning(DiagnosticCode::inventory_empty, reporter_.whole(), "the inventory lists no hosts");
    }
  }
  inventory_.lines = reporter_.line_count();
  inventory_.notes = std::move(reporter_).take_doubts();
  return std::move(inventory_);
}

}  // namespace segproof::input::inventory
