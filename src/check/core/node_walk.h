// SPDX-License-Identifier: Apache-2.0
// Everything that one node may do with packets that arrive at it: the stages of its hooks, connection tracking by the
// flows that a certificate claims, its routes.
#pragma once

#include <functional>

#include "check/core/headers.h"
#include "check/core/passage.h"
#include "check/core/rows.h"

namespace check {

class TooLarge : public std::runtime_error {
 public:
  TooLarge() : std::runtime_error("too large") {}
};

struct Walked {
  std::vector<Passage> delivered;
  std::vector<Passage> leaving;  // `out` says where
  std::vector<std::pair<std::optional<Address>, Passage>> copies;
  std::vector<Passage> opened;  // first packets of flows, as they end
};

class NodeWalk {
 public:
  // `own`: flows that the senders at hand made, `anyone`: all. `steps` bounds the work: it is counted down.
  NodeWalk(const Surroundings& world, std::size_t node, const std::vector<FlowRow>& own,
           const std::vector<FlowRow>& anyone, std::size_t& steps);

  [[nodiscard]] Walked walk(const Box& arriving, std::size_t interface);

 private:
  using Passages = std::vector<Passage>;
  [[nodiscard]] Passages hook(Hook at, Passages packets);
  [[nodiscard]] Passages filter(const Stage& stage, const Passages& packets);
  [[nodiscard]] Passages translate(const Stage& stage, const Passages& packets, Passages& settled);
  void chain(std::size_t number, Passages packets, Passages& accepted, Passages& translated, Passages& back);
  void act(const Rule& rule, const Passage& packet, Passages& accepted, Passages& translated, Passages& back,
           Passages& next);
  void rewrite(const Action& action, const Passage& packet, Passages& translated, Passages& accepted);
  [[nodiscard]] Passages track(const Passages& packets);
  void track_fresh(const Passage& packet, Passages& into) const;
  void track_flow(const Passage& packet, const FlowRow& flow, bool is_own, Passages& into);
  void track_own_sessions(const Passage& packet, Passages& into);
  void track_related(const Passage& packet, Passages& into);
  void track_helped(const Passage& packet, const FlowRow& flow, Passages& into);
  [[nodiscard]] Passages route(const Passages& packets);
  [[nodiscard]] Passage known(const Passage& packet, State state, Role role) const;
  [[nodiscard]] static Passage scrambled(Passage packet);
  [[nodiscard]] static Passage marked(const Action& action, Passage packet);
  static void become(Passage& packet, std::array<std::optional<SetId>, field_count>& pending);
  void note_flow(const Passage& packets);
  void spend(std::size_t amount);
  [[nodiscard]] Sets& sets() const { return world_->sets(); }

  const Surroundings* world_;
  const Facts* facts_;
  const RuleSet* rules_;
  const std::vector<FlowRow>* own_;
  const std::vector<FlowRow>* anyone_;
  std::size_t* steps_;
  Asker asker_;
  Walked result_;
};

}  // namespace check
