// SPDX-License-Identifier: Apache-2.0
#include "claim/undecided.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include <fmt/format.h>

#include "claim/unplaced.h"
#include "claim/witness.h"

namespace segproof::claim {
namespace {

using model::NodeId;
using model::SegmentId;
using reach::Behaviour;

bool has_unknown(const model::Condition& condition) {
  return std::any_of(condition.tests.begin(), condition.tests.end(), [](const model::Test& test) {
    if (const auto* any = std::get_if<model::AnyTest>(&test)) {
      return std::any_of(any->alternatives.begin(), any->alternatives.end(), has_unknown);
    }
    return std::holds_alternative<model::UnknownTest>(test) || std::holds_alternative<model::MeasureTest>(test);
  });
}

std::string why_undecided(const model::Rule& rule) {
  for (const model::Test& test : rule.condition.tests) {
    if (const auto* unknown = std::get_if<model::UnknownTest>(&test)) {
      return std::string(model::unknown_name(unknown->kind)) + " is not decided by a configuration";
    }
  }
  if (const auto* anything = std::get_if<model::Anything>(&rule.action)) {
    return "`" + anything->text + "` may do anything";
  }
  return "the rule depends on what no configuration says";
}

// Collects what the packets of some senders meet.
class OnTheWay {
 public:
  OnTheWay(const Resolved& from, World& world)
      : world_(&world),
        network_(&world.network()),
        flood_(&world.everybody(Approximation::over, Spoofing::any).all()),
        sent_(world.space().where(Field::origin, world.origins_of(from, Spoofing::any))) {
    for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
      const auto& interfaces = network_->nodes[n].interfaces;
      if (std::any_of(interfaces.begin(), interfaces.end(),
                      [&](model::InterfaceId interface) { return flood_->arrived(interface).intersects(sent_); })) {
        reached_.emplace_back(n);
      }
    }
  }

  // What was read and is not decided, or was not read.
  void lines() {
    for (const NodeId id : reached_) {
      const model::Node& node = network_->node(id);
      const reach::CompiledNode& compiled = world_->compiled().node(id);
      if (compiled.behaviour == Behaviour::open) {
        found_.push_back({node.origin, DiagnosticCode::configuration_missing,
                          "device `" + node.name + "` has no configuration for this family"});
      }
      if (compiled.passes_freely) {
        found_.push_back({node.origin, DiagnosticCode::host_may_forward,
                          "host `" + node.name + "` has several interfaces and may forward"});
      }
      for (const model::Chain& chain : node.rules.chains) {
        for (const model::Rule& rule : chain.rules) {
          if (has_unknown(rule.condition) || std::holds_alternative<model::Anything>(rule.action)) {
            found_.push_back(undecided_at(rule.origin, why_undecided(rule), *network_));
          }
        }
      }
      for (const model::RouteRule& rule : node.routing[model::index_of(world_->family())].rules) {
        if (has_unknown(rule.condition)) {
          found_.push_back(undecided_at(rule.origin, "whether this routing rule applies is not known", *network_));
        }
      }
    }
    sessions_of_before();
    for (UndecidedInput& doubt : doubts_everywhere(*network_)) {
      found_.push_back(std::move(doubt));
    }
    if (flood_->at_unknown().intersects(sent_)) {
      for (const model::Interface& interface : network_->interfaces) {
        if (reach::leads_outside(interface)) {
          found_.push_back({interface.origin, DiagnosticCode::interface_unwired,
                            "interface `" + interface.name + "` is wired to nothing"});
        }
      }
    }
  }

  // Whoever has such an address on one of its segments may pass a packet to all hosts there on, or not.
  void broadcasts(PacketSet packets) {
    const IntervalSet destinations = packets.values(Field::destination);
    for (const model::Interface& interface : network_->interfaces) {
      for (const InterfaceAddress& address : interface.addresses) {
        const Prefix& prefix = address.prefix;
        if (prefix.address.family == world_->family() && destinations.contains(prefix.last()) &&
            world_->to_directed_broadcast().intersects(world_->space().where(Field::destination, prefix.last()))) {
          const model::Node& node = network_->node(interface.node);
          if (node.kind == model::NodeKind::device) {
            choice(interface.origin,
                   fmt::format("`{}` may pass a packet to all hosts of {} on, or not", node.name, to_string(prefix)));
          }
        }
      }
    }
  }

  // What the network chooses, and nothing records how.
  void choices() {
    for (const NodeId id : reached_) {
      const model::Node& node = network_->node(id);
      if (node.twin) {
        choice(node.origin, fmt::format("`{}` or its twin `{}` may be the active one", node.name, *node.twin));
      }
      routes(id);
      translations(id);
    }
    if (flood_->at_unknown().intersects(sent_)) {
      unowned();
    }
  }

