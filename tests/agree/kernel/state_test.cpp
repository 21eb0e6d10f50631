// SPDX-License-Identifier: Apache-2.0
// What the connection table says of packets that no rule set shows: facts that docs/semantics.md section 7 leans on,
// asked of this kernel. What segproof makes of them: tests/regress/proofs, tests/unit/reach/header_sets_test.cpp.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "model/walk.h"
#include "oracle.h"
#include "support/skip.h"

namespace segproof::oracle {
namespace {

using confirm::as_first_fragment;
using confirm::error_bytes;
using confirm::last_fragment;
using confirm::to_bytes;
using confirm::with_options;

// Passes what is in one of the states, from eth0 to eth1 and back, with one connection table for all.
class Lab {
 public:
  enum class Asks : std::uint8_t { state, header };
  // What a rule asks of packets that pass: a state, or something of the header, and then nothing is tracked.
  Lab(Oracle& oracle, const std::string& asked, Asks asks = Asks::state) : sandbox_(oracle.sandbox()) {
    Draft draft;
    draft.backend = Backend::nft;
    draft.verbatim_switches_tracking = true;
    draft.verbatim = fmt::format(
        "table inet t {{\n\tchain f {{\n\t\ttype filter hook forward priority 0; policy drop;\n\t\t{} accept\n"
        "\t}}\n}}\n",
        asks == Asks::state ? "ct state " + asked : asked);
    const auto rules = oracle.rules_of(draft);
    REQUIRE_MESSAGE(rules.ok(), (rules.ok() ? std::string() : rules.failure().message));
  }

  // Whether the bytes, put on the wire at one interface, come out at the other.
  [[nodiscard]] bool passes(const std::string& ingress, const std::string& egress, const Bytes& bytes) {
    REQUIRE(sandbox_.set_way(egress));
    const auto sightings = sandbox_.send_bytes(ingress, bytes);
    return std::ranges::any_of(sightings, [&](const Sighting& sighting) { return sighting.interface == egress; });
  }
  void from_here(const Packet& packet) {
    REQUIRE(sandbox_.set_way("eth1"));
    static_cast<void>(sandbox_.send("", packet, 7));
  }

 private:
  Sandbox& sandbox_;
};

Packet packet_of(const char* text) {
  const auto packet = parse_packet(text);
  REQUIRE_MESSAGE(packet.has_value(), text);
  return *packet;
}

// "6.18.44" is at least 6.16?
bool is_linux_since(unsigned major, unsigned minor) {
  utsname name{};
  REQUIRE(uname(&name) == 0);
  const auto parts = split(name.release, '.');
  const auto part = [&](std::size_t i) {
    return i < parts.size() ? parse_unsigned<unsigned>(parts[i].substr(0, parts[i].find_first_not_of("0123456789")))
                            : std::nullopt;
  };
  return std::pair(part(0).value_or(0), part(1).value_or(0)) >= std::pair(major, minor);
}

void check_checksums(bool check) {
  std::ofstream("/proc/sys/net/netfilter/nf_conntrack_checksum") << (check ? "1\n" : "0\n");
}

// The end of an IPv6 packet as a later fragment, 512 bytes further on, the last one.
Bytes as_later_fragment(const Bytes& bytes) {
  constexpr std::size_t next_header = 6;
  constexpr std::size_t length = 4;
  constexpr std::size_t header = 40;
  constexpr std::uint8_t fragment = 44;
  Bytes later = bytes;
  const Bytes inserted{bytes[next_header], 0, 0x02, 0x00, 0, 0, 0, 9};
  later[next_header] = fragment;
  later[length + 1] = static_cast<std::uint8_t>(later[length + 1] + inserted.size());
  later.insert(later.begin() + header, inserted.begin(), inserted.end());
  return later;
}

}  // namespace

TEST_CASE("an ICMP error is RELATED to a flow of the device itself, and goes to whom that flow is with") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  struct Case {
    const char* flow;
    const char* quoted;  // what the other end may have sent
    const char* error;
  };
  for (const Case& one :
       {Case{"udp 192.0.2.1:4000 > 198.51.100.9:5000", "udp 198.51.100.9:5000 > 192.0.2.1:4000",
             "icmp 10.0.0.77 > 198.51.100.9 type 3 code 3"},
        Case{"udp [2001:db8:1::1]:4000 > [2001:db8:9::9]:5000", "udp [2001:db8:9::9]:5000 > [2001:db8:1::1]:4000",
             "icmpv6 [fd00::77] > [2001:db8:9::9] type 1 code 0"}}) {
    CAPTURE(one.flow);
    Lab lab(*oracle, "related");
    const Bytes error = error_bytes(packet_of(one.error), packet_of(one.quoted), 9);
    CHECK_FALSE(lab.passes("eth0", "eth1", error));
    lab.from_here(packet_of(one.flow));
    CHECK(lab.passes("eth0", "eth1", error));
  }
}

