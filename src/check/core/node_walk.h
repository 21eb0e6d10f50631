// SPDX-License-Identifier: Apache-2.0
// Everything that one node may do with packets that arrive at it: the stages of its hooks, connection tracking by the
// flows that a certificate claims, its routes.
#pragma once

#include <functional>

#include "check/core/headers.h"
#include "check/core/passage.h"
#include "check/core/rows.h"

namespace check {

// The certificate does not show the verdict: what is missing, with a packet where there is one.
class Rejected : public std::runtime_error {
  using std::runtime_error::runtime_error;
};
class TooLarge : public std::runtime_error {
 public:
  TooLarge() : std::runtime_error("too large") {}
};

// How a sender hands a packet over: to an interface on the segment, or to whoever owns the destination there.
struct Frame {
  std::size_t segment = 0;
  std::optional<std::pair<std::size_t, std::size_t>> receiver;  // node, interface
};

// How something comes out that nothing decides, in the world that the certificate of an inconclusive verdict tells of.
struct Supposed {
  enum class How : std::uint8_t { holds, fails, accepts, continues, forwards, chooses, passes } how = How::holds;
  std::size_t node = 0;
  std::string origin;  // of the rule, for the first four
  std::size_t in = 0;  // passes: the interface by which the packet comes
  Frame frame;         // passes
  Box changed{};       // passes: fields that it changes, to these values
};

// A flow that a node surely knows, in a replay.
struct Connection {
  FlowRow flow;           // one tuple, or the choices that a node has in a translation
  std::size_t maker = 0;  // the step that made it
  bool is_own = false;    // whoever sends now made it
  bool is_answered = false;
  std::optional<Value> mark;
  std::array<std::optional<bool>, 2> translated;
};

struct Walked {
  std::vector<Passage> delivered;
  std::vector<Passage> leaving;  // `out` says where
  std::vector<std::pair<std::optional<Address>, Passage>> copies;
  std::vector<Passage> opened;  // first packets of flows, as they end
  bool may_end = false;         // in a replay: some may be dropped
};

class NodeWalk {
 public:
  // `own`: flows that the senders at hand made, `anyone`: all. `steps` bounds the work: it is counted down.
  NodeWalk(const Surroundings& world, std::size_t node, const std::vector<FlowRow>& own,
           const std::vector<FlowRow>& anyone, std::size_t& steps);

  // In a replay: the node knows these connections and no others. So what comes out is what surely becomes of packets,
  // by one way or another, when things come out as supposed; unless they `may_end` there, those that the node may drop
  // are Rejected.
  NodeWalk(const Surroundings& world, std::size_t node, const std::vector<Connection>& table,
           const std::vector<Supposed>& supposed, bool may_end, std::size_t& steps);

  using Passages = std::vector<Passage>;
  [[nodiscard]] Walked walk(const Box& arriving, std::size_t interface) { return go_on(enter(arriving, interface)); }
  // The same in two parts: what gets in; and what becomes of that, which no longer depends on flows, or on each other.
  [[nodiscard]] Passages enter(const Box& arriving, std::size_t interface);
  [[nodiscard]] Walked go_on(const Passages& inside);

 private:
  [[nodiscard]] Passages hook(Hook at, Passages packets);
  [[nodiscard]] Passages filter(const Stage& stage, const Passages& packets);
  [[nodiscard]] Passages translate(const Stage& stage, const Passages& packets, Passages& settled);
  [[nodiscard]] const Supposed* supposed(const std::string& origin) const;
  bool split(const Tests& tests, const std::string& origin, const Passage& packet, Passages& yes, Passages& no);
  void chain(std::size_t number, Passages packets, Passages& accepted, Passages& translated, Passages& back);
  void act(const Rule& rule, const Passage& packet, Passages& accepted, Passages& translated, Passages& back,
           Passages& next);
  void rewrite(const Action& action, const Passage& packet, Passages& translated, Passages& accepted);
  [[nodiscard]] Passages track(const Passages& packets);
  void track_fresh(const Passage& packet, Passages& into) const;
  void track_flow(const Passage& packet, const FlowRow& flow, bool is_own, Passages& into);
  void track_surely(const Passage& packet, Passages& into);
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
  void lose(bool is_lost, const char* how);
  void doubt(bool is_doubtful, const char* how) const;
  [[nodiscard]] Sets& sets() const { return world_->sets(); }

  const Surroundings* world_;
  std::size_t node_;
  const Facts* facts_;
  const RuleSet* rules_;
  const std::vector<FlowRow>* own_;
  const std::vector<FlowRow>* anyone_;
  const std::vector<Connection>* table_ = nullptr;   // in a replay
  const std::vector<Supposed>* supposed_ = nullptr;  // in a replay
  bool may_end_ = false;
  std::size_t* steps_;
  Asker asker_;
  Walked result_;
};

}  // namespace check
