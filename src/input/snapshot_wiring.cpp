// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_wiring.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/assert.h"
#include "base/text.h"

namespace segproof::input {
namespace {

bool is_link_local(const Address& address) {
  return address.family == Family::ipv6 && (address.bits >> 118U) == 0x3faU;
}

// The networks that an address can share with others.
bool is_network(const InterfaceAddress& address) {
  return !is_link_local(address.address) && address.prefix.length > 0 &&
         address.prefix.length < address_width(address.address.family);
}

// Interfaces that are on one segment, as far as their networks tell.
struct Wire {
  std::vector<std::size_t> members;  // of the loose interfaces
  std::set<Prefix> networks;
  std::string anchor;  // the segment that a topology names for one of these networks; empty: none
  std::string fault;   // why nothing can be guessed; empty: it can
  std::string name;    // of the segment
};

class WireGuess {
 public:
  WireGuess(std::vector<LooseInterface>& loose, const std::vector<DefaultGateway>& gateways, Written& written,
            Assembly& assembly)
      : loose_(loose), gateways_(gateways), written_(written), assembly_(assembly) {}

  void run() {
    collect();
    find_anchors();
    find_overlaps();
    find_double_addresses();
    const bool names_zones = assembly_.network.zones.empty();
    for (Wire& wire : wires_) {
      if (!wire.fault.empty()) {
        refuse(wire);
      } else if (!wire.anchor.empty()) {
        join(wire);
      } else {
        make_segment(wire);
      }
    }
    if (names_zones) {
      make_zones();
      find_internet();
    }
    if (!guesses_.empty()) {
      register_assumption();
    }
  }

 private:
  [[nodiscard]] std::string called(std::size_t member) const {
    return quote(fmt::format("{}:{}", loose_[member].node->name.text, loose_[member].name));
  }

  // Interfaces that share a network are on one wire.
  void collect() {
    std::map<Prefix, std::size_t> wire_of;
    for (std::size_t at = 0; at < loose_.size(); ++at) {
      std::set<std::size_t> touched;
      std::set<Prefix> own;
      for (const InterfaceAddress& address : loose_[at].addresses) {
        if (!is_network(address)) {
          continue;
        }
        own.insert(address.prefix);
        if (const auto found = wire_of.find(address.prefix); found != wire_of.end()) {
          touched.insert(found->second);
        }
      }
      if (own.empty()) {
        leave_unwired(at);
        continue;
      }
      const std::size_t into = touched.empty() ? wires_.size() : *touched.begin();
      if (touched.empty()) {
        wires_.emplace_back();
      }
      wires_[into].members.push_back(at);
      wires_[into].networks.insert(own.begin(), own.end());
      for (const std::size_t other : touched) {
        if (other != into) {
          merge(other, into);
        }
      }
      for (const Prefix& network : wires_[into].networks) {
        wire_of[network] = into;
      }
    }
    std::erase_if(wires_, [](const Wire& wire) { return wire.members.empty(); });
  }

  void merge(std::size_t from, std::size_t into) {
    Wire& source = wires_[from];
    wires_[into].members.insert(wires_[into].members.end(), source.members.begin(), source.members.end());
    wires_[into].networks.insert(source.networks.begin(), source.networks.end());
    source = {};
  }

  // Networks that a topology puts on a segment: as a prefix of it, or by naming it at an interface.
  void find_anchors() {
    for (const model::Segment& segment : assembly_.network.segments) {
      for (const Prefix& declared : segment.prefixes) {
        for (Wire& wire : wires_) {
          if (wire.networks.contains(declared)) {
            put_on(wire, segment.name);
          }
        }
      }
    }
    for (const yaml::TopologyFile& topology : written_.topologies) {
      for (const yaml::WrittenNode& node : topology.nodes) {
        if (!assembly_.is_now(node.epochs)) {
          continue;
        }
        for (const yaml::WrittenInterface& interface : node.interfaces) {
          if (!interface.segment || !assembly_.is_now(interface.epochs) || interface.segment->text == "none") {
            continue;
          }
          for (const yaml::PlacedInterfaceAddress& placed : interface.addresses) {
            anchor(placed.address, interface.segment->text);
          }
        }
      }
    }
  }