TEST_CASE("a packet under an address of the device belongs to the flow that the device opened") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  Lab lab(*oracle, "established");
  const Packet own = packet_of("udp [2001:db8:1::1]:4000 > [2001:db8:9::9]:5000");
  lab.from_here(own);
  CHECK_FALSE(lab.passes("eth0", "eth1", to_bytes(own, 9)));
  // The answer is delivered here.
  CHECK(lab.passes("eth1", "", to_bytes(packet_of("udp [2001:db8:9::9]:5000 > [2001:db8:1::1]:4000"), 9)));
  CHECK(lab.passes("eth0", "eth1", to_bytes(own, 9)));
  CHECK_FALSE(lab.passes("eth0", "eth1", to_bytes(packet_of("udp [2001:db8:1::1]:4001 > [2001:db8:9::9]:5000"), 9)));
}

TEST_CASE("IPv4 drops packets under an address of the device unless accept_local is set") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const auto accept_local = [](const char* value) {
    for (const char* name : {"all", "eth0"})
      std::ofstream(fmt::format("/proc/sys/net/ipv4/conf/{}/accept_local", name)) << value << '\n';
  };
  Lab lab(*oracle, "new,established");
  const Bytes own = to_bytes(packet_of("udp 192.0.2.1:4000 > 198.51.100.9:5000"), 9);
  CHECK(lab.passes("eth0", "eth1", own));
  accept_local("0");
  CHECK_FALSE(lab.passes("eth0", "eth1", own));
  accept_local("1");
}

TEST_CASE("the reverse of a flow is ESTABLISHED, an ICMP error about it RELATED, from whomever it comes") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const Packet flow = packet_of("udp 10.0.0.5:1000 > 203.0.113.9:2000");
  const Packet reverse = packet_of("udp 203.0.113.9:2000 > 10.0.0.5:1000");
  const Bytes error = error_bytes(packet_of("icmp 198.51.100.77 > 10.0.0.5 type 3 code 3"), flow, 9);
  for (const char* state : {"established", "related"}) {
    CAPTURE(state);
    Lab lab(*oracle, fmt::format("new meta iifname eth0 accept; ct state {}", state));
    CHECK_FALSE(lab.passes("eth1", "eth0", to_bytes(reverse, 8)));
    CHECK_FALSE(lab.passes("eth1", "eth0", error));
    CHECK(lab.passes("eth0", "eth1", to_bytes(flow, 7)));
    CHECK(lab.passes("eth1", "eth0", to_bytes(reverse, 8)) == (state == std::string("established")));
    CHECK(lab.passes("eth1", "eth0", error) == (state == std::string("related")));
  }
}

TEST_CASE("a bare ACK opens a flow unless tcp_loose is 0") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const auto tcp_loose = [](const char* value) {
    std::ofstream("/proc/sys/net/netfilter/nf_conntrack_tcp_loose") << value << '\n';
  };
  const Packet ack = packet_of("tcp 10.0.0.5:1000 > 203.0.113.9:80 [ack]");
  for (const bool loose : {true, false}) {
    tcp_loose(loose ? "1" : "0");
    const char* state = loose ? "new" : "invalid";
    Lab lab(*oracle, state);
    CHECK(lab.passes("eth0", "eth1", to_bytes(ack, 9)));
    CHECK(model::first_packet_state(ack, loose) == (loose ? TrackState::fresh : TrackState::invalid));
  }
  tcp_loose("1");
}

TEST_CASE("fragments are put together where connections are tracked, and else only the first has ports") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  check_checksums(false);  // that of the whole is not right
  const Packet packet = packet_of("tcp 10.0.0.5:1000 > 203.0.113.9:80 [syn]");
  const Bytes first = as_first_fragment(to_bytes(packet, 9));
  const auto units = static_cast<std::uint16_t>((first.size() - 20) / 8);
  const Bytes last = last_fragment(packet, 9, units, 16);
  for (const bool tracks : {false, true}) {
    CAPTURE(tracks);
    Lab lab = tracks ? Lab(*oracle, "invalid drop; tcp dport 80") : Lab(*oracle, "tcp dport 80", Lab::Asks::header);
    CHECK(lab.passes("eth0", "eth1", first) == !tracks);
    // Both, or all of it together, when the last one comes; without tracking no rule lets that pass.
    CHECK(lab.passes("eth0", "eth1", last) == tracks);
  }
  check_checksums(true);
}

