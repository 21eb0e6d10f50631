// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/nmap_ports.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "input/inventory/values.h"

namespace segproof::input::inventory {
namespace {

constexpr std::size_t most_named_ports = 1000;

void add(PortSets& into, std::uint8_t protocol, const IntervalSet& ports) {
  IntervalSet& set = into[protocol];
  set = set | ports;
}

Bits total(const PortSets& sets) {
  Bits count = 0;
  for (const auto& [protocol, ports] : sets) {
    count += ports.size();
  }
  return count;
}

PortSets without(const PortSets& a, const PortSets& b) {
  PortSets rest;
  for (const auto& [protocol, ports] : a) {
    const auto other = b.find(protocol);
    const IntervalSet left = other == b.end() ? ports : ports - other->second;
    if (!left.is_empty()) {
      rest[protocol] = left;
    }
  }
  return rest;
}

// Services of a state without names, for ports that are only counted.
void add_services(PortKnowledge& knowledge, const PortSets& ports, SourceSpan span) {
  for (const auto& [protocol, set] : ports) {
    if (!set.is_empty()) {
      knowledge.services.push_back(
          {.protocol = protocol, .ports = set, .name = {}, .certain = false, .tags = {}, .origin = span});
    }
  }
}

// The ports that were named one by one, the widest state first where one is named twice.
void conclude_seen(const HostPorts& host, PortKnowledge& knowledge) {
  using Key = std::tuple<std::uint8_t, bool, std::string>;
  struct Group {
    std::vector<Interval> ports;
    SourceSpan span;
  };
  // Names are a courtesy: a host with thousands of ports has none, so that joining stays cheap.
  const bool keep_names = host.seen.size() <= most_named_ports;
  std::map<Key, Group> groups;
  std::map<std::uint8_t, std::vector<Interval>> known;
  for (const SeenPort& port : host.seen) {
    const Interval interval{port.port, port.port};
    known[port.protocol].push_back(interval);
    if (port.state != PortState::closed) {
      Group& group = groups[{port.protocol, port.state == PortState::open, keep_names ? port.name : ""}];
      group.span = group.ports.empty() ? port.span : group.span;
      group.ports.push_back(interval);
    }
  }
  for (auto& [protocol, ports] : known) {
    add(knowledge.known, protocol, IntervalSet::of(std::move(ports)));
  }
  for (auto& [key, group] : groups) {
    knowledge.services.push_back({.protocol = std::get<0>(key),
                                  .ports = IntervalSet::of(std::move(group.ports)),
                                  .name = std::get<2>(key),
                                  .certain = std::get<1>(key),
                                  .tags = {},
                                  .origin = group.span});
  }
}

// What is known and no service.
PortSets closed_ports(const PortKnowledge& knowledge) {
  PortSets services;
  for (const ListedService& service : knowledge.services) {
    add(services, service.protocol, service.ports);
  }
  return without(knowledge.known, services);
}

}  // namespace

PortKnowledge conclude(const HostPorts& host, const PortSets& scanned) {
  PortKnowledge knowledge;
  conclude_seen(host, knowledge);
  PortSets vague_rest = without(scanned, knowledge.known);
  bool vague = false;
  bool may_listen = false;
  Bits vague_count = 0;
  SourceSpan vague_span;
  for (const CountedPorts& counted : host.counted) {
    if (counted.exact) {
      const PortSets fresh = without(counted.ports, knowledge.known);
      vague_rest = without(vague_rest, fresh);
      for (const auto& [protocol, ports] : fresh) {
        add(knowledge.known, protocol, ports);
      }
      if (counted.state != PortState::closed) {
        add_services(knowledge, counted.ports, counted.span);
      }
    } else {
      vague_span = vague ? vague_span : counted.span;
      vague = true;
      vague_count += counted.count;
      may_listen = may_listen || counted.state != PortState::closed;
    }
  }
  // The ports that are counted without their numbers are all that are left, or nothing is known about any of them.
  if (vague && vague_count == total(vague_rest)) {
    for (const auto& [protocol, ports] : vague_rest) {
      add(knowledge.known, protocol, ports);
    }
    if (may_listen) {
      add_services(knowledge, vague_rest, vague_span);
    }
  } else {
    knowledge.complete = vague_rest.empty();
  }
  sort_services(knowledge.services);
  return knowledge;
}

PortKnowledge join(const PortKnowledge& a, const PortKnowledge& b, PortSets& disagreed) {
  PortKnowledge joined;
  joined.complete = a.complete && b.complete;
  for (const PortKnowledge* part : {&a, &b}) {
    for (const auto& [protocol, ports] : part->known) {
      add(joined.known, protocol, ports);
    }
  }
  const PortSets closed_a = closed_ports(a);
  const PortSets closed_b = closed_ports(b);
  const std::array<std::pair<const PortKnowledge*, const PortSets*>, 2> sides{{{&a, &closed_b}, {&b, &closed_a}}};
  for (const auto& [self, closed_there] : sides) {
    for (const ListedService& service : self->services) {
      const auto other = closed_there->find(service.protocol);
      const IntervalSet closed = other == closed_there->end() ? IntervalSet{} : service.ports & other->second;
      ListedService sure = service;
      sure.ports = service.ports - closed;
      if (!sure.ports.is_empty()) {
        joined.services.push_back(std::move(sure));
      }
      if (!closed.is_empty()) {
        ListedService doubtful = service;
        doubtful.ports = closed;
        doubtful.certain = false;
        joined.services.push_back(std::move(doubtful));
        if (service.certain) {
          add(disagreed, service.protocol, closed);
        }
      }
    }
  }
  sort_services(joined.services);
  return joined;
}

}  // namespace segproof::input::inventory
