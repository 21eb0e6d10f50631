// SPDX-License-Identifier: Apache-2.0
#include "claim/closure.h"

#include <algorithm>
#include <set>

namespace segproof::claim {
namespace {

using Number = ClosureTables::Number;
using Origins = ClosureTables::Origins;
using Fate = ClosureTables::Fate;

// Where a fallen place sends.
std::vector<model::SegmentId> segments_of(const Place& place, const model::Network& network) {
  std::vector<model::SegmentId> result;
  if (place.kind == PlaceKind::device) {
    for (const model::InterfaceId interface : network.node(place.node).interfaces) {
      result.push_back(network.interface(interface).segment);
    }
  } else {
    result.push_back(place.segment);
  }
  std::erase_if(result, [](model::SegmentId segment) { return !segment.valid(); });
  return result;
}

// One run of the closure.
class Closing {
 public:
  Closing(const ClosureQuestion& question, ClosureTables& tables)
      : question_(&question), tables_(&tables), network_(&tables.network()) {}

  Closure run() {
    start();
    if (question_->pivot == Pivot::direct) {
      static_cast<void>(jointly(1));
    } else if (question_->hops) {
      for (unsigned round = 1; round <= *question_->hops && jointly(round); ++round) {
      }
    } else {
      // What one alone can do comes first, since it is known from the shared flood; then what they can do together.
      unsigned round = 1;
      do {
        while (!arrived() && pairwise(round)) {
          ++round;
        }
      } while (!arrived() && jointly(round++));
    }
    return result();
  }

 private:
  enum class Standing : std::uint8_t { stands, falling, fallen, touched };  // falling: in the round at hand

  void start() {
    for (const Place& place : question_->start) {
      start_.push_back(tables_->number_of(body_of(place)));
    }
    for (const Place& place : question_->until) {
      until_.push_back(tables_->number_of(body_of(place)));
    }
    standings_.assign(tables_->size(), Standing::stands);
    records_.assign(tables_->size(), FallRecord{});
    for (const Number body : start_) {
      if (standings_[body] == Standing::stands) {
        standings_[body] = Standing::fallen;
        fallen_.push_back(body);
      }
    }
  }

  Closure result() const {
    Closure closure;
    for (Number body = 0; body < standings_.size(); ++body) {
      if (standings_[body] == Standing::fallen) {
        closure.fallen.emplace(tables_->body(body), records_[body]);
      } else if (standings_[body] == Standing::touched) {
        closure.touched.emplace(tables_->body(body), records_[body]);
      }
    }
    closure.members = members();
    if (network_->assumes("A-FW")) {
      closure.assumptions.insert("A-FW");
    }
    if (!closure.touched.empty()) {
      closure.assumptions.insert("A-EXT");
    }
    if (!question_->responders_fall_to) {
      closure.assumptions.insert("A-R2I");
    }
    return closure;
  }