  void anchor(const InterfaceAddress& address, const std::string& segment) {
    if (!is_network(address)) {
      return;
    }
    for (Wire& wire : wires_) {
      if (wire.networks.contains(address.prefix)) {
        put_on(wire, segment);
      } else if (overlaps(wire, address.prefix)) {
        wire.fault = fmt::format("a network of segment {} overlaps", quote(segment));
      }
    }
  }

  static void put_on(Wire& wire, const std::string& segment) {
    if (!wire.anchor.empty() && wire.anchor != segment) {
      wire.fault = fmt::format("its networks are on segments {} and {}", quote(wire.anchor), quote(segment));
    }
    wire.anchor = segment;
  }

  static bool overlaps(const Wire& wire, const Prefix& other) {
    return std::ranges::any_of(wire.networks, [&](const Prefix& network) {
      return network.address.family == other.address.family && (network.contains(other) || other.contains(network));
    });
  }

  void find_overlaps() {
    for (Wire& wire : wires_) {
      for (const model::Segment& segment : assembly_.network.segments) {
        for (const Prefix& declared : segment.prefixes) {
          if (segment.name != wire.anchor && overlaps(wire, declared)) {
            wire.fault = fmt::format("`{}` of segment {} overlaps", to_string(declared), quote(segment.name));
          }
        }
      }
    }
    // Sorted by first address, wider ones first: those that are still open enclose what follows.
    std::vector<std::pair<Prefix, std::size_t>> all;
    for (std::size_t at = 0; at < wires_.size(); ++at) {
      for (const Prefix& network : wires_[at].networks) {
        all.emplace_back(network, at);
      }
    }
    std::ranges::sort(all);
    std::vector<std::pair<Prefix, std::size_t>> open;
    for (const auto& [network, at] : all) {
      while (!open.empty() &&
             !(open.back().first.address.family == network.address.family && open.back().first.contains(network))) {
        open.pop_back();
      }
      for (const auto& [outer, other] : open) {
        if (other != at) {
          const std::string why = fmt::format("`{}` and `{}` overlap", to_string(outer), to_string(network));
          wires_[at].fault = why;
          wires_[other].fault = why;
        }
      }
      open.emplace_back(network, at);
    }
  }

  void find_double_addresses() {
    std::map<Address, std::size_t> owner;
    for (Wire& wire : wires_) {
      std::set<const yaml::WrittenNode*> nodes;
      for (const std::size_t member : wire.members) {
        if (!nodes.insert(loose_[member].node).second) {
          wire.fault = fmt::format("{} has two interfaces there", quote(loose_[member].node->name.text));
        }
        for (const InterfaceAddress& address : loose_[member].addresses) {
          const auto [first, is_first] = owner.emplace(address.address, member);
          if (!is_first && !is_link_local(address.address) && !are_twins(first->second, member)) {
            wire.fault = fmt::format("{} and {} have one address, `{}`", called(first->second), called(member),
                                     to_string(address.address));
          }
        }
      }
    }
  }

  [[nodiscard]] bool are_twins(std::size_t a, std::size_t b) const {
    const yaml::WrittenNode& left = *loose_[a].node;
    const yaml::WrittenNode& right = *loose_[b].node;
    return (left.twin && left.twin->text == right.name.text) || (right.twin && right.twin->text == left.name.text);
  }

  yaml::WrittenInterface& written(std::size_t member) const {
    const auto found = std::ranges::find_if(loose_[member].node->interfaces, [&](const yaml::WrittenInterface& one) {
      return one.name.text == loose_[member].name && assembly_.is_now(one.epochs);
    });
    SEGPROOF_ASSERT(found != loose_[member].node->interfaces.end());
    return *found;
  }

  void leave_unwired(std::size_t member) {
    written(member).segment = yaml::Word{.text = "none", .span = loose_[member].origin};
  }

  void refuse(const Wire& wire) {
    for (const std::size_t member : wire.members) {
      leave_unwired(member);
    }
    assembly_.faults.warning(
        DiagnosticCode::wiring_unclear, loose_[wire.members.front()].origin,
        fmt::format("the networks of {} do not tell what it is wired to: {}", members_text(wire), wire.fault),
        "name the segment of each in a topology");
  }

