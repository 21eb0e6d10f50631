// SPDX-License-Identifier: Apache-2.0
// Tables of routes as devices print them, and what becomes of a configuration with one.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "bench.h"
#include "input/cisco/route_table.h"

namespace segproof::test {
namespace {

std::string_view kind_name(model::RouteKind kind) {
  return kind == model::RouteKind::unicast ? "to" : kind == model::RouteKind::local ? "own" : "drop";
}

std::string dump(const std::vector<model::ConfiguredRoute>& routes) {
  std::string text;
  for (const model::ConfiguredRoute& route : routes) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " | ", to_string(route.destination), kind_name(route.kind));
    if (route.gateway)
      text += fmt::format(" {}", to_string(*route.gateway));
    if (!route.interface.empty())
      text += fmt::format(" {}", route.interface);
  }
  return text;
}

std::string rows(std::string text) {
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add("table", std::move(text));
  const CiscoRouteTable table = read_cisco_routes(file, sources, sink);
  std::string result = dump(table.routes);
  if (!table.is_whole)
    result += fmt::format(" ! {}", table.unmodelled.front().why);
  return result;
}

constexpr const char* cef = "Prefix               Next Hop             Interface\n";
constexpr const char* end_of_cef = "255.255.255.255/32   receive\n";
constexpr const char* legend =
    "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP\n"
    "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area \n"
    "       + - replicated route, % - next hop override\n\n"
    "Gateway of last resort is 10.0.0.2 to network 0.0.0.0\n\n";

// Two interfaces, and a protocol that learns the rest.
constexpr const char* router =
    "hostname r1\ninterface Vlan1\n ip address 10.0.0.1 255.255.255.0\n"
    "interface Vlan2\n ip address 10.0.1.1 255.255.255.0\nip route 10.7.0.0 255.255.0.0 10.0.1.9\nrouter ospf 1\n"
    " network 10.0.0.0 0.255.255.255 area 0\n";

}  // namespace

TEST_CASE("rows of show ip cef") {
  CHECK(rows(std::string("r1#show ip cef\n") + cef +
             "0.0.0.0/0            10.0.0.2             Vlan1\n                     10.0.1.2             Vlan2\n"
             "0.0.0.0/8            drop\n10.0.0.0/24          attached             Vlan1\n"
             "10.0.0.1/32          receive              Vlan1\n10.9.0.0/16          attached             Null0\n"
             "10.3.0.0/16          no route\n224.0.0.0/4          multicast\n" +
             end_of_cef + "r1#\n") ==
        "0.0.0.0/0 to 10.0.0.2 Vlan1 | 0.0.0.0/0 to 10.0.1.2 Vlan2 | 0.0.0.0/8 drop | 10.0.0.0/24 to Vlan1 | "
        "10.0.0.1 own | 10.9.0.0/16 drop | 255.255.255.255 own");
}

TEST_CASE("a row that is not understood, and a table that is cut off, spoil the table") {
  CHECK(rows(std::string(cef) + "10.0.0.0/24          tag imposed Vlan1 x\n" + end_of_cef) ==
        "255.255.255.255 own ! the route `10.0.0.0/24          tag imposed Vlan1 x` is not understood, so the table "
        "is not used");
  CHECK(rows(std::string(cef) + "10.0.0.0/24          attached             Vlan1\n") ==
        "10.0.0.0/24 to Vlan1 ! the table is cut off: its last row, 255.255.255.255/32, is missing");
  CHECK(rows(std::string(legend) + "O IA 10.4.0.0/16\n") == " ! the table is cut off in the middle of a route");
  CHECK(rows("hostname r1\n") == " ! this is no table of routes that is understood");
  // FRRouting's table begins alike.
  CHECK(
      rows(
          "Codes: K - kernel route, C - connected\n       > - selected route\n\nO>* 10.4.0.0/16 [110/20] via 10.0.0.2, "
          "eth0\n")
          .find("is not understood") != std::string::npos);
  CHECK_FALSE(looks_like_cisco_routes("hostname r1\ninterface Vlan1\n"));
  CHECK(looks_like_cisco_routes(std::string("\n") + cef));
  CHECK(looks_like_cisco_routes(legend));
}

