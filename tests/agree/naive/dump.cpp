// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/dump.h"

#include <fmt/format.h>

#include <variant>

namespace segproof::naive {

namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

std::string values_text(Field field, const IntervalSet& values, std::optional<Family> family) {
  std::string text;
  for (const auto& interval : values.intervals()) {
    if (!text.empty()) {
      text += ',';
    }
    if (field == Field::source || field == Field::destination) {
      const Family f = family.value_or(Family::ipv4);
      text += to_string(Address{f, interval.low});
      if (interval.high != interval.low) {
        text += '-' + to_string(Address{f, interval.high});
      }
    } else {
      text += fmt::format("{}", static_cast<std::uint64_t>(interval.low));
      if (interval.high != interval.low) {
        text += fmt::format("-{}", static_cast<std::uint64_t>(interval.high));
      }
    }
  }
  return text;
}

std::string test_text(const model::Test& test);

std::string condition_text(const model::Condition& condition) {
  std::string text;
  for (const auto& test : condition.tests) {
    text += test_text(test) + ' ';
  }
  return text;
}

std::string test_text(const model::Test& test) {
  return std::visit(
      Overload{
          [](const model::FieldTest& t) {
            return fmt::format("{}={}", field_name(t.field), values_text(t.field, t.values, t.family));
          },
          [](const model::MaskTest& t) {
            return fmt::format("{}{}&{}=={}", t.negated ? "!" : "", field_name(t.field),
                               static_cast<std::uint64_t>(t.mask), static_cast<std::uint64_t>(t.value));
          },
          [](const model::InterfaceTest& t) {
            return fmt::format("{}{}={}{}", t.negated ? "!" : "",
                               t.direction == model::Direction::ingress ? "in" : "out", t.name, t.is_prefix ? "+" : "");
          },
          [](const model::TrackTest& t) {
            return fmt::format("{}state={:05b}/{:02b}", t.negated ? "!" : "", t.states, t.translated);
          },
          [](const model::MarkTest& t) { return fmt::format("{}mark={}", t.negated ? "!" : "", t.value); },
          [](const model::AddressTypeTest& t) {
            return fmt::format("{}{}-type={:x}", t.negated ? "!" : "",
                               t.endpoint == model::Endpoint::source ? "source" : "destination", t.types);
          },
          [](const model::MeasureTest&) { return std::string("measure"); },
          [](const model::UnknownTest& t) { return fmt::format("{}perhaps({})", t.negated ? "!" : "", t.text); },
          [](const model::AnyTest& t) {
            std::string text = t.negated ? "!any(" : "any(";
            for (const auto& alternative : t.alternatives) {
              text += condition_text(alternative) + "| ";
            }
            return text + ')';
          },
      },
      test);
}

std::string action_text(const model::Action& action, const model::RuleSet& rules) {
  return std::visit(Overload{
                        [](const model::GoOn&) { return std::string("go on"); },
                        [](const model::Decide& d) {
                          return std::string(d.verdict == model::Verdict::accept ? "ACCEPT"
                                             : d.verdict == model::Verdict::drop ? "DROP"
                                                                                 : "REJECT");
                        },
                        [&](const model::Call& c) {
                          return fmt::format("{} {}", c.comes_back ? "jump" : "goto", rules.chain(c.chain).name);
                        },
                        [](const model::ComeBack&) { return std::string("RETURN"); },
                        [](const model::SetMark& s) { return fmt::format("mark=(mark&{:x})^{:x}", s.keep, s.flip); },
                        [](const model::CopyMark&) { return std::string("copy mark"); },
                        [](const model::Untrack&) { return std::string("NOTRACK"); },
                        [](const model::Translate& t) {
                          std::string text = t.endpoint == model::Endpoint::source ? "SNAT" : "DNAT";
                          if (t.to == model::Translate::To::interface_address) {
                            text += " interface";
                          }
                          for (const auto& interval : t.addresses) {
                            text += ' ' + to_string(Address{t.family, interval.low}) + '-' +
                                    to_string(Address{t.family, interval.high});
                          }
                          if (t.network) {
                            text += " network " + to_string(*t.network);
                          }
                          if (t.ports) {
                            text += fmt::format(" ports {}-{}", static_cast<unsigned>(t.ports->low),
                                                static_cast<unsigned>(t.ports->high));
                          }
                          return text;
                        },
                        [](const model::Anything& a) { return "ANYTHING " + a.text; },
                        [](const model::Duplicate&) { return std::string("TEE"); },
                        [](const model::AttachHelper& h) { return "helper " + h.helper; },
                    },
                    action);
}

std::string_view known_text(model::Known known) {
  switch (known) {
    case model::Known::given:
      return "given";
    case model::Known::missing:
      return "MISSING";
    case model::Known::off:
      return "off";
  }
  return "";
}

std::string_view forwarding_text(model::Forwarding forwarding) {
  switch (forwarding) {
    case model::Forwarding::on:
      return "on";
    case model::Forwarding::off:
      return "off";
    case model::Forwarding::unknown:
      return "unknown";
  }
  return "";
}

std::string route_text(const model::Network& network, const model::Route& route) {
  std::string text = "route " + to_string(route.destination);
  if (route.kind != model::RouteKind::unicast) {
    text += fmt::format(" kind {}", static_cast<int>(route.kind));
  }
  for (const auto& hop : route.hops) {
    text += hop.gateway ? " via " + to_string(*hop.gateway) : "";
    text += hop.interface.valid() ? " dev " + network.interface(hop.interface).name : "";
  }
  if (route.metric != 0) {
    text += fmt::format(" metric {}", route.metric);
  }
  return text;
}

std::string node_text(const model::Network& network, const model::Node& node, Family family) {
  const auto f = model::index_of(family);
  std::string text = fmt::format("{} {}: filter {} routes {} forwarding {}{}\n",
                                 node.kind == model::NodeKind::host ? "host" : "device", node.name,
                                 known_text(node.filter[f]), known_text(node.routes[f]),
                                 forwarding_text(node.forwarding[f]), node.services_known ? " services known" : "");
  for (const auto& service : node.services) {
    text += fmt::format("  service {}/{}", service.protocol, values_text(Field::destination_port, service.ports, {}));
    for (const auto& tag : service.tags) {
      text += ' ' + tag;
    }
    text += '\n';
  }
  for (const auto& [protocol, ports] : node.scanned) {
    text += fmt::format("  scanned {}/{}\n", protocol, values_text(Field::destination_port, ports, {}));
  }
  for (const auto id : node.interfaces) {
    const auto& interface = network.interface(id);
    text += fmt::format("  {} on {}{}", interface.name,
                        interface.segment.valid() ? network.segment(interface.segment).name : "NOTHING",
                        interface.is_up ? "" : " (down)");
    for (const auto& own : interface.addresses) {
      text += fmt::format(" {}/{}", to_string(own.address), own.prefix.length);
    }
    text += '\n';
  }
  for (const auto& table : node.routing[f].tables) {
    for (const auto& route : table.routes) {
      text += fmt::format("  [{}] {}\n", table.name, route_text(network, route));
    }
  }
  for (const auto& rule : node.routing[f].rules) {
    text += fmt::format("  route rule {}: {}-> {}\n", rule.priority, condition_text(rule.condition),
                        node.routing[f].tables[rule.table].name);
  }
  for (const auto& stage : node.rules.stages) {
    text += fmt::format("  stage {} order {}{}{}", stage.label, stage.order, stage.ipv4 ? "" : " not-ipv4",
                        stage.ipv6 ? "" : " not-ipv6");
    if (stage.kind == model::StageKind::track) {
      text += '\n';
      continue;
    }
    text += fmt::format(" policy {} chain {}\n", stage.policy == model::Verdict::accept ? "ACCEPT" : "DROP",
                        node.rules.chain(stage.chain).name);
  }
  for (const auto& chain : node.rules.chains) {
    for (const auto& rule : chain.rules) {
      text += fmt::format("  [{}] {}\n", chain.name, text_of(rule, node.rules));
    }
  }
  return text;
}

std::string zone_text(const model::Network& network, const model::Zone& zone) {
  std::string text =
      fmt::format("zone {}{}{}", zone.name, zone.external ? " external" : "", zone.external_falls ? " falls" : "");
  for (const auto& prefix : zone.prefixes) {
    text += ' ' + to_string(prefix);
  }
  for (const auto node : zone.nodes) {
    text += ' ' + network.node(node).name;
  }
  for (const auto& tag : zone.tags) {
    text += " tag " + tag;
  }
  for (const auto id : zone.interfaces) {
    text += ' ' + network.node(network.interface(id).node).name + ':' + network.interface(id).name;
  }
  return text + (zone.parent.valid() ? " in " + network.zone(zone.parent).name : "") + '\n';
}

std::string past_text(const std::map<std::string, model::RuleSet>& by_node, std::string_view when) {
  std::string text;
  for (const auto& [name, rules] : by_node) {
    text += fmt::format("{}: {}\n", when, name);
    for (const auto& chain : rules.chains) {
      for (const auto& rule : chain.rules) {
        text += fmt::format("  [{}] {}\n", chain.name, text_of(rule, rules));
      }
    }
  }
  return text;
}

std::string names_text(const std::vector<claim::Name>& names) {
  std::string text;
  for (const auto& name : names) {
    text += ' ' + name.text;
  }
  return text;
}

std::string allowed_text(const std::vector<claim::Allowed>& list, std::string_view word) {
  std::string text;
  for (const auto& allowed : list) {
    text += fmt::format(" {} {}{}{}{}", word, allowed.service.text,
                        allowed.from.empty() ? "" : " from" + names_text(allowed.from),
                        allowed.to.empty() ? "" : " to" + names_text(allowed.to),
                        allowed.expires.empty() ? "" : " until " + allowed.expires);
  }
  return text;
}

}  // namespace

