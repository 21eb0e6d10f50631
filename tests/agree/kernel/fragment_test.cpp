// SPDX-License-Identifier: Apache-2.0
// Fragments: which rules make the kernel put them together, and what rules find in those that it does not. What
// segproof makes of it: model/untracked.h, model/short_fragments.h, tests/regress/proofs.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "confirm/process.h"
#include "model/walk.h"
#include "oracle.h"

namespace segproof::oracle {
namespace {

using confirm::as_first_fragment;
using confirm::as_later_fragment;
using confirm::run;
using confirm::to_bytes;

// Whether bytes that come in at eth0 go out at eth1.
bool passes(Sandbox& sandbox, const Bytes& bytes) {
  REQUIRE(sandbox.set_way("eth1"));
  const auto sightings = sandbox.send_bytes("eth0", bytes);
  return std::ranges::any_of(sightings, [](const Sighting& sighting) { return sighting.interface == "eth1"; });
}

Packet packet_of(const char* text) {
  const auto packet = parse_packet(text);
  REQUIRE_MESSAGE(packet.has_value(), text);
  return *packet;
}

model::RuleSet load(Oracle& oracle, Backend backend, const std::string& text) {
  Draft draft;
  draft.backend = backend;
  draft.verbatim = text;
  draft.verbatim_switches_tracking = true;
  auto rules = oracle.rules_of(draft);
  REQUIRE_MESSAGE(rules.ok(), (rules.ok() ? std::string() : rules.failure().message));
  return std::move(rules).value();
}

std::string base(const char* family, const char* head, const char* rule) {
  return fmt::format("table {} t {{\n\tchain c {{\n\t\ttype {};\n\t\t{}\n\t}}\n}}\n", family, head, rule);
}

struct Case {
  Backend backend;
  std::string text;
  bool ipv4;  // whether the kernel tracks connections of the family
  bool ipv6 = false;
};

std::vector<Case> cases() {
  const char* forward = "filter hook forward priority 0";
  const char* before = "filter hook prerouting priority -300";
  const char* nat = "nat hook prerouting priority -100";
  const Backend nft = Backend::nft;
  const Backend legacy = Backend::legacy;
  const auto table = [](const char* name, const char* rule) { return fmt::format("*{}\n{}\nCOMMIT\n", name, rule); };
  return {
      {nft, base("ip", forward, "tcp dport 1 drop"), false},
      {nft, base("ip", forward, "ct state invalid drop"), true},
      {nft, base("ip", forward, "ct mark 1 drop"), true},
      {nft, base("inet", forward, "ct state invalid drop"), true, true},
      {nft, base("inet", forward, "meta nfproto ipv6 ct state invalid drop"), true, true},
      {nft, base("ip6", forward, "ct state invalid drop"), false, true},
      {nft, base("ip", before, "notrack"), false},
      {nft, base("ip", before, "ct zone set 5"), true},
      {nft, base("ip", nat, "tcp dport 1 accept"), false},
      {nft, base("ip", nat, "tcp dport 1 dnat to 10.0.0.1"), true},
      {nft, base("inet", nat, "tcp dport 1 dnat ip to 10.0.0.1"), true},
      {nft, base("inet", nat, "tcp dport 1 dnat ip6 to fd00::1"), false, true},
      {nft, base("inet", nat, "tcp dport 1 redirect to :80"), true, true},
      {nft, base("inet", "nat hook postrouting priority 100", "ip saddr 10.9.9.9 masquerade"), true, true},
      {legacy, table("filter", "-A FORWARD -p tcp --dport 1 -j DROP"), false},
      {legacy, table("filter", "-A FORWARD -m state --state INVALID -j DROP"), true},
      {legacy, table("filter", "-A FORWARD -m connmark --mark 1 -j DROP"), true},
      {legacy, table("filter", "-A FORWARD -m connlimit --connlimit-above 100 -j DROP"), true},
      {legacy, table("raw", "-A PREROUTING -p tcp --dport 1 -j CT --notrack"), false},
      {legacy, table("raw", "-A PREROUTING -p tcp --dport 1 -j CT --zone 5"), true},
      {legacy, table("nat", "-A PREROUTING -p tcp --dport 1 -j ACCEPT"), false},
      {legacy, table("nat", "-A PREROUTING -p tcp --dport 1 -j DNAT --to-destination 10.0.0.1"), true},
      {legacy, table("nat", "-A POSTROUTING -s 10.9.9.9/32 -j MASQUERADE"), true},
      {legacy, table("mangle", "-A PREROUTING -p tcp --dport 1 -j CONNMARK --restore-mark"), true},
  };
}

}  // namespace

TEST_CASE("the kernel puts fragments together where segproof says that it tracks connections, and only there") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const Bytes first = as_first_fragment(to_bytes(packet_of("tcp 10.0.0.5:1000 > 203.0.113.9:80 [syn]"), 9));
  const Bytes later = as_later_fragment(to_bytes(packet_of("tcp [fd00::5]:1000 > [2001:db8:9::9]:80 [syn]"), 9));
  for (const Case& one : cases()) {
    CAPTURE(one.text);
    const model::RuleSet rules = load(*oracle, one.backend, one.text);
    CHECK(passes(oracle->sandbox(), first) == !one.ipv4);
    CHECK(passes(oracle->sandbox(), later) == !one.ipv6);
    CHECK(model::tracks(rules.at(model::Hook::ingress, Family::ipv4)) == one.ipv4);
    CHECK(model::tracks(rules.at(model::Hook::ingress, Family::ipv6)) == one.ipv6);
  }
}