TEST_CASE("rows of show ip route and show route") {
  CHECK(rows(std::string(legend) +
             "S*    0.0.0.0/0 [1/0] via 10.0.0.2\n      10.0.0.0/8 is variably subnetted, 5 subnets, 3 masks\n"
             "C        10.0.0.0/24 is directly connected, Vlan1\nL        10.0.0.1/32 is directly connected, Vlan1\n"
             "O E2     10.9.0.0/16 [110/20] via 10.0.0.9, 00:12:01, Vlan1\n"
             "                     [110/20] via 10.0.1.9, 1d02h, Vlan2\n"
             "O IA     10.44.128.0/17\n           [110/65] via 10.0.1.8, 00:12:01, Vlan2\n"
             "D        10.8.0.0/14 is a summary, 1d02h, Null0\n"
             "     172.16.0.0/24 is subnetted, 1 subnets\nO       172.16.1.0 [110/2] via 10.0.0.9, 2w0d, Vlan1\n") ==
        "0.0.0.0/0 to 10.0.0.2 | 10.0.0.0/24 to Vlan1 | 10.0.0.1 own | 10.9.0.0/16 to 10.0.0.9 Vlan1 | "
        "10.9.0.0/16 to 10.0.1.9 Vlan2 | 10.44.128.0/17 to 10.0.1.8 Vlan2 | 10.8.0.0/14 drop | "
        "172.16.1.0/24 to 10.0.0.9 Vlan1");
  CHECK(rows(std::string(legend) + "S*       0.0.0.0 0.0.0.0 [1/0] via 10.86.194.1, outside\n"
                                   "C        10.86.194.0 255.255.255.0 is directly connected, outside\n"
                                   "O        10.1.1.0 255.255.255.0 [110/11] via 10.2.2.2, 0:01:08, inside\n") ==
        "0.0.0.0/0 to 10.86.194.1 outside | 10.86.194.0/24 to outside | 10.1.1.0/24 to 10.2.2.2 inside");
  CHECK(rows(std::string(legend) + "V        10.1.1.0 255.255.255.0 connected by VPN (advertised), outside\n")
            .find("is not understood") != std::string::npos);
}

TEST_CASE("a table makes the routes of a configuration complete, and takes their place") {
  const Bench without(router);
  CHECK_FALSE(without.device().routes_complete[0]);
  CHECK(without.account() == "immmmm??");
  const Bench with(router, CiscoDialect::ios,
                   std::string(cef) +
                       "10.0.0.0/24          attached             Vlan1\n"
                       "10.0.0.1/32          receive              Vlan1\n"
                       "10.0.0.5/32          receive              Vlan1\n"
                       "10.0.0.255/32        receive              Vlan1\n"
                       "10.0.1.0/24          attached             Vlan2\n"
                       "10.9.0.0/16          10.0.0.9             Vlan1\n"
                       "10.8.0.0/16          10.0.0.9             Tunnel9\n" +
                       end_of_cef);
  CHECK(with.device().routes_complete[0]);
  CHECK(with.account() == "immmmmmm");
  // The address that two routers share is the device's own; a hop by an unknown interface leads nowhere that is known.
  CHECK(dump(with.device().routes) == "10.0.0.5 own | 10.8.0.0/16 to Tunnel9 | 10.9.0.0/16 to 10.0.0.9 Vlan1");
}

TEST_CASE("gateways without an interface are looked up, and a link that was down has a way around") {
  const Bench bench(router, CiscoDialect::ios,
                    std::string(legend) +
                        "S*    0.0.0.0/0 [1/0] via 10.9.0.1\n"
                        "C     10.0.0.0/24 is directly connected, Vlan1\n"
                        "O     10.9.0.0/16 [110/20] via 10.0.0.9, 00:12:01, Vlan1\n");
  CHECK(dump(bench.device().routes) ==
        "0.0.0.0/0 to 10.0.0.9 Vlan1 | 10.9.0.0/16 to 10.0.0.9 Vlan1 | 10.0.1.0/24 to 10.0.0.9 Vlan1");
}

TEST_CASE("the table of another device is not taken") {
  const Bench bench(router, CiscoDialect::ios,
                    std::string(cef) + "10.55.0.0/24         attached             Vlan1\n" + end_of_cef);
  CHECK_FALSE(bench.device().routes_complete[0]);
  CHECK(bench.messages() ==
        "2: the table has no network of the device as connected: it is another device's, and not used");
}

TEST_CASE("routing instances keep routes of their own that the table does not tell") {
  const Bench bench(std::string(router) + "interface Vlan3\n vrf forwarding red\n ip address 10.0.3.1 255.255.255.0\n",
                    CiscoDialect::ios,
                    std::string(cef) + "10.0.0.0/24          attached             Vlan1\n" + end_of_cef);
  CHECK_FALSE(bench.device().routes_complete[0]);
}

}  // namespace segproof::test
