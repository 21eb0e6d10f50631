// SPDX-License-Identifier: Apache-2.0
// What configurations of each dialect do with single packets, after the vendor's documents.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <variant>

#include "bench.h"

namespace segproof::test {
namespace {

constexpr auto asa = CiscoDialect::asa;
constexpr auto nxos = CiscoDialect::nxos;

constexpr const char* three_interfaces =
    "interface GigabitEthernet0/0\n nameif outside\n security-level 0\n ip address 192.0.2.1 255.255.255.0\n"
    "interface GigabitEthernet0/1\n nameif inside\n security-level 100\n ip address 10.0.0.1 255.255.255.0\n"
    "interface GigabitEthernet0/2\n nameif dmz\n security-level 50\n ip address 172.16.0.1 255.255.255.0\n";

std::string verdict(const std::string& text) {
  return text.substr(0, text.find(' '));
}

}  // namespace

//   outside 192.0.2.0/24 (0) --- firewall --- inside 10.0.0.0/24 (100)
//                                   |
//                             dmz 172.16.0.0/24 (50)
TEST_CASE("security levels decide where there is no list") {
  const Bench bench(three_interfaces, asa);
  CHECK(verdict(bench.judge("inside outside tcp 10.0.0.9:1 > 8.8.8.8:80")) == "accept");
  CHECK(verdict(bench.judge("inside dmz udp 10.0.0.9:1 > 172.16.0.9:53")) == "accept");
  CHECK(verdict(bench.judge("dmz inside tcp 172.16.0.9:1 > 10.0.0.9:80")) == "drop");
  CHECK(verdict(bench.judge("outside dmz tcp 8.8.8.8:1 > 172.16.0.9:80")) == "drop");
  CHECK(verdict(bench.judge("inside inside tcp 10.0.0.9:1 > 10.0.0.8:80")) == "drop");
  CHECK(verdict(bench.judge("inside outside tcp 10.0.0.9:1 > 8.8.8.8:80 16")) == "drop");  // no first packet
}

TEST_CASE("an inbound list takes the place of the levels, a global list comes after it") {
  const std::string text =
      std::string(three_interfaces) +
      "access-list in extended permit tcp any any eq 22\naccess-list all extended permit udp any any\n"
      "access-group in in interface outside\naccess-group all global\n";
  const Bench bench(text, asa);
  CHECK(bench.judge("outside inside tcp 8.8.8.8:1 > 10.0.0.9:22") == "accept line 13");
  CHECK(bench.judge("outside inside udp 8.8.8.8:1 > 10.0.0.9:53") == "accept line 14");
  CHECK(bench.judge("outside inside tcp 8.8.8.8:1 > 10.0.0.9:23") == "drop line 15");
  CHECK(bench.judge("inside outside tcp 10.0.0.9:1 > 8.8.8.8:80") == "drop line 16");
}

TEST_CASE("lists see real addresses since 8.3, and those on the wire before") {
  const std::string now = std::string(three_interfaces) +
                          "object network web\n host 172.16.0.10\n nat (dmz,outside) static 192.0.2.10\n"
                          "access-list in extended permit tcp any host 172.16.0.10 eq 80\n"
                          "access-group in in interface outside\n";
  CHECK(Bench(now, asa).judge("outside dmz tcp 8.8.8.8:9 > 192.0.2.10:80") ==
        "accept line 16 8.8.8.8>172.16.0.10:9>80");
  const std::string before = std::string(three_interfaces) +
                             "static (dmz,outside) 192.0.2.10 172.16.0.10 netmask 255.255.255.255\n"
                             "access-list in permit tcp any host 192.0.2.10 eq 80\n"
                             "access-group in in interface outside\n";
  CHECK(verdict(Bench(before, asa).judge("outside dmz tcp 8.8.8.8:9 > 192.0.2.10:80")) == "accept");
  CHECK(verdict(Bench(before, asa).judge("outside dmz tcp 8.8.8.8:9 > 172.16.0.10:80")) == "drop");
}

// An exemption used to take every destination of its peers.
TEST_CASE("before 8.3 an exemption leaves alone its own addresses, and no other destination") {
  const std::string text = "ASA Version 8.2(5)\n" + std::string(three_interfaces) +
                           "access-list none extended permit ip 10.0.0.0 255.255.255.0 10.9.0.0 255.255.255.0\n"
                           "nat (inside) 0 access-list none\n"
                           "static (inside,outside) 192.0.2.10 10.0.0.10\n"
                           "access-list in extended permit tcp any any\naccess-group in in interface outside\n";
  const Bench bench(text, asa);
  // The answer would be exempt: the firewall drops such packets, perhaps.
  CHECK(bench.judge("outside inside tcp 10.9.0.7:9 > 192.0.2.10:80") == "unknown");
  CHECK(bench.judge("outside inside tcp 10.9.0.7:9 > 10.0.0.10:80") == "accept line 2");
  CHECK(bench.judge("outside inside tcp 8.8.8.8:9 > 192.0.2.10:80") == "accept line 2 8.8.8.8>10.0.0.10:9>80");
}

TEST_CASE("first packets whose answer would be translated by another rule are dropped perhaps") {
  const Bench bench(std::string(three_interfaces) +
                        "object network web\n host 10.0.0.10\n nat (inside,outside) static 192.0.2.10\n"
                        "object network lan\n subnet 10.0.0.0 255.255.255.0\n nat (inside,outside) dynamic interface\n"
                        "nat (inside,dmz) source dynamic any interface\n"
                        "object network pc\n host 10.0.0.20\n nat (inside,dmz) static 172.16.0.20\n"
                        "access-list in extended permit tcp any any\n"
                        "access-group in in interface outside\naccess-group in in interface dmz\n",
                    asa);
  CHECK(verdict(bench.judge("outside inside tcp 8.8.8.8:9 > 192.0.2.10:80")) == "accept");
  CHECK(bench.judge("outside inside tcp 8.8.8.8:9 > 10.0.0.10:80") == "unknown");
  CHECK(bench.judge("outside inside tcp 8.8.8.8:9 > 10.0.0.99:80") == "unknown");
  CHECK(verdict(bench.judge("outside inside tcp 8.8.8.8:9 > 10.0.1.9:80")) == "accept");
  CHECK(bench.judge("dmz inside tcp 172.16.0.9:9 > 172.16.0.20:80") == "unknown");
}

TEST_CASE("sections of translation: manual, objects, after-auto; the first that matches counts") {
  const Bench bench(std::string(three_interfaces) +
                        "object network lan\n subnet 10.0.0.0 255.255.255.0\n nat (inside,outside) dynamic interface\n"
                        "object network boss\n host 10.0.0.66\n nat (inside,outside) static 192.0.2.66\n"
                        "object network peer\n subnet 198.51.100.0 255.255.255.0\n"
                        "nat (inside,outside) source static lan lan destination static peer peer\n"
                        "nat (inside,any) after-auto source dynamic any 192.0.2.99\n",
                    asa);
  CHECK(bench.judge("inside outside tcp 10.0.0.9:9 > 198.51.100.7:80") == "accept line 5");
  CHECK(bench.judge("inside outside tcp 10.0.0.66:9 > 8.8.8.8:80") == "accept line 5 192.0.2.66>8.8.8.8:9>80");
  CHECK(bench.judge("inside outside tcp 10.0.0.9:9 > 8.8.8.8:80") == "accept line 5 192.0.2.1>8.8.8.8:*>80");
  CHECK(bench.judge("inside dmz tcp 10.0.0.9:9 > 172.16.0.9:80") == "accept line 5 192.0.2.99>172.16.0.9:*>80");
}

// The parts of a firewall's rules that packets of known connections meet.
TEST_CASE("connections are asked by the lists of their interfaces, turned round for answers") {
  const Bench bench(std::string(three_interfaces) +
                        "access-list in extended permit tcp any host 172.16.0.10 eq 80\n"
                        "access-list in extended deny icmp any any echo\n"
                        "access-group in in interface outside\n",
                    asa);
  const model::RuleSet& rules = bench.device().rules;
  REQUIRE(rules.known_connections.has_value());
  const auto turned = std::ranges::find_if(
      rules.chains, [](const model::Chain& chain) { return chain.name.ends_with("in, turned round"); });
  REQUIRE(turned != rules.chains.end());
  REQUIRE(turned->rules.size() == 1);  // an answer to no echo has another type: the denial is left out
  std::string fields;
  for (const model::Test& test : turned->rules.front().condition.tests) {
    if (const auto* field = std::get_if<model::FieldTest>(&test))
      fields += std::to_string(static_cast<int>(field->field)) + " ";
  }
  const auto has = [&](Field field) {
    return fields.find(std::to_string(static_cast<int>(field))) != std::string::npos;
  };
  CHECK(has(Field::source));  // of the list, the destination
  CHECK(has(Field::source_port));
  CHECK_FALSE(has(Field::destination_port));
}

TEST_CASE("connections of an earlier rule set stay open") {
  model::RuleSet now = Bench(three_interfaces, asa).device().rules;
  const model::RuleSet before = now;
  const std::size_t chains = now.chains.size();
  const std::size_t rules = now.chain(*now.known_connections).rules.size();
  now.keep_connections_of(before);
  CHECK_FALSE(model::flaw(now));
  CHECK(now.chain(*now.known_connections).rules.size() == rules + 1);
  CHECK(now.chains.size() > chains);
  CHECK(now.chains.size() < 2 * chains);      // only what it needs
  now.keep_connections_of(model::RuleSet());  // of another kind of device: all of its connections, perhaps
  CHECK(now.chain(*now.known_connections).rules.size() == rules + 2);
  model::RuleSet stateless = Bench("interface Ethernet0\n").device().rules;
  const std::size_t without = stateless.chains.size();
  stateless.keep_connections_of(before);
  CHECK(stateless.chains.size() == without);
}

TEST_CASE("reverse-path checks and lists of terminal lines") {
  const Bench firewall(std::string(three_interfaces) + "ip verify reverse-path interface outside\n", asa);
  CHECK(firewall.account().back() == 'm');
  CHECK(firewall.judge("outside inside tcp 8.8.8.8:1 > 10.0.0.9:80") == "unknown");  // without routes
  const std::string head =
      "interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\naccess-list 5 permit 10.0.0.9\nline vty 0 4\n";
  const Bench router(head + " access-class 5 in\nline vty 5 15\n access-class 5 in\n");
  CHECK(router.account() == "mmmimim");
  CHECK(verdict(router.judge("Ethernet0 LOCAL tcp 10.0.0.9:1 > 10.0.0.1:22")) == "accept");
  CHECK(verdict(router.judge("Ethernet0 LOCAL tcp 10.0.0.8:1 > 10.0.0.1:22")) == "drop");
  CHECK(verdict(router.judge("Ethernet0 LOCAL udp 10.0.0.8:1 > 10.0.0.1:22")) == "accept");
  const Bench open(head + " access-class 5 in\nline vty 5 15\n");
  CHECK(open.judge("Ethernet0 LOCAL tcp 10.0.0.8:1 > 10.0.0.1:22") == "unknown");
}

TEST_CASE("a twice translation changes both ends, ports too, and holds backwards") {
  const Bench bench(
      std::string(three_interfaces) +
          "same-security-traffic permit inter-interface\n"
          "object network h\n host 10.0.0.9\nobject network hm\n host 192.0.2.9\n"
          "object network d\n host 172.16.0.7\nobject network dm\n host 192.0.2.7\n"
          "object service s1\n service tcp destination eq 80\nobject service s2\n service tcp destination eq 8080\n"
          "nat (inside,dmz) source static h hm destination static dm d service s1 s2\n",
      asa);
  CHECK(bench.judge("inside dmz tcp 10.0.0.9:5 > 192.0.2.7:80") == "accept line 5 192.0.2.9>172.16.0.7:5>8080");
  CHECK(bench.judge("inside dmz tcp 10.0.0.8:5 > 192.0.2.7:80") == "accept line 5");
}

TEST_CASE("standard, extended, established, wildcards with holes, later fragments") {
  const Bench bench(
      "interface Ethernet0\n ip access-group 101 in\ninterface Ethernet1\n ip access-group 5 out\n"
      "access-list 5 permit 9.9.9.0 0.0.0.255\n"
      "access-list 101 permit tcp any any established\n"
      "access-list 101 deny tcp any any range 100 200\n"
      "access-list 101 permit ip 9.0.9.1 0.255.0.254 any\n");
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 9.9.9.4:1 > 10.0.0.9:99 16") == "accept line 5");
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 9.9.9.5:1 > 10.0.0.9:150 2") == "drop line 7");
  CHECK(bench.judge("Ethernet0 Ethernet1 udp 9.9.9.5:1 > 10.0.0.9:150") == "accept line 5");  // odd: matches
  CHECK(bench.judge("Ethernet0 Ethernet1 udp 9.9.9.4:1 > 10.0.0.9:150") == "drop line 6");    // even: does not
  CHECK(bench.judge("Ethernet0 Ethernet1 udp 9.8.9.5:1 > 10.0.0.9:150") == "drop line 5");    // list 5
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 9.9.9.4:0 > 10.0.0.9:0 0 fragment") == "drop line 6");
}

TEST_CASE("sequence numbers give the order, deletions and insertions count") {
  const Bench bench(
      "interface Ethernet0\n ip access-group A in\nip access-list extended A\n 20 permit ip any any\n"
      " 10 deny tcp any any eq 80\n 5 deny udp any any\n no 5\n permit tcp any any\n");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 tcp 9.9.9.4:1 > 10.0.0.9:80")) == "drop");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 udp 9.9.9.4:1 > 10.0.0.9:80")) == "accept");
  const Bench lines(
      std::string(three_interfaces) +
          "access-list a extended permit tcp any any\naccess-list a line 1 extended deny tcp any any eq 80\n"
          "access-group a in interface outside\n",
      asa);
  CHECK(lines.judge("outside inside tcp 8.8.8.8:1 > 10.0.0.9:80") == "drop line 14");
}

