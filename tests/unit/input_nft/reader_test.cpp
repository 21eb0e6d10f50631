// SPDX-License-Identifier: Apache-2.0
// Whole files: tables, hooks, priorities, sets, commands, definitions, included files.
#include "input/nft/reader.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/file.h"
#include "input/nft/folder_includes.h"
#include "model/single_packet.h"
#include "model/walk.h"
#include "read.h"

namespace segproof::test {
namespace {

using model::Fate;
using model::Hook;

// A TCP or UDP packet from "in" to "out" through the rules.
Fate fate(const Read& read, std::string_view packet, std::string in = "eth0", std::string out = "eth1") {
  const auto parsed = parse_packet(packet);
  REQUIRE(parsed.has_value());
  return model::judge(read.result.rules, {*parsed, std::move(in), std::move(out)}).fate;
}
Fate port(const Read& read, unsigned number) {
  return fate(read, fmt::format("tcp 10.0.0.1:40000 > 10.1.0.1:{}", number));
}

std::string forward(const std::string& rules, const std::string& rest = "") {
  return "table inet t {\n" + rest + "\n chain c {\n type filter hook forward priority 0; policy drop;\n" + rules +
         "\n }\n}\n";
}

}  // namespace

TEST_CASE("base chains become stages in the order of the kernel") {
  const Read read(
      "table inet a {\n"
      " chain pre { type filter hook prerouting priority raw; }\n"
      " chain in { type filter hook input priority filter - 5; policy drop; }\n"
      " chain out { type route hook output priority mangle\n policy accept\n }\n"
      " chain first { type filter hook forward priority 0; }\n"
      " chain second { type filter hook forward priority 0; }\n"
      "}\n"
      "table ip n {\n"
      " chain pre { type nat hook prerouting priority 50; }\n"
      " chain pre2 { type nat hook prerouting priority dstnat; dnat to 10.0.0.1; }\n"
      " chain post { type nat hook postrouting priority srcnat + 5; }\n"
      "}\n"
      "table ip6 s { chain f { type filter hook forward priority -1; policy drop; }; }\n");
  CHECK(read.faults().empty());
  // Translations of a hook are asked at one place, by their priorities.
  CHECK(read.stages(Hook::ingress) ==
        "-300 inet a pre accept;-200 connection tracking;-100 ip n pre2 accept;-100 ip n pre accept;");
  CHECK(read.stages(Hook::ingress, Family::ipv6) == "-300 inet a pre accept;");
  CHECK(read.stages(Hook::deliver) == "-5 inet a in drop;");
  CHECK(read.stages(Hook::originate) == "-200 connection tracking;-150 inet a out accept;");
  CHECK(read.stages(Hook::egress) == "100 ip n post accept;");
  // Of two chains of one priority the later one comes first; seen in a kernel.
  CHECK(read.stages(Hook::forward) == "0 inet a second accept;0 inet a first accept;");
  CHECK(read.stages(Hook::forward, Family::ipv6) == "-1 ip6 s f drop;0 inet a second accept;0 inet a first accept;");
  CHECK(read.result.tracks);
}

TEST_CASE("jump, goto and return") {
  const Read read(
      forward("tcp dport 1-9 jump a\n tcp dport 5 accept\n tcp dport 6 goto b\n tcp dport 6 accept\n"
              " tcp dport 7 jump d\n tcp dport 7 accept\n",
              " chain a { tcp dport 1 accept; tcp dport 2 drop; tcp dport 3 return; tcp dport 3 accept; }\n"
              " chain b { udp dport 1 accept; }\n"
              " chain d { goto e; accept; }\n chain e { tcp dport 8 accept; }\n"));
  CHECK(read.faults().empty());
  CHECK(port(read, 1) == Fate::accept);
  CHECK(port(read, 2) == Fate::drop);
  CHECK(port(read, 3) == Fate::drop);
  CHECK(port(read, 5) == Fate::accept);
  CHECK(port(read, 6) == Fate::drop);    // the end of a chain gone to is the policy
  CHECK(port(read, 7) == Fate::accept);  // and comes back behind the jump before it
}

TEST_CASE("anonymous chains") {
  const Read read(
      forward("tcp dport 1-9 jump {\n tcp dport 1 accept\n ip saddr 10.9.0.0/16 accept\n }\n tcp dport 2 accept"));
  CHECK(read.faults().empty());
  CHECK(port(read, 1) == Fate::accept);
  CHECK(port(read, 2) == Fate::accept);
  CHECK(port(read, 3) == Fate::drop);
}

TEST_CASE("marks are carried through a verdict map, and calls do not meet it twice") {
  const Read read(
      forward("meta mark set tcp dport map { 1 : 1, 2 : 2, 3 : 3 }\n"
              "meta mark vmap { 1 : jump one, 2 : jump two, 3 : accept }\n meta mark 2 accept",
              " chain one { meta mark set 2; }\n chain two { meta mark set 9; }\n"));
  CHECK(read.faults().empty());
  CHECK(port(read, 1) == Fate::accept);  // mark 2 after the map, which was asked once
  CHECK(port(read, 2) == Fate::drop);
  CHECK(port(read, 3) == Fate::accept);
  CHECK(port(read, 4) == Fate::drop);
}

TEST_CASE("sets") {
  const std::string sets =
      " set a { type ipv4_addr; flags interval; elements = { 10.0.0.0/24, 10.0.2.0-10.0.2.9 }; }\n"
      " set p { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/24 . 1-3, 10.0.0.1 . 9 }; }\n"
      " set d { type ipv4_addr; flags dynamic,timeout; timeout 1h; elements = { 10.7.0.1, 10.7.0.2 expires 5m }; }\n"
      " set e { typeof ip saddr; }\n"
      " map v { type inet_service : verdict; elements = { 7 : accept, 8 : drop, * : continue }; }\n";
  const Read exact(
      forward("ip saddr @a tcp dport 5 accept\n ip saddr . tcp dport @p accept\n tcp dport vmap @v\n"
              "ip saddr != @a tcp dport 6 accept",
              sets));
  CHECK(exact.faults().empty());
  CHECK(exact.result.undecided.empty());
  CHECK(port(exact, 5) == Fate::accept);
  CHECK(port(exact, 2) == Fate::accept);
  CHECK(port(exact, 4) == Fate::drop);
  CHECK(port(exact, 9) == Fate::accept);
  CHECK(port(exact, 7) == Fate::accept);
  CHECK(port(exact, 8) == Fate::drop);
  CHECK(port(exact, 6) == Fate::drop);
  CHECK(fate(exact, "tcp 10.0.1.1:1 > 10.1.0.1:6") == Fate::accept);

  // Elements come and go: only what has no end is certain.
  const Read open(forward("ip saddr @d accept", sets));
  CHECK(open.result.undecided.size() == 1);
  CHECK(fate(open, "tcp 10.7.0.1:1 > 10.1.0.1:6") == Fate::accept);
  CHECK(fate(open, "tcp 10.7.0.2:1 > 10.1.0.1:6") == Fate::unknown);
  CHECK(fate(open, "tcp 10.8.0.1:1 > 10.1.0.1:6") == Fate::unknown);

  // What nft lists has its sets filled; a source file may leave that to others.
  CHECK(port(Read(forward("ip saddr @e accept", sets)), 1) == Fate::drop);
  CHECK(port(Read("# mine\n" + forward("ip saddr @e accept", sets)), 1) == Fate::unknown);
  CHECK(port(Read(forward("ip saddr @e accept\n add @e { ip daddr }", sets)), 1) == Fate::unknown);
}

TEST_CASE("commands are carried out in order") {
  const Read read(
      "add table inet t\n"
      "add chain inet t c { type filter hook forward priority 0; policy drop; }\n"
      "add rule inet t c tcp dport 1 accept; add rule inet t c tcp dport 2 accept\n"
      "insert rule inet t c tcp dport 1 drop\n"
      "table inet t { chain c { tcp dport 3 accept; }; chain old { accept; }; }\n"
      "rename chain inet t old new\nadd rule inet t c tcp dport 4 jump new\n"
      "add set inet t s { type inet_service; }\nadd element inet t s { 5, 6, 7 }\ndelete element inet t s { 6 }\n"
      "add rule inet t c tcp dport @s accept\n"
      "add table ip gone { chain c { type filter hook forward priority 0; policy drop; }; }\ndelete table ip gone\n"
      "list ruleset\n");
  CHECK(read.faults().empty());
  CHECK(port(read, 1) == Fate::drop);
  for (const unsigned accepted : {2U, 3U, 4U, 5U, 7U})
    CHECK(port(read, accepted) == Fate::accept);
  CHECK(port(read, 6) == Fate::drop);

  const Read flushed(forward("accept") + "flush ruleset\n");
  CHECK(flushed.result.rules.stages.empty());
  const Read emptied(forward("accept") + "flush chain inet t c\n");
  CHECK(port(emptied, 1) == Fate::drop);
  // Which rule a handle is, no file says.
  const Read handle(forward("accept") + "delete rule inet t c handle 5\n");
  CHECK(port(handle, 1) == Fate::unknown);
  CHECK(handle.result.unmodelled.size() == 1);
}

TEST_CASE("definitions") {
  const Read read(
      "define wan = eth0\ndefine ports = { 1, 3-4 }\ndefine more = { $ports, 9 }\ndefine net = 10.0.0.0/8\n"
      "define prio = -5\ndefine to = jump\n"
      "table inet t {\n define local = 7\n"
      " chain c {\n type filter hook forward priority $prio; policy drop;\n"
      " iifname $wan ip saddr $net tcp dport $more accept\n tcp dport { $local, 8 } accept\n }\n}\n");
  CHECK(read.faults().empty());
  for (const unsigned accepted : {1U, 4U, 9U, 7U, 8U})
    CHECK(port(read, accepted) == Fate::accept);
  CHECK(port(read, 2) == Fate::drop);
  CHECK(read.stages(Hook::forward) == "-5 inet t c drop;");
  const Read missing(forward("tcp dport $nothing accept"));
  CHECK(missing.faults() == "5:12 variable `$nothing` is not defined\n");
  CHECK(port(missing, 1) == Fate::unknown);
}

TEST_CASE("included files") {
  MemoryFileSystem files({{"fw/rules.nft", "include \"defs.nft\"\n" + forward("include \"parts/*.nft\"\n accept")},
                          {"fw/defs.nft", "define bad = 10.6.6.0/24\n"},
                          {"fw/parts/a.nft", "tcp dport 1 drop"},
                          {"fw/parts/b.nft", "ip saddr $bad drop\n"},
                          {"fw/parts/.hidden.nft", "drop"},
                          {"fw/circle.nft", "include \"circle.nft\"\n"},
                          {"out.nft", "drop"}});
  const auto read = [&](const std::string& path) {
    struct Outcome {
      SourceStore sources;
      DiagnosticSink sink;
      NftResult result;
    } outcome;
    const auto open = [&](const std::string& name) -> Result<FileId> {
      auto text = files.read_file(name, default_file_limit);
      if (!text)
        return text.failure();
      return outcome.sources.add(name, std::move(text).value());
    };
    FolderIncludes includes(files, outcome.sources, "fw", open);
    const FileId file = open(path).value();
    outcome.result = read_nft(file, outcome.sources, &includes, outcome.sink);
    take_back_doubts(outcome.result.rules);
    std::string rules;
    for (const model::Chain& chain : outcome.result.rules.chains) {
      for (const model::Rule& rule : chain.rules)
        rules += fmt::format("{}:{} ", outcome.sources.path(rule.origin.file), rule.origin.line);
    }
    for (const Diagnostic& fault : outcome.sink.all())
      rules += fmt::format("\n{}:{} {}", outcome.sources.path(fault.span.file), fault.span.line, fault.message);
    return rules;
  };
  CHECK(read("fw/rules.nft") == "fw/parts/a.nft:1 fw/parts/b.nft:1 fw/rules.nft:7 ");
  CHECK(read("fw/circle.nft").find("files include each other too deeply") != std::string::npos);
  files.add("fw/rules.nft", "include \"../out.nft\"\n");
  CHECK(read("fw/rules.nft").find("`../out.nft` is not below the folder of the ruleset") != std::string::npos);
  files.add("fw/rules.nft", "include \"/etc/nftables.conf\"\n");
  CHECK(read("fw/rules.nft").find("is not below the folder") != std::string::npos);
  files.add("fw/rules.nft", "include \"missing.nft\"\n");
  CHECK(read("fw/rules.nft").find("missing.nft") != std::string::npos);
  files.add("fw/rules.nft", "include \"nothing/*.nft\"\n" + forward("accept"));
  CHECK(read("fw/rules.nft") == "fw/rules.nft:6 ");
}

TEST_CASE("patterns of file names") {
  CHECK(fits_pattern("10-a.nft", "*.nft"));
  CHECK(fits_pattern("abc", "a?c"));
  CHECK(fits_pattern("aXbXc", "a*b*c"));
  CHECK_FALSE(fits_pattern("a.nft~", "*.nft"));
  CHECK_FALSE(fits_pattern("ab", "a?c"));
  CHECK(included_path("fw/rules.nft", "./a/../b.nft", "fw") == "fw/b.nft");
  CHECK_FALSE(included_path("fw/rules.nft", "a/../../b.nft", "fw").has_value());
  CHECK_FALSE(included_path("fwx/rules.nft", "b.nft", "fw").has_value());
}

TEST_CASE("frames: bridge, arp and netdev can stop what passes") {
  const Read bridge(
      "table bridge b {\n chain f { type filter hook forward priority 0; ether saddr 0:1:2:3:4:5 drop; }\n}\n");
  CHECK(bridge.result.undecided.size() == 1);
  CHECK(port(bridge, 1) == Fate::accept);  // a packet that crosses no bridge
  const Read arp("table arp a {\n chain i { type filter hook input priority 0; policy drop; }\n}\n");
  CHECK(arp.result.undecided.size() == 1);
  const Read netdev(
      "table netdev n {\n chain i { type filter hook ingress device eth0 priority 0; policy accept;\n"
      " tcp dport 1 drop\n ip saddr 10.6.0.0/16 drop\n }\n}\n");
  CHECK(netdev.result.undecided.size() == 1);
  CHECK(port(netdev, 1) == Fate::drop);
  CHECK(port(netdev, 2) == Fate::accept);
  CHECK(fate(netdev, "tcp 10.0.0.1:1 > 10.1.0.1:1", "eth1", "eth0") == Fate::accept);
  const Read closed(
      "table netdev n {\n chain i { type filter hook ingress device eth0 priority 0; policy drop; udp dport 5 accept; "
      "}\n}\n");
  const Read returns(
      "table netdev n {\n chain i { type filter hook ingress device eth0 priority 0; policy drop; return; }\n}\n");
  CHECK(port(returns, 2) == Fate::drop);
  CHECK(port(closed, 2) == Fate::drop);
  CHECK(fate(closed, "tcp 10.0.0.1:1 > 10.1.0.1:1", "eth1", "eth0") == Fate::accept);
}

TEST_CASE("a table that is dormant does nothing") {
  const Read read(
      "table inet t {\n flags dormant\n chain c { type filter hook forward priority 0; policy drop; }\n}\n");
  CHECK(read.faults().empty());
  CHECK(port(read, 1) == Fate::accept);
}

TEST_CASE("packets of a flow in a flowtable may go past every rule on their way") {
  const std::string text =
      "table inet t {\n flowtable f { hook ingress priority 0; devices = { eth0 }; }\n"
      " chain early { type filter hook prerouting priority raw; policy drop; }\n"
      " chain c { type filter hook forward priority 0; policy accept; ip protocol tcp flow add @f; }\n"
      " chain in { type filter hook input priority 0; policy drop; }\n}\n"
      "table ip later { chain d { type filter hook forward priority 10; policy drop; } }\n";
  const Read read(text);
  CHECK(read.faults().empty());
  const auto later = [&](std::string_view packet, std::string out, TrackState state) {
    return model::judge_with_state(read.result.rules, {*parse_packet(packet), "eth0", std::move(out)}, state).fate;
  };
  const char* tcp = "tcp 10.0.0.1:1 > 10.1.0.1:1 [ack]";
  CHECK(later(tcp, "eth1", TrackState::established) == Fate::unknown);
  CHECK(later("icmp 10.0.0.1 > 10.1.0.1 type 8 code 0", "eth1", TrackState::established) == Fate::drop);
  // Nothing in table raw tells a later packet from a first one; behind it, the state does.
  CHECK(later(tcp, "eth1", TrackState::fresh) == Fate::unknown);
  const Read without_early(
      "table inet t {\n chain c { type filter hook forward priority 0; ct state established flow add @f; }\n}\n"
      "table ip later { chain d { type filter hook forward priority 10; policy drop; } }\n");
  CHECK(fate(without_early, tcp) == Fate::drop);
  // In a table that sleeps nothing is offloaded.
  const Read dormant(
      "table inet t {\n flags dormant\n chain c { type filter hook forward priority 0; flow add @f; }\n}\n"
      "table ip later { chain d { type filter hook forward priority 10; policy drop; } }\n");
  CHECK_FALSE(dormant.result.rules.offload.has_value());
  // Rules that are added later (iptables of the same host, its reverse-path filters) are gone past as well.
  model::RuleSet host = without_early.result.rules;
  const std::size_t stages = host.stages.size();
  host.append(dormant.result.rules);
  for (const model::Stage& stage : host.stages) {
    CHECK(stage.offloaded_pass == (stage.kind == model::StageKind::filter));
  }
  CHECK(host.stages.size() == stages + 1);
}

TEST_CASE("one chain at two hooks is lowered for each") {
  const Read read(
      "table ip t {\n chain shared { udp dport 53 notrack; }\n"
      " chain pre { type filter hook prerouting priority raw; jump shared; }\n"
      " chain fwd { type filter hook forward priority 0; policy drop; ct state untracked accept; }\n}\n");
  CHECK(read.faults().empty());
  CHECK(fate(read, "udp 10.0.0.1:1 > 10.1.0.1:53") == Fate::accept);
  CHECK(fate(read, "udp 10.0.0.1:1 > 10.1.0.1:54") == Fate::drop);
}

TEST_CASE("families") {
  const Read read(
      forward("ip saddr 10.0.0.0/8 accept\n ip6 saddr 2001:db8::/32 tcp dport 1 accept\n"
              "ip6 nexthdr udp accept\n meta nfproto ipv6 tcp dport 2 accept"));
  CHECK(read.faults().empty());
  CHECK(port(read, 1) == Fate::accept);
  CHECK(fate(read, "tcp [2001:db8::1]:1 > [2001:db8::2]:1") == Fate::accept);
  CHECK(fate(read, "tcp [2001:db8::1]:1 > [2001:db8::2]:2") == Fate::accept);
  CHECK(fate(read, "udp [2001:db8::1]:1 > [2001:db8::2]:9") == Fate::accept);
  CHECK(fate(read, "tcp [2001:db8::1]:1 > [2001:db8::2]:9") == Fate::drop);
}

// Linux reads the ports of a later fragment out of what its sender wrote elsewhere, unless tracking puts it together.
TEST_CASE("later fragments of IPv6 are in doubt where rules ask for ports and nothing tracks") {
  const auto doubts = [](const std::string& rule, const char* family) {
    SourceStore sources;
    DiagnosticSink sink;
    const FileId file = sources.add(
        "rules.nft",
        fmt::format("table {} t {{\n chain c {{\n type filter hook forward priority 0; policy drop;\n {}\n }}\n}}\n",
                    family, rule));
    const NftResult result = read_nft(file, sources, nullptr, sink);
    CHECK(!model::flaw(result.rules).has_value());
    model::SinglePacket later;
    later.packet = *parse_packet("udp [2001:db8::1]:1 > [2001:db8::2]:9");
    later.packet[Field::fragment] = 1;
    later.packet[Field::source_port] = later.packet[Field::destination_port] = 0;
    later.ingress = "eth0";
    later.egress = "eth1";
    return model::judge(result.rules, later).fate;
  };
  CHECK(doubts("udp dport 53 accept", "inet") == Fate::unknown);
  CHECK(doubts("udp dport 53 accept", "ip6") == Fate::unknown);
  CHECK(doubts("udp dport 53 meta mark set 1", "ip6") == Fate::unknown);
  CHECK(doubts("ip6 saddr 2001:db8::1 accept", "ip6") == Fate::accept);
  CHECK(doubts("ip6 saddr 2001:db8::3 accept", "inet") == Fate::drop);
  CHECK(doubts("udp dport 53 accept", "ip") != Fate::unknown);
  CHECK(doubts("udp dport 53 ct state new accept", "inet") != Fate::unknown);
}

// Asked of a kernel: neither a chain of translations nor `notrack` makes it track, a translation does, for its family.
TEST_CASE("connections are tracked where a rule needs it, and else translations are perhaps not asked") {
  const auto families = [](const std::string& rule, const char* hook = "prerouting") {
    const Read read(
        fmt::format("table inet t {{\n chain c {{\n type nat hook {} priority 0;\n {}\n }}\n}}\n", hook, rule));
    std::string text;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      if (model::tracks(read.result.rules.at(Hook::ingress, family)))
        text += family == Family::ipv4 ? "4" : "6";
    }
    return text;
  };
  CHECK(families("").empty());
  CHECK(families("tcp dport 80 accept").empty());
  CHECK(families("dnat ip to 10.0.0.1") == "4");
  CHECK(families("dnat ip6 to 2001:db8::1") == "6");
  CHECK(families("ip saddr 10.0.0.1 masquerade", "postrouting") == "46");
  CHECK(families("ct state new") == "46");

