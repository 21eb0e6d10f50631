// SPDX-License-Identifier: Apache-2.0
// The naive engine against cases worked out by hand from claims.md and semantics-linux.md.
#include <doctest/doctest.h>

#include "agree/naive/draft.h"
#include "agree/naive/judge.h"
#include "agree/naive/universe.h"

namespace segproof::naive {
namespace {

using claim::Kind;

bool finds(Draft& draft, const claim::Claim& claim, Setting setting = {}, bool broadcasts = false) {
  UniverseLimits limits;
  limits.packets = 200000;
  limits.broadcasts = broadcasts;
  const auto universe = universe_of(draft.network(), {&claim, 1}, draft.family(), limits);
  Judge judge(draft.network(), draft.family(), universe, setting);
  return judge.forbidden(claim).has_value();
}

bool finds(Draft& draft, Kind kind, std::initializer_list<std::string_view> from,
           std::initializer_list<std::string_view> to, Setting setting = {}) {
  return finds(draft, make_claim(kind, from, to), setting);
}

//   a 10.0.1.10 --- sa 10.0.1.0/24 ---[eth0 fw eth1]--- sb 10.0.2.0/24 --- b 10.0.2.10
struct Pair : Draft {
  model::NodeId a, b, fw;
  model::SegmentId sa, sb;
  Pair() {
    sa = segment("sa", "10.0.1.0/24", true);
    sb = segment("sb", "10.0.2.0/24", true);
    a = host("a");
    b = host("b");
    fw = device("fw");
    wire(a, "eth0", sa, "10.0.1.10/24");
    wire(b, "eth0", sb, "10.0.2.10/24");
    wire(fw, "eth0", sa, "10.0.1.1/24");
    wire(fw, "eth1", sb, "10.0.2.1/24");
    assume("A-FW");
  }
};

void no_spoofing(Rules& rules) {
  rules.add(Base::raw_prerouting, {in_at("eth0"), from_addresses("10.0.1.0/24", true)}, drop);
  rules.add(Base::raw_prerouting, {in_at("eth1"), from_addresses("10.0.2.0/24", true)}, drop);
}

TEST_CASE("a forward policy of drop isolates, one of accept does not") {
  Pair net;
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  net.rules(net.fw, Rules().policy(Base::forward, model::Verdict::drop));
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"b"}));
  CHECK_FALSE(finds(net, Kind::isolated_both_ways, {"a"}, {"b"}));
}

TEST_CASE("replies flow without a new session") {
  Pair net;
  // b may open 443 to a; replies come back by state. Anti-spoofing keeps a from making that state itself.
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  no_spoofing(rules);
  rules.add(Base::forward, {in_state({TrackState::established, TrackState::related})}, accept);
  auto https = to_port(6, 443);
  https.push_back(from_addresses("10.0.2.0/24"));
  rules.add(Base::forward, https, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  CHECK_FALSE(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
  CHECK(finds(net, Kind::no_new_sessions, {"b"}, {"a"}));
}

TEST_CASE("a DMZ host that may be reached makes the state for its own way out") {
  // semantics-linux.md: `ESTABLISHED ACCEPT; -s CORP -d DMZ --dport 443 NEW ACCEPT; policy DROP`, no anti-spoofing.
  Pair net;
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  rules.add(Base::forward, {in_state({TrackState::established})}, accept);
  auto https = to_port(6, 443);
  https.push_back(from_addresses("10.0.2.0/24"));
  https.push_back(to_addresses("10.0.1.0/24"));
  https.push_back(in_state({TrackState::fresh}));
  rules.add(Base::forward, https, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
  Setting own;
  own.spoofing = claim::Spoofing::own;
  CHECK_FALSE(finds(net, Kind::no_new_sessions, {"a"}, {"b"}, own));
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}, own));  // replies
}