TEST_CASE("a first fragment without flags passes by rules of nftables that ask for them, and is dropped by iptables") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const Bytes whole = to_bytes(packet_of("tcp 10.0.0.5:1000 > 203.0.113.9:80 [syn]"), 9);
  Bytes cut = whole;
  constexpr std::uint8_t length = 28;
  cut.resize(length);
  cut[3] = length;
  cut = as_first_fragment(cut);
  const std::string rule = "*filter\n-A FORWARD -p tcp -m tcp --tcp-flags SYN,ACK SYN -j DROP\nCOMMIT\n";
  const std::string of_nft = base("ip", "filter hook forward priority 0", "tcp flags & (syn | ack) == syn drop");
  struct Asked {
    Backend backend;
    std::string text;
    bool gets_by;
  };
  for (const Asked& one : {Asked{Backend::nft, of_nft, true}, Asked{Backend::iptables_nft, rule, true},
                           Asked{Backend::legacy, rule, false}}) {
    CAPTURE(one.text);
    static_cast<void>(load(*oracle, one.backend, one.text));
    CHECK_FALSE(passes(oracle->sandbox(), whole));
    // Too short to be recognised where it comes out: it is counted.
    const std::string counting =
        "table ip seen {\n\tchain c {\n\t\ttype filter hook postrouting priority 0;\n\t\tip length 28 "
        "counter\n\t}\n}\n";
    REQUIRE(run({"nft", "-f", "-"}, counting).code == 0);
    static_cast<void>(passes(oracle->sandbox(), cut));
    const std::string seen = run({"nft", "list", "table", "ip", "seen"}, {}).output;
    CHECK((seen.find("packets 1 ") != std::string::npos) == one.gets_by);
    CHECK((seen.find("packets 0 ") != std::string::npos) != one.gets_by);
    REQUIRE(run({"nft", "delete", "table", "ip", "seen"}, {}).code == 0);
  }
}

TEST_CASE("routing rules find no ports in a first fragment, unless connections are tracked") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const Bytes whole = to_bytes(packet_of("tcp 10.0.0.5:1000 > 203.0.113.9:80 [syn]"), 9);
  const Bytes first = as_first_fragment(whole);
  const auto rule = [](const char* command) {
    return run({"ip", "-4", "rule", command, "pref", "50", "ipproto", "tcp", "dport", "80", "blackhole"}, {}).code == 0;
  };
  REQUIRE(rule("add"));
  const char* forward = "filter hook forward priority 0";
  static_cast<void>(load(*oracle, Backend::nft, base("ip", forward, "tcp dport 1 drop")));
  CHECK_FALSE(passes(oracle->sandbox(), whole));
  CHECK(passes(oracle->sandbox(), first));
  static_cast<void>(load(*oracle, Backend::nft, base("ip", forward, "ct state invalid drop")));
  CHECK_FALSE(passes(oracle->sandbox(), whole));
  CHECK_FALSE(passes(oracle->sandbox(), first));
  CHECK(rule("del"));
}

}  // namespace segproof::oracle
