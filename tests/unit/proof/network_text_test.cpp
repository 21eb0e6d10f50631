// SPDX-License-Identifier: Apache-2.0
#include "proof/network_text.h"

#include <doctest/doctest.h>

#include <string>

#include "network_reader.h"
#include "whole.h"

namespace segproof::test {
namespace {

using namespace model;

InterfaceAddress on(std::string_view text) {
  return *parse_interface_address(text);
}

// (outside) --- fw --- (lan) --- web1
struct Fixture {
  Fixture() {
    file = sources.add("net.yaml", "\n");
    network.epoch = "e1";
    network.date = "2024-05-01";
    add_segments();
    add_nodes();
    add_zones();
    network.assumptions = {{"A1", "ping is harmless", "soc", {"icmp/8", "tcp/443", "udp", "no service"}, at(4)}};
    network.gaps = {{at(9), DiagnosticCode::rule_undecided, "recent --name \"x\"", NodeId(0)},
                    {{.file = file}, DiagnosticCode::unrecognised_file, "a file that is not recognised", {}}};
    add_claims();
  }

  SourceSpan at(std::uint32_t line) const { return {.file = file, .line = line, .column = 2, .length = 3}; }

  void add_segments() {
    network.segments.resize(2);
    network.segments[0] = {"lan", {*parse_prefix("10.0.0.0/24"), *parse_prefix("2001:db8::/64")},
                           true,  false,
                           false, {InterfaceId(1), InterfaceId(3)},
                           at(1)};
    network.segments[1] = {"outside", {}, false, true, true, {InterfaceId(0)}, at(1)};
  }

  void add_nodes() {
    network.interfaces = {{"wan", NodeId(0), SegmentId(1), {on("198.51.100.2/30")}, true, {}},
                          {"lan", NodeId(0), SegmentId(0), {on("10.0.0.1/24"), on("2001:db8::1/64")}, true, {}},
                          {"", NodeId(0), {}, {}, false, {}},
                          {"eth0", NodeId(1), SegmentId(0), {on("10.0.0.9/24")}, true, {}}};
    network.interfaces[0].addresses.push_back({*parse_address("10.255.0.1"), *parse_prefix("10.255.0.2/32")});
    Node fw;
    fw.name = "fw";
    fw.kind = NodeKind::device;
    fw.interfaces = {InterfaceId(0), InterfaceId(1), InterfaceId(2)};
    fw.filter = {Known::given, Known::missing};
    fw.routes = {Known::given, Known::off};
    fw.forwarding = {Forwarding::on, Forwarding::off};
    fw.twin = "web1";
    fw.tags = {"edge"};
    fw.rules.chains = {
        {"FORWARD", {{{{FieldTest{Field::protocol, IntervalSet::single(6)}}}, Decide{Verdict::accept}, at(7)}}, {}}};
    fw.rules.stages = {
        {Hook::forward, StageKind::filter, 0, ChainId(0), Verdict::drop, at(6), "filter FORWARD", true, true}};
    Routing& routing = fw.routing[0];
    routing.tables = {
        {"main",
         {{*parse_prefix("0.0.0.0/0"),
           RouteKind::unicast,
           {{parse_address("198.51.100.1"), InterfaceId(0)}, {parse_address("10.0.0.9"), {}}, {{}, InterfaceId(1)}},
           7,
           at(2)},
          {*parse_prefix("192.0.2.0/24"), RouteKind::blackhole, {}, 0, {}}}},
        {"guest", {}}};
    routing.rules = {{100, {{InterfaceTest{Direction::ingress, "lan", false, false}}}, 1, at(3)}};
    Node web;
    web.name = "web1";
    web.interfaces = {InterfaceId(3)};
    web.also_called = {"www"};
    web.services = {{"nginx 1.2", 6, IntervalSet{{443, 443}}, {"vulnerable", "web"}, Listening::yes, {}},
                    {"", 17, {}, {}, Listening::maybe, {}}};
    web.services_known = true;
    web.scanned = {{6, IntervalSet{{1, 1000}}}};
    web.labels = {"cardholder"};
    network.nodes = {fw, web};
    network.previous_rules["fw"] = fw.rules;
    network.previous_rules["fw"].stages[0].policy = Verdict::accept;
    network.earlier_rules = {{{"web1", {}}}};
  }

  void add_zones() {
    network.zones.resize(2);
    network.zones[0] = {
        "inside",       {}, false, false, {*parse_prefix("10.0.0.0/24")}, {NodeId(1)}, {"edge"}, {InterfaceId(1)},
        {SegmentId(0)}, {}};
    network.zones[1] = {"partner", ZoneId(0), true, true, {}, {}, {}, {}, {}, {}};
  }

  void add_claims() {
    claim::Claim only;
    only.id = "C-1";
    only.kind = claim::Kind::only;
    only.text = "only https, \"nothing else\"";
    only.author = "an auditor";
    only.assumptions = {"A1"};
    only.from = {{"outside", {}}, {"10.9.0.0/16", {}}};
    only.to = {{"inside", {}}};
    only.services = {
        {*claim::parse_service("tcp/443"), {{"outside", {}}, {"a, b", {}}}, {{"web1", {}}}, "o", "r", "", {}},
        {*claim::parse_service("any"), {}, {}, "", "", "2024-04-30", {}}};
    only.origin = at(8);
    claim::Claim rest;
    rest.id = "C-2";
    rest.kind = claim::Kind::contained;
    rest.spoofing = claim::Spoofing::own;
    rest.trust_source_host = true;
    rest.pivot = claim::Pivot::worst_case;
    rest.responder = claim::Responder::report;
    rest.hops = 2;
    rest.through = {{"fw", {}}};
    rest.zones = {{"z", {}}};
    rest.hosts = {{"h", {}}};
    rest.names = {{"n", {}}};
    rest.addresses = {{"192.0.2.1", {}}};
    rest.from_addresses = {{"10.0.0.0/8", {}}};
    rest.except = {{*claim::parse_service("icmp/8"), {}, {}, "", "", "2024-05-01", {}}};
    rest.as_sent_to = claim::Name{"198.51.100.9", {}};
    rest.as_sent_service = claim::parse_service("tcp/80,8080");
    claims = {only, rest};
  }

