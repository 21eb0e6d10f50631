// SPDX-License-Identifier: Apache-2.0
#include "proof/remembered.h"

#include <algorithm>

namespace segproof::proof {
namespace {

using check::Passage;
using check::Walked;

constexpr std::size_t most_passages = 200'000;

template <class T>
void append(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// Flows are only looked at where packets come in.
bool tracks_on_entering(const std::vector<check::Stage>& stages) {
  return std::all_of(stages.begin(), stages.end(), [](const check::Stage& stage) {
    return stage.kind != check::Stage::Kind::track || stage.hook == check::Hook::ingress ||
           stage.hook == check::Hook::originate;
  });
}

}  // namespace

std::size_t Memory::Hash::operator()(const Key& key) const {
  std::uint64_t result = key.size();
  for (const std::uint64_t word : key) {
    result = (result ^ word) * 0x9e3779b97f4a7c15U;
    result ^= result >> 29U;
  }
  return result;
}

// Everything of a passage that a node looks at. What has an interface to leave by is not here yet.
Memory::Key Memory::key_of(std::size_t node, const Passage& packets) {
  Key key{node, packets.in ? *packets.in + 1 : 0, packets.state, packets.is_helped ? 1U : 0U};
  key.reserve(64);
  const auto add_box = [&](const check::Box& box) {
    for (std::size_t f = 0; f < check::field_count; f += 2) {
      key.push_back(std::uint64_t{box[f]} << 32U | box[f + 1]);
    }
  };
  const auto add_value = [&](const std::optional<check::Value>& value) {
    key.push_back(value ? 1 : 0);
    key.push_back(value ? static_cast<std::uint64_t>(*value) : 0);
    key.push_back(value ? static_cast<std::uint64_t>(*value >> 64U) : 0);
  };
  add_box(packets.box);
  for (const auto* fields : {&packets.now, &packets.outward, &packets.inward}) {
    for (const std::optional<check::SetId>& set : *fields) {
      key.push_back(set ? std::uint64_t{*set} + 1 : 0);
    }
  }
  add_value(packets.mark);
  add_value(packets.connection_mark);
  for (const std::optional<bool>& end : packets.translated) {
    key.push_back(end ? (*end ? 2U : 1U) : 0U);
  }
  for (const check::Except* except = packets.except.get(); except != nullptr; except = except->before.get()) {
    add_box(except->box);
  }
  return key;
}

const Walked& Memory::becomes(check::NodeWalk& node, std::size_t number, const Passage& inside) {
  if (size_ > most_passages) {
    known_.clear();
    size_ = 0;
  }
  Key key = key_of(number, inside);
  if (const auto found = known_.find(key); found != known_.end()) {
    return found->second;
  }
  const Walked& result = known_.emplace(std::move(key), node.go_on({inside})).first->second;
  size_ += 1 + result.delivered.size() + result.leaving.size() + result.copies.size() + result.opened.size();
  return result;
}

Walked RememberedSpread::walk(check::NodeWalk& node, const check::Spot& spot, const check::Box& box) {
  if (!tracks_on_entering(world_->rules(spot.node).stages)) {
    return Spread::walk(node, spot, box);
  }
  const std::vector<Passage> inside = node.enter(box, spot.number);
  Walked result = node.go_on({});  // what happened on the way in
  for (const Passage& packets : inside) {
    const Walked& more = memory_->becomes(node, spot.node, packets);
    append(result.delivered, more.delivered);
    append(result.leaving, more.leaving);
    append(result.copies, more.copies);
    append(result.opened, more.opened);
  }
  return result;
}

}  // namespace segproof::proof