TEST_CASE("a spoofed bare SYN whose answer goes elsewhere is blind") {
  //   a (10.0.1.10) may pass only with a source of segment sc, where nobody of a's side sits
  Pair net;
  const auto sc = net.segment("sc", "10.0.3.0/24", true);
  net.wire(net.fw, "eth2", sc, "10.0.3.1/24");
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  rules.add(Base::forward, {of_protocol(6), from_addresses("10.0.3.0/24")}, accept);
  rules.add(Base::forward, {of_protocol(6), to_addresses("10.0.3.0/24")}, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  CHECK_FALSE(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
  // UDP needs no answer.
  rules.add(Base::forward, {of_protocol(17), from_addresses("10.0.3.0/24")}, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
}

TEST_CASE("an open INPUT makes state for packets that seem to come from the firewall itself") {
  // Anti-spoofing in FORWARD alone: a sends 10.0.2.10 > 10.0.1.1 to fw's INPUT, then 10.0.1.1 > 10.0.2.10 as its reply.
  Pair net;
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  rules.add(Base::forward, {in_at("eth0"), from_addresses("10.0.1.0/24", true)}, drop);
  rules.add(Base::forward, {in_state({TrackState::established})}, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
  rules.policy(Base::input, model::Verdict::drop);
  net.rules(net.fw, rules);
  CHECK_FALSE(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
}

TEST_CASE("an ACL that passes ACKs without state lets in packets but no session") {  // V8
  Pair net;
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  rules.add(Base::forward, {of_protocol(6), in_at("eth0"), bare_syn(true)}, accept);
  rules.add(Base::forward, {in_at("eth1")}, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  CHECK_FALSE(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
  CHECK(finds(net, Kind::no_new_sessions, {"b"}, {"a"}));
}

TEST_CASE("replies through DNAT are rewritten and the filter sees the real addresses") {
  Pair net;
  // b is reachable from a as 192.0.2.10:443 only.
  Rules rules;
  no_spoofing(rules);
  rules.policy(Base::forward, model::Verdict::drop);
  auto public_https = to_port(6, 443);
  public_https.push_back(to_addresses("192.0.2.10"));
  rules.add(Base::nat_prerouting, public_https, to_destination("10.0.2.10", std::uint16_t{8443}));
  rules.add(Base::forward, {in_state({TrackState::established})}, accept);
  auto inside = to_port(6, 8443);
  inside.push_back(in_at("eth0"));
  inside.push_back(model::TrackTest{0, 1, false});
  rules.add(Base::forward, inside, accept);
  net.rules(net.fw, rules);
  auto claim = make_claim(Kind::only, {"a"}, {"b"});
  claim.services = {{*claim::parse_service("tcp/8443"), {}, {}, "", "", "", {}}};
  CHECK_FALSE(finds(net, claim));
  claim.services = {{*claim::parse_service("tcp/443"), {}, {}, "", "", "", {}}};
  CHECK(finds(net, claim));
}

TEST_CASE("an ICMP error about a flow is RELATED from any source, and no session") {
  Pair net;
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  rules.add(Base::forward, {in_at("eth0"), in_state({TrackState::related})}, accept);
  rules.add(Base::forward, {in_at("eth1"), of_protocol(17)}, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  CHECK_FALSE(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
  auto paranoid = make_claim(Kind::contained, {"a"}, {"b"});
  paranoid.responder = claim::Responder::ignore;
  CHECK_FALSE(finds(net, paranoid));
  paranoid.pivot = claim::Pivot::paranoid;
  CHECK(finds(net, paranoid));
}

TEST_CASE("unlisted hosts are sources, targets and pivots") {
  Pair net;
  auto& network = net.network();
  const auto sc = net.segment("sc", "10.0.3.0/24", true);
  const auto c = net.host("c");
  net.wire(c, "eth0", sc, "10.0.3.10/24");
  net.wire(net.fw, "eth2", sc, "10.0.3.1/24");
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  // a -> unlisted addresses of sb only; sb -> sc with addresses other than b's
  rules.add(Base::forward, {in_at("eth0"), to_addresses("10.0.2.10", true), out_at("eth1")}, accept);
  rules.add(Base::forward, {in_at("eth1"), out_at("eth2")}, accept);
  rules.add(Base::forward, {in_at("eth2"), out_at("eth1")}, accept);
  rules.add(Base::forward, {in_at("eth1"), out_at("eth0")}, accept);
  net.rules(net.fw, rules);
  auto contained = make_claim(Kind::contained, {"a"}, {"c"});
  contained.responder = claim::Responder::ignore;
  CHECK_FALSE(finds(net, contained));
  network.segments[net.sb.index()].complete = false;
  CHECK(finds(net, contained));
  CHECK(finds(net, Kind::isolated, {"a"}, {"unlisted@sb"}));
  CHECK(finds(net, Kind::isolated, {"unlisted@sb"}, {"b"}));  // one segment, no firewall
}

TEST_CASE("a host firewall counts until the host falls, a source's OUTPUT does not") {
  Pair net;
  Rules input;
  input.policy(Base::input, model::Verdict::drop);
  input.add(Base::input, to_port(6, 22), accept);
  net.rules(net.b, input);
  auto claim = make_claim(Kind::only, {"a"}, {"b"});
  claim.services = {{*claim::parse_service("tcp/22"), {}, {}, "", "", "", {}}};
  CHECK_FALSE(finds(net, claim));
  Rules output;
  output.policy(Base::output, model::Verdict::drop);
  net.rules(net.a, output);
  CHECK(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
}

TEST_CASE("a host with several interfaces forwards unless forwarding is off") {
  Draft net;
  const auto sa = net.segment("sa", "10.0.1.0/24", true);
  const auto sb = net.segment("sb", "10.0.2.0/24", true);
  const auto a = net.host("a");
  const auto b = net.host("b");
  const auto m = net.host("m");
  net.wire(a, "eth0", sa, "10.0.1.10/24");
  net.wire(b, "eth0", sb, "10.0.2.10/24");
  net.wire(m, "eth0", sa, "10.0.1.20/24");
  net.wire(m, "eth1", sb, "10.0.2.20/24");
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  CHECK(finds(net, Kind::no_new_sessions, {"a"}, {"b"}));
  Setting fixed;
  fixed.world.kind = World::Kind::no;
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"b"}, fixed));
  net.network().nodes[m.index()].forwarding.fill(model::Forwarding::off);
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"b"}));
  CHECK(finds(net, Kind::contained, {"a"}, {"b"}));  // m falls, and then it forwards
}

TEST_CASE("a device without configuration passes anything") {
  Pair net;
  auto& fw = net.network().nodes[net.fw.index()];
  fw.filter.fill(model::Known::missing);
  fw.routes.fill(model::Known::missing);
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  Setting fixed;
  fixed.world.kind = World::Kind::no;
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"b"}, fixed));
  fw.filter.fill(model::Known::off);
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"b"}));
}

