// SPDX-License-Identifier: Apache-2.0
#include "whole.h"

#include <fmt/format.h>

#include <algorithm>

namespace segproof::test {
namespace {

using namespace model;

std::string hex(Bits value) {
  return fmt::format("{:x}:{:x}", static_cast<std::uint64_t>(value >> 64U), static_cast<std::uint64_t>(value));
}

// Names may hold anything, so each is preceded by its length.
std::string raw(const std::string& text) {
  return fmt::format("{}<{}>", text.size(), text);
}

std::string all(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) {
    result += raw(text) + " ";
  }
  return result;
}

std::string set(const IntervalSet& values) {
  std::string text = "{";
  for (const Interval& interval : values.intervals()) {
    text += hex(interval.low) + ".." + hex(interval.high) + " ";
  }
  return text + "}";
}

// For ports, none stands for all.
std::string ports(const IntervalSet& values) {
  return set(values.is_empty() ? IntervalSet::range(0, 65535) : values);
}

template <class Enumerator>
int number(Enumerator value) {
  return static_cast<int>(value);
}

std::string family(const std::optional<Family>& value) {
  return value ? fmt::format("v{}", number(*value)) : "both";
}

std::string address(const Address& value) {
  return fmt::format("v{}:{}", number(value.family), hex(value.bits));
}

std::string prefix(const Prefix& value) {
  return fmt::format("{}/{}", address(value.address), value.length);
}

class Whole {
 public:
  Whole(const Network& network, const SourceStore& sources) : network_(network), sources_(sources) {}

  std::string text(const std::vector<claim::Claim>& claims) {
    const auto& [epoch, date, nodes, interfaces, segments, zones, assumptions, gaps, flushed, previous, earlier] =
        network_;
    add(fmt::format("epoch {} {} {}", raw(epoch), raw(date), flushed));
    for (const Assumption& assumption : assumptions) {
      add_assumption(assumption);
    }
    for (const Segment& segment : segments) {
      add_segment(segment);
    }
    std::size_t owned = 0;
    for (const Node& node : nodes) {
      add_node(node);
      owned += node.interfaces.size();
    }
    add(fmt::format("interfaces {} of {}", owned, interfaces.size()));
    for (const Zone& zone : zones) {
      add_zone(zone);
    }
    for (const auto& [span, code, why, node] : gaps) {
      add(fmt::format("gap {} {} {} {}", place(span), number(code), raw(why), node_name(node)));
    }
    for (const claim::Claim& claim : claims) {
      add_claim(claim);
    }
    return std::move(text_);
  }

 private:
  void add(const std::string& line) { text_ += line + "\n"; }

  [[nodiscard]] std::string place(const SourceSpan& span) const {
    return span.file.valid() ? fmt::format("{}:{}", raw(std::string(sources_.path(span.file))), span.line) : "-";
  }
  [[nodiscard]] std::string node_name(NodeId id) const { return id.valid() ? raw(network_.node(id).name) : "none"; }
  [[nodiscard]] std::string port(InterfaceId id) const {
    if (!id.valid()) {
      return "none";
    }
    const Node& node = network_.node(network_.interface(id).node);
    return fmt::format("{}:{}", raw(node.name), std::ranges::find(node.interfaces, id) - node.interfaces.begin());
  }

  void add_assumption(const Assumption& assumption) {
    const auto& [id, text, owner, harmless, origin] = assumption;  // not: text, owner, origin
    add("assumption " + raw(id));
    for (const std::string& service : harmless) {
      const auto parsed = claim::parse_service(service);
      if (parsed || service.starts_with("service ")) {  // as the reader of the test writes it; others count for nothing
        add("harmless " + (parsed ? service_text(*parsed) : service));
      }
    }
  }

  void add_segment(const Segment& segment) {
    const auto& [name, prefixes, complete, external, internet, attached, origin] = segment;  // not: origin
    std::string line = fmt::format("segment {} {} {} {}:", raw(name), complete, external, internet);
    for (const Prefix& owned : prefixes) {
      line += " " + prefix(owned);
    }
    std::vector<std::string> names;
    for (const InterfaceId id : attached) {
      names.push_back(port(id));
    }
    std::ranges::sort(names);  // the order means nothing
    add(line + " attached " + all(names));
  }

