// SPDX-License-Identifier: Apache-2.0
// The certificate of a proved claim (docs/certificate.md, section 4) and its check: no row leads out of the rows, and
// none of them is forbidden.
#pragma once

#include <string>
#include <string_view>

#include "check/core/question.h"

namespace check {

// For each epoch whose sessions may be open, the present one first: what can be where, and the flows that it makes.
using Layers = std::vector<Rows>;
struct Proof {
  std::size_t question = 0;    // of the claim
  std::vector<Place> senders;  // some of those of the question; empty: all
  Layers own;                  // what they can send
  Rows answers;                // what answers the first packets of TCP sessions that are forbidden
};
struct FamilyProof {
  Family family = Family::ipv4;
  Layers anyone;              // what everybody can send
  std::vector<Proof> proofs;  // by question
};

struct Certificate {
  std::string network;  // SHA-256 of the network file
  std::string claim;
  std::vector<Line> fallen;  // places
  std::vector<Line> families;
};

// Throws Malformed.
[[nodiscard]] Certificate read_certificate(const std::vector<Line>& lines);
[[nodiscard]] Places read_fallen(const Certificate& certificate, const Surroundings& world);
[[nodiscard]] std::string text_of(const Place& place,
                                  const Network& network);  // `node STRING`, `unlisted STRING`, `outside`
// The rows of one family. Throws Malformed.
[[nodiscard]] FamilyProof read_proof(const Line& line, const Network& network, Sets& sets);
[[nodiscard]] std::string text_of(const FamilyProof& proof, const Network& network, Sets& sets);

inline constexpr std::size_t all_steps = 200'000'000;

// The worlds of the present and of the epochs before whose sessions may be open.
[[nodiscard]] std::vector<Surroundings> worlds_of(const Network& network, Sets& sets);
// The flows that are known in an epoch: its own, and those of the epochs before it.
[[nodiscard]] std::vector<FlowRow> known_flows(const Layers& layers, std::size_t epoch, std::size_t node);

// Throws Rejected or TooLarge; otherwise the claim holds in this family.
void check_proof(const FamilyProof& proof, const Claim& claim, const Places& fallen, const Network& network,
                 Sets& sets);
// Whether the claim speaks of somebody on both sides in this family.
[[nodiscard]] bool covers(const Claim& claim, const Surroundings& world);
// Whether a certificate must treat this family: one that is covered; of compromise both, since hosts fall in either.
[[nodiscard]] bool needs(const Claim& claim, const Surroundings& world);

}  // namespace check