TEST_CASE("tests of ports and protocols see past the extension headers of IPv6, `ip6 nexthdr` does not") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const Packet packet = packet_of("udp [fd00::5]:1000 > [2001:db8:9::9]:53");
  const Bytes plain = to_bytes(packet, 9);
  constexpr std::uint8_t hop_by_hop = 0;
  constexpr std::uint8_t destination_options = 60;
  struct Rule {
    const char* text;
    bool matches_plain;
    bool matches_behind;  // a header of options
  };
  for (const Rule& rule :
       {Rule{"udp dport 53", true, true}, Rule{"meta l4proto udp", true, true}, Rule{"th dport 53", true, true},
        Rule{"ip6 nexthdr udp", true, false}, Rule{"udp dport 54", false, false}}) {
    CAPTURE(rule.text);
    Lab lab(*oracle, rule.text, Lab::Asks::header);
    CHECK(lab.passes("eth0", "eth1", plain) == rule.matches_plain);
    for (const std::uint8_t header : {hop_by_hop, destination_options})
      CHECK(lab.passes("eth0", "eth1", with_options(plain, header)) == rule.matches_behind);
  }
}

TEST_CASE("a copy goes to its gateway, whatever becomes of the packet") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const Bytes bytes = to_bytes(packet_of("udp 10.0.0.5:1000 > 203.0.113.9:53"), 9);
  for (const bool passes : {true, false}) {
    Draft draft;
    draft.backend = Backend::nft;
    draft.verbatim_switches_tracking = true;
    draft.verbatim = fmt::format(
        "table ip t {{\n\tchain p {{\n\t\ttype filter hook prerouting priority 0;\n\t\tdup to 172.16.0.9 device "
        "\"br-lan\"\n"
        "\t}}\n\tchain f {{\n\t\ttype filter hook forward priority 0; policy {};\n\t}}\n}}\n",
        passes ? "accept" : "drop");
    REQUIRE(oracle->rules_of(draft).ok());
    REQUIRE(oracle->sandbox().set_way("eth1"));
    std::vector<std::string> names;
    for (const Sighting& sighting : oracle->sandbox().send_bytes("eth0", bytes))
      names.push_back(sighting.interface);
    std::ranges::sort(names);
    CHECK(names == (passes ? std::vector<std::string>{"br-lan", "eth1"} : std::vector<std::string>{"br-lan"}));
  }
}

TEST_CASE("flows of DCCP have no ports since Linux 6.16") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  if (!is_linux_since(6, 16)) {
    test::skip("kernel", "this kernel tracks DCCP with its ports, if at all");
    return;
  }
  Lab opener(*oracle, "new");
  CHECK(opener.passes("eth0", "eth1", to_bytes(packet_of("dccp 10.0.0.5:1000 > 203.0.113.9:5000"), 9)));
  Lab lab(*oracle, "{ new, established } meta iifname eth0 accept; ct state established");
  CHECK(lab.passes("eth0", "eth1", to_bytes(packet_of("dccp 10.0.0.5:1000 > 203.0.113.9:5000"), 9)));
  CHECK(lab.passes("eth1", "eth0", to_bytes(packet_of("dccp 203.0.113.9:7 > 10.0.0.5:8"), 9)));
  CHECK_FALSE(lab.passes("eth1", "eth0", to_bytes(packet_of("dccp 203.0.113.9:7 > 10.0.0.6:8"), 9)));
}

TEST_CASE("a first packet of SCTP is NEW or INVALID by its chunk, which no rule set shows") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  check_checksums(false);
  constexpr std::size_t chunk_type = 20 + 12;
  constexpr std::uint8_t init = 1;
  std::size_t invalid = 0;
  for (std::uint8_t chunk = 0; chunk < 15; ++chunk) {
    CAPTURE(chunk);
    Bytes bytes = to_bytes(packet_of("sctp 10.0.0.5:1000 > 203.0.113.9:5000"), 9);
    bytes[chunk_type] = chunk;
    Lab fresh(*oracle, "new");
    const bool is_new = fresh.passes("eth0", "eth1", bytes);
    Lab broken(*oracle, "invalid");
    const bool is_invalid = broken.passes("eth0", "eth1", bytes);
    CHECK(is_new != is_invalid);
    CHECK((chunk != init || is_new));
    invalid += is_invalid ? std::size_t{1} : std::size_t{0};
  }
  CHECK(invalid > 5);
  check_checksums(true);
}