  void add_node(const Node& node) {
    // Not: labels (data labels), origin and configuration (places of the whole).
    const auto& [name, kind, interfaces, rules, filter, routes, routing, forwarding, services, services_known, scanned,
                 tags, labels, also_called, twin, origin, configuration] = node;
    add(fmt::format("node {} {} filter {}{} routes {}{} forwards {}{} tags {} also {} twin {} known {}", raw(name),
                    number(kind), number(filter[0]), number(filter[1]), number(routes[0]), number(routes[1]),
                    number(forwarding[0]), number(forwarding[1]), all(tags), all(also_called), twin ? raw(*twin) : "-",
                    services_known));
    for (const Service& service : services) {
      const auto& [service_name, protocol, offered, marks, listening, where] =
          service;  // not: name, origin, other tags
      add(fmt::format("service {} {} {} {}", protocol, ports(offered), number(listening),
                      std::ranges::count(marks, "vulnerable") > 0));
    }
    for (const auto& [protocol, looked_at] : scanned) {
      add(fmt::format("scanned {} {}", protocol, set(looked_at)));
    }
    for (const InterfaceId id : interfaces) {
      const auto& [port_name, owner, segment, addresses, is_up, where] = network_.interface(id);  // not: origin
      std::string line = fmt::format("interface {} of {} on {} {}:", raw(port_name), node_name(owner),
                                     segment.valid() ? raw(network_.segment(segment).name) : "none", is_up);
      for (const auto& [own, connected] : addresses) {
        line += fmt::format(" {} in {}", address(own), prefix(connected));
      }
      add(line);
    }
    for (const Routing& of_family : routing) {
      add_routing(of_family);
    }
    add_rules(rules);
    if (!network_.state_flushed) {
      add_rules_before(node);
    }
  }

  void add_rules_before(const Node& node) {
    std::vector<const std::map<std::string, RuleSet>*> epochs = {&network_.previous_rules};
    for (const auto& earlier : network_.earlier_rules) {
      epochs.push_back(&earlier);
    }
    const bool is_known = epochs.size() > 1 || !network_.previous_rules.empty();
    for (std::size_t i = 0; is_known && i < epochs.size(); ++i) {
      add(fmt::format("before {}", i));
      const auto found = epochs[i]->find(node.name);
      add_rules(found == epochs[i]->end() ? node.rules : found->second);
    }
  }

  void add_routing(const Routing& routing) {
    const auto& [tables, rules] = routing;
    for (const auto& [name, routes] : tables) {
      add("table " + raw(name));
      for (const auto& [destination, kind, hops, metric, origin] : routes) {
        std::string line =
            fmt::format("route {} {} metric {} {}:", prefix(destination), number(kind), metric, place(origin));
        for (const auto& [gateway, interface] : hops) {
          line += fmt::format(" {} {}", gateway ? address(*gateway) : "direct", port(interface));
        }
        add(line);
      }
    }
    for (const auto& [priority, condition, table, origin] : rules) {
      add(fmt::format("select {} table {} {}", priority, table, place(origin)));
      add_tests(condition);
    }
  }

  void add_rules(const RuleSet& rule_set) {
    const auto& [chains, stages, offload, known_connections] = rule_set;
    static_cast<void>(offload);                         // not: what it means stands as rules in the chains
    static_cast<void>(known_connections);               // not: which of the chains it is matters between epochs only
    for (const auto& [name, rules, origin] : chains) {  // not: origin of chains
      add("chain " + raw(name));
      for (const auto& [condition, action, where] : rules) {
        add(fmt::format("rule {} {}", place(where), std::visit(Actions{}, action)));
        add_tests(condition);
      }
    }
    for (const auto& [hook, kind, order, chain, policy, policy_origin, label, ipv4, ipv6, offloaded, doubts] : stages) {
      static_cast<void>(offloaded);  // nor that these rules are there
      static_cast<void>(doubts);     // nor those
      if (ipv4 || ipv6) {
        add(fmt::format("stage {} {} {} {} {} {} {} {}{}", number(hook), number(kind), order,
                        chain.valid() ? static_cast<int>(chain.index()) : -1, number(policy), place(policy_origin),
                        raw(label), ipv4, ipv6));
      }
    }
  }

  void add_tests(const Condition& condition) {
    const auto& [tests] = condition;
    for (const Test& test : tests) {
      std::visit([this](const auto& t) { add_test(t); }, test);
    }
    add("end of tests");
  }
  void add_test(const FieldTest& test) {
    const auto& [field, values, of] = test;
    add(fmt::format("field {} {} {}", number(field), set(values), family(of)));
  }
  void add_test(const MaskTest& test) {
    const auto& [field, value, mask, negated, of] = test;
    add(fmt::format("mask {} {} {} {} {}", number(field), hex(value), hex(mask), negated, family(of)));
  }
  void add_test(const InterfaceTest& test) {
    const auto& [direction, name, is_prefix, negated] = test;
    add(fmt::format("interface {} {} {} {}", number(direction), raw(name), is_prefix, negated));
  }
  void add_test(const TrackTest& test) {
    const auto& [states, translated, negated] = test;
    add(fmt::format("track {} {} {}", states, translated, negated));
  }
  void add_test(const MarkTest& test) {
    const auto& [kind, value, mask, negated] = test;
    add(fmt::format("mark {} {} {} {}", number(kind), value, mask, negated));
  }
  void add_test(const AddressTypeTest& test) {
    const auto& [endpoint, types, limit, negated] = test;
    add(fmt::format("type {} {} {} {}", number(endpoint), types, limit ? number(*limit) : -1, negated));
  }
  // Both are undecided; of their words nothing depends.
  void add_test(const MeasureTest& test) {
    [[maybe_unused]] const auto& [measure, values] = test;
    add("unknown false");
  }
  void add_test(const UnknownTest& test) {
    const auto& [kind, text, negated] = test;
    add(fmt::format("unknown {}", negated));
  }
  void add_test(const AnyTest& test) {
    const auto& [alternatives, negated] = test;
    add(fmt::format("any {} {}", negated, alternatives.size()));
    for (const Condition& alternative : alternatives) {
      add_tests(alternative);
    }
  }