std::string text_of(const model::Rule& rule, const model::RuleSet& rules) {
  return condition_text(rule.condition) + "-> " + action_text(rule.action, rules);
}

std::string text_of(const model::Network& network, Family family) {
  std::string text;
  for (const auto& segment : network.segments) {
    text += "segment " + segment.name;
    for (const auto& prefix : segment.prefixes) {
      text += ' ' + to_string(prefix);
    }
    text += fmt::format("{}{}{}\n", segment.complete ? " complete" : "", segment.external ? " external" : "",
                        segment.internet ? " internet" : "");
  }
  for (const auto& node : network.nodes) {
    text += node_text(network, node, family);
  }
  for (const auto& zone : network.zones) {
    text += zone_text(network, zone);
  }
  text += past_text(network.previous_rules, network.state_flushed ? "before (flushed)" : "before");
  for (const auto& earlier : network.earlier_rules) {
    text += past_text(earlier, "earlier");
  }
  for (const auto& assumption : network.assumptions) {
    text += "assumption " + assumption.id;
    for (const auto& service : assumption.harmless) {
      text += " harmless " + service;
    }
    text += '\n';
  }
  return text;
}

std::string text_of(const claim::Claim& claim) {
  std::string text = fmt::format("{} ({}): from{} to{}", claim.id, claim::kind_name(claim.kind), names_text(claim.from),
                                 names_text(claim.to));
  if (!claim.through.empty()) {
    text += " through" + names_text(claim.through);
  }
  if (!claim.zones.empty()) {
    text += " zones" + names_text(claim.zones);
  }
  if (!claim.hosts.empty()) {
    text += " hosts" + names_text(claim.hosts);
  }
  text += allowed_text(claim.services, "allowed") + allowed_text(claim.except, "except");
  if (claim.pivot) {
    text += fmt::format(" pivot {}", claim::pivot_name(*claim.pivot));
  }
  text += fmt::format(" spoofing {}", claim::spoofing_name(claim.spoofing));
  if (claim.responder != claim::Responder::include) {
    text += claim.responder == claim::Responder::report ? " responders apart" : " responders do not count";
  }
  if (claim.hops) {
    text += fmt::format(" hops {}", *claim.hops);
  }
  if (claim.trust_source_host) {
    text += " trust-source-host";
  }
  return text;
}

