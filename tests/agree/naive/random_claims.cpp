// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/random_claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace segproof::naive {

namespace {

using claim::Kind;
using model::NodeId;
using model::SegmentId;

// A name that a claim may use, and the places behind it as numbers: nodes, then segments for their unlisted hosts.
struct Named {
  std::string text;
  std::set<std::size_t> members;
};

bool overlap(const std::vector<Named>& one, const std::vector<Named>& other) {
  return std::any_of(one.begin(), one.end(), [&](const Named& a) {
    return std::any_of(other.begin(), other.end(), [&](const Named& b) {
      return std::any_of(a.members.begin(), a.members.end(),
                         [&](std::size_t member) { return b.members.contains(member); });
    });
  });
}

class Author {
 public:
  Author(Dice& dice, const model::Network& network, Family family) : dice_(dice), network_(network), family_(family) {
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
      (network.nodes[i].kind == model::NodeKind::host ? hosts_ : devices_).emplace_back(i);
    }
    collect();
  }

  std::optional<claim::Claim> write(std::size_t number) {
    claim::Claim claim;
    claim.kind = kind();
    claim.id = fmt::format("c{}", number);
    if (!parties(claim)) {
      return std::nullopt;
    }
    claim.spoofing = dice_.chance(0.1) ? claim::Spoofing::own : claim::Spoofing::any;
    claim.trust_source_host = dice_.chance(0.05);
    return details(claim) ? std::optional(claim) : std::nullopt;
  }

 private:
  Kind kind() {
    static constexpr std::array kinds{Kind::isolated,           Kind::isolated,
                                      Kind::no_new_sessions,    Kind::no_new_sessions,
                                      Kind::contained,          Kind::contained,
                                      Kind::contained,          Kind::only,
                                      Kind::isolated_both_ways, Kind::via,
                                      Kind::anti_spoofed,       Kind::detached,
                                      Kind::no_exfiltration,    Kind::no_direct_exfiltration};
    return kinds[dice_.below(kinds.size())];
  }

  [[nodiscard]] std::size_t unlisted(std::size_t segment) const { return network_.nodes.size() + segment; }

  // Whoever has an address in the prefix; devices only where they are asked for.
  [[nodiscard]] std::set<std::size_t> owners(const Prefix& prefix, bool devices) const {
    std::set<std::size_t> members;
    for (const auto& interface : network_.interfaces) {
      const bool owns = std::any_of(interface.addresses.begin(), interface.addresses.end(),
                                    [&](const InterfaceAddress& a) { return prefix.contains(a.address); });
      if (owns && (devices || network_.node(interface.node).kind == model::NodeKind::host)) {
        members.insert(interface.node.index());
      }
    }
    for (std::size_t i = 0; i < network_.segments.size(); ++i) {
      const auto& own = network_.segments[i].prefixes;
      if (!network_.segments[i].complete && std::any_of(own.begin(), own.end(), [&](const Prefix& p) {
            return p.contains(prefix) || prefix.contains(p);
          })) {
        members.insert(unlisted(i));
      }
    }
    return members;
  }

  [[nodiscard]] std::set<std::size_t> on_segment(std::size_t segment) const {
    std::set<std::size_t> members;
    if (!network_.segments[segment].complete) {
      members.insert(unlisted(segment));
    }
    for (const NodeId host : hosts_) {
      for (const auto id : network_.node(host).interfaces) {
        if (network_.interface(id).segment == SegmentId(segment)) {
          members.insert(host.index());
        }
      }
    }
    return members;
  }

  [[nodiscard]] std::set<std::size_t> in_zone(std::size_t index) const {
    const auto& zone = network_.zones[index];
    std::set<std::size_t> members;
    for (const auto& prefix : zone.prefixes) {
      members.merge(owners(prefix, false));
    }
    for (const SegmentId segment : zone.segments) {
      members.merge(on_segment(segment.index()));
    }
    for (const NodeId node : zone.nodes) {
      members.insert(node.index());
    }
    for (const auto id : zone.interfaces) {
      members.insert(network_.interface(id).node.index());
    }
    for (const NodeId host : hosts_) {
      for (const auto& tag : network_.node(host).tags) {
        if (std::find(zone.tags.begin(), zone.tags.end(), tag) != zone.tags.end()) {
          members.insert(host.index());
        }
      }
    }
    for (std::size_t child = 0; child < network_.zones.size(); ++child) {
      if (network_.zones[child].parent == model::ZoneId(index)) {
        members.merge(in_zone(child));
      }
    }
    return members;
  }

