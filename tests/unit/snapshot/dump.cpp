// SPDX-License-Identifier: Apache-2.0
#include "unit/snapshot/dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "packet/field.h"

namespace segproof::test {
namespace {

using namespace model;

std::string number(Bits value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return digits;
}

std::string place(const SourceSpan& span, const SourceStore& sources) {
  return span.file.valid() ? fmt::format("{}:{}", sources.path(span.file), span.line) : std::string("-");
}

std::string values_text(Field field, const IntervalSet& values, std::optional<Family> family) {
  std::string text;
  for (const Interval& interval : values.intervals()) {
    std::string part;
    const bool is_address = field == Field::source || field == Field::destination;
    if (is_address && family) {
      for (const Prefix& prefix : prefixes_of(*family, interval)) {
        part += fmt::format("{}{}", part.empty() ? "" : ",", to_string(prefix));
      }
    } else {
      part = number(interval.low);
      if (interval.high != interval.low) {
        part += "-" + number(interval.high);
      }
    }
    text += fmt::format("{}{}", text.empty() ? "" : ",", part);
  }
  return text;
}

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ","));
}

struct TestText {
  std::string operator()(const FieldTest& t) const {
    return fmt::format("{}{}={}", field_name(t.field),
                       !t.family                   ? ""
                       : *t.family == Family::ipv4 ? "4"
                                                   : "6",
                       values_text(t.field, t.values, t.family));
  }
  std::string operator()(const MaskTest& t) const {
    return fmt::format("{}&{}{}{}", field_name(t.field), number(t.mask), t.negated ? "!=" : "==", number(t.value));
  }
  std::string operator()(const InterfaceTest& t) const {
    return fmt::format("{}{}{}{}", t.direction == Direction::ingress ? "in" : "out", t.negated ? "!=" : "=",
                       t.name.empty() ? "''" : t.name, t.is_prefix ? "*" : "");
  }
  std::string operator()(const TrackTest& t) const { return fmt::format("state={:05b}", t.states); }
  std::string operator()(const MarkTest& t) const { return fmt::format("mark={:#x}/{:#x}", t.value, t.mask); }
  std::string operator()(const AddressTypeTest&) const { return "type"; }
  std::string operator()(const MeasureTest&) const { return "measure"; }
  std::string operator()(const UnknownTest& t) const { return fmt::format("{}?({})", t.negated ? "!" : "", t.text); }
  std::string operator()(const AnyTest& t) const {
    std::string text;
    for (const Condition& alternative : t.alternatives) {
      text += fmt::format("{}{}", text.empty() ? "" : " | ", dump_condition(alternative));
    }
    return fmt::format("{}({})", t.negated ? "not" : "", text);
  }
};

struct ActionText {
  std::string operator()(const GoOn&) const { return "go on"; }
  std::string operator()(const Decide& a) const { return std::string(verdict_name(a.verdict)); }
  std::string operator()(const Call&) const { return "call"; }
  std::string operator()(const ComeBack&) const { return "return"; }
  std::string operator()(const SetMark&) const { return "set mark"; }
  std::string operator()(const CopyMark&) const { return "copy mark"; }
  std::string operator()(const Untrack&) const { return "untrack"; }
  std::string operator()(const Anything&) const { return "anything"; }
  std::string operator()(const Duplicate&) const { return "duplicate"; }
  std::string operator()(const AttachHelper&) const { return "helper"; }
  std::string operator()(const Translate& a) const {
    std::string to = a.to == Translate::To::ranges              ? "ranges"
                     : a.to == Translate::To::interface_address ? "interface"
                                                                : "network";
    for (const Interval& interval : a.addresses) {
      for (const Prefix& prefix : prefixes_of(a.family, interval)) {
        to += " " + to_string(prefix);
      }
    }
    if (a.network) {
      to += " " + to_string(*a.network);
    }
    if (a.ports) {
      to += fmt::format(" ports {}-{}", number(a.ports->low), number(a.ports->high));
    }
    return fmt::format("translate {} to {}", a.endpoint == Endpoint::source ? "source" : "destination", to);
  }
};

std::string known(Known value) {
  return value == Known::given ? "given" : value == Known::missing ? "missing" : "off";
}
std::string forwards(Forwarding value) {
  return value == Forwarding::on ? "on" : value == Forwarding::off ? "off" : "unknown";
}

std::string node_text(const Node& node, const Network& network, const SourceStore& sources) {
  std::string text = fmt::format(
      "{} {} at {}: rules {}/{} routes {}/{} forwards {}/{}", node.kind == NodeKind::host ? "host" : "device",
      node.name, place(node.origin, sources), known(node.filter[0]), known(node.filter[1]), known(node.routes[0]),
      known(node.routes[1]), forwards(node.forwarding[0]), forwards(node.forwarding[1]));
  text += node.tags.empty() ? "" : fmt::format(" tags {}", join(node.tags));
  text += node.labels.empty() ? "" : fmt::format(" labels {}", join(node.labels));
  text += node.twin ? fmt::format(" twin {}", *node.twin) : "";
  text += node.services_known ? (node.scanned.empty() ? " services-known" : " services-scanned") : "";
  text += "\n";
  for (const InterfaceId id : node.interfaces) {
    const Interface& interface = network.interface(id);
    text += fmt::format("  {} on {}{}:", interface.name,
                        interface.segment.valid() ? network.segment(interface.segment).name : "nothing",
                        interface.is_up ? "" : " down");
    for (const InterfaceAddress& address : interface.addresses) {
      text += fmt::format(" {}/{}", to_string(address.address), address.prefix.length);
    }
    text += "\n";
  }
  for (const Service& service : node.services) {
    text += fmt::format(
        "  listens {}/{}{}{}{}\n", service.protocol, values_text(Field::destination_port, service.ports, {}),
        service.name.empty() ? "" : " " + service.name, service.listening == Listening::maybe ? " maybe" : "",
        service.tags.empty() ? "" : " tags " + join(service.tags));
  }
  for (const Routing& routing : node.routing) {
    for (const RouteTable& table : routing.tables) {
      for (const Route& route : table.routes) {
        text += fmt::format("  route {} {} kind {} metric {}", table.name, to_string(route.destination),
                            static_cast<int>(route.kind), route.metric);
        for (const NextHop& hop : route.hops) {
          text += fmt::format(" via {}", hop.gateway ? to_string(*hop.gateway) : "link");
          text += hop.interface.valid() ? " dev " + network.interface(hop.interface).name : "";
        }
        text += "\n";
      }
    }
    for (const RouteRule& rule : routing.rules) {
      text += fmt::format("  rule {}: {} -> {}\n", rule.priority, dump_condition(rule.condition),
                          routing.tables[rule.table].name);
    }
  }
  return text + dump_rules(node.rules, sources);
}

}  // namespace