TEST_CASE("IPv6 lists let neighbour discovery pass") {
  const Bench bench(
      "ipv6 unicast-routing\ninterface Ethernet0\n ipv6 address 2001:db8::1/64\n ipv6 traffic-filter A in\n"
      "ipv6 access-list A\n permit tcp any host 2001:db8:1::9 eq 80\n");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 tcp [2001:db8::9]:1 > [2001:db8:1::9]:80")) == "accept");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 tcp [2001:db8::9]:1 > [2001:db8:1::9]:81")) == "drop");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 58 [2001:db8::9]:0 > [2001:db8:1::9]:135/0")) == "accept");
  CHECK(bench.device().forwarding[1] == model::Forwarding::on);
}

TEST_CASE("NX-OS: prefixes, address groups, port groups") {
  const Bench bench(
      "feature interface-vlan\nobject-group ip address SERVERS\n 10 host 10.0.0.9\n 20 10.0.1.0/24\n"
      "object-group ip port WEB\n 10 eq 80\n 20 range 8080 8090\n"
      "ip access-list A\n statistics per-entry\n 10 permit tcp 9.9.0.0/16 addrgroup SERVERS portgroup WEB\n"
      " 20 permit icmp any any echo\n"
      "interface Vlan10\n ip address 192.0.2.1/24\n ip access-group A in\n no shutdown\n",
      nxos);
  CHECK(bench.messages().empty());
  CHECK(bench.judge("Vlan10 Vlan20 tcp 9.9.1.1:5 > 10.0.1.77:8085") == "accept line 10");
  CHECK(bench.judge("Vlan10 Vlan20 tcp 9.9.1.1:5 > 10.0.2.77:8085") == "drop line 8");
  CHECK(bench.judge("Vlan10 Vlan20 icmp 9.8.1.1:0 > 10.0.2.77:8/0") == "accept line 11");
}