  void add(std::string text, std::set<std::size_t> members) {
    if (!members.empty()) {
      names_.push_back({std::move(text), std::move(members)});
    }
  }

  void collect() {
    for (const NodeId host : hosts_) {
      add(network_.node(host).name, {host.index()});
    }
    for (std::size_t i = 0; i < network_.zones.size(); ++i) {
      add(network_.zones[i].name, in_zone(i));
    }
    for (std::size_t i = 0; i < network_.segments.size(); ++i) {
      const auto& segment = network_.segments[i];
      if (!segment.complete && !segment.external && dice_.chance(0.4)) {
        add("unlisted@" + segment.name, {unlisted(i)});
      }
      if (!segment.external && dice_.chance(0.15)) {
        add(segment.name, on_segment(i));
      }
      if (!segment.prefixes.empty() && dice_.chance(0.25)) {
        add_prefix(segment.prefixes.front());
      }
    }
    if (dice_.chance(0.3)) {
      const NodeId device = dice_.of(devices_);
      add("device:" + network_.node(device).name, {device.index()});
    }
  }

  // The prefix, half of it, or one address of it.
  void add_prefix(const Prefix& whole) {
    const auto part = dice_.below(3);
    Prefix prefix = whole;
    if (part == 1) {
      prefix.length = whole.length + 1;
      prefix.address.bits += dice_.chance(0.5) ? prefix.interval().high - prefix.interval().low + 1 : Bits{0};
    } else if (part == 2) {
      prefix.length = address_width(family_);
      prefix.address.bits += 5 + dice_.below(3);
    }
    if (prefix.address.family == family_) {
      add(to_string(prefix), owners(prefix, true));
    }
  }

  // One name, now and then two.
  std::vector<Named> some_names() {
    std::vector<Named> some{dice_.of(names_)};
    if (dice_.chance(0.12)) {
      some.push_back(dice_.of(names_));
    }
    return some;
  }

  static std::vector<claim::Name> as_written(const std::vector<Named>& names) {
    std::vector<claim::Name> written;
    for (const auto& name : names) {
      written.push_back({name.text, {}});
    }
    return written;
  }

  // The sides of the claim. False: they overlap.
  bool parties(claim::Claim& claim) {
    const auto from = some_names();
    const auto to = some_names();
    switch (claim.kind) {
      case Kind::anti_spoofed:
        return name_zone(claim);
      case Kind::detached:
        claim.hosts.push_back({network_.node(dice_.of(hosts_)).name, {}});
        if (dice_.chance(0.15)) {
          claim.hosts = as_written({dice_.of(names_)});
        }
        return !claim.hosts.front().text.starts_with("device:");
      case Kind::no_exfiltration:
      case Kind::no_direct_exfiltration: {
        std::vector<Named> outside;
        for (std::size_t i = 0; i < network_.segments.size(); ++i) {
          if (network_.segments[i].external) {
            outside.push_back({"", on_segment(i)});
          }
        }
        claim.from = as_written(from);
        return !outside.empty() && !overlap(from, outside);
      }
      case Kind::isolated:
      case Kind::isolated_both_ways:
      case Kind::no_new_sessions:
      case Kind::only:
      case Kind::contained:
      case Kind::via:
      case Kind::reachable:
      case Kind::unreferenced:
      case Kind::withstands:
      case Kind::at_no_time:
      case Kind::approved_change:
        break;
    }
    claim.from = as_written(from);
    claim.to = as_written(to);
    return !overlap(from, to);
  }

  bool name_zone(claim::Claim& claim) {
    std::vector<std::string> zones;
    for (const auto& zone : network_.zones) {
      if (!zone.external && !zone.prefixes.empty()) {
        zones.push_back(zone.name);
      }
    }
    if (zones.empty()) {
      return false;
    }
    claim.zones.push_back({dice_.of(zones), {}});
    return true;
  }