  struct Actions {
    std::string operator()(const GoOn&) const { return "go on"; }
    std::string operator()(const Decide& action) const {
      const auto& [verdict] = action;
      return fmt::format("decide {}", number(verdict));
    }
    std::string operator()(const Call& action) const {
      const auto& [chain, comes_back] = action;
      return fmt::format("call {} {}", chain.index(), comes_back);
    }
    std::string operator()(const ComeBack&) const { return "come back"; }
    std::string operator()(const SetMark& action) const {
      const auto& [kind, keep, flip] = action;
      return fmt::format("set mark {} {} {}", number(kind), keep, flip);
    }
    std::string operator()(const CopyMark& action) const {
      const auto& [to, to_mask, from_mask] = action;
      return fmt::format("copy mark {} {} {}", number(to), to_mask, from_mask);
    }
    std::string operator()(const Untrack&) const { return "untrack"; }
    std::string operator()(const Translate& action) const {
      const auto& [endpoint, to, addresses, of, new_ports, network, keeps_port] = action;
      const bool has_family = to == Translate::To::network || !addresses.empty();  // means nothing without an address
      return fmt::format("translate {} {} {} {} {} {} {}", number(endpoint), number(to),
                         set(IntervalSet::of(addresses)), has_family ? family(of) : "-",
                         new_ports ? set(IntervalSet{*new_ports}) : "-", network ? prefix(*network) : "-", keeps_port);
    }
    std::string operator()(const Anything& action) const {
      const auto& [text, may_deliver_locally] = action;  // not: text
      return fmt::format("anything {}", may_deliver_locally);
    }
    std::string operator()(const Duplicate& action) const {
      const auto& [gateway] = action;
      return fmt::format("duplicate {}", gateway ? address(*gateway) : "-");
    }
    std::string operator()(const AttachHelper& action) const {
      const auto& [helper] = action;
      return "helper " + raw(helper);
    }
  };

  void add_zone(const Zone& zone) {
    const auto& [name, parent, external, falls, prefixes, nodes, tags, interfaces, segments, origin] = zone;
    std::string line = fmt::format("zone {} in {} {} {} tags {}:", raw(name),
                                   parent.valid() ? raw(network_.zone(parent).name) : "-", external, falls, all(tags));
    for (const Prefix& declared : prefixes) {
      line += " " + prefix(declared);
    }
    for (const NodeId node : nodes) {
      line += " node " + node_name(node);
    }
    for (const InterfaceId id : interfaces) {
      line += " port " + port(id);
    }
    for (const SegmentId segment : segments) {
      line += " wire " + raw(network_.segment(segment).name);
    }
    add(line);
  }

  static std::string names(const std::vector<claim::Name>& list) {
    std::string text;
    for (const auto& [name, span] : list) {  // not: span
      text += raw(name) + " ";
    }
    return text;
  }
  void add_entries(const std::string& word, const std::vector<claim::Allowed>& entries) {
    for (const auto& [service, from, to, owner, reason, expires, span] : entries) {  // not: owner, reason, span
      const bool expired = !expires.empty() && !network_.date.empty() && expires < network_.date;
      add(fmt::format("{} {} from {} to {} {}", word, service_text(service), names(from), names(to), expired));
    }
  }

  void add_claim(const claim::Claim& claim) {
    // Not: author, date, epochs (only claims of this epoch are given), controls.
    const auto& [id, kind, text, author, date, epochs, assumptions, controls, spoofing, trust, from, to, through, zones,
                 hosts, services, except, searched, addresses, from_addresses, as_sent_to, as_sent_service, pivot,
                 responder, hops, origin] = claim;
    add(fmt::format("claim {} {} {} text {} assuming {}", raw(id), number(kind), place(origin), raw(text),
                    all(assumptions)));
    add(fmt::format("spoofing {} trust {} pivot {} responder {} hops {}", number(spoofing), trust,
                    pivot ? number(*pivot) : -1, number(responder), hops ? static_cast<int>(*hops) : -1));
    for (const auto* list : {&from, &to, &through, &zones, &hosts, &searched, &addresses, &from_addresses}) {
      add("names " + names(*list));
    }
    add_entries("allowed", services);
    add_entries("except", except);
    add(fmt::format("as sent {} {}", as_sent_to ? raw(as_sent_to->text) : "-",
                    as_sent_service ? service_text(*as_sent_service) : "-"));
  }

  const Network& network_;
  const SourceStore& sources_;
  std::string text_;
};

}  // namespace

std::string service_text(const claim::ServiceSpec& service) {
  const auto& [protocol, offered, text] = service;  // not: text
  return fmt::format("service {} {}", protocol ? static_cast<int>(*protocol) : -1, ports(offered));
}

std::string whole(const Network& network, const std::vector<claim::Claim>& claims, const SourceStore& sources) {
  return Whole(network, sources).text(claims);
}

}  // namespace segproof::test
