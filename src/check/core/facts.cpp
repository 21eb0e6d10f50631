// SPDX-License-Identifier: Apache-2.0
#include "check/core/facts.h"

#include <algorithm>
#include <iterator>

namespace check {
namespace {

Range prefix_range(std::string_view text) {
  const Line line{0, {text}, {}};
  return Words(line).prefix().range();
}

bool is_loopback(const Prefix& address) {
  return address.address.family == Family::ipv4 ? address.address.value >> 24U == 127 : address.address.value == 1;
}

std::vector<Range> never_public(Family family) {
  if (family == Family::ipv4) {
    return {prefix_range("10.0.0.0/8"),         prefix_range("172.16.0.0/12"),  prefix_range("192.168.0.0/16"),
            prefix_range("100.64.0.0/10"),      prefix_range("169.254.0.0/16"), prefix_range("224.0.0.0/4"),
            prefix_range("255.255.255.255/32"), prefix_range("127.0.0.0/8")};
  }
  return {prefix_range("fc00::/7"), prefix_range("fe80::/10"), prefix_range("ff00::/8"), prefix_range("::1/128")};
}

bool may_forward(const Node& node) {
  const auto is = [&](Forwarding what, std::size_t f) { return node.forwarding[f] == what; };
  return node.interfaces.size() < 2 ? is(Forwarding::on, 0) || is(Forwarding::on, 1)
                                    : !is(Forwarding::off, 0) || !is(Forwarding::off, 1);
}

// A node that tracks connections now may have done so all the time, whether its rules asked for it or not.
RuleSet rules_before(const Node& node, std::size_t epoch) {
  RuleSet result = epoch < node.rules.size() ? node.rules[epoch] : RuleSet{};
  const auto is_track = [](const Stage& stage) { return stage.kind == Stage::Kind::track; };
  if (std::none_of(result.stages.begin(), result.stages.end(), is_track)) {
    const std::vector<Stage>& now = node.rules.front().stages;
    std::copy_if(now.begin(), now.end(), std::back_inserter(result.stages), is_track);
    std::stable_sort(result.stages.begin(), result.stages.end(),
                     [](const Stage& a, const Stage& b) { return a.order < b.order; });
  }
  return result;
}

}  // namespace

Surroundings::Surroundings(const Network& network, Sets& sets, std::size_t epoch)
    : network_(&network), sets_(&sets), epoch_(epoch), link_only_(no_value) {
  link_only_ = sets.family() == Family::ipv4
                   ? sets.of(destination, {prefix_range("224.0.0.0/4"), prefix_range("255.255.255.255/32")})
                   : sets.of(destination, {prefix_range("ff00::/8"), prefix_range("fe80::/10")});
  for (std::size_t n = 0; n < network.nodes.size() && epoch > 0; ++n) {
    before_.push_back(rules_before(network.nodes[n], epoch));
  }
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    facts_.push_back(facts_of(network.nodes[n], n));
    const bool filters = std::any_of(rules(n).stages.begin(), rules(n).stages.end(),
                                     [](const Stage& stage) { return stage.kind != Stage::Kind::track; });
    fragments_matter_ =
        fragments_matter_ || (facts_[n].behaviour == Behaviour::working && !facts_[n].tracks && filters);
  }
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    unlisted_.push_back(unlisted_of(s));
    owned_.push_back(sets.join(destination, unlisted_[s], link_only_));
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
      for (const Interface& interface : network.nodes[n].interfaces) {
        if (interface.segment == s && interface.is_up) {
          owned_[s] = sets.join(destination, owned_[s], taken(n, s));
        }
      }
    }
  }
}

const Surroundings& Surroundings::other_family() const {
  if (!other_) {
    other_sets_ = std::make_unique<Sets>(sets_->family() == Family::ipv4 ? Family::ipv6 : Family::ipv4);
    other_ = std::make_unique<Surroundings>(*network_, *other_sets_, epoch_);
  }
  return *other_;
}

const RuleSet& Surroundings::rules(std::size_t node) const {
  return epoch_ == 0 ? network_->nodes[node].rules.front() : before_[node];
}

SetId Surroundings::values_of(const Test& test) const {
  const auto [known, is_new] = values_.try_emplace(&test, no_value);
  if (is_new) {
    known->second = sets_->of(test.field, test.values);
  }
  return known->second;
}

bool Surroundings::leads_outside(const Interface& interface) {
  const bool loopback =
      interface.name == "lo" || (!interface.addresses.empty() &&
                                 std::all_of(interface.addresses.begin(), interface.addresses.end(), is_loopback));
  return !interface.segment && interface.is_up && !loopback;
}

std::vector<std::size_t> Surroundings::owners(std::size_t segment, const Address& address) const {
  std::vector<std::size_t> result;
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    for (const Interface& interface : network_->nodes[n].interfaces) {
      if (interface.segment == segment && interface.is_up &&
          std::any_of(interface.addresses.begin(), interface.addresses.end(), [&](const Prefix& own) {
            return own.address.family == address.family && own.address.value == address.value;
          })) {
        result.push_back(n);
      }
    }
  }
  return result;
}