  claim::Allowed service(std::string_view text) { return {*claim::parse_service(text), {}, {}, "", "", "", {}}; }

  // An entry of an allow-list, perhaps for some places or until some day only.
  claim::Allowed allowed() {
    static constexpr std::array texts{"tcp/443", "udp", "tcp", "any", "icmp"};
    const bool plain = dice_.chance(0.6);
    auto entry = service(plain ? texts[dice_.below(2)] : texts[dice_.below(texts.size())]);
    if (dice_.chance(0.25)) {
      entry.from = as_written({dice_.of(names_)});
    }
    if (dice_.chance(0.25)) {
      entry.to = as_written({dice_.of(names_)});
    }
    if (dice_.chance(0.2)) {
      entry.expires = dice_.chance(0.5) ? "2025-12-31" : "2026-01-01";
    }
    return entry;
  }

  void pivoting(claim::Claim& claim) {
    static constexpr std::array pivots{claim::Pivot::worst_case, claim::Pivot::worst_case, claim::Pivot::worst_case,
                                       claim::Pivot::paranoid,   claim::Pivot::paranoid,   claim::Pivot::listening,
                                       claim::Pivot::listening,  claim::Pivot::direct,     claim::Pivot::vulnerable};
    claim.spoofing = claim::Spoofing::any;
    if (claim.kind == Kind::contained) {
      claim.pivot = pivots[dice_.below(pivots.size())];
      if (dice_.chance(0.12)) {
        claim.hops = static_cast<unsigned>(1 + dice_.below(2));
      }
      const bool included = dice_.chance(0.5);
      claim.responder = included            ? claim::Responder::include
                        : dice_.chance(0.3) ? claim::Responder::report
                                            : claim::Responder::ignore;
    }
  }

  // What every path is to pass: a device mostly, now and then a segment, a zone or a host.
  bool detour(claim::Claim& claim) {
    const auto is_device = [](const claim::Name& name) { return name.text.starts_with("device:"); };
    if (std::any_of(claim.from.begin(), claim.from.end(), is_device) ||
        std::any_of(claim.to.begin(), claim.to.end(), is_device)) {
      return false;
    }
    claim.through.push_back({"device:" + network_.node(dice_.of(devices_)).name, {}});
    if (dice_.chance(0.15)) {
      claim.through.push_back({"device:" + network_.node(dice_.of(devices_)).name, {}});
    }
    return true;
  }

  bool details(claim::Claim& claim) {
    switch (claim.kind) {
      case Kind::contained:
      case Kind::no_exfiltration:
        pivoting(claim);
        return true;
      case Kind::only:
        claim.services = {allowed()};
        if (dice_.chance(0.3)) {
          claim.services.push_back(allowed());
        }
        return true;
      case Kind::no_new_sessions:
        if (dice_.chance(0.2)) {
          claim.services = {service(dice_.chance(0.5) ? "tcp/443" : "udp")};
        }
        return true;
      case Kind::detached:
        if (dice_.chance(0.4)) {
          claim.except = {allowed()};
        }
        return true;
      case Kind::via:
        return detour(claim);
      case Kind::isolated:
      case Kind::isolated_both_ways:
      case Kind::anti_spoofed:
      case Kind::no_direct_exfiltration:
      case Kind::reachable:
      case Kind::unreferenced:
      case Kind::withstands:
      case Kind::at_no_time:
      case Kind::approved_change:
        break;
    }
    return true;
  }

  Dice& dice_;
  const model::Network& network_;
  Family family_;
  std::vector<NodeId> hosts_;
  std::vector<NodeId> devices_;
  std::vector<Named> names_;
};

}  // namespace

std::vector<claim::Claim> random_claims(Dice& dice, const model::Network& network, Family family) {
  Author author(dice, network, family);
  std::vector<claim::Claim> claims;
  for (std::size_t tries = 0; tries < 30 && claims.size() < 6; ++tries) {
    if (auto claim = author.write(claims.size())) {
      claims.push_back(std::move(*claim));
    }
  }
  return claims;
}

}  // namespace segproof::naive
