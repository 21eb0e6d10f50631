// SPDX-License-Identifier: Apache-2.0
#include "claim/matrix.h"

#include <algorithm>

#include "claim/denials.h"
#include "claim/header_only.h"
#include "claim/row_texts.h"
#include "claim/session.h"
#include "claim/undecided.h"
#include "claim/unplaced.h"
#include "claim/world_pair.h"

namespace segproof::claim {
namespace {

using model::Network;

struct Member {
  std::string name;
  Resolved places;
};

std::vector<Member> members(const Network& network, MatrixBetween between) {
  std::vector<Member> result;
  const auto add = [&](const std::string& name) { result.push_back({name, resolve({Name{name, {}}}, network)}); };
  if (between == MatrixBetween::zones) {
    for (const model::Zone& zone : network.zones) {
      add(zone.name);
    }
  } else {
    for (const model::Node& node : network.nodes) {
      if (node.kind == model::NodeKind::host) {
        add(node.name);
      }
    }
  }
  std::sort(result.begin(), result.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
  return result;
}

// A network in which every rule permits: what is not reachable there has no route.
class Unfiltered {
 public:
  Unfiltered(const Network& network, World& world)
      : compiled_(network, world.space(), reach::Filters::all_permit), flood_(compiled_, {}) {
    std::vector<reach::Source> sources;
    for (std::size_t s = 0; s < network.segments.size(); ++s) {
      if (compiled_.segment(model::SegmentId(s)).has_senders) {
        const PacketSet packets = world.space().valid() & world.space().where(Field::origin, s + 1);
        sources.push_back({model::SegmentId(s), compiled_.headers().set_role(packets, reach::Role::own)});
      }
    }
    flood_.run(sources);
  }

  [[nodiscard]] bool any(const Member& from, const Member& to, World& world) const {
    std::vector<Interval> origins;
    for (const PlacePart& part : from.places.parts) {
      if (part.place.segment.valid()) {
        origins.push_back({part.place.segment.index() + 1, part.place.segment.index() + 1});
      }
    }
    const PacketSet sent = world.space().where(Field::origin, IntervalSet::of(std::move(origins)));
    return std::any_of(to.places.parts.begin(), to.places.parts.end(), [&](const PlacePart& part) {
      const PacketSet there = part.place.kind == PlaceKind::unlisted ? flood_.delivered_to_unlisted(part.place.segment)
                              : part.place.node.valid()              ? flood_.delivered(part.place.node)
                                                                     : flood_.at_unknown();
      const PacketSet addressed =
          world.space().where(Field::destination, part.addresses[model::index_of(world.family())]);
      return (there & addressed).intersects(sent);
    });
  }

 private:
  reach::CompiledNetwork compiled_;
  reach::Flood flood_;
};

// What one family says about a pair.
struct Sight {
  bool routed = false;
  bool undecided = false;
  bool replies = false;
  bool everything = true;  // every valid new session of the family
  bool any = false;
  std::vector<std::string> rows;
};

Sight look(const Member& from, const Member& to, World& world, const Unfiltered& unfiltered) {
  Sight sight;
  Space& space = world.space();
  const PacketSet sent = space.where(Field::origin, world.origins_of(from.places, Spoofing::any));
  const auto& over = world.everybody(Approximation::over, Spoofing::any);
  const auto& under = world.everybody(Approximation::under, Spoofing::any);
  const PacketSet to_all = world.to_directed_broadcast();
  PacketSet sessions = space.none();
  PacketSet all = space.none();
  PacketSet addressed = space.none();
  for (const PlacePart& part : to.places.parts) {
    const PacketSet perhaps = world.at(over, part, Traffic::sessions) & sent;
    const PacketSet surely = world.at(under, part, Traffic::sessions) & sent;
    // What goes to all hosts of a segment may be delivered or not, everywhere: it only counts when nothing else does.
    const PacketSet addressed_to_one = perhaps - to_all;
    sight.undecided = sight.undecided || (addressed_to_one.is_empty() && !perhaps.is_empty()) ||
                      !(addressed_to_one.forget(Field::origin) == (surely - to_all).forget(Field::origin));
    sessions |= addressed_to_one.is_empty() ? perhaps : addressed_to_one;
    all |= world.at(over, part, Traffic::any) & sent;
    addressed |= space.where(Field::destination, part.addresses[model::index_of(world.family())]);
  }
  sight.routed = unfiltered.any(from, to, world);
  sight.any = !sessions.is_empty();
  sight.replies = all.intersects(world.compiled().headers().with_role(reach::Role::foreign));
  const reach::HeaderSets& headers = world.compiled().headers();
  const PacketSet every =
      space.valid() & addressed & headers.whole() & ((headers.fresh() - headers.tcp()) | headers.syn());
  sight.everything = every.subset_of(headers_only(sessions));
  sight.rows = row_texts(sessions, RowStyle::services_only);
  return sight;
}

MatrixCell cell(const Member& from, const Member& to, const std::vector<Sight>& sights) {
  MatrixCell result{from.name, to.name, CellState::no_route, {}, false};
  const auto some = [&](bool Sight::*what) {
    return std::any_of(sights.begin(), sights.end(), [&](const Sight& sight) { return sight.*what; });
  };
  result.replies = some(&Sight::replies);
  if (some(&Sight::undecided)) {
    result.state = CellState::unknown;
  } else if (!some(&Sight::any)) {
    result.state = some(&Sight::routed) ? CellState::denied : CellState::no_route;
  } else {
    const bool all = std::all_of(sights.begin(), sights.end(), [](const Sight& sight) { return sight.everything; });
    result.state = all ? CellState::open : CellState::restricted;
  }
  for (const Sight& sight : sights) {
    for (const std::string& row : sight.rows) {
      if (std::find(result.new_rows.begin(), result.new_rows.end(), row) == result.new_rows.end()) {
        result.new_rows.push_back(row);
      }
    }
  }
  return result;
}

// Adds what may open more between the two than was found; false when there is nothing of the kind.
bool add_doubts(const Member& from, const Member& to, const Network& network, Matrix& into) {
  std::vector<UndecidedInput> doubts = doubts_everywhere(network);
  for (const Member* side : {&from, &to}) {
    for (UndecidedInput& host : unplaced_hosts(side->places, network)) {
      doubts.push_back(std::move(host));
    }
  }
  into.undecided.insert(into.undecided.end(), doubts.begin(), doubts.end());
  return !doubts.empty();
}

}  // namespace

Matrix matrix(const Network& network, const SourceStore& sources, MatrixBetween between) {
  static_cast<void>(sources);
  Matrix result;
  result.epoch = network.epoch;
  result.between = between;
  const std::vector<Member> all = members(network, between);
  WorldPair worlds(network);
  worlds.prepare_in_parallel();
  std::vector<std::unique_ptr<Unfiltered>> unfiltered;
  for (World* world : worlds.both().all()) {
    unfiltered.push_back(std::make_unique<Unfiltered>(network, *world));
  }
  for (const Member& from : all) {
    for (const Member& to : all) {
      if (from.name == to.name) {
        result.cells.push_back({from.name, to.name, CellState::same, {}, false});
        continue;
      }
      std::vector<Sight> sights;
      for (std::size_t f = 0; f < unfiltered.size(); ++f) {
        World& world = *worlds.both().all()[f];
        if (from.places.covers(world.family()) && to.places.covers(world.family())) {
          sights.push_back(look(from, to, world, *unfiltered[f]));
        }
      }
      result.cells.push_back(cell(from, to, sights));
      if (result.cells.back().state != CellState::open && add_doubts(from, to, network, result)) {
        result.cells.back().state = CellState::unknown;
      }
      if (result.cells.back().state == CellState::unknown) {
        for (World* world : worlds.both().all()) {
          for (UndecidedInput& input : undecided_on_the_way(from.places, *world)) {
            result.undecided.push_back(std::move(input));
          }
        }
      }
    }
  }
  tidy(result.undecided);
  return result;
}

}  // namespace segproof::claim
