// SPDX-License-Identifier: Apache-2.0
// A packet on its way through all hooks of one device, and what translation makes of it.
#include "model/single_packet.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "build.h"

namespace segproof::test {
namespace {

void add_stage(RuleSet& rules, Hook hook, int order, StageKind kind, std::vector<Line> lines,
               Verdict policy = Verdict::accept) {
  RuleSet more = rules_of({std::move(lines)}, policy, kind);
  more.stages.front().hook = hook;
  more.stages.front().order = order;
  more.stages.front().label = std::string(hook_name(hook));
  rules.append(std::move(more));
}

void add_tracking(RuleSet& rules) {
  for (const Hook hook : {Hook::ingress, Hook::originate}) {
    Stage stage;
    stage.hook = hook;
    stage.kind = StageKind::track;
    stage.order = -200;
    rules.stages.push_back(stage);
  }
}

Translate to(Endpoint endpoint, std::initializer_list<Interval> addresses) {
  Translate change;
  change.endpoint = endpoint;
  change.addresses = addresses;
  return change;
}

// "accept HEADER", "drop", ...; iif and oif as given, empty for the device itself.
std::string fate(const RuleSet& rules, const char* packet, const char* in, const char* out,
                 const OwnAddresses* own = nullptr) {
  const SinglePacket single{*parse_packet(packet), in, out};
  const Judgement judged = judge(rules, single, own);
  constexpr std::array<std::string_view, 4> fates{"accept", "drop", "reject", "unknown"};
  std::string text(fates[static_cast<std::size_t>(judged.fate)]);
  if (judged.fate == Fate::accept)
    text += " " + header_text(judged.flight) + (judged.delivered ? " here" : "");
  return text;
}

constexpr Bits address(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24U | b << 16U | c << 8U | d;
}
constexpr const char* web = "tcp 10.0.0.1:1000 > 192.0.2.1:80";

Condition destination_is(Bits value) {
  return {{FieldTest{Field::destination, IntervalSet::single(value)}}};
}
Condition source_is(Bits value) {
  return {{FieldTest{Field::source, IntervalSet::single(value)}}};
}

}  // namespace

TEST_CASE("the hooks of a way") {
  for (const Hook hook : {Hook::ingress, Hook::forward, Hook::deliver, Hook::originate, Hook::egress}) {
    RuleSet rules;
    add_stage(rules, hook, 0, StageKind::filter, {}, Verdict::drop);
    const std::string through = fate(rules, web, "eth0", "eth1");
    const std::string here = fate(rules, web, "eth0", "");
    const std::string from_here = fate(rules, web, "", "eth1");
    const auto meets = [&](std::initializer_list<Hook> hooks) { return std::ranges::find(hooks, hook) != hooks.end(); };
    CAPTURE(hook_name(hook));
    CHECK((through == "drop") == meets({Hook::ingress, Hook::forward, Hook::egress}));
    CHECK((here == "drop") == meets({Hook::ingress, Hook::deliver}));
    CHECK((from_here == "drop") == meets({Hook::originate, Hook::egress}));
  }
}

TEST_CASE("an accept ends its stage, a drop the packet") {
  RuleSet rules;
  add_stage(rules, Hook::forward, -10, StageKind::filter, {{any(), accept()}});
  add_stage(rules, Hook::forward, 0, StageKind::filter, {{port(80), drop()}});
  CHECK(fate(rules, web, "eth0", "eth1") == "drop");
  CHECK(fate(rules, "tcp 10.0.0.1:1 > 192.0.2.1:81", "eth0", "eth1") == "accept 10.0.0.1>192.0.2.1:1>81");
}

TEST_CASE("the filter sees the destination after and the source before translation") {
  RuleSet rules;
  add_tracking(rules);
  add_stage(rules, Hook::ingress, -100, StageKind::translate,
            {{any(), to(Endpoint::destination, {{address(10, 9, 0, 1), address(10, 9, 0, 1)}})}});
  add_stage(rules, Hook::forward, 0, StageKind::filter,
            {{{{destination_is(address(10, 9, 0, 1)).tests.front(), source_is(address(10, 0, 0, 1)).tests.front()}},
              accept()}},
            Verdict::drop);
  add_stage(rules, Hook::egress, 100, StageKind::translate,
            {{any(), to(Endpoint::source, {{address(203, 0, 113, 1), address(203, 0, 113, 1)}})}});
  CHECK(fate(rules, web, "eth0", "eth1") == "accept 203.0.113.1>10.9.0.1:1000>80");
  // Only the first packet of a tracked flow is translated.
  CHECK(fate(rules, "tcp 10.0.0.1:1000 > 192.0.2.1:80 [rst]", "eth0", "eth1") == "drop");
}

TEST_CASE("before tracking a packet is INVALID, and UNTRACKED after NOTRACK") {
  const auto in_states = [](std::initializer_list<TrackState> states) {
    TrackTest test;
    for (const TrackState state : states)
      test.states = static_cast<std::uint8_t>(test.states | 1U << static_cast<unsigned>(state));
    return Condition{{test}};
  };
  for (const auto& [hook, in] : {std::pair{Hook::ingress, "eth0"}, std::pair{Hook::originate, ""}}) {
    for (const TrackState state : {TrackState::fresh, TrackState::established, TrackState::related, TrackState::invalid,
                                   TrackState::untracked}) {
      RuleSet rules;
      add_tracking(rules);
      add_stage(rules, hook, -300, StageKind::filter, {{in_states({state}), drop()}});
      CHECK(fate(rules, web, in, "eth1").starts_with(state == TrackState::invalid ? "drop" : "accept"));
      RuleSet after;
      add_tracking(after);
      add_stage(after, hook, -300, StageKind::filter, {{any(), Untrack{}}, {in_states({state}), drop()}});
      CHECK(fate(after, web, in, "eth1").starts_with(state == TrackState::untracked ? "drop" : "accept"));
    }
  }
}

TEST_CASE("untracked packets are not translated") {
  RuleSet rules;
  add_tracking(rules);
  add_stage(rules, Hook::ingress, -300, StageKind::filter, {{port(80), Untrack{}}});
  add_stage(rules, Hook::ingress, -100, StageKind::translate,
            {{any(), to(Endpoint::destination, {{address(10, 9, 0, 1), address(10, 9, 0, 1)}})}});
  CHECK(fate(rules, web, "eth0", "eth1") == "accept 10.0.0.1>192.0.2.1:1000>80");
  CHECK(fate(rules, "tcp 10.0.0.1:1 > 192.0.2.1:81", "eth0", "eth1") == "accept 10.0.0.1>10.9.0.1:1>81");
}

TEST_CASE("a translation to the same header that may or may not happen decides whether the next one does") {
  // Found by the kernel: a count of connections, then a translation to the source that the packet has.
  RuleSet rules;
  add_tracking(rules);
  const Translate same = to(Endpoint::source, {{address(10, 0, 0, 1), address(10, 0, 0, 1)}});
  const Translate other = to(Endpoint::source, {{address(203, 0, 113, 1), address(203, 0, 113, 1)}});
  add_stage(rules, Hook::egress, 100, StageKind::translate, {{perhaps(), same}});
  add_stage(rules, Hook::egress, 100, StageKind::translate, {{any(), other}});
  CHECK(fate(rules, web, "eth0", "eth1").starts_with("unknown"));
  RuleSet surely;
  add_tracking(surely);
  add_stage(surely, Hook::egress, 100, StageKind::translate, {{any(), same}});
  add_stage(surely, Hook::egress, 100, StageKind::translate, {{any(), other}});
  CHECK(fate(surely, web, "eth0", "eth1") == "accept 10.0.0.1>192.0.2.1:1000>80");
}

TEST_CASE("choices of the device are open") {
  RuleSet rules;
  add_tracking(rules);
  Translate masquerade;
  masquerade.endpoint = Endpoint::source;
  masquerade.to = Translate::To::interface_address;
  Translate pool = to(Endpoint::destination, {{address(10, 9, 0, 1), address(10, 9, 0, 4)}});
  pool.ports = Interval{8000, 8010};
  add_stage(rules, Hook::ingress, -100, StageKind::translate, {{any(), pool}});
  add_stage(
      rules, Hook::forward, 0, StageKind::filter,
      {{{{FieldTest{Field::destination, IntervalSet::range(address(10, 9, 0, 0), address(10, 9, 0, 7))}}}, accept()}},
      Verdict::drop);
  add_stage(rules, Hook::egress, 100, StageKind::translate, {{any(), masquerade}});
  CHECK(fate(rules, web, "eth0", "eth1") == "accept *>*:1000>*");
  CHECK(fate(rules, "gre 10.0.0.1 > 192.0.2.1", "eth0", "eth1") == "accept *>*");
  OwnAddresses own;
  own.entries.push_back({"eth1", *parse_interface_address("203.0.113.9/24")});
  CHECK(fate(rules, web, "eth0", "eth1", &own) == "accept 203.0.113.9>*:1000>*");
}

TEST_CASE("a translation keeps the port that it may keep, and chooses among those of its kind") {
  const auto ports_after = [](const Translate& change, const char* packet) {
    RuleSet rules;
    add_tracking(rules);
    add_stage(rules, Hook::egress, 100, StageKind::translate, {{any(), change}});
    const Judgement judged = judge(rules, {*parse_packet(packet), "eth0", "eth1"});
    const auto& open = judged.flight.open[static_cast<std::size_t>(Field::source_port)];
    return open ? *open : IntervalSet::single(judged.flight.packet[Field::source_port]);
  };
  constexpr const char* low = "udp 10.0.0.1:800 > 192.0.2.1:53";
  constexpr const char* lowest = "udp 10.0.0.1:53 > 192.0.2.1:53";
  constexpr const char* high = "udp 10.0.0.1:4000 > 192.0.2.1:53";
  Translate change = to(Endpoint::source, {{address(203, 0, 113, 1), address(203, 0, 113, 1)}});
  CHECK(ports_after(change, high) == IntervalSet::single(4000));
  change.keeps_port = false;  // --random
  CHECK(ports_after(change, high) == IntervalSet::range(1024, 65535));
  CHECK(ports_after(change, low) == IntervalSet::range(600, 1023));
  CHECK(ports_after(change, lowest) == IntervalSet::range(1, 511));
  change.ports = Interval{3000, 5000};
  CHECK(ports_after(change, high) == IntervalSet::range(3000, 5000));
  change.keeps_port = true;
  CHECK(ports_after(change, high) == IntervalSet::single(4000));
  CHECK(ports_after(change, low) == IntervalSet::range(3000, 5000));
}

TEST_CASE("a translation to addresses of one family leaves the other one alone") {
  RuleSet rules;
  add_tracking(rules);
  add_stage(rules, Hook::egress, 100, StageKind::translate,
            {{any(), to(Endpoint::source, {{address(203, 0, 113, 1), address(203, 0, 113, 1)}})}});
  CHECK(fate(rules, web, "eth0", "eth1") == "accept 203.0.113.1>192.0.2.1:1000>80");
  CHECK(fate(rules, "tcp [2001:db8::1]:1000 > [2001:db8::2]:80", "eth0", "eth1") ==
        "accept [2001:db8::1]>[2001:db8::2]:1000>80");
}

TEST_CASE("which end was translated is known afterwards") {
  const auto translated = [](Endpoint endpoint, Hook hook) {
    RuleSet rules;
    add_tracking(rules);
    add_stage(rules, hook, hook == Hook::ingress ? -100 : 100, StageKind::translate,
              {{any(), to(endpoint, {{address(203, 0, 113, 1), address(203, 0, 113, 1)}})}});
    return judge(rules, {*parse_packet(web), "eth0", "eth1"}).flight.packet[Field::translated];
  };
  CHECK(translated(Endpoint::destination, Hook::ingress) == 1);
  CHECK(translated(Endpoint::source, Hook::egress) == 2);
}

TEST_CASE("redirects lead to the device itself") {
  RuleSet rules;
  add_tracking(rules);
  Translate redirect;
  redirect.to = Translate::To::interface_address;
  redirect.ports = Interval{3128, 3128};
  add_stage(rules, Hook::ingress, -100, StageKind::translate, {{port(80), redirect}});
  add_stage(rules, Hook::forward, 0, StageKind::filter, {}, Verdict::drop);
  CHECK(fate(rules, web, "eth0", "eth1") == "accept 10.0.0.1>*:1000>3128 here");
  CHECK(fate(rules, "tcp 10.0.0.1:1000 > 192.0.2.1:81", "eth0", "eth1") == "drop");
}

TEST_CASE("a choice between own and other destinations decides where the packet goes") {
  RuleSet rules;
  add_tracking(rules);
  const Bits first = address(10, 0, 0, 1);
  add_stage(rules, Hook::ingress, -100, StageKind::translate,
            {{port(80), to(Endpoint::destination, {{first, first + 1}})}});
  add_stage(rules, Hook::forward, 0, StageKind::filter, {}, Verdict::drop);
  OwnAddresses own;
  own.entries.push_back({"eth1", *parse_interface_address("10.0.0.2/24")});
  CHECK(fate(rules, web, "eth0", "eth1", &own) == "unknown");
  own.entries.push_back({"eth1", *parse_interface_address("10.0.0.1/24")});
  CHECK(fate(rules, web, "eth0", "eth1", &own) == "accept 10.0.0.1>*:1000>80 here");
  own.entries.clear();
  CHECK(fate(rules, web, "eth0", "eth1", &own) == "drop");
}

TEST_CASE("the first translation of a hook stays") {
  RuleSet rules;
  add_tracking(rules);
  const Bits first = address(10, 0, 0, 1);
  add_stage(rules, Hook::ingress, -100, StageKind::translate,
            {{port(80), to(Endpoint::destination, {{first, first}})}});
  add_stage(rules, Hook::ingress, -100, StageKind::translate,
            {{{}, to(Endpoint::destination, {{first + 1, first + 1}})}});
  add_stage(rules, Hook::egress, 100, StageKind::translate, {{{}, to(Endpoint::source, {{first + 2, first + 2}})}});
  add_stage(rules, Hook::egress, 100, StageKind::translate, {{{}, to(Endpoint::source, {{first + 3, first + 3}})}});
  CHECK(fate(rules, web, "eth0", "eth1") == "accept 10.0.0.3>10.0.0.1:1000>80");
  CHECK(fate(rules, "tcp 10.0.0.1:1000 > 192.0.2.1:81", "eth0", "eth1") == "accept 10.0.0.3>10.0.0.2:1000>81");
}

TEST_CASE("ports of DCCP may stay") {
  RuleSet rules;
  add_tracking(rules);
  Translate change = to(Endpoint::destination, {});
  change.ports = Interval{3128, 3128};
  add_stage(rules, Hook::ingress, -100, StageKind::translate, {{{}, change}});
  CHECK(fate(rules, web, "eth0", "eth1") == "accept 10.0.0.1>192.0.2.1:1000>3128");
  const SinglePacket packet{*parse_packet("dccp 10.0.0.1:1000 > 192.0.2.1:80"), "eth0", "eth1"};
  const Judgement judged = judge(rules, packet);
  const auto& ports = judged.flight.open[static_cast<std::size_t>(Field::destination_port)];
  REQUIRE(ports.has_value());
  CHECK(*ports == IntervalSet{{80, 80}, {3128, 3128}});
}

TEST_CASE("a translation to the loopback network drops what comes from outside") {
  RuleSet rules;
  add_tracking(rules);
  add_stage(rules, Hook::ingress, -100, StageKind::translate,
            {{any(), to(Endpoint::destination, {{address(127, 0, 0, 1), address(127, 0, 0, 1)}})}});
  CHECK(fate(rules, web, "eth0", "eth1") == "drop");
  CHECK(fate(rules, web, "eth0", "") == "drop");
  CHECK(fate(rules, web, "lo", "") == "accept 10.0.0.1>127.0.0.1:1000>80 here");
}

TEST_CASE("networks are mapped one to one") {
  RuleSet rules;
  add_tracking(rules);
  Translate map;
  map.to = Translate::To::network;
  map.network = *parse_prefix("10.20.0.0/16");
  add_stage(rules, Hook::ingress, -100, StageKind::translate, {{any(), map}});
  CHECK(fate(rules, web, "eth0", "eth1") == "accept 10.0.0.1>10.20.2.1:1000>80");
}

TEST_CASE("what a lone packet decides") {
  const auto drops = [](Unknown kind, bool negated) {
    RuleSet rules;
    add_stage(rules, Hook::forward, 0, StageKind::filter, {{{{UnknownTest{kind, "x", negated}}}, drop()}});
    return fate(rules, web, "eth0", "eth1").substr(0, 6);
  };
  for (const Unknown kind :
       {Unknown::mac_address, Unknown::socket_owner, Unknown::ipsec_policy, Unknown::bridge_port}) {
    CHECK(drops(kind, false) == "accept");
    CHECK(drops(kind, true) == "drop");
  }
  for (const Unknown kind : {Unknown::rate, Unknown::history, Unknown::chance, Unknown::content, Unknown::clock,
                             Unknown::set_content, Unknown::not_understood}) {
    CHECK(drops(kind, false) == "unknow");
    CHECK(drops(kind, true) == "unknow");
  }
}

TEST_CASE("forwarding counts the hop limit down before the forward hook") {
  for (const Hook hook : {Hook::ingress, Hook::forward, Hook::deliver, Hook::originate, Hook::egress}) {
    RuleSet rules;
    add_stage(rules, hook, 0, StageKind::filter,
              {{{{MeasureTest{Measure::hop_limit, IntervalSet::single(63)}}}, drop()}});
    CAPTURE(hook_name(hook));
    CHECK((fate(rules, web, "eth0", "eth1") == "drop") == (hook == Hook::forward || hook == Hook::egress));
    CHECK(fate(rules, web, "eth0", "") != "drop");
    CHECK(fate(rules, web, "", "eth1") != "drop");
  }
}

TEST_CASE("which addresses are local") {
  RuleSet rules;
  const auto is_local = AddressTypeTest{Endpoint::destination, 1U << 2U, std::nullopt, false};
  for (const Hook hook : {Hook::forward, Hook::deliver, Hook::originate}) {
    add_stage(rules, hook, 0, StageKind::filter, {{{{is_local}}, drop()}});
  }
  CHECK(fate(rules, web, "eth0", "eth1").starts_with("accept"));
  CHECK(fate(rules, web, "eth0", "") == "drop");
  CHECK(fate(rules, web, "", "eth1") == "drop");
  CHECK(fate(rules, "udp 10.0.0.1:1 > 224.0.0.5:2", "eth0", "").starts_with("accept"));
  CHECK(fate(rules, "udp 10.0.0.1:1 > 255.255.255.255:2", "eth0", "").starts_with("accept"));
  OwnAddresses own;
  own.entries.push_back({"eth0", *parse_interface_address("192.0.2.1/24")});
  CHECK(fate(rules, web, "eth0", "eth1", &own) == "drop");
  CHECK(fate(rules, "udp 10.0.0.1:1 > 192.0.2.2:2", "eth0", "", &own).starts_with("accept"));
  RuleSet broadcasts;
  add_stage(broadcasts, Hook::deliver, 0, StageKind::filter,
            {{{{AddressTypeTest{Endpoint::destination, 1U << 3U, std::nullopt, false}}}, drop()}});
  CHECK(fate(broadcasts, "udp 10.0.0.1:1 > 192.0.2.255:2", "eth0", "", &own) == "drop");
  CHECK(fate(broadcasts, web, "eth0", "", &own).starts_with("accept"));
}

TEST_CASE("IPv6 headers have brackets where ports follow") {
  const RuleSet rules;
  CHECK(fate(rules, "tcp [2001:db8::1]:1000 > [2001:db8::2]:80", "a", "b") ==
        "accept [2001:db8::1]>[2001:db8::2]:1000>80");
  CHECK(fate(rules, "gre 2001:db8::1 > 2001:db8::2", "a", "b") == "accept 2001:db8::1>2001:db8::2");
}

}  // namespace segproof::test
