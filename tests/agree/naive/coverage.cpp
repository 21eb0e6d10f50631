// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/coverage.h"

#include <fmt/format.h>

#include <algorithm>

namespace segproof::naive {

namespace {

using Features = std::set<std::string>;

void of_test(const model::Test& test, Features& into) {
  if (const auto* field = std::get_if<model::FieldTest>(&test)) {
    if (field->field == Field::fragment && field->values.contains(1)) {
      into.insert("rule: later fragments");
    }
  } else if (std::holds_alternative<model::MarkTest>(test)) {
    into.insert("rule: marks");
  } else if (const auto* track = std::get_if<model::TrackTest>(&test)) {
    into.insert(track->translated != 0 ? "rule: translated" : "rule: state");
    if ((track->states & (1U << static_cast<unsigned>(TrackState::related))) != 0) {
      into.insert("rule: RELATED");
    }
  } else if (std::holds_alternative<model::AddressTypeTest>(test)) {
    into.insert("rule: type of address");
  } else if (std::holds_alternative<model::MaskTest>(test)) {
    into.insert("rule: mask or flags");
  } else if (std::holds_alternative<model::UnknownTest>(test)) {
    into.insert("rule: undecided test");
  } else if (std::holds_alternative<model::AnyTest>(test)) {
    into.insert("rule: alternatives");
  }
}

void of_action(const model::Action& action, Features& into) {
  if (const auto* t = std::get_if<model::Translate>(&action)) {
    const std::string end = t->endpoint == model::Endpoint::source ? "source" : "destination";
    into.insert(fmt::format("NAT: {} {}", end,
                            t->to == model::Translate::To::network             ? "network (NETMAP)"
                            : t->to == model::Translate::To::interface_address ? "interface (MASQUERADE, REDIRECT)"
                                                                               : "address"));
    const bool pool = std::any_of(t->addresses.begin(), t->addresses.end(),
                                  [](const Interval& interval) { return interval.low != interval.high; });
    if (pool || t->ports) {
      into.insert("NAT: pool or ports");
    }
  } else if (std::holds_alternative<model::Untrack>(action)) {
    into.insert("rule: NOTRACK");
  } else if (std::holds_alternative<model::AttachHelper>(action)) {
    into.insert("rule: helper");
  } else if (std::holds_alternative<model::Anything>(action)) {
    into.insert("rule: may do anything");
  } else if (std::holds_alternative<model::Call>(action)) {
    into.insert("rule: user chain");
  } else if (std::holds_alternative<model::CopyMark>(action)) {
    into.insert("rule: connection marks");
  }
}

void of_node(const model::Network& network, const model::Node& node, std::size_t f, Features& into) {
  for (const auto& chain : node.rules.chains) {
    for (const auto& rule : chain.rules) {
      for (const auto& test : rule.condition.tests) {
        of_test(test, into);
      }
      of_action(rule.action, into);
    }
  }
  const bool is_host = node.kind == model::NodeKind::host;
  const auto add = [&](bool holds, const char* feature) {
    if (holds) {
      into.insert(feature);
    }
  };
  add(is_host && node.interfaces.size() > 1, "host with two interfaces");
  add(is_host && node.interfaces.size() > 1 && node.forwarding[f] == model::Forwarding::unknown, "host may forward");
  add(is_host && node.forwarding[f] == model::Forwarding::on, "host that routes");
  add(is_host && !node.rules.stages.empty(), "host firewall");
  add(!is_host && node.forwarding[f] == model::Forwarding::off, "device that does not forward");
  add(!is_host && node.filter[f] == model::Known::missing && node.routes[f] == model::Known::missing,
      "missing configuration");
  add(!is_host && (node.filter[f] == model::Known::missing) != (node.routes[f] == model::Known::missing),
      "missing filter or routes alone");
  add(node.filter[f] == model::Known::off, "family recorded as off");
  add(node.twin.has_value(), "HA twins");
  add(!node.routing[f].rules.empty(), "several routing tables");
  add(node.services_known, "services known");
  add(!node.scanned.empty(), "scanned ports");
  for (const auto id : node.interfaces) {
    add(!network.interface(id).segment.valid(), "interface wired to nothing");
    add(network.interface(id).addresses.size() > 1, "two addresses on an interface");
  }
  for (const auto& table : node.routing[f].tables) {
    for (const auto& route : table.routes) {
      add(route.hops.size() > 1, "equal-cost routes");
      add(route.kind == model::RouteKind::blackhole, "blackhole route");
      add(route.destination.length == 0, "default route");
    }
  }
}

void of_network(const RandomCase& made, Features& into) {
  const auto& network = made.network;
  const auto add = [&](bool holds, const char* feature) {
    if (holds) {
      into.insert(feature);
    }
  };
  for (const auto& node : network.nodes) {
    of_node(network, node, model::index_of(made.family), into);
  }
  for (const auto& segment : network.segments) {
    add(segment.internet, "Internet");
    add(segment.external && !segment.internet, "partner zone");
    add(!segment.external && !segment.complete, "unlisted hosts");
  }
  for (const auto& zone : network.zones) {
    add(zone.external_falls, "external zone that falls");
    add(zone.parent.valid(), "nested zones");
    add(!zone.nodes.empty() || !zone.tags.empty() || !zone.interfaces.empty(), "zone by hosts, tags or interfaces");
  }
  for (const auto& assumption : network.assumptions) {
    add(assumption.id == "A-FW", "A-FW registered");
    add(!assumption.harmless.empty(), "harmless services");
  }
  add(std::none_of(network.assumptions.begin(), network.assumptions.end(),
                   [](const auto& a) { return a.id == "A-FW"; }),
      "devices may fall");
  add(!network.previous_rules.empty() && !network.state_flushed, "sessions of the epoch before");
  add(!network.earlier_rules.empty() && !network.state_flushed, "sessions of two epochs before");
  add(made.family == Family::ipv6, "IPv6");
}

}  // namespace

std::set<std::string> features_of(const RandomCase& made, const claim::Claim& claim) {
  Features found;
  of_network(made, found);
  found.insert(fmt::format("kind {}", claim::kind_name(claim.kind)));
  found.insert(fmt::format("spoofing {}", claim::spoofing_name(claim.spoofing)));
  if (claim.pivot) {
    found.insert(fmt::format("pivot {}", claim::pivot_name(*claim.pivot)));
    found.insert(claim.responder == claim::Responder::include ? "responder-to-initiator include"
                                                              : "responder-to-initiator left out");
  }
  const auto add = [&](bool holds, const char* feature) {
    if (holds) {
      found.insert(feature);
    }
  };
  add(claim.hops.has_value(), "hops");
  add(claim.trust_source_host, "trust-source-host");
  add(!claim.except.empty(), "detached with exceptions");
  add(claim.kind == claim::Kind::no_new_sessions && !claim.services.empty(), "no-new-sessions with services");
  for (const auto* list : {&claim.services, &claim.except}) {
    for (const auto& allowed : *list) {
      add(!allowed.from.empty() || !allowed.to.empty(), "allow-list with from or to");
      add(!allowed.expires.empty(), "allow-list that expires");
    }
  }
  for (const auto* names : {&claim.from, &claim.to}) {
    add(names->size() > 1, "several names on a side");
    for (const auto& name : *names) {
      add(parse_prefix(name.text).has_value(), "prefix as a name");
      add(name.text.starts_with("device:"), "device as a name");
      add(name.text.starts_with("unlisted@"), "unlisted@ as a name");
    }
  }
  return found;
}

}  // namespace segproof::naive
