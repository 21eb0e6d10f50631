// SPDX-License-Identifier: Apache-2.0
// A small network in both families, with three firewalls of three back ends, translation and routes:
//
//   wan 192.0.2.0/24 ---- eth0 [ edge ] eth1 ---- link 10.0.0.0/24 ---- eth0 [ core ] eth1 ---- office 10.1.0.0/24
//   (Internet)             iptables-legacy              |                 iptables-nft            pc1 .20
//                          DNAT, MASQUERADE             |
//                                                       +-------------- eth0 [ prod ] eth1 ---- servers 10.2.0.0/24
//                                                                         nft                     web1 .10  db1 .11
#pragma once

#include <map>
#include <string>

namespace segproof::test {

// Files of the folder `net`, by path.
[[nodiscard]] std::map<std::string, std::string> three_firewalls();

}  // namespace segproof::test