TEST_CASE("an undecided rule is taken both ways") {
  Pair net;
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  rules.add(Base::forward, {perhaps("limit: 3/min")}, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  Setting world;
  world.world.kind = World::Kind::no;
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"b"}, world));
  world.world.kind = World::Kind::yes;
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}, world));
}

TEST_CASE("a responder takes its initiator with it") {
  Pair net;
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  no_spoofing(rules);
  rules.add(Base::forward, {in_state({TrackState::established})}, accept);
  rules.add(Base::forward, {in_at("eth1"), of_protocol(6)}, accept);
  net.rules(net.fw, rules);
  auto claim = make_claim(Kind::contained, {"a"}, {"b"});
  CHECK(finds(net, claim));
  claim.responder = claim::Responder::report;
  CHECK_FALSE(finds(net, claim));
}

TEST_CASE("a host that has fallen takes its initiators with it whatever its INPUT says") {
  Pair net;
  Rules rules;
  no_spoofing(rules);
  rules.policy(Base::forward, model::Verdict::drop);
  rules.policy(Base::input, model::Verdict::drop);
  rules.add(Base::forward, {in_at("eth1"), of_protocol(17)}, accept);
  net.rules(net.fw, rules);
  Rules closed;
  closed.policy(Base::input, model::Verdict::drop);
  net.rules(net.a, closed);
  CHECK_FALSE(finds(net, Kind::isolated, {"b"}, {"a"}));
  CHECK(finds(net, Kind::contained, {"a"}, {"b"}));
}

