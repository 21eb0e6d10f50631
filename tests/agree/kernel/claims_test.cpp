// SPDX-License-Identifier: Apache-2.0
// What is known of netfilter, claim by claim: each is asked of the kernel and of segproof. Those about several packets
// stand in state_test.cpp and sequence_test.cpp; README.md lists all.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "confirm/process.h"
#include "input/iptables/reader.h"
#include "oracle.h"

namespace segproof::oracle {
namespace {

struct Expected {
  const char* packet;
  bool passes;
  const char* in = "eth0";
};

struct Claim {
  const char* text;
  Backend backend;
  std::string rules;
  std::vector<Expected> packets;
  bool switches_tracking = false;
  bool is_decided = true;
};

std::string chain(const std::string& rules, const char* policy = "drop", const char* priority = "0",
                  const char* name = "a") {
  return fmt::format("table ip {} {{\n\tchain f {{\n\t\ttype filter hook forward priority {}; policy {};\n{}\t}}\n}}\n",
                     name, priority, policy, rules);
}

std::string filter(const char* policy, const std::string& rules) {
  return fmt::format("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD {} [0:0]\n:OUTPUT ACCEPT [0:0]\n{}COMMIT\n", policy,
                     rules);
}

constexpr const char* udp53 = "udp 10.0.0.5:1000 > 203.0.113.9:53";
constexpr const char* udp54 = "udp 10.0.0.5:1000 > 203.0.113.9:54";
constexpr const char* udp55 = "udp 10.0.0.5:1000 > 203.0.113.9:55";
constexpr const char* syn = "tcp 10.0.0.5:1000 > 203.0.113.9:80 [syn]";
constexpr const char* syn_ack = "tcp 10.0.0.5:1000 > 203.0.113.9:80 [syn,ack]";

std::vector<Claim> nft_chain_claims() {
  const Backend nft = Backend::nft;
  const std::string drop_in_nat =
      "table ip n {\n\tchain p {\n\t\ttype nat hook prerouting priority -100;\n\t\tudp dport 53 drop\n\t}\n}\n";
  return {
      {"accept in one base chain is not final: a later one at the hook can still drop",
       nft,
       chain("\t\taccept\n", "accept") + chain("\t\tudp dport 53 drop\n", "accept", "10", "b"),
       {{udp53, false}, {udp54, true}}},
      {"an accept at an earlier priority does not override a later policy",
       nft,
       chain("", "drop") + chain("\t\tudp dport 53 accept\n", "accept", "-10", "b"),
       {{udp53, false}}},
      {"a base chain without a policy accepts",
       nft,
       "table ip a {\n\tchain f {\n\t\ttype filter hook forward priority 0;\n\t}\n}\n",
       {{udp53, true}}},
      {"return from a goto-ed chain leads to the policy, not behind the goto",
       nft,
       "table ip a {\n\tchain x {\n\t\tudp dport 53 return\n\t\tudp dport 54 accept\n\t\tdrop\n\t}\n\tchain f "
       "{\n\t\ttype "
       "filter hook forward priority 0; policy accept;\n\t\tudp dport 53-60 goto x\n\t\tudp dport 53 drop\n\t}\n}\n",
       {{udp53, true}, {udp54, true}, {udp55, false}}},
      {"return from a jumped-to chain goes on behind the jump",
       nft,
       "table ip a {\n\tchain x {\n\t\tudp dport 53 return\n\t\tdrop\n\t}\n\tchain f {\n\t\ttype filter hook forward "
       "priority 0; policy accept;\n\t\tjump x\n\t\tudp dport 53 drop\n\t}\n}\n",
       {{udp53, false}}},
      {"a miss in a verdict map falls through, a hit ends the chain",
       nft,
       chain("\t\tudp dport vmap { 53 : drop, 54 : accept }\n\t\tudp dport 54-56 drop\n", "accept"),
       {{udp53, false}, {udp54, true}, {udp55, false}}},
      {"a drop in a nat chain drops the first packet of a flow",
       nft,
       drop_in_nat + chain("\t\tct state new counter\n", "accept"),
       {{udp53, false}, {udp54, true}}},
      {"a nat chain is not asked where nothing tracks connections; something beside the rules might",
       nft,
       drop_in_nat,
       {{udp53, true}},
       true,
       false},
      {"the filter sees the destination after DNAT",
       nft,
       "table ip n {\n\tchain p {\n\t\ttype nat hook prerouting priority -100;\n\t\tiifname \"eth1\" tcp dport 8080 "
       "dnat "
       "to 10.0.0.80:80\n\t}\n}\n" +
           chain("\t\tip daddr 10.0.0.80 tcp dport 80 accept\n"),
       {{"tcp 203.0.113.9:1000 > 198.51.100.9:8080", true, "eth1"},
        {"tcp 203.0.113.9:1000 > 198.51.100.9:8080", false, "eth0"}}},
      {"the filter sees the source before SNAT",
       nft,
       "table ip n {\n\tchain q {\n\t\ttype nat hook postrouting priority 100;\n\t\toifname \"eth1\" "
       "masquerade\n\t}\n}\n" +
           chain("\t\tip saddr 10.0.0.0/16 accept\n"),
       {{udp53, true}}},
  };
}

std::vector<Claim> nft_match_claims() {
  const Backend nft = Backend::nft;
  return {
      {"`tcp flags syn` asks for a bit", nft, chain("\t\ttcp flags syn accept\n"), {{syn, true}, {syn_ack, true}}},
      {"`tcp flags { syn, rst }` asks for equality",
       nft,
       chain("\t\ttcp flags { syn, rst } accept\n"),
       {{syn, true}, {syn_ack, false}}},
      {"`tcp flags { syn }` asks for a bit again",
       nft,
       chain("\t\ttcp flags { syn } accept\n"),
       {{syn, true}, {syn_ack, true}}},
      {"`tcp flags == syn` asks for equality",
       nft,
       chain("\t\ttcp flags == syn accept\n"),
       {{syn, true}, {syn_ack, false}}},
      {"sets of concatenated intervals are products of the fields",
       nft,
       "table ip a {\n\tset s {\n\t\ttype ipv4_addr . inet_service\n\t\tflags interval\n\t\telements = { 10.0.0.0/24 . "
       "80-90, 10.0.1.0/24 . 443 }\n\t}\n\tchain f {\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tip "
       "saddr "
       ". tcp dport @s accept\n\t}\n}\n",
       {{"tcp 10.0.0.5:1 > 203.0.113.9:85", true},
        {"tcp 10.0.0.5:1 > 203.0.113.9:443", false},
        {"tcp 10.0.1.7:1 > 203.0.113.9:443", true}}},
      {"an ip6 test in an inet table matches no IPv4",
       nft,
       "table inet a {\n\tchain f {\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tip6 daddr ::/0 "
       "accept\n\t\tmeta l4proto udp accept\n\t}\n}\n",
       {{udp53, true}, {syn, false}}},
      {"`th dport` is a port of any protocol",
       nft,
       chain("\t\tth dport 80 accept\n"),
       {{syn, true}, {"udp 10.0.0.5:1 > 203.0.113.9:80", true}, {udp53, false}}},
      {"`!=` with prefixes and sets is the complement",
       nft,
       chain("\t\tip saddr != 10.0.0.0/24 accept\n\t\tip saddr != { 10.0.0.5, 10.0.0.6 } accept\n"),
       {{udp53, false}, {"udp 10.0.0.7:1 > 203.0.113.9:1", true}, {"udp 10.0.1.1:1 > 203.0.113.9:1", true}}},
      {"`iif` is an interface, `iifname` a name that may end in a star",
       nft,
       chain("\t\tiif \"eth0\" accept\n\t\tiifname \"pp*\" accept\n"),
       {{udp53, true, "eth0"}, {udp53, true, "ppp0"}, {udp53, false, "eth1"}}},
      {"a bare ACK without an entry is NEW",
       nft,
       chain("\t\tct state new accept\n"),
       {{"tcp 10.0.0.5:1000 > 203.0.113.9:80 [ack]", true}}},
      {"an echo reply, no flags, and SYN with FIN are INVALID without an entry",
       nft,
       chain("\t\tct state invalid accept\n"),
       {{"icmp 10.0.0.5 > 203.0.113.9 type 0 code 0", true},
        {"tcp 10.0.0.5:7 > 203.0.113.9:7 [none]", true},
        {"tcp 10.0.0.5:8 > 203.0.113.9:8 [fin,syn]", true},
        {syn, false}}},
      {"bits of `ct status` that nobody can name are set by whatever hooks came before",
       nft,
       "table ip n {\n\tchain p {\n\t\ttype nat hook prerouting priority -100;\n\t\tudp dport 53 dnat to "
       "203.0.113.7\n\t}\n}\n" +
           chain("\t\tct status & 0x180 != 0 accept\n"),
       {{udp53, true}},
       false,
       false},
      {"an option of TCP is missing in packets of other protocols",
       nft,
       chain("\t\ttcp option maxseg missing accept\n"),
       {{udp53, true}}},
      {"after notrack a packet is UNTRACKED, neither NEW nor ESTABLISHED",
       nft,
       "table ip n {\n\tchain p {\n\t\ttype filter hook prerouting priority -300;\n\t\tudp dport 53 notrack\n\t}\n}\n" +
           chain("\t\tct state untracked accept\n"),
       {{udp53, true}, {udp54, false}},
       true},
  };
}

std::vector<Claim> iptables_claims(Backend backend) {
  return {
      {"the end of a chain entered with -g leads to the policy, not behind the -g",
       backend,
       filter("DROP",
              ":C - [0:0]\n-A FORWARD -p udp -g C\n-A FORWARD -j ACCEPT\n-A C -p udp -m udp --dport 53 -j ACCEPT\n"),
       {{udp53, true}, {udp54, false}}},
      {"RETURN from a called chain goes on behind the call",
       backend,
       filter("DROP",
              ":C - [0:0]\n-A FORWARD -j C\n-A FORWARD -j ACCEPT\n-A C -p udp -m udp --dport 53 -j RETURN\n-A C -j "
              "DROP\n"),
       {{udp53, true}, {udp54, false}}},
      {"RETURN in a built-in chain is the policy",
       backend,
       filter("DROP", "-A FORWARD -j RETURN\n-A FORWARD -j ACCEPT\n"),
       {{udp53, false}}},
      {"`-i eth+` is a prefix",
       backend,
       filter("DROP", "-A FORWARD -i eth+ -j ACCEPT\n"),
       {{udp53, true, "eth1"}, {udp53, false, "ppp0"}}},
      {"`! --dport 80` still asks for the protocol",
       backend,
       filter("ACCEPT", "-A FORWARD -p tcp -m tcp ! --dport 80 -j DROP\n"),
       {{udp53, true}, {"tcp 10.0.0.5:1 > 203.0.113.9:81", false}, {syn, true}}},
      {"multiport mixes single ports and ranges",
       backend,
       filter("ACCEPT", "-A FORWARD -p tcp -m multiport --dports 22,1000:2000 -j DROP\n"),
       {{"tcp 10.0.0.5:1 > 203.0.113.9:1500", false}, {"tcp 10.0.0.5:1 > 203.0.113.9:999", true}}},
      {"--tcp-flags looks at the flags of its mask only",
       backend,
       filter("ACCEPT", "-A FORWARD -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP\n"),
       {{syn, false}, {"tcp 10.0.0.5:1 > 203.0.113.9:80 [syn,psh]", false}, {syn_ack, true}}},
      {"--icmp-type 8 means any code",
       backend,
       filter("ACCEPT", "-A FORWARD -p icmp -m icmp --icmp-type 8 -j DROP\n"),
       {{"icmp 10.0.0.5 > 203.0.113.9 type 8 code 0", false},
        {"icmp 10.0.0.5 > 203.0.113.9 type 8 code 5", false},
        {"icmp 10.0.0.5 > 203.0.113.9 type 13 code 0", true}}},
      {"MARK goes on, and later tables see the mark",
       backend,
       "*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A PREROUTING -p udp -j MARK --set-xmark "
       "0x4/0xff\n-A "
       "FORWARD -m mark --mark 0x4/0xf -j DROP\nCOMMIT\n",
       {{udp53, false}, {syn, true}}},
      {"ACCEPT in mangle ends only mangle",
       backend,
       "*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ACCEPT\nCOMMIT\n" + filter("DROP", ""),
       {{udp53, false}}},
      {"DROP in any table is final",
       backend,
       "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 10.0.0.5/32 -j DROP\nCOMMIT\n",
       {{udp53, false}, {"udp 10.0.0.6:1 > 203.0.113.9:1", true}}},
      {"masks may have holes",
       backend,
       filter("ACCEPT", "-A FORWARD -s 10.0.0.0/255.0.0.255 -j DROP\n"),
       {{"udp 10.0.7.0:1 > 203.0.113.9:1", false}, {"udp 10.0.7.1:1 > 203.0.113.9:1", true}}},
      {"REJECT rejects, by ICMP or by a reset",
       backend,
       filter("ACCEPT", "-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\n-A FORWARD -p udp -j REJECT\n"),
       {{udp53, false}, {syn, false}, {"icmp 10.0.0.5 > 203.0.113.9 type 8 code 0", true}}},
  };
}

Draft draft_of(const Claim& claim) {
  Draft draft;
  draft.backend = claim.backend;
  draft.verbatim = claim.rules;
  draft.verbatim_switches_tracking = claim.switches_tracking;
  return draft;
}

std::vector<Probe> probes_of(const Claim& claim) {
  std::vector<Probe> probes;
  for (const Expected& expected : claim.packets) {
    Probe probe;
    probe.packet = parse_packet(expected.packet).value_or(Packet{});
    probe.ingress = expected.in;
    probe.way = probe.ingress == "br-lan" ? "eth0" : "br-lan";
    probes.push_back(std::move(probe));
  }
  return probes;
}

void check(Oracle& oracle, const Claim& claim) {
  INFO(claim.text << "\n" << claim.rules);
  const Draft draft = draft_of(claim);
  const std::vector<Probe> probes = probes_of(claim);
  const auto rules = oracle.rules_of(draft);
  REQUIRE_MESSAGE(rules.ok(), (rules.ok() ? std::string() : rules.failure().message));
  const auto answers = oracle.answers(draft, probes);
  REQUIRE(answers.ok());
  for (std::size_t i = 0; i < probes.size(); ++i) {
    CAPTURE(claim.packets[i].packet);
    const model::Judgement judged = judge(rules.value(), probes[i]);
    CHECK((answers.value()[i].fate == model::Fate::accept) == claim.packets[i].passes);
    CHECK(judged.fate == (claim.is_decided ? answers.value()[i].fate : model::Fate::unknown));
  }
}

}  // namespace

TEST_CASE("what is known of nftables holds in the kernel and in segproof") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  for (const auto& claims : {nft_chain_claims(), nft_match_claims()}) {
    for (const Claim& claim : claims)
      check(*oracle, claim);
  }
}

