// SPDX-License-Identifier: Apache-2.0
// One rule set, one packet, no topology: what happens to the first packet of a flow on a device with empty connection
// tables. `filter` and its comparison with the kernel use it. Routing is not asked: the caller says which interface the
// packet would leave by; a translation of the destination does not change that, except towards the device itself.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/walk.h"

namespace segproof::model {

struct SinglePacket {
  Packet packet;
  std::string ingress;  // empty: generated here
  std::string egress;   // empty: delivered here
};

// The addresses of a device's interfaces, when they are known.
struct OwnAddresses {
  struct Entry {
    std::string interface;
    InterfaceAddress address;
  };
  std::vector<Entry> entries;
};

// What a packet alone decides: no MAC header, no socket owner, no IPsec policy, no bridge port, no extension header;
// hop limit 64 (63 once it is being forwarded), traffic class 0, 44 bytes of TCP or 32 of anything else (IPv6: 20
// more). Own addresses: those of `own` when given; else a packet from or to the device itself has only own addresses,
// and any other packet has none.
class SinglePacketWorld final : public Surroundings {
 public:
  SinglePacketWorld(const SinglePacket& packet, const OwnAddresses* own) : packet_(packet), own_(own) {}

  [[nodiscard]] std::optional<AddressType> type_of(const Address& address, const std::string& limit) const override;
  [[nodiscard]] std::optional<Bits> measure(Measure measure, const Flight& flight) const override;
  [[nodiscard]] Truth holds(const UnknownTest& test) const override;
  [[nodiscard]] IntervalSet addresses_of(const std::string& interface, Family family) const override;
  // Those of all interfaces; empty when they are not known.
  [[nodiscard]] IntervalSet own_addresses(Family family) const;

 private:
  const SinglePacket& packet_;
  const OwnAddresses* own_;
};

struct Judgement {
  Fate fate = Fate::accept;
  // The dropping or undecided rule or policy; of an accepted packet the last rule or policy of the filter stages.
  // Where none of the deciding hooks spoke: the rule that permitted it where it came in or goes out. Invalid file: no
  // stage spoke.
  SourceSpan decided_by;
  const Stage* stage = nullptr;
  const Rule* rule = nullptr;  // null: the policy, or something beside the rules
  std::string reason;          // one phrase: "rule", "policy of filter FORWARD", "destination 127.0.0.1 from outside"
  bool delivered = false;      // the packet ended on the device itself
  bool met_undecided = false;  // a rule on the way may or may not have matched
  Flight flight;               // as it left (accept) or died
};

// Walks the packet through all stages of its way. `rules` must be without flaw and outlive the result.
[[nodiscard]] Judgement judge(const RuleSet& rules, const SinglePacket& packet, const OwnAddresses* own = nullptr);
// The same for a packet that conntrack has already given a state (an answer to another packet).
[[nodiscard]] Judgement judge_with_state(const RuleSet& rules, const SinglePacket& packet, TrackState state,
                                         const OwnAddresses* own = nullptr);

// "SOURCE>DESTINATION:SPORT>DPORT" (ports of TCP and UDP only) with `*` for what the device chooses; IPv6 addresses in
// brackets when ports follow.
[[nodiscard]] std::string header_text(const Flight& flight);

}  // namespace segproof::model