bool Surroundings::has_lost_gateway(std::size_t node) const {
  for (const WayTable& table : facts_[node].ways) {
    for (const Way& way : table.ways) {
      for (const Hop& hop : way.hops) {
        const auto segment = hop.interface ? network_->nodes[node].interfaces[*hop.interface].segment : std::nullopt;
        if (segment && hop.gateway && !network_->segments[*segment].is_external &&
            owners(*segment, *hop.gateway).empty()) {
          return true;
        }
      }
    }
  }
  return false;
}

bool Surroundings::has_outside() const {
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    const auto& interfaces = network_->nodes[n].interfaces;
    if (std::any_of(interfaces.begin(), interfaces.end(), leads_outside) || has_lost_gateway(n)) {
      return true;
    }
  }
  return false;
}

SetId Surroundings::of_prefixes(const std::vector<Prefix>& prefixes) const {
  Ranges ranges;
  for (const Prefix& prefix : prefixes) {
    if (prefix.address.family == sets_->family()) {
      ranges.push_back(prefix.range());
    }
  }
  return sets_->of(destination, std::move(ranges));
}

SetId Surroundings::taken(std::size_t node, std::size_t segment) const {
  Ranges last;
  for (const Prefix& prefix : network_->segments[segment].prefixes) {
    if (prefix.address.family == Family::ipv4 && sets_->family() == Family::ipv4 && prefix.length < 31) {
      last.push_back({prefix.range().high, prefix.range().high});
    }
  }
  return sets_->join(destination, facts_[node].to_itself, sets_->of(destination, std::move(last)));
}

Facts Surroundings::facts_of(const Node& node, std::size_t number) const {
  const std::size_t f = family();
  Facts facts;
  Ranges own;
  Ranges broadcast;
  for (const Interface& interface : node.interfaces) {
    Ranges here;
    for (std::size_t a = 0; a < interface.addresses.size(); ++a) {
      const Address& address = interface.addresses[a].address;
      if (address.family == sets_->family()) {
        here.push_back({address.value, address.value});
        if (f == 0 && interface.connected[a].length < 31) {
          broadcast.push_back({interface.connected[a].range().high, interface.connected[a].range().high});
        }
      }
    }
    own.insert(own.end(), here.begin(), here.end());
    facts.on_interface.push_back(sets_->of(destination, std::move(here)));
  }
  for (const std::vector<Route>& table : node.tables[f]) {
    for (const Route& route : table) {
      if (route.kind == Route::Kind::local) {
        own.push_back(route.destination.range());
      }
    }
  }
  facts.own = sets_->of(destination, std::move(own));
  facts.directed_broadcast = sets_->of(destination, std::move(broadcast));
  facts.never_forwarded = sets_->join(destination, facts.own, link_only_);
  facts.to_itself = sets_->join(destination, facts.never_forwarded, facts.directed_broadcast);

  const auto is = [&](Known what) { return node.filter[f] == what || node.routes[f] == what; };
  bool filters = false;
  for (const Stage& stage : rules(number).stages) {
    filters = filters || stage.sees[f];
    facts.tracks = facts.tracks || (stage.sees[f] && stage.kind == Stage::Kind::track);
  }
  for (const std::vector<Rule>& chain : rules(number).chains) {
    facts.translates = facts.translates || std::any_of(chain.begin(), chain.end(), [](const Rule& rule) {
                         return rule.action.kind == Action::Kind::translate;
                       });
  }
  const bool forwarding_possible = may_forward(node) && node.forwarding[f] != Forwarding::off;
  if (is(Known::off)) {
    facts.behaviour = Behaviour::closed;
  } else if (node.is_device && is(Known::missing)) {
    facts.behaviour = Behaviour::open;
  } else {
    const bool leaf = !node.is_device && !forwarding_possible && !filters;
    facts.behaviour = leaf ? Behaviour::leaf : Behaviour::working;
    facts.forwards = !leaf && node.forwarding[f] == Forwarding::on && node.routes[f] == Known::given &&
                     (node.is_device || may_forward(node));
    facts.passes_freely = !leaf && !node.is_device && forwarding_possible && !facts.forwards;
    facts.ways = ways_of(node);
  }
  return facts;
}

std::vector<WayTable> Surroundings::ways_of(const Node& node) const {
  std::vector<WayTable> result;
  bool asks_main = false;
  for (const Select& select : node.selects[family()]) {
    asks_main = asks_main || select.table == 0;
    result.push_back({&select, ways_of_table(node, select.table)});
  }
  if (!asks_main) {
    result.push_back({nullptr, ways_of_table(node, 0)});
  }
  return result;
}

