// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/probe.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace segproof::naive {

namespace {

constexpr std::uint8_t judged_flags = tcp_flag::fin | tcp_flag::syn | tcp_flag::rst | tcp_flag::ack;

bool is_icmp_of(const Probe& probe, Family family) {
  return probe.protocol == (family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6);
}

unsigned icmp_type(const Probe& probe) {
  return probe.destination_port / 256U;
}

// Request and answer; each is the inverse of the other.
constexpr std::array<std::pair<unsigned, unsigned>, 4> pairs_v4{{{8, 0}, {13, 14}, {15, 16}, {17, 18}}};
constexpr std::array<std::pair<unsigned, unsigned>, 2> pairs_v6{{{128, 129}, {139, 140}}};

template <class Pairs>
std::optional<unsigned> partner(const Pairs& pairs, unsigned type) {
  for (const auto& [request, answer] : pairs) {
    if (type == request) {
      return answer;
    }
    if (type == answer) {
      return request;
    }
  }
  return std::nullopt;
}

}  // namespace

std::size_t ProbeHash::operator()(const Probe& p) const {
  std::uint64_t h = 0x9e3779b97f4a7c15ULL;
  const auto mix = [&h](std::uint64_t v) {
    h = (h ^ v) * 0xff51afd7ed558ccdULL;
    h ^= h >> 32U;
  };
  mix(static_cast<std::uint64_t>(p.source));
  mix(static_cast<std::uint64_t>(p.source >> 64U));
  mix(static_cast<std::uint64_t>(p.destination));
  mix(static_cast<std::uint64_t>(p.destination >> 64U));
  mix((std::uint64_t{p.source_port} << 32U) | (std::uint64_t{p.destination_port} << 16U) |
      (std::uint64_t{p.protocol} << 8U) | p.flags);
  mix(p.fragment ? 1 : 0);
  return h;
}

Bits value_of(const Probe& probe, Field field) {
  switch (field) {
    case Field::fragment:
      return probe.fragment ? 1 : 0;
    case Field::protocol:
      return probe.protocol;
    case Field::destination:
      return probe.destination;
    case Field::source:
      return probe.source;
    case Field::destination_port:
      return probe.destination_port;
    case Field::source_port:
      return probe.source_port;
    case Field::tcp_flags:
      return probe.flags;
    case Field::origin:
    case Field::ingress:
    case Field::egress:
    case Field::state:
    case Field::translated:
    case Field::mark:
    case Field::connection_mark:
      break;
  }
  return 0;
}

bool is_bare_syn(const Probe& probe) {
  return probe.protocol == protocol_number::tcp && !probe.fragment && (probe.flags & judged_flags) == tcp_flag::syn;
}

Probe answer_to(const Probe& syn) {
  Probe answer = syn;
  std::swap(answer.source, answer.destination);
  std::swap(answer.source_port, answer.destination_port);
  answer.flags = tcp_flag::syn | tcp_flag::ack;
  return answer;
}

Probe tuple_of(const Probe& probe) {
  Probe tuple = probe;
  tuple.flags = 0;
  return tuple;
}

std::optional<Probe> inverse(const Probe& tuple, Family family) {
  Probe other = tuple;
  std::swap(other.source, other.destination);
  if (is_icmp_of(tuple, family)) {
    const auto type =
        family == Family::ipv4 ? partner(pairs_v4, icmp_type(tuple)) : partner(pairs_v6, icmp_type(tuple));
    if (!type) {
      return std::nullopt;
    }
    other.destination_port = static_cast<std::uint16_t>(*type * 256U + tuple.destination_port % 256U);
    return other;
  }
  std::swap(other.source_port, other.destination_port);
  return other;
}

bool is_icmp_error(const Probe& probe, Family family) {
  if (!is_icmp_of(probe, family) || probe.fragment) {
    return false;
  }
  const unsigned type = icmp_type(probe);
  if (family == Family::ipv4) {
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
  }
  return type >= 1 && type <= 4;
}

TrackState first_state(const Probe& probe, Family family) {
  if (probe.protocol == protocol_number::tcp) {
    const auto flags = probe.flags & judged_flags;
    return flags == tcp_flag::syn || flags == tcp_flag::ack ? TrackState::fresh : TrackState::invalid;
  }
  if (!is_icmp_of(probe, family)) {
    constexpr unsigned no_next_header = 59;
    const bool nothing = is_icmp(probe.protocol) || (family == Family::ipv6 && probe.protocol == no_next_header);
    return nothing ? TrackState::invalid : TrackState::fresh;
  }
  const unsigned type = icmp_type(probe);
  if (family == Family::ipv4) {
    return type == 8 || type == 13 || type == 15 || type == 17 ? TrackState::fresh : TrackState::invalid;
  }
  if ((type >= 130 && type <= 136) || type == 143 || type == 151 || type == 152) {
    return TrackState::untracked;
  }
  return type == 128 || type == 139 ? TrackState::fresh : TrackState::invalid;
}

Packet to_packet(const Probe& probe, Family family) {
  Packet packet;
  packet.family = family;
  for (const Field field : {Field::fragment, Field::protocol, Field::destination, Field::source,
                            Field::destination_port, Field::source_port, Field::tcp_flags}) {
    packet[field] = value_of(probe, field);
  }
  return packet;
}

Probe from_packet(const Packet& packet) {
  Probe probe;
  probe.source = packet[Field::source];
  probe.destination = packet[Field::destination];
  probe.source_port = static_cast<std::uint16_t>(packet[Field::source_port]);
  probe.destination_port = static_cast<std::uint16_t>(packet[Field::destination_port]);
  probe.protocol = packet.protocol();
  probe.flags = static_cast<std::uint8_t>(packet[Field::tcp_flags]);
  probe.fragment = packet[Field::fragment] != 0;
  return probe;
}

std::string text_of(const Probe& probe, Family family) {
  return fmt::format("proto {} {}:{} > {}:{} flags {}{}", probe.protocol, to_string(Address{family, probe.source}),
                     probe.source_port, to_string(Address{family, probe.destination}), probe.destination_port,
                     probe.flags, probe.fragment ? " fragment" : "");
}

}  // namespace segproof::naive