TEST_CASE("what is known of iptables holds in the kernel and in segproof") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  for (const Backend backend : {Backend::legacy, Backend::iptables_nft}) {
    for (const Claim& claim : iptables_claims(backend))
      check(*oracle, claim);
  }
}

TEST_CASE("a rate is undecided") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const Claim claim{"a limit matches the first packets and not the later ones",
                    Backend::nft,
                    chain("\t\tudp dport 53 limit rate 1/hour burst 1 packets accept\n"),
                    {{udp53, true}, {udp53, true}, {udp53, true}, {udp54, false}}};
  const auto rules = oracle->rules_of(draft_of(claim));
  REQUIRE(rules.ok());
  const auto answers = oracle->answers(draft_of(claim), probes_of(claim));
  REQUIRE(answers.ok());
  CHECK(answers.value()[0].fate == model::Fate::accept);
  CHECK(answers.value()[2].fate == model::Fate::drop);
  CHECK(judge(rules.value(), probes_of(claim)[0]).fate == model::Fate::unknown);
  CHECK(judge(rules.value(), probes_of(claim)[3]).fate == model::Fate::drop);
}

TEST_CASE("legacy tables and nftables are both asked, and a drop in either is final") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  for (const bool legacy_drops : {true, false}) {
    CAPTURE(legacy_drops);
    const Claim nft{"", Backend::nft, chain("", legacy_drops ? "accept" : "drop"), {{udp53, false}}};
    const std::string legacy = filter(legacy_drops ? "DROP" : "ACCEPT", "");
    auto rules = oracle->rules_of(draft_of(nft));
    REQUIRE(rules.ok());
    const Probe probe = probes_of(nft).front();
    CHECK(oracle->ask(draft_of(nft), probe, 1, true).fate == (legacy_drops ? model::Fate::accept : model::Fate::drop));
    CHECK(confirm::run({"iptables-legacy-restore"}, legacy).code == 0);
    CHECK(oracle->ask(draft_of(nft), probe, 2, true).fate == model::Fate::drop);
    CHECK(confirm::run({"iptables-legacy-restore"}, filter("ACCEPT", "")).code == 0);
    SourceStore sources;
    DiagnosticSink sink;
    rules.value().append(read_iptables_save(sources.add("legacy", legacy), sources, Family::ipv4, sink).rules);
    CHECK(judge(rules.value(), probe).fate == model::Fate::drop);
  }
}

TEST_CASE("a zone makes notrack do nothing, which is why such rule sets are asked without zones") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  Claim claim = nft_match_claims().back();
  claim.switches_tracking = false;
  const auto answers = oracle->answers(draft_of(claim), probes_of(claim));
  REQUIRE(answers.ok());
  CHECK(answers.value()[0].fate == model::Fate::drop);
}

}  // namespace segproof::oracle
