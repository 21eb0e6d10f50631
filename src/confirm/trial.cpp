// SPDX-License-Identifier: Apache-2.0
#include "confirm/trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "confirm/blueprint.h"
#include "reach/replay.h"

namespace segproof::confirm {
namespace {

using model::InterfaceId;
using model::Network;
using model::NodeId;
using model::SegmentId;

constexpr std::string_view device_prefix = "device:";
constexpr std::string_view unlisted_prefix = "unlisted@";

// The node that a witness calls so: "web1", "bastion:eth1", "device:fw1"; invalid: somebody who is not listed.
NodeId node_called(std::string_view name, const Network& network) {
  if (name.starts_with(device_prefix)) {
    return network.find_node(name.substr(device_prefix.size()));
  }
  if (const NodeId whole = network.find_node(name); whole.valid()) {
    return whole;
  }
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? NodeId() : network.find_node(name.substr(0, colon));
}

std::optional<Seat> seat_called(std::string_view name, const Network& network) {
  if (const NodeId node = node_called(name, network); node.valid()) {
    return Seat{node, {}};
  }
  const SegmentId segment =
      network.find_segment(name.starts_with(unlisted_prefix) ? name.substr(unlisted_prefix.size()) : name);
  return segment.valid() ? std::optional(Seat{{}, segment}) : std::nullopt;
}

bool is_own(NodeId node, const Address& address, const Network& network) {
  return std::ranges::any_of(network.node(node).interfaces, [&](InterfaceId id) {
    const auto& addresses = network.interface(id).addresses;
    return std::ranges::find(addresses, address, &InterfaceAddress::address) != addresses.end();
  });
}

bool is_to_many(const Packet& packet) {
  const Bits bits = packet[Field::destination];
  return packet.family == Family::ipv4 ? bits >> 28U == 14U || bits == 0xffffffffU
                                       : bits >> 120U == 0xffU || bits >> 118U == 0x3faU;
}

// One step after the other, until one cannot be sent.
class WitnessReader {
 public:
  explicit WitnessReader(const input::Snapshot& snapshot) : snapshot_(snapshot), network_(snapshot.network) {
    trial_.order = Trial::Order::in_turn;
  }

  TrialOrReason read(const claim::Witness& witness) {
    for (const claim::WitnessStep& step : witness.steps) {
      if (!step.packet) {
        continue;  // a mention
      }
      if (std::string why = add(step); !why.empty()) {
        return why;
      }
    }
    if (trial_.shots.empty()) {
      return std::string("its counterexample is no packet");
    }
    const Shot& last = trial_.shots.back();
    if (!last.expected) {
      return std::string("its counterexample is not delivered");
    }
    // The last packet is put on the wire as it is, whatever the sender's own rules say.
    trial_.shots.back().through = {};
    for (Shot& shot : trial_.shots) {
      use_own_stack(shot);
    }
    return std::move(trial_);
  }

 private:
  std::string add(const claim::WitnessStep& step) {
    Shot shot;
    shot.packet = *step.packet;
    shot.actor = step.actor;
    if (is_to_many(shot.packet)) {
      return "its counterexample is sent to all of a segment";
    }
    if (shot.packet[Field::fragment] != 0) {
      return "its counterexample is a later fragment without the first one";
    }
    if (step.hops.empty()) {
      return "its counterexample stays on one segment and passes no rules";
    }
    for (const claim::Hop& hop : step.hops) {
      const NodeId node = network_.find_node(hop.device);
      if (std::string why = node.valid() ? why_not_linux(node, snapshot_) : "it names no node"; !why.empty()) {
        return why;
      }
      if (hop.stage == reach::taken_by_the_fallen) {
        return fmt::format("it leans on {} having fallen, which no rules of its own hold back any more", hop.device);
      }
      trial_.nodes.insert(node);
    }
    const NodeId first = network_.find_node(step.hops.front().device);
    shot.receiver = first_interface(first, step.hops.front().in);
    if (!shot.receiver.valid() || !network_.interface(shot.receiver).segment.valid()) {
      return fmt::format("where its counterexample enters {} is not known", step.hops.front().device);
    }
    shot.wire = network_.interface(shot.receiver).segment;
    shot.through = node_called(step.actor, network_);
    shot.expected = step.delivered.empty() ? std::nullopt : seat_called(step.delivered, network_);
    shot.as_good = router_of(shot.expected, network_);
    shot.may_end_anywhere = step.delivered.empty();
    trial_.shots.push_back(std::move(shot));
    return {};
  }

  // Host interfaces may be named after their segment in a witness, and by number in the namespace: ids do not care.
  [[nodiscard]] InterfaceId first_interface(NodeId node, const std::string& name) const {
    return network_.find_interface(node, name);
  }

  // Whoever opens a session and keeps a connection table himself must have it in there.
  void use_own_stack(Shot& shot) {
    const NodeId sender = shot.through;
    const bool keeps_state = sender.valid() && !network_.node(sender).rules.stages.empty() &&
                             is_own(sender, shot.packet.source(), network_) && why_not_linux(sender, snapshot_).empty();
    if (keeps_state) {
      trial_.nodes.insert(sender);
    } else {
      shot.through = {};
    }
  }

  const input::Snapshot& snapshot_;
  const Network& network_;
  Trial trial_;
};

}  // namespace

std::string seat_name(const Seat& seat, const Network& network) {
  return seat.node.valid() ? network.node(seat.node).name
                           : fmt::format("unlisted@{}", network.segment(seat.segment).name);
}

TrialOrReason trial_of(const claim::Witness& witness, const input::Snapshot& snapshot) {
  return WitnessReader(snapshot).read(witness);
}

std::optional<Seat> router_of(const std::optional<Seat>& expected, const Network& network) {
  if (expected && expected->node.valid() && network.node(expected->node).kind == model::NodeKind::host) {
    for (const InterfaceId id : network.node(expected->node).interfaces) {
      const SegmentId segment = network.interface(id).segment;
      if (segment.valid() && network.segment(segment).external) {
        return Seat{{}, segment};
      }
    }
  }
  return std::nullopt;
}

std::vector<NodeId> routers_of(const Network& network) {
  std::vector<NodeId> routers;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const model::Node& node = network.nodes[i];
    const bool forwards = std::ranges::find(node.forwarding, model::Forwarding::on) != node.forwarding.end();
    if (node.kind == model::NodeKind::device || (forwards && node.interfaces.size() > 1)) {
      routers.emplace_back(i);
    }
  }
  return routers;
}

}  // namespace segproof::confirm
