// SPDX-License-Identifier: Apache-2.0
// What a claim forbids, as packets: who must not send what to whom. The kinds that are about one packet at a time
// (isolated, sessions, allow-lists, detours) meet here; compromise has its own closure.
#pragma once

#include <string>
#include <vector>

#include "claim/places.h"
#include "claim/world.h"
#include "model/claim.h"

namespace segproof::claim {

struct Party {
  Resolved from;
  Resolved to;
};

// What must not happen between two parties.
struct Forbidden {
  Party party;
  Traffic traffic = Traffic::any;
};

// The directions that a claim of a packet kind forbids, its names resolved. Names that resolve to nothing are in
// `empty`.
struct Prohibition {
  std::vector<Forbidden> directions;
  std::vector<std::string> empty;
  std::string overlap;  // the place that is on both sides, if any
  Resolved through;     // via
  // Where a header goes as it is sent, when the claim names that.
  std::optional<model::PerFamily<IntervalSet>> sent_to;
  bool all_headers = true;  // false: only those that are sent so break the claim, in their families
  [[nodiscard]] bool covers(Family family) const;
};
// Where `as-sent` says that headers go: its address or prefix, or the addresses of the place that it names. Adds to
// `empty` what names neither.
[[nodiscard]] std::optional<model::PerFamily<IntervalSet>> sent_to(const Claim& claim, const model::Network& network,
                                                                   std::vector<std::string>& empty);
// The headers, as sent, that `as-sent` names.
[[nodiscard]] PacketSet named_as_sent(const Claim& claim, const std::optional<model::PerFamily<IntervalSet>>& to,
                                      Space& space);
[[nodiscard]] bool is_packet_kind(Kind kind);
[[nodiscard]] Prohibition prohibition_of(const Claim& claim, const model::Network& network);

// The forbidden packets that may (over) or surely (under) get through, by place. `date` decides which allow-list
// entries have expired. Only places with such packets are in the result.
[[nodiscard]] std::vector<Arrival> violations(const Claim& claim, const Prohibition& prohibition,
                                              const Forbidden& direction, World& world, Approximation approximation,
                                              const std::string& date);
// The same with another level of spoofing than the claim's.
[[nodiscard]] std::vector<Arrival> violations_with(const Claim& claim, const Prohibition& prohibition,
                                                   const Forbidden& direction, World& world,
                                                   Approximation approximation, const std::string& date,
                                                   Spoofing spoofing);

// What gets through if nodes that track connections opened sessions of their own, and others send ICMP errors about
// them or, with IPv6, under their addresses (otherwise assumption A-OWN).
[[nodiscard]] std::vector<Arrival> violations_by_own_sessions(const Claim& claim, const Prohibition& prohibition,
                                                              const Forbidden& direction, World& world,
                                                              const std::string& date);

// What a path has to do without to show that it does not pass `through`. What is named in part (an address of a
// segment, one interface of a host) is certainly passed by nothing, and perhaps by what passes the whole of it.
[[nodiscard]] Removed removed_for(const Resolved& through, const model::Network& network, Approximation approximation);

// Packets of a service, as delivered.
[[nodiscard]] PacketSet packets_of(const ServiceSpec& service, Space& space);
[[nodiscard]] bool has_expired(const Allowed& entry, const std::string& date);

}  // namespace segproof::claim
