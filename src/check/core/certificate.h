// SPDX-License-Identifier: Apache-2.0
// The text of certificates (docs/certificate.md, section 4), and what stands in it.
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
  std::string verdict;       // proved, refuted, vacuous, inconclusive
  std::vector<Line> fallen;  // places
  std::vector<Line> below;   // proved: families; refuted, inconclusive: steps; otherwise what shows it
};

// Throws Malformed.
[[nodiscard]] Certificate read_certificate(const std::vector<Line>& lines);
[[nodiscard]] Places read_fallen(const Certificate& certificate, const Surroundings& world);
[[nodiscard]] std::string text_of(const Place& place,
                                  const Network& network);  // `node STRING`, `unlisted STRING`, `outside`
// The places of `node STRING` (all interfaces of a host), `unlisted STRING` or `outside`; the words end there.
[[nodiscard]] std::vector<Place> read_places(Words& words, const Network& network);
// `protocol SET source SET ...`: a box, whose fields stand in their order.
[[nodiscard]] Box read_box(Words& words, Sets& sets);
[[nodiscard]] std::string box_text(Sets& sets, const Box& box);  // each word after a space
[[nodiscard]] std::size_t read_node_name(Words& words, const Network& network);
// The rows of one family. Throws Malformed.
[[nodiscard]] FamilyProof read_proof(const Line& line, const Network& network, Sets& sets);
[[nodiscard]] std::string text_of(const FamilyProof& proof, const Network& network, Sets& sets);

// One packet of a header that is not empty.
[[nodiscard]] std::string describe(const Box& header, Sets& sets);
[[nodiscard]] std::string epoch_name(std::size_t epoch);  // `now`, `before NUMBER`

}  // namespace check