std::string dump_condition(const Condition& condition) {
  std::string text;
  for (const Test& test : condition.tests) {
    text += fmt::format("{}{}", text.empty() ? "" : " & ", std::visit(TestText{}, test));
  }
  return text.empty() ? "any" : text;
}

std::string dump_rules(const RuleSet& rules, const SourceStore& sources) {
  std::string text;
  for (const Stage& stage : rules.stages) {
    if (stage.kind == StageKind::track) {
      text += fmt::format("  {} {}: track\n", hook_name(stage.hook), stage.order);
      continue;
    }
    text += fmt::format("  {} {} {}: else {}\n", hook_name(stage.hook), stage.order, stage.label,
                        verdict_name(stage.policy));
    for (const Rule& rule : rules.chain(stage.chain).rules) {
      text += fmt::format("    {} -> {} ({})\n", dump_condition(rule.condition), std::visit(ActionText{}, rule.action),
                          place(rule.origin, sources));
    }
  }
  return text;
}

std::string dump_network(const Network& network, const SourceStore& sources) {
  std::string text =
      fmt::format("epoch {} date {}{}\n", network.epoch, network.date, network.state_flushed ? " flushed" : "");
  for (const Segment& segment : network.segments) {
    text += fmt::format("segment {}:", segment.name);
    for (const Prefix& prefix : segment.prefixes) {
      text += " " + to_string(prefix);
    }
    text += segment.complete ? " complete" : "";
    text += segment.external ? " external" : "";
    text += segment.internet ? " internet" : "";
    text += "\n";
  }
  for (const Zone& zone : network.zones) {
    text += fmt::format("zone {}{}:", zone.name, zone.parent.valid() ? " in " + network.zone(zone.parent).name : "");
    for (const Prefix& prefix : zone.prefixes) {
      text += " " + to_string(prefix);
    }
    for (const SegmentId segment : zone.segments) {
      text += " segment " + network.segment(segment).name;
    }
    for (const NodeId node : zone.nodes) {
      text += " node " + network.node(node).name;
    }
    for (const std::string& tag : zone.tags) {
      text += " tag " + tag;
    }
    for (const InterfaceId interface : zone.interfaces) {
      text += " interface " + network.interface(interface).name;
    }
    text += zone.external ? " external" : "";
    text += zone.external_falls ? " falls" : "";
    text += "\n";
  }
  for (const Node& node : network.nodes) {
    text += node_text(node, network, sources);
  }
  for (const Assumption& assumption : network.assumptions) {
    text += fmt::format("assumption {} ({}) {}: harmless {}\n", assumption.id, assumption.owner, assumption.text,
                        join(assumption.harmless));
  }
  for (const Gap& gap : network.gaps) {
    text += fmt::format("gap {} {} {}: {}\n", place(gap.span, sources), code_text(gap.code),
                        gap.node.valid() ? network.node(gap.node).name : "everywhere", gap.why);
  }
  for (const auto& [name, rules] : network.previous_rules) {
    text += fmt::format("before: {}\n{}", name, dump_rules(rules, sources));
  }
  for (const auto& earlier : network.earlier_rules) {
    for (const auto& [name, rules] : earlier) {
      text += fmt::format("earlier: {}\n{}", name, dump_rules(rules, sources));
    }
  }
  return text;
}

std::string Loaded::diagnostics() const {
  std::string text;
  for (const Diagnostic& diagnostic : sink.all()) {
    text += render(diagnostic, sources);
  }
  return text;
}

std::string Loaded::messages() const {
  std::string text;
  for (const Diagnostic& diagnostic : sink.all()) {
    const std::string rendered = render(diagnostic, sources);
    text += rendered.substr(0, rendered.find('\n')) + "\n";
  }
  return text;
}

Loaded load(const std::map<std::string, std::string>& files, const input::SnapshotRequest& request) {
  Loaded loaded;
  const MemoryFileSystem system(files);
  Result<input::Snapshot> snapshot = input::load_snapshot(request, system, loaded.sources, loaded.sink);
  if (snapshot) {
    loaded.snapshot = std::move(snapshot).value();
  } else {
    loaded.failure = snapshot.failure().message;
  }
  return loaded;
}

Loaded load(const std::map<std::string, std::string>& files) {
  return load(files, {.topology = {"net"}, .policy = {}, .claims = {}});
}

}  // namespace segproof::test