  [[nodiscard]] std::string members_text(const Wire& wire) const {
    constexpr std::size_t most = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(most, wire.members.size()); ++i) {
      text += (i == 0 ? "" : ", ") + called(wire.members[i]);
    }
    if (wire.members.size() > most) {
      text += fmt::format(" and {} more", wire.members.size() - most);
    }
    return text;
  }

  // Reported at the first interface, with the others as notes; an interface alone leads to hosts that are not listed.
  void report(const Wire& wire) {
    std::vector<DiagnosticNote> others;
    for (std::size_t i = 1; i < wire.members.size(); ++i) {
      others.push_back({.span = loose_[wire.members[i]].origin,
                        .message = fmt::format("{} has an address of the same network", called(wire.members[i]))});
    }
    const bool is_alone = others.empty() && wire.anchor.empty();
    const std::string networks = fmt::format("`{}`{}", to_string(*wire.networks.begin()),
                                             wire.networks.size() > 1 ? " and its other networks" : "");
    assembly_.files->sink().add(
        {.code = DiagnosticCode::wiring_guessed,
         .severity = is_alone ? Severity::note : Severity::warning,
         .span = loose_[wire.members.front()].origin,
         .message = is_alone ? fmt::format("only {} is in {}: the segment {} is guessed, with hosts alone",
                                           members_text(wire), networks, quote(wire.name))
                             : fmt::format("{} {} taken to be on the segment {}: {}", members_text(wire),
                                           wire.members.size() > 1 ? "are" : "is", quote(wire.name), networks),
         .notes = std::move(others),
         .hint = "name the segment in a topology to be sure"});
    guesses_.push_back(wire.name);
  }

  void join(Wire& wire) {
    wire.name = wire.anchor;
    if (const auto found = assembly_.segment_ids.find(wire.anchor); found != assembly_.segment_ids.end()) {
      model::Segment& segment = assembly_.network.segments[found->second.index()];
      const std::string& vrf = assembly_.segment_vrfs[found->second.index()];
      for (const Prefix& network : wire.networks) {
        if (!assembly_.segments.add(network, vrf, found->second).valid()) {
          segment.prefixes.push_back(network);
        }
      }
    }
    for (const std::size_t member : wire.members) {
      written(member).segment = yaml::Word{.text = wire.anchor, .span = loose_[member].origin};
    }
    report(wire);
  }

  [[nodiscard]] bool is_taken(const std::string& name) const {
    return name == "any" || name == "unknown" || name == "none" || assembly_.segment_ids.contains(name) ||
           assembly_.zone_ids.contains(name) ||
           std::ranges::any_of(written_.topologies, [&](const yaml::TopologyFile& topology) {
             return std::ranges::any_of(topology.nodes,
                                        [&](const yaml::WrittenNode& node) { return node.name.text == name; });
           });
  }

  // A name that claims can use and that nothing else has.
  [[nodiscard]] std::string free_name(std::string wanted) const {
    for (char& c : wanted) {
      c = std::string_view(":@,/").find(c) != std::string_view::npos ? '-' : c;
    }
    while (is_taken(wanted)) {
      wanted += "-guessed";
    }
    return wanted;
  }

  void make_segment(Wire& wire) {
    const Prefix& first = *wire.networks.begin();
    const SourceSpan origin = loose_[wire.members.front()].origin;
    wire.name = free_name(fmt::format("net-{}-{}", to_string(first.address), first.length));
    const model::SegmentId id(assembly_.network.segments.size());
    model::Segment segment;
    segment.name = wire.name;
    segment.origin = origin;
    for (const Prefix& network : wire.networks) {
      SEGPROOF_ASSERT(!assembly_.segments.add(network, "main", id).valid());
      segment.prefixes.push_back(network);
    }
    assembly_.network.segments.push_back(std::move(segment));
    assembly_.segment_vrfs.emplace_back("main");
    assembly_.segment_ids.emplace(wire.name, id);
    for (const std::size_t member : wire.members) {
      written(member).segment = yaml::Word{.text = wire.name, .span = loose_[member].origin};
    }
    report(wire);
  }

