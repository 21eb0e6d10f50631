// SPDX-License-Identifier: Apache-2.0
#include "input/ipset/set_type.h"

#include <algorithm>
#include <array>

namespace segproof::ipset {
namespace {

using enum Dimension;

constexpr std::array one_ip{ip};
constexpr std::array one_net{net};
constexpr std::array one_port{bare_port};
constexpr std::array one_mac{mac};
constexpr std::array one_set{set};
constexpr std::array ip_mac{ip, mac};
constexpr std::array ip_mark{ip, mark};
constexpr std::array ip_port{ip, port};
constexpr std::array ip_port_ip{ip, port, ip};
constexpr std::array ip_port_net{ip, port, net};
constexpr std::array net_net{net, net};
constexpr std::array net_port{net, port};
constexpr std::array net_port_net{net, port, net};
constexpr std::array net_interface{net, interface};

constexpr std::array types{
    SetType{.name = "bitmap:ip", .dimensions = one_ip, .ipv6 = false, .takes_mask = true},
    SetType{.name = "bitmap:ip,mac", .dimensions = ip_mac, .ipv6 = false, .last_is_optional = true},
    SetType{.name = "bitmap:port", .dimensions = one_port, .of_any_family = true},
    SetType{.name = "hash:ip", .dimensions = one_ip, .takes_mask = true, .refuses_zero = true},
    SetType{.name = "hash:ip,mac", .dimensions = ip_mac},
    SetType{.name = "hash:ip,mark", .dimensions = ip_mark},
    SetType{.name = "hash:ip,port", .dimensions = ip_port, .takes_mask = true},
    SetType{.name = "hash:ip,port,ip", .dimensions = ip_port_ip},
    SetType{.name = "hash:ip,port,net", .dimensions = ip_port_net, .takes_nomatch = true},
    SetType{.name = "hash:mac", .dimensions = one_mac, .of_any_family = true},
    SetType{.name = "hash:net", .dimensions = one_net, .takes_nomatch = true},
    SetType{.name = "hash:net,iface", .dimensions = net_interface, .takes_nomatch = true},
    SetType{.name = "hash:net,net", .dimensions = net_net, .takes_nomatch = true, .takes_mask = true},
    SetType{.name = "hash:net,port", .dimensions = net_port, .takes_nomatch = true},
    SetType{.name = "hash:net,port,net", .dimensions = net_port_net, .takes_nomatch = true},
    SetType{.name = "list:set", .dimensions = one_set, .of_any_family = true},
};

}  // namespace

const SetType* find_set_type(std::string_view name) {
  // The names of ipset 4 and 5 that ipset 7 still takes.
  if (name == "iphash") {
    name = "hash:ip";
  } else if (name == "nethash") {
    name = "hash:net";
  } else if (name == "ipporthash") {
    name = "hash:ip,port";
  } else if (name == "ipportiphash") {
    name = "hash:ip,port,ip";
  } else if (name == "ipportnethash") {
    name = "hash:ip,port,net";
  } else if (name == "ipmap") {
    name = "bitmap:ip";
  } else if (name == "macipmap") {
    name = "bitmap:ip,mac";
  } else if (name == "portmap") {
    name = "bitmap:port";
  } else if (name == "setlist") {
    name = "list:set";
  }
  const auto* found = std::ranges::find(types, name, &SetType::name);
  return found == types.end() ? nullptr : found;
}

}  // namespace segproof::ipset