TEST_CASE("UDP-Lite is INVALID with the checksum of its own standard, NEW with that of UDP") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  Bytes bytes = to_bytes(packet_of("udplite 10.0.0.5:1000 > 203.0.113.9:5000"), 9);
  Lab fresh(*oracle, "new");
  const bool is_tracked = fresh.passes("eth0", "eth1", bytes);
  // The pseudo header names protocol 136 instead of 17.
  constexpr std::size_t checksum = 20 + 6;
  std::uint32_t sum = (~(static_cast<std::uint32_t>(bytes[checksum]) << 8U | bytes[checksum + 1]) & 0xffffU) + 136 - 17;
  sum = (sum & 0xffffU) + (sum >> 16U);
  bytes[checksum] = static_cast<std::uint8_t>(~sum >> 8U);
  bytes[checksum + 1] = static_cast<std::uint8_t>(~sum);
  Lab broken(*oracle, "invalid");
  // A kernel without tracking of UDP-Lite looks at no checksum.
  CHECK(is_tracked);
  CHECK((broken.passes("eth0", "eth1", bytes) || !is_linux_since(6, 0) || is_linux_since(7, 0)));
}

TEST_CASE("a later fragment of IPv6 may match tests of ports, by what its sender wrote into the header of IPv6") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const Packet packet = packet_of("udp [fd00::5]:1000 > [2001:db8:9::9]:53");
  const Bytes later = as_later_fragment(to_bytes(packet, 9));
  Lab by_address(*oracle, "ip6 saddr fd00::/16", Lab::Asks::header);
  CHECK(by_address.passes("eth0", "eth1", later));
  // Kernels differ, so segproof says that it does not know: this one takes the flow label for a port.
  for (const char* rule : {"udp dport 53", "udp dport 9", "udp dport != 53"}) {
    CAPTURE(rule);
    Draft draft;
    draft.backend = Backend::nft;
    draft.family = Family::ipv6;
    draft.verbatim_switches_tracking = true;
    draft.verbatim = fmt::format(
        "table inet t {{\n\tchain f {{\n\t\ttype filter hook forward priority 0; policy drop;\n\t\t{} "
        "accept\n\t}}\n}}\n",
        rule);
    const auto rules = oracle->rules_of(draft);
    REQUIRE(rules.ok());
    Lab lab(*oracle, rule, Lab::Asks::header);
    MESSAGE(fmt::format("{} {}", rule, lab.passes("eth0", "eth1", later) ? "matches" : "does not match"));
    Probe probe{packet, "eth0", "eth1"};
    probe.packet[Field::fragment] = 1;
    probe.packet[Field::source_port] = probe.packet[Field::destination_port] = 0;
    CHECK(judge(rules.value(), probe).fate == model::Fate::unknown);
  }
  // iptables asks whether there is a header of UDP.
  for (const char* rule : {"--dport 53", "--dport 9", "! --dport 53"}) {
    CAPTURE(rule);
    Draft draft;
    draft.backend = Backend::legacy;
    draft.family = Family::ipv6;
    draft.verbatim_switches_tracking = true;
    draft.verbatim = fmt::format(
        "# Generated by ip6tables-save v1.8.9\n*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp -m udp {} -j "
        "ACCEPT\nCOMMIT\n",
        rule);
    const auto rules = oracle->rules_of(draft);
    REQUIRE(rules.ok());
    REQUIRE(oracle->sandbox().set_way("eth1"));
    const auto sightings = oracle->sandbox().send_bytes("eth0", later);
    CHECK(std::ranges::none_of(sightings, [](const Sighting& sighting) { return sighting.interface == "eth1"; }));
    Probe probe{packet, "eth0", "eth1"};
    probe.packet[Field::fragment] = 1;
    probe.packet[Field::source_port] = probe.packet[Field::destination_port] = 0;
    CHECK(judge(rules.value(), probe).fate == model::Fate::drop);
  }
  // Where connections are tracked it waits for the rest.
  Lab lab(*oracle, "new,established,related,invalid,untracked");
  CHECK_FALSE(lab.passes("eth0", "eth1", later));
}

}  // namespace segproof::oracle