  // The names that interfaces of a segment have of their own; the segment's where they have none.
  void make_zones() {
    std::map<std::string, unsigned> uses;
    for (const Wire& wire : wires_) {
      for (const std::string& name : zone_names(wire)) {
        ++uses[name];
      }
    }
    for (const Wire& wire : wires_) {
      const auto segment = assembly_.segment_ids.find(wire.name);
      if (segment == assembly_.segment_ids.end() || !wire.anchor.empty()) {
        continue;
      }
      const std::set<std::string> names = zone_names(wire);
      for (const std::string& name : names) {
        const bool is_only = uses[name] == 1;
        add_zone(is_only ? free_name(name) : free_name(owner_of(wire, name) + "-" + name), segment->second);
      }
      if (names.empty()) {
        add_zone(wire.name, segment->second);
      }
    }
  }

  [[nodiscard]] std::set<std::string> zone_names(const Wire& wire) const {
    std::set<std::string> names;
    for (const std::size_t member : wire.members) {
      if (loose_[member].is_zone_name) {
        names.insert(loose_[member].name);
      }
    }
    return names;
  }

  [[nodiscard]] std::string owner_of(const Wire& wire, const std::string& name) const {
    const auto found = std::ranges::find_if(
        wire.members, [&](std::size_t member) { return loose_[member].is_zone_name && loose_[member].name == name; });
    return found == wire.members.end() ? std::string() : loose_[*found].node->name.text;
  }

  void add_zone(const std::string& name, model::SegmentId segment) {
    model::Zone zone;
    zone.name = name;
    zone.segments.push_back(segment);
    zone.origin = assembly_.network.segment(segment).origin;
    assembly_.zone_ids.emplace(name, model::ZoneId(assembly_.network.zones.size()));
    assembly_.network.zones.push_back(std::move(zone));
  }

  [[nodiscard]] bool is_ours(const Address& address) const {
    return std::ranges::any_of(written_.topologies, [&](const yaml::TopologyFile& topology) {
      return std::ranges::any_of(topology.nodes, [&](const yaml::WrittenNode& node) {
        const auto is_same = [&](const yaml::PlacedInterfaceAddress& one) { return one.address.address == address; };
        return std::ranges::any_of(node.interfaces, [&](const yaml::WrittenInterface& interface) {
          return std::ranges::any_of(interface.addresses, is_same);
        });
      });
    });
  }

  void find_internet() {
    for (const DefaultGateway& route : gateways_) {
      const std::vector<SegmentTable::Place> places = assembly_.segments.find(route.gateway, "");
      if (!is_public(route.gateway) || places.size() != 1 || is_ours(route.gateway)) {
        continue;
      }
      const model::SegmentId id = places.front().segment;
      model::Segment& segment = assembly_.network.segments[id.index()];
      const bool is_guessed = std::ranges::any_of(
          wires_, [&](const Wire& wire) { return wire.anchor.empty() && wire.name == segment.name; });
      if (!is_guessed || segment.internet) {
        continue;
      }
      segment.external = true;
      segment.internet = true;
      for (model::Zone& zone : assembly_.network.zones) {
        zone.external = zone.external || std::ranges::find(zone.segments, id) != zone.segments.end();
      }
      assembly_.faults.warning(
          DiagnosticCode::wiring_guessed, route.origin,
          fmt::format("the segment {} is taken for the Internet: the default route leads to `{}` there, and nobody "
                      "here has that address",
                      quote(segment.name), to_string(route.gateway)),
          "declare zones and segments in a topology to be sure");
      internets_.push_back(segment.name);
    }
  }

  void register_assumption() {
    model::Assumption assumption;
    assumption.id = std::string(wires_assumption);
    assumption.text = fmt::format(
        "interfaces with addresses of one network are on one segment, which leads nowhere else; guessed so (SP0513): "
        "{}",
        fmt::join(guesses_, ", "));
    if (!internets_.empty()) {
      assumption.text += fmt::format("; taken for the Internet: {}", fmt::join(internets_, ", "));
    }
    assumption.origin = loose_.front().origin;
    assembly_.network.assumptions.push_back(std::move(assumption));
  }

  std::vector<LooseInterface>& loose_;
  const std::vector<DefaultGateway>& gateways_;
  Written& written_;
  Assembly& assembly_;
  std::vector<Wire> wires_;
  std::vector<std::string> guesses_, internets_;
};

}  // namespace

void guess_wires(std::vector<LooseInterface> loose, const std::vector<DefaultGateway>& gateways, Written& written,
                 Assembly& assembly) {
  WireGuess(loose, gateways, written, assembly).run();
}

}  // namespace segproof::input