  [[nodiscard]] bool is_empty() const { return found_.empty(); }
  [[nodiscard]] std::vector<UndecidedInput> take() { return std::move(found_); }

 private:
  void choice(const SourceSpan& span, std::string why) {
    found_.push_back({span, DiagnosticCode::choice_not_recorded, std::move(why)});
  }

  void sessions_of_before() {
    if (!keeps_earlier_sessions(*network_)) {
      return;
    }
    for (const model::Node& node : network_->nodes) {
      const bool had_rules = std::any_of(network_->earlier_rules.begin(), network_->earlier_rules.end(),
                                         [&](const auto& rules) { return rules.contains(node.name); });
      if (had_rules || network_->previous_rules.contains(node.name)) {
        found_.push_back(
            {node.configuration.file.valid() ? node.configuration : node.origin, DiagnosticCode::rule_undecided,
             "sessions through `" + node.name + "` that the rules of the epoch before allowed may still be open"});
      }
    }
  }

  void routes(NodeId id) {
    const model::Node& node = network_->node(id);
    for (const model::RouteTable& table : node.routing[model::index_of(world_->family())].tables) {
      for (const model::Route& route : table.routes) {
        if (route.hops.size() > 1) {
          choice(route.origin, fmt::format("`{}` may take any of {} routes of equal cost to {}", node.name,
                                           route.hops.size(), to_string(route.destination)));
        }
      }
    }
  }

  void translations(NodeId id) {
    for (const auto& hook : world_->compiled().node(id).stages) {
      for (const reach::CompiledStage& stage : hook) {
        for (const reach::Rewrite& rewrite : stage.program.rewrites) {
          if (rewrite.has_choice()) {
            choice(rewrite.origin,
                   fmt::format("`{}` may choose any of several addresses or ports", network_->node(id).name));
          }
        }
      }
    }
  }

  // Destinations and next hops that nobody in the model owns.
  void unowned() {
    for (std::size_t s = 0; s < network_->segments.size(); ++s) {
      const SegmentId id(s);
      const model::Segment& segment = network_->segment(id);
      const PacketSet nobodys = (flood_->forwarded_onto(id) & sent_) - world_->compiled().segment(id).owned;
      if (!segment.external && !segment.complete && !nobodys.is_empty()) {
        choice(segment.origin,
               fmt::format("somebody on `{}` who is not listed may take packets that nobody owns", segment.name));
      }
    }
    for (const NodeId id : reached_) {
      for (const model::RouteTable& table : network_->node(id).routing[model::index_of(world_->family())].tables) {
        for (const model::Route& route : table.routes) {
          for (const model::NextHop& hop : route.hops) {
            if (hop.gateway && !is_owned(*hop.gateway)) {
              choice(route.origin, fmt::format("nobody that is known owns the next hop {}", to_string(*hop.gateway)));
            }
          }
        }
      }
    }
  }

  [[nodiscard]] bool is_owned(const Address& address) const {
    return std::any_of(network_->interfaces.begin(), network_->interfaces.end(), [&](const auto& interface) {
      return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                         [&](const InterfaceAddress& own) { return own.address == address; });
    });
  }

  World* world_;
  const model::Network* network_;
  const reach::Flood* flood_;
  PacketSet sent_;
  std::vector<NodeId> reached_;
  std::vector<UndecidedInput> found_;
};

}  // namespace

void tidy(std::vector<UndecidedInput>& inputs) {
  const auto key = [](const UndecidedInput& input) { return std::tie(input.span.file, input.span.line, input.why); };
  std::sort(inputs.begin(), inputs.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  inputs.erase(
      std::unique(inputs.begin(), inputs.end(), [&](const auto& a, const auto& b) { return key(a) == key(b); }),
      inputs.end());
}

std::vector<UndecidedInput> undecided_on_the_way(const Resolved& from, World& world, std::optional<PacketSet> perhaps,
                                                 std::size_t limit) {
  OnTheWay way(from, world);
  if (perhaps && !perhaps->is_empty() && perhaps->subset_of(world.to_directed_broadcast())) {
    way.broadcasts(*perhaps);
  }
  if (way.is_empty()) {
    way.lines();
  }
  if (way.is_empty()) {
    way.choices();
  }
  std::vector<UndecidedInput> result = way.take();
  tidy(result);
  if (result.size() > limit) {
    result.resize(limit);
  }
  return result;
}

UndecidedInput undecided_by_itself(const SourceSpan& question) {
  return {question, DiagnosticCode::choice_not_recorded,
          "no single line is undecided, but what may pass and what surely passes differ"};
}

}  // namespace segproof::claim