//   zone in: Ethernet0    zone out: Ethernet1    no zone: Ethernet2
TEST_CASE("zone-based firewall") {
  const Bench bench(
      "class-map type inspect match-any WEB\n match protocol tcp\n"
      "class-map type inspect match-all LIST\n match access-group name L\n"
      "policy-map type inspect P\n class type inspect LIST\n  drop\n class type inspect WEB\n  inspect\n"
      " class class-default\n  drop\nzone security in\nzone security out\n"
      "zone-pair security p source in destination out\n service-policy type inspect P\n"
      "interface Ethernet0\n zone-member security in\ninterface Ethernet1\n zone-member security out\n"
      "interface Ethernet2\n ip address 10.9.0.1 255.255.255.0\ninterface Ethernet3\n zone-member security in\n"
      "ip access-list extended L\n permit tcp any any eq 23\n");
  CHECK(bench.messages().empty());
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 tcp 10.0.0.1:1 > 9.9.9.9:80")) == "accept");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 tcp 10.0.0.1:1 > 9.9.9.9:23")) == "drop");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 udp 10.0.0.1:1 > 9.9.9.9:53")) == "drop");
  CHECK(verdict(bench.judge("Ethernet1 Ethernet0 tcp 9.9.9.9:1 > 10.0.0.1:80")) == "drop");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet3 udp 10.0.0.1:1 > 10.0.3.1:53")) == "accept");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet2 tcp 10.0.0.1:1 > 10.9.0.9:80")) == "drop");
}