TEST_CASE("routes: longest prefix, blackhole, next hop that nobody owns") {
  Pair net;
  const auto sc = net.segment("sc", "10.0.3.0/24", true);
  const auto c = net.host("c");
  const auto r = net.device("r");
  net.wire(c, "eth0", sc, "10.0.3.10/24");
  net.wire(r, "eth0", net.sb, "10.0.2.2/24");
  net.wire(r, "eth1", sc, "10.0.3.1/24");
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"c"}));
  net.route(net.fw, "10.0.0.0/16", {"10.0.2.2"});
  CHECK(finds(net, Kind::isolated, {"a"}, {"c"}));
  net.route(net.fw, "10.0.3.0/24", {});
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"c"}));
  net.route(net.fw, "10.0.3.10/32", {"10.0.2.77"});
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"c"}));  // sc is complete: `unknown` does not reach it
  net.network().segments[sc.index()].complete = false;
  CHECK(finds(net, Kind::isolated, {"a"}, {"c"}));
}

TEST_CASE("via: a second way around the firewall") {
  Pair net;
  auto claim = make_claim(Kind::via, {"a"}, {"b"});
  claim.through = {{"device:fw", {}}};
  CHECK_FALSE(finds(net, claim));
  const auto m = net.host("m");
  net.wire(m, "eth0", net.sa, "10.0.1.20/24");
  net.wire(m, "eth1", net.sb, "10.0.2.20/24");
  CHECK(finds(net, claim));
}

TEST_CASE("anti-spoofed: only the zone's own sources get past its firewall") {
  Pair net;
  net.zone("za", "10.0.1.0/24");
  auto claim = make_claim(Kind::anti_spoofed, {}, {});
  claim.zones = {{"za", {}}};
  CHECK(finds(net, claim));
  Rules rules;
  rules.add(Base::raw_prerouting, {in_at("eth0"), from_addresses("10.0.1.0/24", true)}, drop);
  net.rules(net.fw, rules);
  CHECK_FALSE(finds(net, claim));
}

TEST_CASE("broadcast and multicast stay on the segment") {
  Pair net;
  auto claim = make_claim(Kind::isolated, {"a"}, {"b"});
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  rules.add(Base::forward, {to_addresses("10.0.2.10", true)}, accept);
  net.rules(net.fw, rules);
  CHECK_FALSE(finds(net, claim));
  CHECK(finds(net, claim, {}, true));  // the directed broadcast of sb
  rules.add(Base::forward, {}, drop);
  Rules strict;
  strict.policy(Base::forward, model::Verdict::drop);
  strict.add(Base::forward, {to_addresses("224.0.0.0/4")}, accept);
  net.rules(net.fw, strict);
  CHECK_FALSE(finds(net, claim, {}, true));
  CHECK(finds(net, make_claim(Kind::isolated, {"a"}, {"device:fw"}), {}, true));
}

TEST_CASE("a later fragment passes a filter of ports by its layer 3 only") {
  Pair net;
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  rules.add(Base::forward, {of_protocol(17), model::FieldTest{Field::fragment, IntervalSet::single(1)}}, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::isolated, {"a"}, {"b"}));
  rules.track();
  net.rules(net.fw, rules);
  CHECK_FALSE(finds(net, Kind::isolated, {"a"}, {"b"}));  // tracking reassembles first
}

TEST_CASE("no exfiltration: an external zone that may open a session is enough") {
  Pair net;
  const auto out = net.internet("internet", "203.0.113.0/24");
  net.wire(net.fw, "eth2", out, "203.0.113.1/24");
  Rules rules;
  rules.policy(Base::forward, model::Verdict::drop);
  net.rules(net.fw, rules);
  CHECK_FALSE(finds(net, Kind::no_exfiltration, {"a"}, {}));
  CHECK_FALSE(finds(net, Kind::no_direct_exfiltration, {"a"}, {}));
  rules.add(Base::forward, {in_at("eth2"), out_at("eth0"), of_protocol(17)}, accept);
  net.rules(net.fw, rules);
  CHECK(finds(net, Kind::no_exfiltration, {"a"}, {}));
  CHECK(finds(net, Kind::no_direct_exfiltration, {"a"}, {}));
}

}  // namespace
}  // namespace segproof::naive
