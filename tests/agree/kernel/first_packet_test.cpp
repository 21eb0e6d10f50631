// SPDX-License-Identifier: Apache-2.0
// The state that conntrack gives to the first packet of a flow: all TCP flags, all ICMP types, all protocols.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

#include "model/walk.h"
#include "oracle.h"

namespace segproof::oracle {
namespace {

// Lets one state through.
Draft only(Family family, const char* state) {
  DraftRule rule;
  rule.text = fmt::format("-m conntrack --ctstate {} -j ACCEPT", state);
  Draft draft;
  draft.family = family;
  draft.tables = {{"filter", {}, {{"FORWARD", "DROP [0:0]", true, {rule}, "forward", false}}}};
  return draft;
}

Probe probe(Family family, std::uint8_t protocol) {
  Probe made;
  made.ingress = "eth0";
  made.way = "eth1";
  Packet& packet = made.packet;
  packet.family = family;
  packet[Field::protocol] = protocol;
  packet[Field::source] = parse_address(family == Family::ipv4 ? "10.0.0.5" : "fd00::5").value_or(Address{}).bits;
  packet[Field::destination] =
      parse_address(family == Family::ipv4 ? "203.0.113.9" : "2001:db8:9::9").value_or(Address{}).bits;
  if (has_ports(protocol)) {
    packet[Field::source_port] = 40000;
    packet[Field::destination_port] = 80;
  }
  return made;
}

bool is_extension_header(Family family, unsigned protocol) {
  return family == Family::ipv6 && (protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 ||
                                    protocol == 60 || protocol == 135 || protocol == 139 || protocol == 140);
}

std::vector<Probe> every_kind(Family family) {
  std::vector<Probe> probes;
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    // A packet that says TCP, ICMP or SCTP without a header of these is no packet of them.
    if (is_extension_header(family, protocol))
      continue;
    const Probe whole = probe(family, static_cast<std::uint8_t>(protocol));
    for (unsigned value = 0; value < 256; ++value) {
      Probe one = whole;
      if (protocol == protocol_number::tcp)
        one.packet[Field::tcp_flags] = value;
      if (is_icmp(static_cast<std::uint8_t>(protocol)))
        one.packet[Field::destination_port] = Bits{value} * 256;
      probes.push_back(one);
      if (protocol != protocol_number::tcp && !is_icmp(static_cast<std::uint8_t>(protocol)))
        break;
    }
  }
  return probes;
}

}  // namespace

TEST_CASE("every kind of first packet has the state that conntrack gives it") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  constexpr std::array<std::pair<const char*, TrackState>, 3> states{
      {{"NEW", TrackState::fresh}, {"INVALID", TrackState::invalid}, {"UNTRACKED", TrackState::untracked}}};
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const std::vector<Probe> probes = every_kind(family);
    std::size_t differences = 0;  // the first ones will do
    for (const auto& known : states) {
      const std::string name = known.first;
      const TrackState state = known.second;
      const auto answers = oracle->answers(only(family, name.c_str()), probes);
      REQUIRE_MESSAGE(answers.ok(), name);
      for (std::size_t i = 0; i < probes.size(); ++i) {
        const bool in_kernel = answers.value()[i].fate == model::Fate::accept;
        const bool in_model = model::first_packet_state(probes[i].packet) == state;
        differences += in_kernel == in_model ? 0 : 1;
        CHECK_MESSAGE((in_kernel == in_model || differences > 20),
                      fmt::format("{}: {} {} {}", to_string(probes[i].packet), in_kernel ? "is" : "is not", name,
                                  static_cast<unsigned>(probes[i].packet[Field::destination_port] >> 8U)));
      }
    }
    CHECK(differences == 0);
  }
}

}  // namespace segproof::oracle