// Longest prefix, then smallest metric; equal ones together.
std::vector<Way> Surroundings::ways_of_table(const Node& node, std::size_t number) const {
  std::vector<Route> routes;
  for (std::size_t i = 0; number == 0 && i < node.interfaces.size(); ++i) {
    for (const Prefix& address : node.interfaces[i].connected) {
      if (node.interfaces[i].is_up && address.address.family == sets_->family()) {
        routes.push_back({address, Route::Kind::unicast, 0, {{i, std::nullopt}}});
      }
    }
  }
  if (number < node.tables[family()].size()) {
    const auto& written = node.tables[family()][number];
    routes.insert(routes.end(), written.begin(), written.end());
  }
  const auto key = [](const Route& r) { return std::tuple(128 - r.destination.length, r.destination.range().low); };
  std::stable_sort(routes.begin(), routes.end(), [&](const Route& a, const Route& b) {
    return key(a) != key(b) ? key(a) < key(b) : a.metric < b.metric;
  });
  std::vector<Way> result;
  SetId done = no_value;
  for (std::size_t i = 0; i < routes.size();) {
    Way way{sets_->of(destination, {routes[i].destination.range()}), {}};
    const std::size_t first = i;
    for (; i < routes.size() && key(routes[i]) == key(routes[first]); ++i) {
      if (routes[i].metric != routes[first].metric || routes[i].kind != Route::Kind::unicast) {
        continue;
      }
      for (Hop hop : routes[i].hops) {
        for (std::size_t n = 0; hop.gateway && !hop.interface && n < node.interfaces.size(); ++n) {
          for (const Prefix& near : node.interfaces[n].connected) {
            const Range range = near.range();
            if (node.interfaces[n].is_up && !hop.interface && near.address.family == hop.gateway->family &&
                range.low <= hop.gateway->value && hop.gateway->value <= range.high) {
              hop.interface = n;
            }
          }
        }
        if (std::find(way.hops.begin(), way.hops.end(), hop) == way.hops.end()) {
          way.hops.push_back(hop);
        }
      }
    }
    const SetId whole = way.destinations;
    way.destinations = sets_->without(destination, whole, done);
    done = sets_->join(destination, done, whole);
    // The same ways together.
    const auto same = std::find_if(result.begin(), result.end(), [&](const Way& other) {
      return std::equal(other.hops.begin(), other.hops.end(), way.hops.begin(), way.hops.end());
    });
    if (same != result.end()) {
      same->destinations = sets_->join(destination, same->destinations, way.destinations);
    } else {
      result.push_back(std::move(way));
    }
  }
  return result;
}

SetId Surroundings::unlisted_of(std::size_t number) const {
  const Segment& segment = network_->segments[number];
  SetId result = of_prefixes(segment.prefixes);
  if (segment.is_internet) {
    Ranges theirs = never_public(sets_->family());
    SetId declared = sets_->of(destination, std::move(theirs));
    for (const Zone& zone : network_->zones) {
      declared = sets_->join(destination, declared, of_prefixes(zone.prefixes));
    }
    for (const Segment& other : network_->segments) {
      declared = sets_->join(destination, declared, of_prefixes(other.prefixes));
    }
    result = sets_->join(destination, result, sets_->without(destination, any_value, declared));
  } else if (segment.is_complete && !segment.is_external) {
    return no_value;
  }
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    for (std::size_t i = 0; i < network_->nodes[n].interfaces.size(); ++i) {
      if (network_->nodes[n].interfaces[i].segment == number) {
        result = sets_->without(destination, result, facts_[n].on_interface[i]);
      }
    }
  }
  return result;
}

bool Surroundings::has_ended_routes(std::size_t node) const {
  for (const std::vector<Route>& table : network_->nodes[node].tables[family()]) {
    if (std::any_of(table.begin(), table.end(), [](const Route& route) {
          return route.kind != Route::Kind::unicast && route.kind != Route::Kind::local;
        })) {
      return true;
    }
  }
  return false;
}

SetId Surroundings::of_type(std::size_t number, unsigned type, std::optional<std::size_t> interface) const {
  const Facts& facts = facts_[number];
  const bool v4 = sets_->family() == Family::ipv4;
  const auto range = [&](const char* four, const char* six) {
    return sets_->of(destination, {prefix_range(v4 ? four : six)});
  };
  switch (type) {
    case 0:
      return v4 ? no_value : range("", "::/128");
    case 2:
      return interface ? facts.on_interface[*interface]
                       : sets_->join(destination, facts.own, range("127.0.0.0/8", "::1/128"));
    case 3:
      return v4 ? sets_->join(destination, facts.directed_broadcast,
                              sets_->of(destination, {{0, 0}, {0xffffffffU, 0xffffffffU}}))
                : no_value;
    case 4:
      return range("224.0.0.0/4", "ff00::/8");
    case 1: {
      SetId others = no_value;
      for (const unsigned other : {2U, 3U, 4U}) {
        others = sets_->join(destination, others, of_type(number, other, std::nullopt));
      }
      return sets_->without(destination, any_value, others);
    }
    default:
      return no_value;
  }
}

}  // namespace check
