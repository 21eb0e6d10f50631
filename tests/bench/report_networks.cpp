// SPDX-License-Identifier: Apache-2.0
// Whole networks: who reaches whom, by zone, and who falls. Reading is timed apart from answering.
#include <ctime>

#include <fmt/format.h>

#include "bench/campus_network.h"
#include "bench/loaded_network.h"
#include "bench/report.h"
#include "bench/spine_network.h"
#include "bench/wide_area_network.h"
#include "claim/session.h"
#include "reach/flood.h"

namespace segproof::bench {
namespace {

double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Every segment sends anything that its hosts can make up; the answer is who gets something from whom.
struct ZoneFlood {
  Space space;
  reach::CompiledNetwork compiled;
  reach::Flood flood;

  ZoneFlood(const model::Network& network, Family family)
      : space(family), compiled(network, space), flood(compiled, {}) {
    std::vector<reach::Source> sources;
    for (std::size_t s = 0; s < network.segments.size(); ++s) {
      if (compiled.segment(model::SegmentId(s)).has_senders) {
        const PacketSet packets = space.valid() & space.where(Field::origin, s + 1);
        sources.push_back({model::SegmentId(s), compiled.headers().set_role(packets, reach::Role::own)});
      }
    }
    flood.run(sources);
  }
};

using AddFiles = std::function<void(MemoryFileSystem&)>;

Figures matrix_figures(const AddFiles& add_files, Family family, bool pairs) {
  MemoryFileSystem files;
  add_files(files);
  std::clock_t start = std::clock();
  Loaded loaded;
  load(files, loaded);
  const double reading = seconds_since(start);
  const model::Network& network = loaded.snapshot.network;
  start = std::clock();
  ZoneFlood zones(network, family);
  std::size_t reached = 0;
  std::size_t sets = 0;
  std::size_t asked = 0;
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    const PacketSet there = zones.flood.delivered_to_unlisted(model::SegmentId(s));
    if (there.is_empty()) {
      continue;
    }
    ++asked;
    const IntervalSet origins = there.values(Field::origin);
    reached += static_cast<std::size_t>(origins.size());
    for (const Interval& interval : origins.intervals()) {
      for (Bits origin = interval.low; pairs && origin <= interval.high; ++origin) {
        sets += there.cofactor(Field::origin, origin).is_empty() ? 0U : 1U;
      }
    }
  }
  std::size_t rules = 0;
  std::size_t routes = 0;
  for (const model::Node& node : network.nodes) {
    for (const model::Chain& chain : node.rules.chains) {
      rules += chain.rules.size();
    }
    for (const model::RouteTable& table : node.routing[model::index_of(family)].tables) {
      routes += table.routes.size();
    }
  }
  return {{"seconds", seconds_since(start)},
          {"reading", reading},
          {"rules", static_cast<double>(rules)},
          {"routes", static_cast<double>(routes)},
          {"places", static_cast<double>(asked)},
          {"reaching_pairs", static_cast<double>(pairs ? sets : reached)},
          {"edges", static_cast<double>(zones.space.size().edges)}};
}

Figures verify_figures(const AddFiles& add_files) {
  MemoryFileSystem files;
  add_files(files);
  std::clock_t start = std::clock();
  Loaded loaded;
  load(files, loaded);
  const double reading = seconds_since(start);
  start = std::clock();
  claim::Options options;
  options.jobs = 1;
  const claim::Summary summary =
      claim::verify(loaded.snapshot.network, loaded.snapshot.claims, loaded.sources, options).summary;
  return {{"seconds", seconds_since(start)},
          {"reading", reading},
          {"proved", summary.proved},
          {"refuted", summary.refuted},
          {"inconclusive", summary.inconclusive}};
}

Figures blast_figures(const HubShape& shape) {
  MemoryFileSystem files;
  add_hub_network(shape, files);
  std::clock_t start = std::clock();
  Loaded loaded;
  load(files, loaded);
  const double reading = seconds_since(start);
  start = std::clock();
  claim::BlastQuestion question;
  question.from.text = "z0";
  const auto fallen = claim::blast(loaded.snapshot.network, loaded.sources, question).value().fallen.size();
  return {{"seconds", seconds_since(start)}, {"reading", reading}, {"fallen", static_cast<double>(fallen)}};
}

void append(Measurements& results, std::vector<Measured> more) {
  results.insert(results.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void measure_spines(const Plan& plan, Measurements& results) {
  struct Size {
    unsigned zones;
    unsigned per_firewall;
    unsigned rules;
  };
  for (const auto& [zones, per_firewall, rules] : {Size{10, 5, 100},
                                                   {50, 25, 1600},
                                                   {500, 25, 17000},
                                                   {2000, 25, 86000},
                                                   {5000, 50, 170000},
                                                   {2000, 25, 1100000}}) {
    if (plan.quick && zones > 50) {
      continue;
    }
    const auto add = [zones = zones, per_firewall = per_firewall, rules = rules](Family family, bool with_state) {
      return [=](MemoryFileSystem& files) {
        SpineShape shape;
        shape.family = family;
        shape.zones = zones;
        shape.zones_per_firewall = per_firewall;
        shape.rules = rules;
        shape.with_state = with_state;
        add_spine_network(shape, files);
      };
    };
    std::vector<Work> works{
        {"zone matrix", [add] { return matrix_figures(add(Family::ipv4, false), Family::ipv4, false); }},
        {"sets of all pairs", [add] { return matrix_figures(add(Family::ipv4, false), Family::ipv4, true); }}};
    if (rules < 1000000) {
      works.push_back(
          {"zone matrix with state", [add] { return matrix_figures(add(Family::ipv4, true), Family::ipv4, false); }});
      works.push_back(
          {"zone matrix, IPv6", [add] { return matrix_figures(add(Family::ipv6, false), Family::ipv6, false); }});
    }
    append(results, measure("spine", fmt::format("{} zones, {} rules", zones, rules), works, plan.rounds, plan.limit));
  }
}

}  // namespace

void measure_networks(const Plan& plan, Measurements& results) {
  measure_spines(plan, results);

  for (const unsigned prefixes : {50U, 400U, 1500U}) {
    if (plan.quick && prefixes > 50) {
      continue;
    }
    const auto add = [prefixes](MemoryFileSystem& files) { add_wide_area_network({20, prefixes, 1}, files); };
    append(results, measure("wide area", fmt::format("20 routers, {} prefixes each", prefixes),
                            {{"zone matrix", [add] { return matrix_figures(add, Family::ipv4, false); }}}, plan.rounds,
                            plan.limit));
  }

  const CampusShape campus = plan.quick ? CampusShape{20, 4, 8, 1} : CampusShape{};
  append(
      results,
      measure(
          "campus", fmt::format("{} IPv6 filters, {} claims", campus.filters, campus.claims),
          {{"verify",
            [campus] { return verify_figures([&](MemoryFileSystem& files) { add_campus_network(campus, files); }); }}},
          plan.rounds, plan.limit));

  for (const unsigned hosts : {500U, 5000U, 50000U}) {
    if (plan.quick && hosts > 500) {
      continue;
    }
    const HubShape shape{50, 10, hosts, 200, 1, 1};
    append(results, measure("pivoting", fmt::format("{} hosts in 500 zones", hosts),
                            {{"blast", [shape] { return blast_figures(shape); }}}, plan.rounds, plan.limit));
  }
}

}  // namespace segproof::bench
