// SPDX-License-Identifier: Apache-2.0
// Sets of headers that the engine needs again and again, and the turning round of a flow. One object per Space.
#pragma once

#include "packet/space.h"

namespace segproof::reach {

// How a packet came as far as it is. It travels with the packet in the high bits of Field::state.
enum class Role : std::uint8_t {
  own,      // no device passed it because of somebody else's state
  foreign,  // some device passed it as a reply to state that its sender cannot have made
  related,  // some device passed it as related to a flow
};
inline constexpr std::size_t role_count = 3;

class HeaderSets {
 public:
  explicit HeaderSets(Space& space);

  [[nodiscard]] Space& space() const { return *space_; }
  // What conntrack calls the first packet of a flow.
  [[nodiscard]] PacketSet fresh() const { return fresh_; }
  [[nodiscard]] PacketSet never_tracked() const { return never_tracked_; }
  [[nodiscard]] PacketSet invalid() const { return invalid_; }
  // Beside invalid(): first packets that are INVALID on some kernels, or for what no header says. SCTP without INIT,
  // DCCP without REQUEST before Linux 6.16, UDP-Lite whose checksum does not cover all.
  [[nodiscard]] PacketSet perhaps_invalid() const { return perhaps_invalid_; }
  // Protocols with ports whose flows some kernels track, and translate, without them: DCCP since Linux 6.16, UDP-Lite
  // where its tracking was taken out.
  [[nodiscard]] PacketSet perhaps_portless() const { return perhaps_portless_; }
  [[nodiscard]] PacketSet icmp_errors() const { return icmp_errors_; }
  [[nodiscard]] PacketSet tcp() const { return tcp_; }
  // TCP with SYN and without ACK, RST, FIN; and with SYN and ACK, without RST, FIN.
  [[nodiscard]] PacketSet syn() const { return syn_; }
  [[nodiscard]] PacketSet syn_ack() const { return syn_ack_; }
  [[nodiscard]] PacketSet whole() const { return whole_; }  // no later fragment
  [[nodiscard]] PacketSet with_ports() const { return with_ports_; }
  // Destinations that no device forwards: broadcast, multicast, link-local.
  [[nodiscard]] const IntervalSet& link_only() const { return link_only_; }

  // state in Field::state: role * 8 + track state.
  [[nodiscard]] PacketSet with_state(TrackState state) const { return by_state_[static_cast<std::size_t>(state)]; }
  [[nodiscard]] PacketSet with_role(Role role) const { return by_role_[static_cast<std::size_t>(role)]; }
  [[nodiscard]] static Bits encode(Role role, TrackState state) {
    return (static_cast<Bits>(role) << 3U) | static_cast<Bits>(state);
  }
  [[nodiscard]] PacketSet set_state(PacketSet packets, TrackState state) const;  // roles stay
  [[nodiscard]] PacketSet set_role(PacketSet packets, Role role) const;          // state becomes fresh

  // The packets that answer these: endpoints change places, ICMP queries become their answers and back. Its own
  // inverse.
  [[nodiscard]] PacketSet inverse(PacketSet packets) const;
  // What a connection table keeps of whole packets: flags and everything inside the device are free. Origin stays.
  [[nodiscard]] PacketSet tuple(PacketSet packets) const;
  // The same, and with any ports where flows may have none.
  [[nodiscard]] PacketSet tuple_perhaps_portless(PacketSet packets) const;
  // Frees what only lives inside a device; role and origin stay.
  [[nodiscard]] PacketSet on_wire(PacketSet packets) const;
  // The same but for the way out, which is kept.
  [[nodiscard]] PacketSet leaving(PacketSet packets) const;
  // With neither marks nor translations, as far as these are asked for.
  [[nodiscard]] PacketSet untouched(bool marks, bool translated) const;
  // The later fragments that packets of these headers may be cut into.
  [[nodiscard]] PacketSet fragments_of(PacketSet packets) const;

 private:
  Space* space_;
  PacketSet fresh_, never_tracked_, invalid_, icmp_errors_, tcp_, syn_, syn_ack_, whole_, with_ports_, icmp_;
  PacketSet perhaps_invalid_, perhaps_portless_, bare_fragment_;
  IntervalSet link_only_;
  std::vector<PacketSet> by_state_;
  std::vector<PacketSet> by_role_;
};

}  // namespace segproof::reach
