// SPDX-License-Identifier: Apache-2.0
#include "claim/change.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <variant>

#include "claim/places.h"
#include "reach/compiled_network.h"

namespace segproof::claim {
namespace {

using model::Network;
using model::Node;
using model::NodeId;

// What an address may lead to: another node may ask.
bool same_seen_by_others(const Node& a, const Node& b) {
  return a.name == b.name && a.kind == b.kind && a.interfaces == b.interfaces && a.filter == b.filter &&
         a.routes == b.routes && a.services == b.services && a.services_known == b.services_known &&
         a.scanned == b.scanned && a.tags == b.tags && a.labels == b.labels && a.also_called == b.also_called &&
         a.twin == b.twin && a.origin == b.origin;
}

// Whether the whole network can do without this node when it is asked what later fragments and rewritten headers do:
// it reassembles, and rewrites nothing.
bool is_plain(const Node& node) {
  const auto tracks = [&](Family family) {
    return std::ranges::any_of(node.rules.stages, [&](const model::Stage& stage) {
      return stage.kind == model::StageKind::track && (family == Family::ipv4 ? stage.ipv4 : stage.ipv6);
    });
  };
  const bool reassembles = std::ranges::all_of(node.rules.stages, [&](const model::Stage& stage) {
    return (!stage.ipv4 || tracks(Family::ipv4)) && (!stage.ipv6 || tracks(Family::ipv6));
  });
  return reassembles && std::ranges::none_of(node.rules.chains, [](const model::Chain& chain) {
           return std::ranges::any_of(chain.rules, [](const model::Rule& rule) {
             return std::holds_alternative<model::Translate>(rule.action) ||
                    std::holds_alternative<model::Anything>(rule.action);
           });
         });
}

// The gaps of one node, or of the network (an invalid id).
std::map<NodeId, std::vector<model::Gap>> gaps_by_node(const Network& network) {
  std::map<NodeId, std::vector<model::Gap>> result;
  for (const model::Gap& gap : network.gaps) {
    result[gap.node].push_back(gap);
  }
  return result;
}

bool is_owned(const Network& network, const Node& node, const Address& gateway) {
  return std::ranges::any_of(node.interfaces, [&](model::InterfaceId own) {
    const model::SegmentId segment = network.interface(own).segment;
    return segment.valid() && std::ranges::any_of(network.segment(segment).attached, [&](model::InterfaceId other) {
             const auto& addresses = network.interface(other).addresses;
             return std::ranges::any_of(addresses,
                                        [&](const InterfaceAddress& address) { return address.address == gateway; });
           });
  });
}

// Packets of the node may leave the model, or come in from outside.
bool may_lead_outside(const Network& network, const Node& node) {
  const auto is_missing = [](model::Known known) { return known == model::Known::missing; };
  const bool is_open = std::ranges::any_of(node.filter, is_missing) || std::ranges::any_of(node.routes, is_missing);
  if (is_open && node.kind == model::NodeKind::device) {
    return true;
  }
  for (const model::InterfaceId id : node.interfaces) {
    const model::Interface& interface = network.interface(id);
    if (reach::leads_outside(interface)) {
      return true;
    }
    for (const InterfaceAddress& address : interface.addresses) {
      const bool within = interface.segment.valid() &&
                          std::ranges::any_of(network.segment(interface.segment).prefixes,
                                              [&](const Prefix& prefix) { return prefix.contains(address.prefix); });
      if (interface.segment.valid() && !within) {
        return true;
      }
    }
  }
  return std::ranges::any_of(node.routing, [&](const model::Routing& routing) {
    return std::ranges::any_of(routing.tables, [&](const model::RouteTable& table) {
      return std::ranges::any_of(table.routes, [&](const model::Route& route) {
        return route.kind == model::RouteKind::unicast &&
               std::ranges::any_of(route.hops, [&](const model::NextHop& hop) {
                 return !hop.gateway || !is_owned(network, node, *hop.gateway);
               });
      });
    });
  });
}

// Union by number.
class Islands {
 public:
  explicit Islands(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  [[nodiscard]] std::size_t of(std::size_t at) {
    while (parent_[at] != at) {
      parent_[at] = parent_[parent_[at]];
      at = parent_[at];
    }
    return at;
  }
  void join(std::size_t a, std::size_t b) { parent_[of(a)] = of(b); }

 private:
  std::vector<std::size_t> parent_;
};

bool is_told_apart(Kind kind) {
  switch (kind) {
    case Kind::isolated:
    case Kind::isolated_both_ways:
    case Kind::no_new_sessions:
    case Kind::only:
    case Kind::contained:
    case Kind::via:
    case Kind::reachable:
      return true;
    case Kind::detached:
    case Kind::unreferenced:
    case Kind::anti_spoofed:
    case Kind::no_exfiltration:
    case Kind::no_direct_exfiltration:
    case Kind::withstands:
    case Kind::at_no_time:
    case Kind::approved_change:
      return false;  // about everything else, or the outside
  }
  return false;
}

}  // namespace

Change::Change(const Network& before, const Network& now, const std::vector<std::string>& touched) : now_(&now) {
  compare(before, now, touched);
  if (everything_) {
    same_.clear();
  } else {
    join_islands(before, now);
  }
}

void Change::compare(const Network& before, const Network& now, const std::vector<std::string>& touched) {
  everything_ = !(before.epoch == now.epoch && before.date == now.date && before.nodes.size() == now.nodes.size() &&
                  before.interfaces == now.interfaces && before.segments == now.segments && before.zones == now.zones &&
                  before.assumptions == now.assumptions && before.state_flushed == now.state_flushed &&
                  before.previous_rules == now.previous_rules && before.earlier_rules == now.earlier_rules);
  if (everything_) {
    return;
  }
  auto gaps_before = gaps_by_node(before);
  auto gaps_now = gaps_by_node(now);
  everything_ = gaps_before[NodeId{}] != gaps_now[NodeId{}];
  same_.assign(now.nodes.size(), true);
  for (std::size_t n = 0; n < now.nodes.size() && !everything_; ++n) {
    const Node& old_one = before.nodes[n];
    const Node& new_one = now.nodes[n];
    everything_ = !same_seen_by_others(old_one, new_one);
    same_[n] = std::ranges::find(touched, new_one.name) == touched.end() && old_one == new_one &&
               gaps_before[NodeId(n)] == gaps_now[NodeId(n)];
    everything_ = everything_ || (!same_[n] && !(is_plain(old_one) && is_plain(new_one)));
  }
}

// Cables join, and so does the outside of the model: what leaves it may come back on any segment that is not complete.
void Change::join_islands(const Network& before, const Network& now) {
  const std::size_t nodes = now.nodes.size();
  const std::size_t outside = nodes + now.segments.size();
  Islands islands(outside + 1);
  for (const model::Interface& interface : now.interfaces) {
    if (interface.segment.valid()) {
      islands.join(interface.node.index(), nodes + interface.segment.index());
    }
  }
  bool any_outside = false;
  for (const Network* network : {&before, &now}) {
    for (std::size_t n = 0; n < nodes; ++n) {
      if (may_lead_outside(*network, network->nodes[n])) {
        islands.join(n, outside);
        any_outside = true;
      }
    }
  }
  for (std::size_t s = 0; s < now.segments.size() && any_outside; ++s) {
    if (!now.segments[s].complete) {
      islands.join(nodes + s, outside);
    }
  }
  island_changed_.assign(outside + 1, false);
  for (std::size_t n = 0; n < nodes; ++n) {
    island_of_node_.push_back(islands.of(n));
    if (!same_[n]) {
      island_changed_[islands.of(n)] = true;
    }
  }
  for (std::size_t s = 0; s < now.segments.size(); ++s) {
    island_of_segment_.push_back(islands.of(nodes + s));
  }
}

bool Change::is_nothing() const {
  return !everything_ && std::ranges::find(same_, false) == same_.end();
}

bool Change::reaches(const std::vector<Name>& names) const {
  const Resolved places = resolve(names, *now_);
  return std::ranges::any_of(places.parts, [&](const PlacePart& part) {
    const Place& place = part.place;
    return (!place.segment.valid() && !place.node.valid()) ||
           (place.segment.valid() && island_changed_[island_of_segment_[place.segment.index()]]) ||
           (place.node.valid() && island_changed_[island_of_node_[place.node.index()]]);
  });
}

bool Change::is_far_from(const Claim& claim) const {
  if (everything_ || !is_told_apart(claim.kind) || claim.as_sent_to || claim.as_sent_service) {
    return false;
  }
  const auto listed = [&](const std::vector<Allowed>& entries) {
    return std::ranges::any_of(entries, [&](const Allowed& entry) { return reaches(entry.from) || reaches(entry.to); });
  };
  return !reaches(claim.from) && !reaches(claim.to) && !reaches(claim.through) && !listed(claim.services) &&
         !listed(claim.except);
}

bool same_words(const Claim& a, const Claim& b) {
  const auto without_places = [](Claim claim) {
    for (std::vector<Name>* names : {&claim.from, &claim.to, &claim.through, &claim.zones, &claim.hosts, &claim.names,
                                     &claim.addresses, &claim.from_addresses}) {
      for (Name& name : *names) {
        name.span = {};
      }
    }
    for (std::vector<Allowed>* entries : {&claim.services, &claim.except}) {
      for (Allowed& entry : *entries) {
        entry.span = {};
        for (std::vector<Name>* names : {&entry.from, &entry.to}) {
          for (Name& name : *names) {
            name.span = {};
          }
        }
      }
    }
    if (claim.as_sent_to) {
      claim.as_sent_to->span = {};
    }
    claim.origin = {};
    return claim;
  };
  return without_places(a) == without_places(b);
}

}  // namespace segproof::claim