  SourceStore sources;
  FileId file;
  Network network;
  std::vector<claim::Claim> claims;
  std::vector<proof::Input> inputs = {{"net.yaml", std::string(64, 'b')}, {"a.rules", std::string(64, 'a')}};
};

const std::string hash_a(64, 'a');
const std::string hash_b(64, 'b');

const std::string expected =
    "segproof-network 1\n"
    "epoch \"e1\" date \"2024-05-01\" kept\n"
    "input " +
    hash_a +
    " \"a.rules\"\n"
    "input " +
    hash_b + " \"net.yaml\"\n" +
    R"(assumption "A1"
  harmless 1 2048-2303
  harmless 6 443
  harmless 17 0-65535
segment "lan" complete internal
  prefix 10.0.0.0/24
  prefix 2001:db8::/64
segment "outside" open internet
node "fw" device
  ipv4 given given on
  ipv6 missing off off
  twin "web1"
  tag "edge"
  services unknown
  interface "wan" segment "outside" up
    address 198.51.100.2/30
    address 10.255.0.1/32 peer 10.255.0.2/32
  interface "lan" segment "lan" up
    address 10.0.0.1/24
    address 2001:db8::1/64
  interface "" unwired down
  table 4 0 "main"
    route 0.0.0.0/0 unicast metric 7 @"net.yaml":2
      hop 198.51.100.1 0
      hop 10.0.0.9 unnamed
      hop direct 1
    route 192.0.2.0/24 blackhole metric 0 @-
  table 4 1 "guest"
  select 4 100 table 1 @"net.yaml":3
    in "lan"
  rules now
    chain "FORWARD"
      rule @"net.yaml":7 accept
        is protocol 6
    stage forward filter order 0 chain 0 policy drop families 46 "filter FORWARD" @"net.yaml":6
  rules before 1
    chain "FORWARD"
      rule @"net.yaml":7 accept
        is protocol 6
    stage forward filter order 0 chain 0 policy accept families 46 "filter FORWARD" @"net.yaml":6
  rules before 2
    chain "FORWARD"
      rule @"net.yaml":7 accept
        is protocol 6
    stage forward filter order 0 chain 0 policy drop families 46 "filter FORWARD" @"net.yaml":6
node "web1" host
  ipv4 given given unknown
  ipv6 given given unknown
  alias "www"
  services known
  service 6 443 listening vulnerable
  service 17 0-65535 maybe
  scanned 6 1-1000
  interface "eth0" segment "lan" up
    address 10.0.0.9/24
  rules now
  rules before 1
  rules before 2
zone "inside" parent none internal stays
  prefix 10.0.0.0/24
  member "web1"
  tagged "edge"
  port "fw" 1
  wire "lan"
zone "partner" parent "inside" external falls
gap @"net.yaml":9 SP0301 node "fw" "recent --name \"x\""
gap @"net.yaml":0 SP0501 everywhere "a file that is not recognised"
claim "C-1" only @"net.yaml":8
  text "only https, \"nothing else\""
  spoofing any
  responder include
  assuming "A1"
  from "outside"
  from "10.9.0.0/16"
  to "inside"
  service 6 443 from "outside","a, b" to "web1"
  service any 0-65535 expired
claim "C-2" contained @-
  spoofing own
  trust-source-host
  pivot worst-case
  responder report
  hops 2
  through "fw"
  zone "z"
  host "h"
  name "n"
  address "192.0.2.1"
  from-address "10.0.0.0/8"
  except 1 2048-2303
  as-sent to "198.51.100.9"
  as-sent service 6 80,8080
)";

TEST_CASE("a network with one of everything") {
  const Fixture fixture;
  CHECK(proof::network_text(fixture.network, fixture.claims, fixture.inputs, fixture.sources) == expected);
}

TEST_CASE("it is read back whole") {
  const Fixture fixture;
  const ReadNetwork read = read_network(expected);
  CHECK(whole(read.network, read.claims, read.sources) == whole(fixture.network, fixture.claims, fixture.sources));
  CHECK(read.inputs == std::vector<std::pair<std::string, std::string>>{{hash_a, "a.rules"}, {hash_b, "net.yaml"}});
}

TEST_CASE("after a flush nothing of earlier epochs is written") {
  Fixture fixture;
  fixture.network.state_flushed = true;
  const std::string text = proof::network_text(fixture.network, {}, {}, fixture.sources);
  CHECK(text.starts_with("segproof-network 1\nepoch \"e1\" date \"2024-05-01\" flushed\n"));
  CHECK(text.find("before") == std::string::npos);
}

TEST_CASE("an empty network is two lines") {
  CHECK(proof::network_text({}, {}, {}, {}) == "segproof-network 1\nepoch \"\" date \"\" kept\n");
}

}  // namespace
}  // namespace segproof::test
