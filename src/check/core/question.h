// SPDX-License-Identifier: Apache-2.0
// What a claim forbids: packets from some places to others. One claim asks one question or several, each of them about
// senders that may help each other.
#pragma once

#include <optional>

#include "check/core/places.h"
#include "check/core/spread.h"

namespace check {

enum class Traffic : std::uint8_t { any, not_replies, sessions };

struct Question {
  std::vector<Place> senders;
  Places targets;
  Traffic traffic = Traffic::any;
  bool devices_are_themselves = false;          // as senders they use their own addresses
  bool is_joint = false;                        // all senders help each other: they are not looked at in parts
  bool targets_fell = false;                    // they take whatever arrives for them, and answer for each other
  std::vector<Allowed> allowed;                 // packets that the claim lets through
  std::optional<std::vector<Allowed>> counted;  // packets that it speaks of at all
  bool is_sure = false;                         // what may be allowed is not forbidden
};

// Throws Rejected for claims that have no certificate of a proof, or of a refutation by packets.
void check_kind(const Claim& claim, bool is_refuted);
// `fallen` are the places that a certificate lets fall: those of the claim among them, and with one interface of a host
// all of them. Throws Rejected when it is not such a set.
[[nodiscard]] std::vector<Question> questions_of(const Claim& claim, const Surroundings& world, const Places& fallen);
// The places whose senders help each other: those of a segment, together with all interfaces of their hosts.
[[nodiscard]] std::vector<std::vector<Place>> groups_of(const std::vector<Place>& senders, const Network& network);

// Where a sender puts packets. With state made on one side a host uses the other: where sessions count it sends from
// all its interfaces.
[[nodiscard]] Place sending(const Question& question, Place place);
// The senders put everything that there is on their wires.
void send_all(const Question& question, const Surroundings& world, Spread& spread);
// Everybody does; devices with their own addresses and those that they translate to.
void send_from_everybody(const Surroundings& world, Spread& spread);

// Packets that a question forbids. Of TCP sessions the first packets: they only count when they are answered.
struct Forbidden {
  std::vector<Passage> packets;
  std::vector<Passage> openings;
};
// Of what a node accepted, or of what is on a segment for those there that only receive.
[[nodiscard]] Forbidden forbidden_at_node(const Question& question, const Surroundings& world, std::size_t node,
                                          const Passage& packets);
[[nodiscard]] Forbidden forbidden_on_segment(const Question& question, const Surroundings& world, std::size_t segment,
                                             const Box& row, std::vector<std::pair<Place, Passage>>& openings);
// What is outside the model.
[[nodiscard]] Forbidden forbidden_outside(const Question& question, const Surroundings& world, const Box& row);
// What arrives at an interface of a node that fell.
[[nodiscard]] Forbidden forbidden_arrival(const Question& question, const Surroundings& world, const Spot& spot,
                                          const Box& row);
// Of packets that surely come to a place, a node or the unlisted hosts of a segment: whether all of them are forbidden.
enum class Forbids : std::uint8_t { nothing, packets, openings };
[[nodiscard]] Forbids surely_forbidden(Question question, const Surroundings& world, const Place& place,
                                       const Passage& packets);
// Sends the answers to the opening packets that a place got.
void answer(const Question& question, const Place& place, const Passage& opening, const Surroundings& world,
            Spread& spread);
// Answers on a segment where one of the senders is, or handed to a sender as to a gateway: with them a handshake
// completes.
[[nodiscard]] bool completes(const Question& question, const Surroundings& world, const Spot& spot, const Box& row);

}  // namespace check
