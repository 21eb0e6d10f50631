// SPDX-License-Identifier: Apache-2.0
// Comp(S): who falls when S is compromised. The fallen act together, in both families, with all state that they and
// others can make. With a bound of hops it goes round by round; without one, what single bodies can do is counted
// first, so that hop counts explain and need not be the fewest.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "claim/closure_tables.h"
#include "model/claim.h"

namespace segproof::claim {

struct ClosureQuestion {
  std::vector<Place> start;
  Pivot pivot = Pivot::worst_case;
  bool responders_fall_to = true;  // a session into C makes its initiator fall
  std::optional<unsigned> hops;    // the most pivots; nothing: no bound
  Approximation approximation = Approximation::over;
  std::vector<Place> until = {};  // stop as soon as one of these falls or is touched; empty: go on to the end
  bool outside_counts = false;    // external bodies that open a session into C are touched, whoever else falls so
  friend auto operator<=>(const ClosureQuestion&, const ClosureQuestion&) = default;
};

enum class FallReason : std::uint8_t { start, reached, initiated };

struct FallRecord {
  unsigned hops = 0;
  FallReason reason = FallReason::start;
  Family family = Family::ipv4;
  Body peer;  // initiated: the member of C that it opened a session to
};

struct Closure {
  std::map<Body, FallRecord> fallen;
  // External bodies that are reached but not expanded (assumption A-EXT).
  std::map<Body, FallRecord> touched;
  std::set<std::string> assumptions;
  // The joint senders of the last round: with them, nothing more falls (when no hop bound cut the closure short).
  std::vector<Place> members;
};

// The tables are shared by the questions about one network; without them they are made for this one.
[[nodiscard]] Closure close(const ClosureQuestion& question, ClosureTables& tables);
[[nodiscard]] Closure close(const ClosureQuestion& question, const Worlds& worlds);

}  // namespace segproof::claim
