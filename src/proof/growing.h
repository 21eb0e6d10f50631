// SPDX-License-Identifier: Apache-2.0
// Rows of one layer of a certificate, grown with the checker's own steps until nothing leads out of them.
#pragma once

#include <deque>
#include <set>

#include "check/core/closure.h"

namespace segproof::proof {

class Growing final : public check::Events {
 public:
  enum class State : std::uint8_t { exact, any };

  // `anyone`: what everybody can send, when this is a layer of some senders; else null. `learning`: where flows go;
  // null when all that can open are known. With State::any a flow is told by how it is translated alone.
  Growing(const check::Surroundings& world, check::Rows& rows, check::Rows* learning, const check::Layers* anyone,
          std::size_t epoch, State state)
      : world_(&world), rows_(&rows), learning_(learning), anyone_(anyone), epoch_(epoch), state_(state) {}

  void arrives(const check::Spot& spot, const check::Passage& packets) override;
  void opens(std::size_t node, const check::Passage& packets) override;
  void is_delivered(std::size_t, const check::Passage&) override {}

  // Packets of these roles may be anywhere.
  void fill(const check::Ranges& roles);

  // Steps until nothing leads out. `own` and `anyone` give the flows that a node knows.
  template <class Own, class Anyone>
  void settle(check::Spread& spread, const Own& own, const Anyone& anyone) {
    while (!waiting_.empty() || !again_.empty()) {
      if (waiting_.empty()) {  // known flows change what happens to old arrivals, too
        wait_again();
        continue;
      }
      const auto [spot, box] = waiting_.front();
      waiting_.pop_front();
      const bool is_node = spot.kind == check::Spot::Kind::interface;
      spread.step(spot, box, is_node ? own(spot.node) : std::vector<check::FlowRow>{},
                  is_node ? anyone(spot.node) : std::vector<check::FlowRow>{});
    }
  }

 private:
  void learn(std::size_t node, const check::Passage& packets, const std::vector<check::FlowRow>& known);
  void wait_again();
  void count();

  const check::Surroundings* world_;
  check::Rows* rows_;
  check::Rows* learning_;
  const check::Layers* anyone_;
  std::size_t epoch_;
  State state_;
  std::deque<std::pair<check::Spot, check::Box>> waiting_;
  std::set<std::size_t> again_;
  std::size_t count_ = 0;
};

}  // namespace segproof::proof