TEST_CASE("translation of a router: static both ways, overload, and the list behind it") {
  const Bench bench(
      "interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\n ip nat inside\n"
      "interface Ethernet1\n ip address 192.0.2.1 255.255.255.0\n ip nat outside\n ip access-group OUT out\n"
      "ip nat inside source static tcp 10.0.0.9 80 192.0.2.9 8080\n"
      "ip nat inside source list 1 interface Ethernet1 overload\naccess-list 1 permit 10.0.0.0 0.0.0.255\n"
      "ip access-list extended OUT\n permit ip host 192.0.2.1 any\n");
  CHECK(bench.judge("Ethernet1 Ethernet0 tcp 9.9.9.9:5 > 192.0.2.9:8080") == "accept line 0 9.9.9.9>10.0.0.9:5>80");
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 10.0.0.7:5 > 9.9.9.9:80") == "accept line 12 192.0.2.1>9.9.9.9:*>80");
  CHECK(verdict(bench.judge("Ethernet0 Ethernet1 tcp 10.0.1.7:5 > 9.9.9.9:80")) == "drop");
}

TEST_CASE("what no configuration decides") {
  const std::string head = "interface Ethernet0\n ip access-group A in\n";
  const std::string packet = "Ethernet0 Ethernet1 tcp 9.9.9.4:1 > 10.0.0.9:80";
  CHECK(Bench(head + "ip access-list extended A\n permit tcp any any time-range NIGHT\n").judge(packet) == "unknown");
  CHECK(Bench(head + "ip access-list extended A\n permit ip any any\ninterface Ethernet0\n ip policy route-map R\n")
            .judge(packet) == "unknown");
  const Bench bgp(
      "interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\nrouter bgp 65000\n neighbor 10.0.0.2 remote-as 1\n");
  CHECK_FALSE(bgp.device().routes_complete[0]);
  CHECK(bgp.account() == "mm??");
}

