// SPDX-License-Identifier: Apache-2.0
#include "reach/header_sets.h"

#include <array>
#include <span>
#include <utility>

#include "packet/address.h"

namespace segproof::reach {
namespace {

IntervalSet types(std::initializer_list<std::pair<unsigned, unsigned>> ranges) {
  std::vector<Interval> codes;
  for (const auto& [first, last] : ranges) {
    codes.push_back({Bits{first} * 256U, Bits{last} * 256U + 255U});
  }
  return IntervalSet::of(std::move(codes));
}

IntervalSet link_only_destinations(Family family) {
  std::vector<Interval> result;
  const auto add = [&](std::string_view text) { result.push_back(parse_prefix(text)->interval()); };
  if (family == Family::ipv4) {
    add("224.0.0.0/4");
    add("255.255.255.255");
  } else {
    add("ff00::/8");
    add("fe80::/10");
  }
  return IntervalSet::of(std::move(result));
}

IntervalSet flag_bytes(std::uint8_t mask, std::uint8_t value) {
  std::vector<Interval> bytes;
  for (unsigned flags = 0; flags < 256; ++flags) {
    if ((flags & mask) == value) {
      bytes.push_back({flags, flags});
    }
  }
  return IntervalSet::of(std::move(bytes));
}

constexpr std::uint8_t no_next_header = 59;

// ICMP queries and their answers, by type.
std::span<const std::pair<unsigned, unsigned>> answered_types(Family family) {
  static constexpr std::array<std::pair<unsigned, unsigned>, 4> icmp{{{8, 0}, {13, 14}, {15, 16}, {17, 18}}};
  static constexpr std::array<std::pair<unsigned, unsigned>, 2> icmpv6{{{128, 129}, {139, 140}}};
  return family == Family::ipv4 ? std::span<const std::pair<unsigned, unsigned>>(icmp)
                                : std::span<const std::pair<unsigned, unsigned>>(icmpv6);
}

}  // namespace

HeaderSets::HeaderSets(Space& space)
    : space_(&space),
      fresh_(space.none()),
      never_tracked_(space.none()),
      invalid_(space.none()),
      icmp_errors_(space.none()),
      tcp_(space.where(Field::protocol, protocol_number::tcp)),
      syn_(space.none()),
      syn_ack_(space.none()),
      whole_(space.where(Field::fragment, 0)),
      with_ports_(space.none()),
      icmp_(space.none()),
      perhaps_invalid_(space.none()),
      perhaps_portless_(space.none()),
      bare_fragment_(space.where(Field::fragment, 1) & space.where(Field::destination_port, 0) &
                     space.where(Field::source_port, 0) & space.where(Field::tcp_flags, 0)),
      link_only_(link_only_destinations(space.family())) {
  using namespace tcp_flag;
  const bool v4 = space.family() == Family::ipv4;
  const auto type = [&](const IntervalSet& set) { return icmp_ & space.where(Field::destination_port, set); };
  icmp_ = space.where(Field::protocol, v4 ? protocol_number::icmp : protocol_number::icmpv6) & whole_;
  const PacketSet queries =
      v4 ? type(types({{8, 8}, {13, 13}, {15, 15}, {17, 17}})) : type(types({{128, 128}, {139, 139}}));
  icmp_errors_ = v4 ? type(types({{3, 5}, {11, 12}})) : type(types({{1, 4}}));
  never_tracked_ = v4 ? space.none() : type(types({{130, 136}, {143, 143}, {151, 152}}));

  const std::uint8_t decisive = fin | segproof::tcp_flag::syn | rst | ack;
  const PacketSet tcp_first =
      tcp_ & space.where(Field::tcp_flags, flag_bytes(decisive, segproof::tcp_flag::syn) | flag_bytes(decisive, ack));
  // ICMP of the other family opens nothing, nor does a packet whose chain of IPv6 headers ends in nothing.
  const PacketSet opens_nothing =
      space.where(Field::protocol,
                  v4 ? IntervalSet::single(protocol_number::icmpv6)
                     : IntervalSet{{protocol_number::icmp, protocol_number::icmp}, {no_next_header, no_next_header}});
  fresh_ = (tcp_first | queries | (tcp_ | icmp_ | opens_nothing).complement()) & whole_;
  invalid_ = (fresh_ | never_tracked_).complement() & whole_;

  syn_ = tcp_ & whole_ & space.where(Field::tcp_flags, flag_bytes(decisive, segproof::tcp_flag::syn));
  syn_ack_ =
      tcp_ & whole_ &
      space.where(Field::tcp_flags, flag_bytes(decisive, static_cast<std::uint8_t>(segproof::tcp_flag::syn | ack)));
  std::vector<Interval> port_protocols;
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    if (has_ports(static_cast<std::uint8_t>(protocol))) {
      port_protocols.push_back({protocol, protocol});
    }
  }
  with_ports_ = whole_ & space.where(Field::protocol, IntervalSet::of(std::move(port_protocols)));