  [[nodiscard]] std::vector<Place> members() const {
    std::vector<Place> places;
    for (const Number body : fallen_) {
      const std::vector<Place> its = places_of(tables_->body(body), *network_);
      places.insert(places.end(), its.begin(), its.end());
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
  }

  // One of the places to stop at fell or was touched.
  [[nodiscard]] bool arrived() const {
    return std::any_of(until_.begin(), until_.end(), [&](Number body) {
      return standings_[body] == Standing::fallen || standings_[body] == Standing::touched;
    });
  }

  [[nodiscard]] bool may_fall(Number body) const {
    // At the level `direct` nobody falls, and devices that stand are reached as well.
    return standings_[body] == Standing::stands &&
           (tables_->fate(body) != Fate::stands || question_->pivot == Pivot::direct);
  }

  // Whether the body may fall in this family. For certain it does not where it has no address, since it need not speak
  // the family at all, nor at the level `vulnerable` when nobody can have tagged its services.
  [[nodiscard]] bool may_fall_in(Number number, World& world) const {
    const bool untagged = question_->pivot == Pivot::vulnerable && tables_->body(number).kind != PlaceKind::interface;
    return may_fall(number) &&
           (question_->approximation != Approximation::under || (!untagged && speaks(number, world)));
  }
  [[nodiscard]] bool speaks(Number number, World& world) const {
    const model::NodeId node = tables_->body(number).node;
    return question_->approximation != Approximation::under || !node.valid() ||
           !world.compiled().node(node).facts.own.is_empty();
  }

  // All fallen bodies together reach more.
  bool jointly(unsigned round) {
    for (World* world : tables_->worlds().all()) {
      reached_jointly(*world, round);
      if (follows_initiators() && question_->pivot != Pivot::direct) {
        initiators(*world, round);
        if (question_->responders_fall_to && question_->approximation == Approximation::over) {
          answered_by_others(*world, round);
        }
      }
    }
    return end_round();
  }

  // Every body whose SYN reaches a fallen one and is answered by another one in its name.
  void answered_by_others(World& world, unsigned round) {
    const Family family = world.family();
    std::vector<Number> standing;
    std::vector<Interval> others;
    for (Number body = 0; body < tables_->candidates(); ++body) {
      if (may_fall(body)) {
        standing.push_back(body);
        const std::span<const Interval> own = tables_->origins(tables_->own(family, body)).intervals();
        others.insert(others.end(), own.begin(), own.end());
      }
    }
    if (standing.empty()) {
      return;
    }
    const reach::Reachability& all = world.everybody(question_->approximation, Spoofing::any);
    const IntervalSet sought = IntervalSet::of(std::move(others));
    std::set<model::SegmentId> segments;
    const PacketSet calls = knocking(world, segments) & world.space().where(Field::origin, sought);
    if (segments.size() < 2 || calls.is_empty()) {
      return;
    }
    const IntervalSet answered =
        all.answered_from(calls, std::vector<model::SegmentId>(segments.begin(), segments.end()));
    const Body first = tables_->body(*std::min_element(
        fallen_.begin(), fallen_.end(), [&](Number a, Number b) { return tables_->body(a) < tables_->body(b); }));
    for (const Number body : standing) {
      if (tables_->origins(tables_->own(family, body)).intersects(answered)) {
        fall(body, {round, FallReason::initiated, family, first});
      }
    }
  }

  // The SYN packets that the fallen get to see, and the segments where they send.
  [[nodiscard]] PacketSet knocking(World& world, std::set<model::SegmentId>& segments) const {
    const reach::Reachability& all = world.everybody(question_->approximation, Spoofing::any);
    std::map<model::SegmentId, IntervalSet> receivers;  // addresses of hosts that only receive
    std::vector<PacketSet> parts;
    for (const Place& place : members()) {
      const std::vector<model::SegmentId> there = segments_of(place, *network_);
      segments.insert(there.begin(), there.end());
      if (!place.node.valid()) {
        parts.push_back(place.segment.valid() ? all.knocking_unlisted(place.segment) : world.space().none());
        continue;
      }
      const reach::CompiledNode& node = world.compiled().node(place.node);
      if (node.behaviour == reach::Behaviour::leaf && place.segment.valid() &&
          network_->node(place.node).interfaces.size() == 1) {
        receivers[place.segment] = receivers[place.segment] | node.facts.own | node.facts.directed_broadcast;
      } else {
        parts.push_back(all.knocking(place.node));
      }
    }
    for (const auto& [segment, addresses] : receivers) {
      parts.push_back(all.knocking_on(segment) &
                      (world.space().where(Field::destination, addresses) | world.compiled().to_everyone()));
    }
    return world.space().any_of(parts);
  }

  void reached_jointly(World& world, unsigned round) {
    std::vector<Number> standing;
    for (Number body = 0; body < tables_->candidates(); ++body) {
      if (may_fall_in(body, world)) {
        standing.push_back(body);
      }
    }
    if (standing.empty()) {
      return;  // nobody is left to ask for
    }
    Felling joint(world, world.jointly({members(), question_->approximation}), question_->pivot);
    for (const Number body : standing) {
      if (joint.falls(tables_->body(body))) {
        fall(body, {round, FallReason::reached, world.family(), {}});
      }
    }
  }

  // Some fallen body alone reaches more, or somebody opens a session to one.
  bool pairwise(unsigned round) {
    for (World* world : tables_->worlds().all()) {
      reached_alone(*world, round);
      if (follows_initiators()) {
        initiators(*world, round);
      }
    }
    return end_round();
  }

  void reached_alone(World& world, unsigned round) {
    const Family family = world.family();
    const IntervalSet senders = united([&](Number body) { return tables_->own(family, body); });
    std::vector<std::optional<bool>> meets;  // by set of origins
    for (Number body = 0; body < tables_->candidates(); ++body) {
      if (may_fall_in(body, world)) {
        const Origins set = tables_->fellers(family, question_->approximation, question_->pivot, body);
        if (meets_set(set, senders, meets)) {
          fall(body, {round, FallReason::reached, family, {}});
        }
      }
    }
  }

  [[nodiscard]] bool follows_initiators() const { return question_->responders_fall_to || question_->outside_counts; }

  // Every body that can open a session to a fallen one.
  void initiators(World& world, unsigned round) {
    const Family family = world.family();
    const auto openers = [&](Number body) { return tables_->openers(family, question_->approximation, body); };
    const IntervalSet opening = united(openers);
    std::vector<std::optional<bool>> meets;
    std::map<Origins, Body> peers;  // by the own origins of who falls
    for (Number body = 0; body < tables_->candidates(); ++body) {
      if (!may_fall(body) || !speaks(body, world) || (!question_->responders_fall_to && !tables_->is_outside(body))) {
        continue;
      }
      const Origins own = tables_->own(family, body);
      if (!meets_set(own, opening, meets)) {
        continue;
      }
      auto peer = peers.find(own);
      if (peer == peers.end()) {
        peer = peers.emplace(own, first_opened(openers, tables_->origins(own))).first;
      }
      fall(body, {round, FallReason::initiated, family, peer->second});
    }
  }

  // The first of the fallen, in the order of bodies, to which some of these origins open sessions.
  template <class Openers>
  [[nodiscard]] Body first_opened(const Openers& openers, const IntervalSet& origins) const {
    std::optional<Body> first;
    std::vector<std::optional<bool>> meets;
    for (const Number body : fallen_) {
      if ((!first || tables_->body(body) < *first) && meets_set(openers(body), origins, meets)) {
        first = tables_->body(body);
      }
    }
    return first.value_or(Body{});
  }

  // Whether the set of that number has something in common with `others`; `meets` remembers the answers.
  [[nodiscard]] bool meets_set(Origins set, const IntervalSet& others, std::vector<std::optional<bool>>& meets) const {
    if (meets.size() <= set) {
      meets.resize(tables_->set_count());
    }
    if (!meets[set]) {
      meets[set] = tables_->origins(set).intersects(others);
    }
    return *meets[set];
  }

  // The union of one set of origins for each fallen body.
  template <class SetOf>
  [[nodiscard]] IntervalSet united(const SetOf& set_of) const {
    std::vector<bool> seen;
    std::vector<Interval> all;
    for (const Number body : fallen_) {
      const Origins set = set_of(body);
      if (seen.size() <= set) {
        seen.resize(tables_->set_count());
      }
      if (!seen[set]) {
        seen[set] = true;
        const std::span<const Interval> intervals = tables_->origins(set).intervals();
        all.insert(all.end(), intervals.begin(), intervals.end());
      }
    }
    return IntervalSet::of(std::move(all));
  }

  void fall(Number body, const FallRecord& record) {
    records_[body] = record;
    // At the level `direct` nobody falls: this is whom the start reaches.
    const bool stays_up = tables_->fate(body) == Fate::is_touched || question_->pivot == Pivot::direct;
    standings_[body] = stays_up ? Standing::touched : Standing::falling;
    if (!stays_up) {
      falling_.push_back(body);
    }
  }

  // Who fell in this round acts from the next one on. True when somebody did.
  bool end_round() {
    for (const Number body : falling_) {
      standings_[body] = Standing::fallen;
    }
    fallen_.insert(fallen_.end(), falling_.begin(), falling_.end());
    return !std::exchange(falling_, {}).empty();
  }

  const ClosureQuestion* question_;
  ClosureTables* tables_;
  const model::Network* network_;
  std::vector<Number> start_;
  std::vector<Number> until_;
  std::vector<Standing> standings_;  // by number
  std::vector<FallRecord> records_;
  std::vector<Number> fallen_;
  std::vector<Number> falling_;
};

}  // namespace

Closure close(const ClosureQuestion& question, ClosureTables& tables) {
  return Closing(question, tables).run();
}

Closure close(const ClosureQuestion& question, const Worlds& worlds) {
  ClosureTables tables(worlds);
  return close(question, tables);
}

}  // namespace segproof::claim