TEST_CASE("routes") {
  const Bench bench(
      "interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\n"
      "ip route 0.0.0.0 0.0.0.0 10.0.0.2\nip route 10.9.0.0 255.255.0.0 Null0\n"
      "ip route vrf RED 10.8.0.0 255.255.0.0 Ethernet0 10.0.0.3 200 track 1\n");
  REQUIRE(bench.device().routes.size() == 3);
  CHECK(to_string(bench.device().routes[0].destination) == "0.0.0.0/0");
  CHECK(bench.device().routes[1].kind == model::RouteKind::blackhole);
  CHECK(bench.device().routes[2].routing_instance == "RED");
  CHECK(bench.device().routes[2].metric == 200);
  CHECK(bench.device().routes[2].is_conditional);
  CHECK(bench.account() == "mmmm?");
}

TEST_CASE("an interface is idle where it is written that it has no address, and nothing else is there") {
  const Bench bench(
      "interface Ethernet0\n no ip address\n"
      "interface Ethernet1\n duplex full\n"
      "interface Ethernet2\n no ip address\n ipv6 enable\n"
      "interface Ethernet3\n no ip address\n bridge-group 1\n"
      "interface Ethernet4\n no ip address\n ip address 10.0.0.1 255.255.255.0\n"
      "interface Ethernet5\n no ip address\n ip unnumbered Ethernet4\n"
      "interface Tunnel0\n no ip address\n");
  std::string idle;
  for (const model::ConfiguredInterface& interface : bench.device().interfaces)
    idle += interface.is_idle ? interface.name + " " : "";
  CHECK(idle == "Ethernet0 ");
}

}  // namespace segproof::test
