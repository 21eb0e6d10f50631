// SPDX-License-Identifier: Apache-2.0
// Segments and zones: names, places, nesting, overlap.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "input/snapshot_assembly.h"

namespace segproof::input {
namespace {

using yaml::PlacedPrefix;
using yaml::Word;

// Adds a name to a table; false, and reported with the first place, when it is there already.
template <class Id, class First>
bool take_name(Assembly& assembly, std::unordered_map<std::string, Id>& ids, const Word& name, Id id,
               std::string_view what, First first_place) {
  const auto [entry, added] = ids.emplace(name.text, id);
  if (!added) {
    assembly.faults.error(DiagnosticCode::duplicate_name, name.span,
                          fmt::format("{} {} is defined twice", what, quote(name.text)), {},
                          {{.span = first_place(entry->second), .message = "it is defined here as well"}});
  }
  return added;
}

void add_segment(const yaml::WrittenSegment& written, Assembly& assembly) {
  const model::SegmentId id(assembly.network.segments.size());
  const auto place_of = [&](model::SegmentId other) { return assembly.network.segment(other).origin; };
  if (!take_name(assembly, assembly.segment_ids, written.name, id, "segment", place_of)) {
    return;
  }
  model::Segment segment;
  segment.name = written.name.text;
  segment.complete = written.complete;
  segment.origin = written.name.span;
  for (const PlacedPrefix& prefix : written.prefixes) {
    const model::SegmentId other = assembly.segments.add(prefix.prefix, written.vrf, id);
    if (other.valid() && other != id) {
      assembly.faults.error(DiagnosticCode::segments_overlap, prefix.span,
                            fmt::format("prefix `{}` of segment {} is segment {}'s already", to_string(prefix.prefix),
                                        quote(segment.name), quote(assembly.network.segment(other).name)),
                            "networks that use the same addresses are kept apart by `vrf`",
                            {{.span = place_of(other), .message = "that segment stands here"}});
    }
    if (!other.valid()) {
      segment.prefixes.push_back(prefix.prefix);
    }
  }
  assembly.network.segments.push_back(std::move(segment));
  assembly.segment_vrfs.push_back(written.vrf);
}

void add_zones(const yaml::TopologyFile& topology, Assembly& assembly) {
  std::vector<model::ZoneId> ids;  // by index of the file; invalid: not in this epoch
  for (const yaml::WrittenZone& written : topology.zones) {
    const model::ZoneId id(assembly.network.zones.size());
    const model::ZoneId parent = written.parent ? ids[*written.parent] : model::ZoneId();
    const bool outside = (written.parent && !parent.valid()) || !assembly.is_now(written.epochs);
    if (outside) {
      assembly.other_epochs.insert(written.name.text);
    }
    const auto place_of = [&](model::ZoneId other) { return assembly.network.zone(other).origin; };
    if (outside || !take_name(assembly, assembly.zone_ids, written.name, id, "zone", place_of)) {
      ids.emplace_back();
      continue;
    }
    model::Zone zone;
    zone.name = written.name.text;
    zone.parent = parent;
    zone.external = written.external || (parent.valid() && assembly.network.zone(parent).external);
    zone.external_falls = written.external_falls;
    for (const PlacedPrefix& prefix : written.prefixes) {
      zone.prefixes.push_back(prefix.prefix);
    }
    for (const Word& tag : written.tags) {
      zone.tags.push_back(tag.text);
    }
    zone.origin = written.name.span;
    for (const Word& word : written.segments) {
      if (!assembly.segment_ids.contains(word.text) && assembly.is_of_other_epoch(word.text)) {
        continue;
      }
      if (const model::SegmentId segment = assembly.segment_of(word); segment.valid()) {
        zone.segments.push_back(segment);
        assembly.network.segments[segment.index()].external |= zone.external;
        assembly.network.segments[segment.index()].internet |= written.internet;
      }
    }
    assembly.network.zones.push_back(std::move(zone));
    ids.push_back(id);
  }
}

bool is_inside(const model::Network& network, model::ZoneId inner, model::ZoneId outer) {
  for (; inner.valid(); inner = network.zone(inner).parent) {
    if (inner == outer) {
      return true;
    }
  }
  return false;
}

// A prefix of a zone, with its place.
struct Claimed {
  Prefix prefix;
  model::ZoneId zone;
  SourceSpan span;
};

std::vector<Claimed> claimed_prefixes(const Written& written, const Assembly& assembly) {
  std::vector<Claimed> all;
  for (const yaml::TopologyFile& topology : written.topologies) {
    for (const yaml::WrittenZone& zone : topology.zones) {
      const auto found = assembly.zone_ids.find(zone.name.text);
      if (found == assembly.zone_ids.end() || assembly.network.zone(found->second).origin != zone.name.span) {
        continue;
      }
      for (const PlacedPrefix& prefix : zone.prefixes) {
        all.push_back({.prefix = prefix.prefix, .zone = found->second, .span = prefix.span});
      }
    }
  }
  return all;
}

void report_overlap(const Claimed& outer, const Claimed& inner, Assembly& assembly) {
  const model::Network& network = assembly.network;
  const std::string& inner_name = network.zone(inner.zone).name;
  const std::string& outer_name = network.zone(outer.zone).name;
  if (is_inside(network, outer.zone, inner.zone)) {
    if (outer.prefix == inner.prefix) {
      return;
    }
    assembly.faults.error(
        DiagnosticCode::zone_outside_parent, outer.span,
        fmt::format("prefix `{}` of zone {} is wider than `{}` of zone {}, which it is inside", to_string(outer.prefix),
                    quote(outer_name), to_string(inner.prefix), quote(inner_name)),
        {}, {{.span = inner.span, .message = "the outer zone's prefix"}});
    return;
  }
  const bool inner_is_later = outer.span < inner.span;
  const Claimed& later = inner_is_later ? inner : outer;
  const Claimed& earlier = inner_is_later ? outer : inner;
  const bool is_everything = network.zone(outer.zone).external && outer.prefix.length == 0;
  assembly.faults.error(DiagnosticCode::zones_overlap, later.span,
                        fmt::format("prefix `{}` of zone {} overlaps `{}` of zone {}", to_string(later.prefix),
                                    quote(network.zone(later.zone).name), to_string(earlier.prefix),
                                    quote(network.zone(earlier.zone).name)),
                        is_everything
                            ? "the Internet is `{external: true, internet: true}`, without prefixes: all public "
                              "addresses that nothing else declares"
                            : "write the inner zone below `zones` of the outer one, or tell them apart by "
                              "`segments`",
                        {{.span = earlier.span, .message = "the other prefix"}});
}

// Prefixes either nest or are disjoint, so sorted by first address and length the enclosing ones form a stack.
void check_overlap(const Written& written, Assembly& assembly) {
  std::vector<Claimed> all = claimed_prefixes(written, assembly);
  std::ranges::sort(
      all, [](const Claimed& a, const Claimed& b) { return std::tie(a.prefix, a.span) < std::tie(b.prefix, b.span); });
  std::vector<const Claimed*> enclosing;
  for (const Claimed& claimed : all) {
    while (!enclosing.empty() && !enclosing.back()->prefix.contains(claimed.prefix)) {
      enclosing.pop_back();
    }
    for (const Claimed* outer : enclosing) {
      if (outer->zone != claimed.zone && !is_inside(assembly.network, claimed.zone, outer->zone)) {
        report_overlap(*outer, claimed, assembly);
      }
    }
    enclosing.push_back(&claimed);
  }
}

// An inner zone's prefixes lie in the nearest outer zone that has prefixes of the family.
void check_nesting(const Written& written, Assembly& assembly) {
  const model::Network& network = assembly.network;
  for (const Claimed& claimed : claimed_prefixes(written, assembly)) {
    const Family family = claimed.prefix.address.family;
    for (model::ZoneId outer = network.zone(claimed.zone).parent; outer.valid(); outer = network.zone(outer).parent) {
      const std::vector<Prefix>& prefixes = network.zone(outer).prefixes;
      if (std::ranges::none_of(prefixes, [&](const Prefix& p) { return p.address.family == family; })) {
        continue;
      }
      // A prefix that is wider than one of the outer zone's was reported as such.
      const bool related = std::ranges::any_of(
          prefixes, [&](const Prefix& p) { return p.contains(claimed.prefix) || claimed.prefix.contains(p); });
      if (!related) {
        assembly.faults.error(
            DiagnosticCode::zone_outside_parent, claimed.span,
            fmt::format("prefix `{}` of zone {} lies outside of zone {}, which it is inside", to_string(claimed.prefix),
                        quote(network.zone(claimed.zone).name), quote(network.zone(outer).name)),
            {}, {{.span = network.zone(outer).origin, .message = "the outer zone stands here"}});
      }
      break;
    }
  }
}

void place_segments(const Written& written, Assembly& assembly) {
  for (const yaml::TopologyFile& topology : written.topologies) {
    for (const yaml::WrittenSegment& segment : topology.segments) {
      const auto found = assembly.segment_ids.find(segment.name.text);
      if (!segment.zone || !assembly.is_now(segment.epochs) || found == assembly.segment_ids.end()) {
        continue;
      }
      if (const model::ZoneId zone = assembly.zone_of(*segment.zone); zone.valid()) {
        std::vector<model::SegmentId>& members = assembly.network.zones[zone.index()].segments;
        if (std::ranges::find(members, found->second) == members.end()) {
          members.push_back(found->second);
        }
        assembly.network.segments[found->second.index()].external |= assembly.network.zone(zone).external;
      }
    }
  }
}

std::optional<model::SegmentId> internet_segment(const Assembly& assembly) {
  for (std::size_t i = 0; i < assembly.network.segments.size(); ++i) {
    if (assembly.network.segments[i].internet) {
      return model::SegmentId(i);
    }
  }
  return std::nullopt;
}

// External zones are places: each has a segment, or prefixes on one.
void place_external_zone(const yaml::WrittenZone& written, model::ZoneId id, Assembly& assembly) {
  const model::Zone& zone = assembly.network.zone(id);
  if (!zone.segments.empty()) {
    return;
  }
  const auto report = [&](const SourceSpan& span, const std::string& why) {
    assembly.faults.error(DiagnosticCode::external_zone_without_segment, span,
                          fmt::format("external zone {} is attached to nothing: {}", quote(zone.name), why),
                          fmt::format("say `zone: {}` at the segment where its packets come from", zone.name));
  };
  const std::optional<model::SegmentId> internet = internet_segment(assembly);
  for (const PlacedPrefix& prefix : written.prefixes) {
    if (!assembly.segments.find(prefix.prefix.address, {}).empty()) {
      continue;
    }
    if (internet && is_public(prefix.prefix.address)) {
      static_cast<void>(assembly.segments.add(prefix.prefix, assembly.segment_vrfs[internet->index()], *internet));
      assembly.network.segments[internet->index()].prefixes.push_back(prefix.prefix);
    } else {
      report(prefix.span, fmt::format("no segment has `{}`", to_string(prefix.prefix)));
    }
  }
  const bool has_inner = std::ranges::any_of(assembly.network.zones, [&](const auto& z) { return z.parent == id; });
  if (written.prefixes.empty() && written.hosts.empty() && written.interfaces.empty() && written.tags.empty() &&
      !has_inner) {
    report(zone.origin, "no segment says that it is in this zone");
  }
}

}  // namespace

void assemble_segments(const Written& written, Assembly& assembly) {
  for (const yaml::TopologyFile& topology : written.topologies) {
    for (const yaml::WrittenSegment& segment : topology.segments) {
      if (assembly.is_now(segment.epochs)) {
        add_segment(segment, assembly);
      } else {
        assembly.other_epochs.insert(segment.name.text);
      }
    }
  }
}

void assemble_zones(const Written& written, Assembly& assembly) {
  for (const yaml::TopologyFile& topology : written.topologies) {
    add_zones(topology, assembly);
  }
  place_segments(written, assembly);
  check_overlap(written, assembly);
  check_nesting(written, assembly);
  for (const bool internet : {true, false}) {
    for (const yaml::TopologyFile& topology : written.topologies) {
      for (const yaml::WrittenZone& zone : topology.zones) {
        const auto found = assembly.zone_ids.find(zone.name.text);
        if (found == assembly.zone_ids.end() || zone.internet != internet) {
          continue;
        }
        if (internet) {
          for (const model::SegmentId segment : assembly.network.zone(found->second).segments) {
            assembly.network.segments[segment.index()].internet = true;
          }
        }
        if (assembly.network.zone(found->second).external) {
          place_external_zone(zone, found->second, assembly);
        }
      }
    }
  }
}

}  // namespace segproof::input
