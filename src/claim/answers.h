// SPDX-License-Identifier: Apache-2.0
// Answers to the questions that are no claims: what is reachable, who falls, where a packet goes. Complete, like a
// verdict: whoever prints them asks nothing more of the network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "claim/claim.h"
#include "claim/verdict.h"
#include "packet/packet.h"

namespace segproof::claim {

// Of the over-approximation empty: nothing; of the under-approximation not empty: something; else undecided.
enum class Reachability : std::uint8_t { nothing, something, undecided };

struct ReachAnswer {
  std::string from;  // as asked, joined by ", "
  std::string to;
  Reachability state = Reachability::undecided;
  std::string reason;                     // one sentence, no full stop; may be empty
  std::vector<std::string> rows;          // readable rectangles of the over-approximation
  std::optional<Witness> witness;         // when something is reachable
  std::vector<Denial> denied_by;          // when nothing is
  std::vector<UndecidedInput> undecided;  // by place
  std::vector<std::string> assumptions;   // ids, sorted
};

struct BlastAnswer {
  std::string from;
  Pivot pivot = Pivot::worst_case;
  std::optional<unsigned> hop_limit;
  std::vector<Fallen> fallen;             // the start first, then by hops and place
  std::vector<std::string> reached;       // external zones: reached, but they do not fall
  std::vector<UndecidedInput> undecided;  // places may be listed only because of these
  std::vector<std::string> assumptions;   // ids, sorted
};

enum class TraceFate : std::uint8_t { delivered, denied, lost, undecided };  // lost: no route, no neighbour, a loop

// One way the packet may take; several where the network chooses (equal-cost routes, which twin is active).
struct TracePath {
  std::vector<Hop> hops;
  TraceFate fate = TraceFate::undecided;
  std::string delivered;              // where, when it was delivered
  std::string reason;                 // one sentence, no full stop; may be empty
  std::optional<Packet> packet_last;  // the header at the end, when it differs from the one sent
};

struct TraceAnswer {
  std::string from;
  Packet packet;
  std::vector<TracePath> paths;
  std::vector<UndecidedInput> undecided;  // by place
};

}  // namespace segproof::claim
