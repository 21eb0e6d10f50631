// SPDX-License-Identifier: Apache-2.0
#include "proof/growing.h"

namespace segproof::proof {

using check::Box;
using check::FlowRow;
using check::Passage;
using check::Spot;

namespace {

constexpr std::size_t most_rows = 50'000;

}  // namespace

void Growing::count() {
  if (++count_ > most_rows) {
    throw check::TooLarge();
  }
}

void Growing::arrives(const Spot& spot, const Passage& packets) {
  std::vector<Box>& rows = rows_->at[spot];
  for (const Passage& piece : check::escaping(world_->sets(), packets, rows)) {
    const Box row = check::header_of(piece);
    std::erase_if(rows, [&](const Box& old) { return world_->sets().within(old, row); });
    rows.push_back(row);
    waiting_.emplace_back(spot, row);
    count();
  }
}

void Growing::opens(std::size_t node, const Passage& packets) {
  if (learning_ == nullptr) {
    return;
  }
  if (anyone_ == nullptr) {
    learn(node, packets, {});
    return;
  }
  Passage own = packets;
  if (check::keep_own(world_->sets(), own)) {
    learn(node, own, {});
  }
  learn(node, packets, check::known_flows(*anyone_, epoch_, node));
}

void Growing::learn(std::size_t node, const Passage& packets, const std::vector<FlowRow>& known) {
  std::vector<FlowRow>& flows = learning_->flows[node];
  std::vector<FlowRow> all = flows;
  all.insert(all.end(), known.begin(), known.end());
  for (const Passage& piece : check::unknown_flows(world_->sets(), packets, all)) {
    const bool is_any = state_ == State::any && !piece.is_helped;
    FlowRow flow{is_any ? Box{} : piece.box, {}, piece.is_helped};
    flow.arrived[check::role] = check::any_value;
    flow.arrived[check::flags] = check::any_value;
    for (const check::Field field : {check::source, check::destination, check::sport, check::dport}) {
      if (piece.now[field]) {
        flow.left[field] = is_any ? std::optional(check::any_value) : piece.now[field];
      }
    }
    flows.push_back(flow);
    again_.insert(node);
    count();
    if (is_any) {
      break;
    }
  }
  if (flows.empty()) {
    learning_->flows.erase(node);
  }
}

void Growing::wait_again() {
  for (const auto& [spot, boxes] : rows_->at) {
    if (spot.kind == Spot::Kind::interface && again_.contains(spot.node)) {
      for (const Box& box : boxes) {
        waiting_.emplace_back(spot, box);
      }
    }
  }
  again_.clear();
}

void Growing::fill(const check::Ranges& roles) {
  const check::Network& network = world_->network();
  Box anything{};
  anything[check::role] = world_->sets().of(check::role, roles);
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    for (std::size_t i = 0; i < network.nodes[n].interfaces.size(); ++i) {
      const Spot spot{Spot::Kind::interface, n, i};
      rows_->at[spot] = {anything};
      waiting_.emplace_back(spot, anything);
    }
  }
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    rows_->at[{Spot::Kind::segment, 0, s}] = {anything};
  }
}

}  // namespace segproof::proof
