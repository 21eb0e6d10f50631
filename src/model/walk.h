// SPDX-License-Identifier: Apache-2.0
// One packet through one node's stages, rule by rule: slow, obvious, and nothing of the set engine in it. `filter`,
// `trace` and the replay of every refutation use it; the set engine is tested against it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "model/rule.h"
#include "packet/packet.h"

namespace segproof::model {

// A packet on its way. A field in `open` is not determined (a port that the device picks): it may have any of these
// values, and a test on it is only decided when all of them agree.
struct Flight {
  Packet packet;
  std::array<std::optional<IntervalSet>, field_count> open;
  std::uint32_t mark = 0;
  std::uint32_t connection_mark = 0;
  std::string ingress;  // interface names; empty: generated here, delivered here
  std::string egress;
  bool untracked = false;
  bool marks_certain = true;  // false after an undecided rule may have changed them
};

// What is known beside the header, for conditions that headers do not decide.
struct Surroundings {
  // The type of an address for this node; `limit` restricts `local` to one interface ("" = no limit).
  // Nothing: unknown.
  virtual std::optional<AddressType> type_of(const Address& address, const std::string& limit) const = 0;
  // Nothing: unknown.
  virtual std::optional<Bits> measure(Measure measure, const Flight& flight) const = 0;
  virtual Truth holds(const UnknownTest& test) const = 0;  // without its negation
  // The addresses a masquerade on that interface may take; empty: not known (any).
  virtual IntervalSet addresses_of(const std::string& interface, Family family) const = 0;

 protected:
  ~Surroundings() = default;
};

[[nodiscard]] Truth evaluate(const Condition& condition, const Flight& flight, const Surroundings& world);

// A rule that matched (yes) or may match (unknown), in the order met.
struct Step {
  const Stage* stage = nullptr;
  ChainId chain;
  const Rule* rule = nullptr;  // null: the policy of the stage
  Truth matched = Truth::yes;
};

class RuleIndex;

enum class Fate : std::uint8_t { accept, drop, reject, unknown };
struct StageResult {
  Fate fate = Fate::accept;
  Step decided_by;  // rule or policy that ended the stage; for unknown the first undecided rule that mattered
  bool may_deliver_locally = false;
  std::vector<Step> steps;
};

// Walks one stage of kind filter or translate (the caller decides whether a translate stage is asked). Marks, tracking
// and, in a translate stage, the header of `flight` change as the rules say.
// A walk that undecided rules split into more than a bounded number of branches ends as `unknown`.
// With an index of the same rules, those that it leaves out are not asked; the result is the same.
[[nodiscard]] StageResult walk_stage(const RuleSet& rules, const Stage& stage, Flight& flight,
                                     const Surroundings& world, const RuleIndex* index = nullptr);

// Whether connection tracking gives packets a state at this hook. Until it does, they are in state INVALID there, or
// UNTRACKED after NOTRACK (asked of a kernel).
[[nodiscard]] bool tracks(const std::vector<const Stage*>& stages);

// What conntrack says of the first packet of a flow: fresh, invalid or (ICMPv6 neighbour discovery) untracked.
[[nodiscard]] TrackState first_packet_state(const Packet& packet, bool tcp_loose = true);

}  // namespace segproof::model