  using namespace protocol_number;
  perhaps_portless_ = with_ports_ & space.where(Field::protocol, IntervalSet{{dccp, dccp}, {udplite, udplite}});
  perhaps_invalid_ = perhaps_portless_ | (with_ports_ & space.where(Field::protocol, sctp));

  for (std::size_t state = 0; state < track_state_count; ++state) {
    std::vector<Interval> values;
    for (std::size_t role = 0; role < role_count; ++role) {
      const Bits value = encode(static_cast<Role>(role), static_cast<TrackState>(state));
      values.push_back({value, value});
    }
    by_state_.push_back(space.where(Field::state, IntervalSet::of(std::move(values))));
  }
  for (std::size_t role = 0; role < role_count; ++role) {
    by_role_.push_back(space.where(Field::state, IntervalSet::range(Bits{role} << 3U, (Bits{role} << 3U) | 7U)));
  }
}

PacketSet HeaderSets::set_state(PacketSet packets, TrackState state) const {
  return packets.assign_bits(Field::state, static_cast<Bits>(state), 7);
}

PacketSet HeaderSets::set_role(PacketSet packets, Role role) const {
  return packets.assign(Field::state, IntervalSet::single(encode(role, TrackState::fresh)));
}

PacketSet HeaderSets::inverse(PacketSet packets) const {
  const PacketSet icmp = packets & icmp_;
  PacketSet result = (packets - icmp).swap_endpoints();
  if (icmp.is_empty()) {
    return result;
  }
  PacketSet others = icmp.swap_endpoints();
  constexpr Bits type_bits = 0xff00;
  const auto exchange = [&](unsigned from, unsigned to) {
    const PacketSet these = others & space_->where(Field::destination_port, types({{from, from}}));
    if (!these.is_empty()) {
      result |= these.assign_bits(Field::destination_port, Bits{to} * 256U, type_bits);
    }
    return these;
  };
  PacketSet done = space_->none();
  for (const auto& [query, answer] : answered_types(space_->family())) {
    done |= exchange(query, answer);
    done |= exchange(answer, query);
  }
  return result | (others - done);
}

PacketSet HeaderSets::tuple(PacketSet packets) const {
  return (packets & whole_)
      .forget({Field::ingress, Field::egress, Field::state, Field::translated, Field::mark, Field::connection_mark,
               Field::tcp_flags});
}

PacketSet HeaderSets::tuple_perhaps_portless(PacketSet packets) const {
  const PacketSet result = tuple(packets);
  return result | (result & perhaps_portless_).forget(Field::source_port).forget(Field::destination_port);
}

PacketSet HeaderSets::on_wire(PacketSet packets) const {
  return set_state(
      packets.forget({Field::ingress, Field::egress, Field::translated, Field::mark, Field::connection_mark}),
      TrackState::fresh);
}

PacketSet HeaderSets::leaving(PacketSet packets) const {
  return set_state(packets.forget({Field::ingress, Field::translated, Field::mark, Field::connection_mark}),
                   TrackState::fresh);
}

PacketSet HeaderSets::untouched(bool marks, bool translated) const {
  PacketSet result = space_->all();
  if (marks) {
    result &= space_->where(Field::mark, 0) & space_->where(Field::connection_mark, 0);
  }
  return translated ? result & space_->where(Field::translated, 0) : result;
}

PacketSet HeaderSets::fragments_of(PacketSet packets) const {
  return (packets & whole_).forget({Field::destination_port, Field::source_port, Field::tcp_flags, Field::fragment}) &
         bare_fragment_;
}

}  // namespace segproof::reach
