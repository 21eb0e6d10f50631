// SPDX-License-Identifier: Apache-2.0
#include "claim/denials.h"

#include <algorithm>
#include <tuple>

#include "claim/witness.h"
#include "reach/stage_program.h"

namespace segproof::claim {
namespace {

using model::NodeId;
using reach::Behaviour;

PacketSet towards(const Resolved& places, World& world) {
  IntervalSet addresses;
  for (const PlacePart& part : places.parts) {
    addresses = addresses | part.addresses[model::index_of(world.family())];
  }
  return world.space().where(Field::destination, addresses);
}

void add_drops(const reach::DropPoint& drop, PacketSet packets, NodeId id, World& world, const SourceStore& sources,
               std::vector<Denial>& into) {
  const model::Node& node = world.network().node(id);
  if (drop.stage == nullptr) {
    into.push_back({node.name, drop.route.file.valid() ? rule_ref(drop.route, sources) : RuleRef{{}, "no route"}});
    return;
  }
  const reach::CompiledNode& compiled = world.compiled().node(id);
  for (const reach::DropBy& by :
       reach::attribute_drops(node.rules, *drop.stage, compiled.facts, world.compiled().headers(), packets)) {
    const SourceSpan span = by.rule != nullptr ? by.rule->origin : drop.stage->policy_origin;
    into.push_back({node.name, rule_ref(span, sources)});
  }
}

}  // namespace

void tidy(std::vector<Denial>& denials) {
  const auto key = [](const Denial& denial) {
    return std::tie(denial.device, denial.rule.span.file, denial.rule.span.line, denial.rule.text);
  };
  std::sort(denials.begin(), denials.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  denials.erase(
      std::unique(denials.begin(), denials.end(), [&](const auto& a, const auto& b) { return key(a) == key(b); }),
      denials.end());
}

std::vector<Denial> denials(const std::vector<Forbidden>& directions, World& world, const SourceStore& sources,
                            std::size_t limit) {
  std::vector<Denial> result;
  const reach::Flood& flood = world.everybody(Approximation::over, Spoofing::any).all();
  for (const Forbidden& direction : directions) {
    const PacketSet from = world.space().where(Field::origin, world.origins_of(direction.party.from, Spoofing::any));
    const PacketSet between = from & towards(direction.party.to, world);
    for (std::size_t n = 0; n < world.network().nodes.size(); ++n) {
      const NodeId id(n);
      const model::Node& node = world.network().node(id);
      const Behaviour behaviour = world.compiled().node(id).behaviour;
      const bool reached =
          std::any_of(node.interfaces.begin(), node.interfaces.end(),
                      [&](model::InterfaceId interface) { return flood.arrived(interface).intersects(between); });
      if (!reached) {
        continue;
      }
      if (behaviour == Behaviour::closed) {
        result.push_back({node.name, {node.origin, "switched off"}});
      } else if (behaviour == Behaviour::working) {
        // Where headers change, those that are dropped may have come under other destinations.
        const PacketSet asked = world.compiled().node(id).keeps_headers ? between : from;
        for (const reach::DropPoint& drop : world.drops_at(id, asked)) {
          const PacketSet packets = drop.packets & between;
          if (!packets.is_empty()) {
            add_drops(drop, packets, id, world, sources, result);
          }
        }
      }
    }
  }
  tidy(result);
  if (result.size() > limit) {
    result.resize(limit);
  }
  return result;
}

}  // namespace segproof::claim