void attach_sources(model::Network& network, std::vector<claim::Claim>& claims, SourceStore& store) {
  for (auto& node : network.nodes) {
    std::string lines = "node " + node.name + '\n';
    std::vector<SourceSpan*> spans{&node.origin};
    for (auto& chain : node.rules.chains) {
      lines += "chain " + chain.name + '\n';
      spans.push_back(&chain.origin);
      for (auto& rule : chain.rules) {
        lines += text_of(rule, node.rules) + '\n';
        spans.push_back(&rule.origin);
      }
    }
    for (auto& stage : node.rules.stages) {
      lines += "policy of " + stage.label + '\n';
      spans.push_back(&stage.policy_origin);
    }
    for (auto& routing : node.routing) {
      for (auto& table : routing.tables) {
        for (auto& route : table.routes) {
          lines += route_text(network, route) + '\n';
          spans.push_back(&route.origin);
        }
      }
    }
    const FileId file = store.add(node.name + ".rules", lines);
    for (std::size_t i = 0; i < spans.size(); ++i) {
      *spans[i] = SourceSpan{file, static_cast<std::uint32_t>(i + 1), 1, 1};
    }
    node.configuration = SourceSpan{file, 0, 0, 0};
  }
  std::string lines;
  for (const auto& claim : claims) {
    lines += text_of(claim) + '\n';
  }
  const FileId file = store.add("claims.yaml", lines);
  for (std::size_t i = 0; i < claims.size(); ++i) {
    claims[i].origin = SourceSpan{file, static_cast<std::uint32_t>(i + 1), 1, 1};
  }
}

}  // namespace segproof::naive
