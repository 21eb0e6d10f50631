// SPDX-License-Identifier: Apache-2.0
// Interfaces and addresses that were collected on a host, beside those of the topology.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "input/snapshot_assembly.h"

namespace segproof::input {
namespace {

bool is_link_local(const Address& address) {
  return address.family == Family::ipv6 && (address.bits >> 118U) == 0x3faU;
}
bool is_loopback(const Address& address) {
  return address.family == Family::ipv4 ? address.bits >> 24U == 127U : address.bits == 1U;
}

std::vector<InterfaceAddress> sorted(std::vector<InterfaceAddress> addresses) {
  std::erase_if(addresses,
                [](const InterfaceAddress& a) { return is_link_local(a.address) || is_loopback(a.address); });
  std::ranges::sort(addresses);
  return addresses;
}

class Merger {
 public:
  Merger(yaml::WrittenNode& node, const HostFolder& folder, Assembly& assembly)
      : node_(node), folder_(folder), assembly_(assembly) {}

  void run() {
    if (folder_.address_file) {
      check_addresses();
      check_written();
      for (const HostInterface& collected : folder_.interfaces) {
        add(collected);
      }
      node_.interfaces_named = true;
      node_.addresses.clear();
      node_.segment.reset();
    } else {
      assembly_.faults.error(DiagnosticCode::host_file_not_understood, folder_.named.span,
                             fmt::format("the folder of {} does not tell its addresses", quote(node_.name.text)),
                             "add the output of `ip -j addr`");
    }
    switch_off_ipv6();
  }

 private:
  void contradiction(const SourceSpan& span, std::string message) {
    assembly_.faults.error(DiagnosticCode::contradiction, span, std::move(message), {},
                           {{.span = {.file = *folder_.address_file}, .message = "collected on the host"}});
  }

  [[nodiscard]] const HostInterface* find(std::string_view name) const {
    const auto found = std::ranges::find(folder_.interfaces, name, &HostInterface::name);
    return found == folder_.interfaces.end() ? nullptr : &*found;
  }

  // Addresses of a host without `interfaces` must be there; more may be.
  void check_addresses() {
    for (const yaml::PlacedAddress& placed : node_.addresses) {
      const bool known = std::ranges::any_of(folder_.interfaces, [&](const HostInterface& interface) {
        return std::ranges::find(interface.addresses, placed.address, &InterfaceAddress::address) !=
               interface.addresses.end();
      });
      if (!known) {
        contradiction(placed.span, fmt::format("{} does not have the address `{}`", quote(node_.name.text),
                                               to_string(placed.address)));
      }
    }
  }

  void check_written() {
    for (yaml::WrittenInterface& written : node_.interfaces) {
      if (!assembly_.is_now(written.epochs)) {
        continue;
      }
      const HostInterface* collected = find(written.name.text);
      if (collected == nullptr) {
        contradiction(written.name.span,
                      fmt::format("{} has no interface {}", quote(node_.name.text), quote(written.name.text)));
        continue;
      }
      std::vector<InterfaceAddress> given;
      for (const yaml::PlacedInterfaceAddress& placed : written.addresses) {
        given.push_back(placed.address);
      }
      if (!given.empty() && sorted(given) != sorted(collected->addresses)) {
        contradiction(written.addresses.front().span, fmt::format("interface {} of {} has other addresses",
                                                                  quote(written.name.text), quote(node_.name.text)));
      }
      if (!written.up && collected->is_up) {
        contradiction(written.name.span,
                      fmt::format("interface {} of {} is up", quote(written.name.text), quote(node_.name.text)));
      }
    }
  }

  void add(const HostInterface& collected) {
    const auto written = std::ranges::find_if(node_.interfaces, [&](const yaml::WrittenInterface& interface) {
      return interface.name.text == collected.name && assembly_.is_now(interface.epochs);
    });
    const bool is_up = collected.is_up && !collected.is_port_of(folder_.interfaces);
    std::vector<yaml::PlacedInterfaceAddress> addresses;
    for (const InterfaceAddress& address : collected.addresses) {
      if (!is_loopback(address.address)) {
        addresses.push_back({address, folder_.named.span});
      }
    }
    if (written != node_.interfaces.end()) {
      written->addresses = std::move(addresses);
      written->up = written->up && is_up;
      return;
    }
    if (collected.name == "lo" && addresses.empty()) {
      return;
    }
    yaml::WrittenInterface interface;
    interface.name = {.text = collected.name, .span = folder_.named.span};
    interface.addresses = std::move(addresses);
    interface.up = is_up;
    place(interface);
    node_.interfaces.push_back(std::move(interface));
  }

  // An interface that the topology does not name is on the segment that holds its addresses, or on none.
  void place(yaml::WrittenInterface& interface) {
    const std::vector<yaml::PlacedInterfaceAddress>& addresses = interface.addresses;
    const auto is_global = [](const yaml::PlacedInterfaceAddress& placed) {
      return !is_link_local(placed.address.address);
    };
    const bool has_global = std::ranges::any_of(addresses, is_global);
    const bool located = std::ranges::all_of(addresses, [&](const yaml::PlacedInterfaceAddress& placed) {
      return !is_global(placed) || is_on_one_segment(assembly_, placed.address.address);
    });
    if (node_.segment && interface.name.text != "lo" && has_global) {
      interface.segment = node_.segment;
      return;
    }
    if (has_global && located) {
      return;
    }
    interface.segment = yaml::Word{.text = "none", .span = folder_.named.span};
    if (has_global && interface.up && interface.name.text != "lo") {
      assembly_.faults.warning(
          DiagnosticCode::interface_unwired, folder_.named.span,
          fmt::format("interface {} of {} is wired to nothing", quote(interface.name.text), quote(node_.name.text)),
          "name its `segment` in the topology");
    }
  }

  // Where every interface has the family switched off, the host has no IPv6.
  void switch_off_ipv6() {
    if (!folder_.settings_file || !folder_.address_file) {
      return;
    }
    SourceSpan span;
    for (const HostInterface& interface : folder_.interfaces) {
      const std::string name = fmt::format("net.ipv6.conf.{}.disable_ipv6", setting_name(interface.name));
      if (folder_.setting(name) != 1U) {
        return;
      }
      span = folder_.setting_span(name);
    }
    if (!node_.off[model::index_of(Family::ipv6)]) {
      node_.off[model::index_of(Family::ipv6)] = span;
    }
  }

  yaml::WrittenNode& node_;
  const HostFolder& folder_;
  Assembly& assembly_;
};

}  // namespace

std::string setting_name(std::string_view interface) {
  std::string name(interface);
  std::ranges::replace(name, '.', '/');
  return name;
}

void read_host_folders(Written& written, Assembly& assembly) {
  for (yaml::TopologyFile& topology : written.topologies) {
    for (yaml::WrittenNode& node : topology.nodes) {
      if (!node.host_folder || !assembly.is_now(node.epochs) || assembly.host_folders.contains(node.name.text)) {
        continue;
      }
      HostFolder folder = read_host_folder(*node.host_folder, *assembly.files, assembly.named_paths);
      Merger(node, folder, assembly).run();
      assembly.host_folders.emplace(node.name.text, std::move(folder));
    }
  }
}

}  // namespace segproof::input
