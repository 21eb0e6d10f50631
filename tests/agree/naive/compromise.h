// SPDX-License-Identifier: Apache-2.0
// Comp(S) by trial: round after round, everything that has fallen sends together, and whoever it reaches falls.
#pragma once

#include <map>

#include "agree/naive/attack.h"

namespace segproof::naive {

struct CompromiseRules {
  claim::Pivot pivot = claim::Pivot::worst_case;
  bool initiators_fall = true;
  bool devices_fall = true;        // A-FW is not registered
  std::set<Place> external_falls;  // external places that are expanded
  std::optional<unsigned> hops;    // at most so many rounds
  std::vector<claim::ServiceSpec> harmless;
};

[[nodiscard]] bool is_of_service(const claim::ServiceSpec& service, const Probe& probe);

struct Compromise {
  std::map<Place, unsigned> fallen;  // with the round: 0 the start
  std::set<Place> reached;           // external places, and (pivot `direct`) whoever a session reaches
  [[nodiscard]] bool has(Place place) const { return fallen.contains(place) || reached.contains(place); }
};

[[nodiscard]] Compromise compromise(Attack& attack, const std::set<Place>& start, const CompromiseRules& rules);
[[nodiscard]] Senders joint(Lab& lab, const Compromise& so_far);

}  // namespace segproof::naive
