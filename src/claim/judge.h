// SPDX-License-Identifier: Apache-2.0
// One claim, one verdict: proved when the over-approximation forbids nothing, refuted when a replayed witness breaks
// it, inconclusive otherwise; vacuous when it speaks of nothing.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "claim/closure.h"
#include "claim/parties.h"
#include "claim/verdict.h"
#include "claim/world.h"

namespace segproof::claim {

class Judge {
 public:
  Judge(const model::Network& network, const Worlds& worlds, const SourceStore& sources)
      : network_(&network), worlds_(worlds), sources_(&sources), tables_(worlds) {}

  // The verdict, and an advisory entry after it where the claim asks for one.
  [[nodiscard]] std::vector<Verdict> judge(const Claim& claim);
  // The last claim was not evaluated because the packet sets of this and all claims before it had no more room.
  [[nodiscard]] bool ran_out_of_room() const { return ran_out_of_room_; }

 private:
  [[nodiscard]] Verdict blank(const Claim& claim) const;
  void judge_packets(const Claim& claim, Verdict& verdict);
  void judge_packets_in(const Claim& claim, const Prohibition& prohibition, World& world, Verdict& verdict);
  [[nodiscard]] bool refute(const Claim& claim, const Prohibition& prohibition, const Forbidden& direction,
                            World& world, Verdict& verdict);
  void judge_containment(const Claim& claim, Verdict& verdict, Responder responder);
  [[nodiscard]] Witness pivots(const Closure& closure, const Body& target, const ClosureQuestion& question,
                               bool& complete, bool& spoofed);
  // Bodies of a closure of which no chain of pivots replays. That is the same wherever the closure stops early.
  [[nodiscard]] std::set<Body>& untold(ClosureQuestion question);
  void judge_reachable(const Claim& claim, Verdict& verdict);
  [[nodiscard]] bool judge_reachable_pair(const Claim& claim, const PlacePart& source, const PlacePart& target,
                                          World& world, Verdict& verdict);
  void judge_anti_spoofed(const Claim& claim, Verdict& verdict);
  void judge_unreferenced(const Claim& claim, Verdict& verdict);
  [[nodiscard]] bool vacuous(const std::vector<std::string>& empty, Verdict& verdict) const;
  void conclude(const Claim& claim, Verdict& verdict) const;

  [[nodiscard]] const Closure& closure_of(const ClosureQuestion& question);

  const model::Network* network_;
  Worlds worlds_;
  const SourceStore* sources_;
  ClosureTables tables_;
  std::map<ClosureQuestion, Closure> closures_;  // claims often start from the same places
  std::map<ClosureQuestion, std::set<Body>> untold_;
  bool ran_out_of_room_ = false;
};

// Texts of the assumptions that segproof itself makes: A0, A-STACK, A-ROUTES, A-FLUSH, A-OWN, A-FW, A-EXT, A-R2I,
// A-COMPLETE, A-WIRES.
[[nodiscard]] std::string_view built_in_assumption(std::string_view id);

}  // namespace segproof::claim
