// SPDX-License-Identifier: Apache-2.0
// From a set of packets that should get through to one course of events that surely does: candidates are picked from
// the set, sent in a replay of the network with real connection tables, and only a replay that delivers is a witness.
#pragma once

#include <optional>
#include <vector>

#include "base/source.h"
#include "claim/closure.h"
#include "claim/places.h"
#include "claim/verdict.h"
#include "claim/world.h"
#include "reach/replay.h"

namespace segproof::claim {

// Who has fallen already: such a node takes what its own rules would drop.
enum class Fell : std::uint8_t { nobody, senders, target };

struct WitnessQuestion {
  std::vector<Place> senders;  // who may send; each uses its own segment
  PlacePart target;
  PacketSet packets;  // as delivered, in the under-approximation (to be refuted) or over (to be explained)
  Traffic traffic = Traffic::any;
  StepRole role = StepRole::open;      // of the decisive step, when it needs no state of others
  Spoofing spoofing = Spoofing::any;   // of the flood that the packets come from: what its origins mean
  std::optional<PacketSet> sent = {};  // the headers as sent that count; nothing: all
  bool through_own_rules = false;      // whoever sends is held to its own OUTPUT rules
  Removed avoided = {};                // what the path must not pass
  Fell fell = Fell::nobody;
};

struct WitnessAnswer {
  std::optional<Witness> witness;
  bool leans_on_spoofing = false;         // a foreign source address or self-made state
  std::vector<UndecidedInput> undecided;  // met on the way by candidates that failed
  std::vector<WitnessStep> tried;         // those candidates, without hops; only some of them
  std::vector<WitnessStep> unknown;       // others, with a device that is not configured and what it may turn them into
};

[[nodiscard]] WitnessAnswer find_witness(const WitnessQuestion& question, World& world, const SourceStore& sources);

// A replayed path as the hops of a verdict.
[[nodiscard]] std::vector<Hop> hops_of(const reach::ReplayPath& path, const model::Network& network,
                                       const SourceStore& sources);
[[nodiscard]] RuleRef rule_ref(const SourceSpan& span, const SourceStore& sources);
// What the network knows of an undecided line: the code and reason of its gap, else a general one.
[[nodiscard]] UndecidedInput undecided_at(const SourceSpan& span, const std::string& why,
                                          const model::Network& network);

}  // namespace segproof::claim