  const std::string drops = "table ip n {\n chain p {\n type nat hook prerouting priority -100;\n drop\n }\n}\n";
  CHECK(port(Read(drops), 1) == Fate::unknown);
  CHECK(port(Read(drops + "table ip t { chain c { type filter hook input priority 0; ct state new; }; }\n"), 1) ==
        Fate::drop);
  CHECK(port(Read(drops + "table ip6 t { chain c { type filter hook input priority 0; ct state new; }; }\n"), 1) ==
        Fate::unknown);
  CHECK_FALSE(Read("table ip t { chain c { type filter hook prerouting priority -300; notrack; }; }\n").result.tracks);
}

TEST_CASE("an interface by its number is one that nobody knows") {
  CHECK(port(Read(forward("iif 2 accept")), 1) == Fate::unknown);
  CHECK(port(Read(forward("iif eth0 accept")), 1) == Fate::accept);
  CHECK(Read(forward("iifname { \"eth0\", \"ppp*\" } accept")).result.interfaces ==
        std::vector<std::string>{"eth0", "ppp+"});
}

TEST_CASE("a ruleset is recognised by its tables") {
  CHECK(looks_like_nft("table inet filter {\n}\n"));
  CHECK(looks_like_nft("#!/usr/sbin/nft -f\n"));
  CHECK(looks_like_nft("add table inet filter\n"));
  CHECK(looks_like_nft("flush ruleset\n"));
  CHECK_FALSE(looks_like_nft("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"));
  CHECK_FALSE(looks_like_nft("a table of contents\ntable 1: numbers\n"));
}

}  // namespace segproof::test
