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

void tidy(std::vector<UndecidedInput>& inputs) {
  const auto key = [](const UndecidedInput& input) { return std::tie(input.span.file, input.span.line, input.why); };
  std::sort(inputs.begin(), inputs.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  inputs.erase(
      std::unique(inputs.begin(), inputs.end(), [&](const auto& a, const auto& b) { return key(a) == key(b); }),
      inputs.end());
}

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
    const PacketSet between =
        world.space().where(Field::origin, world.origins_of(direction.party.from, Spoofing::any)) &
        towards(direction.party.to, world);
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
        for (const reach::DropPoint& drop : world.drops_at(id)) {
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

std::vector<UndecidedInput> undecided_on_the_way(const Resolved& from, World& world, std::size_t limit) {
  std::vector<UndecidedInput> result;
  const model::Network& network = world.network();
  const reach::Flood& flood = world.everybody(Approximation::over, Spoofing::any).all();
  const PacketSet sent = world.space().where(Field::origin, world.origins_of(from, Spoofing::any));
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    const model::Node& node = network.nodes[n];
    const bool reached = std::any_of(node.interfaces.begin(), node.interfaces.end(), [&](model::InterfaceId interface) {
      return flood.arrived(interface).intersects(sent);
    });
    if (!reached) {
      continue;
    }
    const reach::CompiledNode& compiled = world.compiled().node(NodeId(n));
    if (compiled.behaviour == Behaviour::open) {
      result.push_back({node.origin, DiagnosticCode::configuration_missing,
                        "device `" + node.name + "` has no configuration for this family"});
    }
    if (compiled.passes_freely) {
      result.push_back({node.origin, DiagnosticCode::host_may_forward,
                        "host `" + node.name + "` has several interfaces and may forward"});
    }
    for (const model::Chain& chain : node.rules.chains) {
      for (const model::Rule& rule : chain.rules) {
        if (has_unknown(rule.condition) || std::holds_alternative<model::Anything>(rule.action)) {
          result.push_back(undecided_at(rule.origin, why_undecided(rule), network));
        }
      }
    }
  }
  if (!network.state_flushed && !network.previous_rules.empty()) {
    for (const model::Node& node : network.nodes) {
      if (network.previous_rules.contains(node.name)) {
        result.push_back(
            {node.configuration.file.valid() ? node.configuration : node.origin, DiagnosticCode::rule_undecided,
             "sessions through `" + node.name + "` that the rules of the epoch before allowed may still be open"});
      }
    }
  }
  for (const model::Gap& gap : network.gaps) {
    if (!gap.node.valid()) {
      result.push_back({gap.span, gap.code, gap.why});
    }
  }
  if (flood.at_unknown().intersects(sent)) {
    for (const model::Interface& interface : network.interfaces) {
      if (!interface.segment.valid()) {
        result.push_back({interface.origin, DiagnosticCode::interface_unwired,
                          "interface `" + interface.name + "` is wired to nothing"});
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
