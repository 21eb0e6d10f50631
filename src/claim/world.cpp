// SPDX-License-Identifier: Apache-2.0
#include "claim/world.h"

#include <algorithm>
#include <iterator>

#include "claim/header_only.h"

namespace segproof::claim {
namespace {

using model::InterfaceId;
using model::NodeId;
using model::SegmentId;
using reach::Behaviour;
using reach::CompiledSegment;
using reach::Sender;

IntervalSet prefixes_of(const model::Segment& segment, Family family) {
  std::vector<Interval> result;
  for (const Prefix& prefix : segment.prefixes) {
    if (prefix.address.family == family) {
      result.push_back(prefix.interval());
    }
  }
  return IntervalSet::of(std::move(result));
}

// What every IPv6 interface has without anybody writing it down.
IntervalSet link_local(Family family) {
  return family == Family::ipv6 ? IntervalSet{Prefix{{Family::ipv6, Bits{0xfe80} << 112U}, 10}.interval()}
                                : IntervalSet{};
}

// A node that tracks connections now may have done so all the time, whether its rules asked for it or not.
void keep_tracking(const std::vector<model::Stage>& now, model::RuleSet& before) {
  const auto is_track = [](const model::Stage& stage) { return stage.kind == model::StageKind::track; };
  if (std::none_of(before.stages.begin(), before.stages.end(), is_track)) {
    std::copy_if(now.begin(), now.end(), std::back_inserter(before.stages), is_track);
  }
}

}  // namespace

bool keeps_earlier_sessions(const model::Network& network) {
  return !network.state_flushed && !(network.previous_rules.empty() && network.earlier_rules.empty());
}

IntervalSet never_a_source(Family family) {
  const auto of = [](std::string_view prefix) { return IntervalSet{parse_prefix(prefix)->interval()}; };
  return family == Family::ipv4 ? of("0.0.0.0/8") | of("127.0.0.0/8") | of("224.0.0.0/3")
                                : of("::/127") | of("ff00::/8");
}

World::World(const model::Network& network, Family family, const reach::ProgramStore* known)
    : network_(&network),
      space_(family),
      compiled_(network, space_, reach::Filters::as_configured, known),
      ground_(std::make_shared<reach::ReplayGround>(network, family)) {}

const World::Senders& World::senders(Spoofing spoofing) {
  const auto [known, inserted] = senders_.try_emplace(spoofing);
  if (inserted) {
    for (std::size_t s = 0; s < network_->segments.size(); ++s) {
      if (compiled_.segment(SegmentId(s)).has_senders) {
        add_segment_senders(known->second, SegmentId(s), spoofing);
      }
    }
    for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
      if (network_->nodes[n].kind == model::NodeKind::device) {
        add_device_sender(known->second, NodeId(n));
      }
    }
    if (leads_outside()) {  // whoever is there sends, too
      known->second.senders.push_back({Bits{known->second.senders.size()} + 1, {{SegmentId{}, space_.all()}}});
      known->second.places.push_back(Place{});
    }
  }
  return known->second;
}

// An interface is wired to nothing, or a next hop is owned by nobody.
bool World::leads_outside() const {
  const bool unwired = std::any_of(network_->interfaces.begin(), network_->interfaces.end(), reach::leads_outside);
  if (unwired) {
    return true;
  }
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    for (const reach::Hop& hop : compiled_.node(NodeId(n)).facts.hops) {
      const SegmentId segment = hop.interface.valid() ? network_->interface(hop.interface).segment : SegmentId{};
      if (!segment.valid() || network_->segment(segment).external || !hop.gateway) {
        continue;
      }
      const auto& attached = network_->segment(segment).attached;
      if (std::none_of(attached.begin(), attached.end(), [&](InterfaceId id) {
            const auto& addresses = network_->interface(id).addresses;
            return std::any_of(addresses.begin(), addresses.end(),
                               [&](const InterfaceAddress& address) { return address.address == *hop.gateway; });
          })) {
        return true;
      }
    }
  }
  return false;
}

// At the levels `any` and `segment` all places of a segment can send the same; at `own` each has its own addresses.
void World::add_segment_senders(Senders& into, SegmentId id, Spoofing spoofing) {
  const model::Segment& segment = network_->segment(id);
  const auto add = [&](const Place& place, PacketSet packets) {
    into.senders.push_back({Bits{into.senders.size()} + 1, {{id, packets}}});
    into.places.push_back(place);
  };
  const auto from = [&](const IntervalSet& addresses) { return space_.where(Field::source, addresses); };
  const auto own = [&](const IntervalSet& addresses) { return from(addresses | link_local(family())); };
  const Place unlisted{PlaceKind::unlisted, {}, id, {}};
  if (spoofing != Spoofing::own) {
    const bool bound = spoofing == Spoofing::segment && !segment.external && drops_foreign_sources(id);
    Place first = unlisted;
    for (const CompiledSegment::Neighbour& neighbour : compiled_.segment(id).neighbours) {
      const model::Interface& interface = network_->interface(neighbour.interface);
      if (network_->node(interface.node).kind == model::NodeKind::host) {
        first = {PlaceKind::interface, neighbour.interface, id, interface.node};
        break;
      }
    }
    add(first, bound ? from(prefixes_of(segment, family())) : space_.all());
    return;
  }
  for (const CompiledSegment::Neighbour& neighbour : compiled_.segment(id).neighbours) {
    const model::Interface& interface = network_->interface(neighbour.interface);
    if (network_->node(interface.node).kind == model::NodeKind::host) {
      const Place place{PlaceKind::interface, neighbour.interface, id, interface.node};
      add(place, own(reach::leaving_sources(compiled_.node(interface.node))));  // of its other interfaces, too
    }
  }
  if (segment.external || !segment.complete) {
    add(unlisted, segment.external ? space_.all() : own(addresses_of(unlisted, *network_)[model::index_of(family())]));
  }
}

// Where a place puts its packets: on its segments, and outside the model where an interface is wired to nothing.
void World::add_places(const Place& place, PacketSet packets, Sender& into) const {
  const auto add = [&](InterfaceId interface) {
    const SegmentId segment = network_->interface(interface).segment;
    if (segment.valid() || reach::leads_outside(network_->interface(interface))) {
      into.places.push_back({segment, packets});
    }
  };
  switch (place.kind) {
    case PlaceKind::interface:
      add(place.interface);
      break;
    case PlaceKind::device:
      for (const InterfaceId interface : network_->node(place.node).interfaces) {
        add(interface);
      }
      break;
    case PlaceKind::unlisted:
    case PlaceKind::unknown:
      into.places.push_back({place.segment, packets});
      break;
  }
}

// A device that has not fallen sends with its own addresses.
void World::add_device_sender(Senders& into, NodeId id) {
  const reach::CompiledNode& node = compiled_.node(id);
  if (node.behaviour == Behaviour::closed) {
    return;
  }
  Sender sender{Bits{into.senders.size()} + 1, {}, id};
  add_places({PlaceKind::device, {}, {}, id}, space_.where(Field::source, reach::leaving_sources(node)), sender);
  into.senders.push_back(std::move(sender));
  into.places.push_back({PlaceKind::device, {}, {}, id});
}

bool World::sends_as(const Place& place, const Place& sender, Spoofing spoofing) const {
  if (place.kind == PlaceKind::device || sender.kind == PlaceKind::device || place.kind == PlaceKind::unknown ||
      spoofing == Spoofing::own) {
    return place == sender;
  }
  return place.segment.valid() && place.segment == sender.segment;
}

IntervalSet World::origins_of(const Resolved& places, Spoofing spoofing) {
  std::vector<Interval> result;
  const Senders& all = senders(spoofing);
  for (std::size_t i = 0; i < all.senders.size(); ++i) {
    const bool ours = std::any_of(places.parts.begin(), places.parts.end(),
                                  [&](const PlacePart& part) { return sends_as(part.place, all.places[i], spoofing); });
    if (ours) {
      result.push_back({all.senders[i].origin, all.senders[i].origin});
    }
  }
  return IntervalSet::of(std::move(result));
}

const reach::Reachability& World::everybody(Approximation approximation, Spoofing spoofing) {
  std::unique_ptr<reach::Reachability>& known = everybody_[{approximation, spoofing}];
  if (!known) {
    reach::FloodOptions options;
    options.approximation = approximation;
    // Origins mean something else at the other levels: there, old sessions count as made by whoever uses them.
    std::vector<reach::FlowTable> old_sessions;
    if (const auto* before = approximation == Approximation::over ? sessions_of_before() : nullptr) {
      for (const reach::FlowTable& table : *before) {
        old_sessions.push_back(spoofing == Spoofing::any ? table : table.of_anyone());
      }
      options.own = &old_sessions;
    }
    known = std::make_unique<reach::Reachability>(compiled_, options, senders(spoofing).senders);
  }
  return *known;
}

// Sessions of the epochs before survive new rules, back to where the connection tables were flushed.
const std::vector<reach::FlowTable>* World::sessions_of_before() {
  if (!asked_before_) {
    asked_before_ = true;
    if (keeps_earlier_sessions(*network_)) {
      flows_before_.resize(network_->nodes.size());
      // The oldest first: each epoch knows the sessions of those before it.
      for (auto rules = network_->earlier_rules.rbegin(); rules != network_->earlier_rules.rend(); ++rules) {
        add_sessions_of(*rules);
      }
      add_sessions_of(network_->previous_rules);
    }
  }
  return flows_before_.empty() ? nullptr : &flows_before_;
}

void World::add_sessions_of(const std::map<std::string, model::RuleSet>& rules_by_node) {
  model::Network& network = *before_.emplace_back(std::make_unique<model::Network>(*network_));
  for (model::Node& node : network.nodes) {
    if (const auto rules = rules_by_node.find(node.name); rules != rules_by_node.end()) {
      const std::vector<model::Stage> now = std::move(node.rules.stages);
      node.rules = rules->second;
      keep_tracking(now, node.rules);
    }
  }
  const reach::CompiledNetwork& compiled =
      *compiled_before_.emplace_back(std::make_unique<reach::CompiledNetwork>(network, space_));
  reach::FloodOptions options;
  options.own = &flows_before_;
  reach::Flood flood(compiled, options);
  flood.run(reach::sources_of(senders(Spoofing::any).senders, compiled));
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    flows_before_[n].add_all(flood.flows(NodeId(n)), compiled_before_.size());
  }
}

std::vector<reach::FlowTable> World::flows_of_members(const reach::Reachability& all,
                                                      const std::vector<Place>& members) {
  Resolved places;
  for (const Place& member : members) {
    places.parts.push_back({member, true, {}});
  }
  const PacketSet ours = space_.where(Field::origin, origins_of(places, Spoofing::any));
  const auto renumbered = [&](PacketSet packets) {
    return (packets & ours).assign(Field::origin, IntervalSet::single(joint_origin));
  };
  std::vector<reach::FlowTable> result(network_->nodes.size());
  for (std::size_t n = 0; n < result.size(); ++n) {
    result[n] = all.all().flows(NodeId(n)).with_origins(renumbered, compiled_.headers());
  }
  return result;
}

// The places as one, who may send anything.
Sender World::one_sender(const std::vector<Place>& members) {
  Sender sender{joint_origin, {}};
  for (const Place& member : members) {
    add_places(member, space_.all(), sender);
  }
  return sender;
}

// Who may send as it likes sends like everybody else on its segment: one place stands for all of them.
World::Joint World::by_segment(const Joint& joint) const {
  Joint result{{}, joint.approximation};
  for (const Place& member : joint.members) {
    const bool is_like_others = member.kind == PlaceKind::interface && member.segment.valid() &&
                                network_->interface(member.interface).segment == member.segment;
    result.members.push_back(is_like_others ? Place{PlaceKind::unlisted, {}, member.segment, {}} : member);
  }
  std::sort(result.members.begin(), result.members.end());
  result.members.erase(std::unique(result.members.begin(), result.members.end()), result.members.end());
  return result;
}

const reach::Reachability& World::jointly(const Joint& given) {
  const Joint joint = by_segment(given);
  std::unique_ptr<reach::Reachability>& known = joints_[joint];
  if (!known) {
    const reach::Reachability& all = everybody(joint.approximation, Spoofing::any);
    const Sender sender = one_sender(joint.members);
    const std::vector<reach::FlowTable> own = flows_of_members(all, joint.members);
    reach::FloodOptions options;
    options.approximation = joint.approximation;
    options.own = &own;
    options.anyone = &all.all().flows_of_anyone();
    known = std::make_unique<reach::Reachability>(compiled_, options, std::span<const Sender>(&sender, 1));
  }
  return *known;
}

std::vector<Sender::At> World::through_own_rules(const Place& place, Approximation approximation) {
  std::vector<Sender::At> result;
  const reach::CompiledNode& node = compiled_.node(place.node);
  if (node.behaviour != Behaviour::working) {
    if (place.segment.valid()) {
      result.push_back({place.segment, space_.all()});
    }
    return result;
  }
  const reach::FlowTable none;
  reach::NodePass pass(compiled_, place.node, approximation, none, none);
  const std::vector<PacketSet> leaving = pass.originate(compiled_.headers().set_role(space_.valid(), reach::Role::own));
  for (std::size_t hop = 0; hop < leaving.size(); ++hop) {
    const InterfaceId interface = node.facts.hops[hop].interface;
    const SegmentId segment = interface.valid() ? network_->interface(interface).segment : SegmentId{};
    if (segment.valid() && (place.kind == PlaceKind::device || segment == place.segment)) {
      result.push_back({segment, leaving[hop]});
    }
  }
  return result;
}

std::unique_ptr<reach::Reachability> World::especially(const Special& special, Approximation approximation) {
  const reach::Reachability& all = everybody(approximation, special.spoofing);
  std::vector<Sender> chosen;
  reach::FloodOptions options;
  options.approximation = approximation;
  options.anyone = &all.all().flows_of_anyone();
  options.removed_nodes = special.removed.nodes;
  options.removed_segments = special.removed.segments;
  options.own_sessions = special.own_sessions;
  std::vector<reach::FlowTable> old_sessions;
  if (special.together && !special.through_own_rules) {
    old_sessions = flows_of_members(all, special.members);
    options.own = &old_sessions;
    chosen.push_back(one_sender(special.members));
  } else if (special.through_own_rules) {
    if (const auto* before = approximation == Approximation::over ? sessions_of_before() : nullptr) {
      for (const reach::FlowTable& table : *before) {
        old_sessions.push_back(table.of_anyone());
      }
      options.own = &old_sessions;
    }
    for (const Place& member : special.members) {
      const bool is_node = member.kind == PlaceKind::interface || member.kind == PlaceKind::device;
      const IntervalSet origins = special.together        ? IntervalSet::single(joint_origin)
                                  : special.known_origins ? origins_of({{{member, true, {}}}, {}}, special.spoofing)
                                                          : IntervalSet::single(Bits{chosen.size()} + 1);
      if (!origins.is_empty()) {
        chosen.push_back({origins.min(), is_node ? through_own_rules(member, approximation)
                                                 : std::vector<Sender::At>{{member.segment, space_.all()}}});
      }
    }
  } else {
    options.own = &all.all().flows();
    const Senders& known = senders(special.spoofing);
    for (std::size_t i = 0; i < known.senders.size(); ++i) {
      const bool ours = std::any_of(special.members.begin(), special.members.end(), [&](const Place& place) {
        return sends_as(place, known.places[i], special.spoofing);
      });
      if (ours) {
        chosen.push_back(known.senders[i]);
        if (known.places[i].kind == PlaceKind::device && special.spoofing != Spoofing::own && !special.honest_devices) {
          for (Sender::At& at : chosen.back().places) {
            at.packets = space_.all();  // a device that is asked about sends like any other place
          }
        }
      }
    }
  }
  for (Sender& sender : chosen) {
    for (Sender::At& at : sender.places) {
      at.packets = special.only ? at.packets & *special.only : at.packets;
    }
  }
  return std::make_unique<reach::Reachability>(compiled_, options, chosen);
}

// Packets that every node of the place's segment takes, directed broadcasts included.
PacketSet World::to_everyone_at(const Place& place) {
  std::vector<Interval> last;
  const auto add = [&](const Prefix& prefix) {
    if (prefix.address.family == Family::ipv4 && family() == Family::ipv4 && prefix.length < 31) {
      last.push_back({prefix.last(), prefix.last()});
    }
  };
  if (place.segment.valid()) {
    for (const Prefix& prefix : network_->segment(place.segment).prefixes) {
      add(prefix);
    }
  }
  if (place.interface.valid()) {
    for (const InterfaceAddress& address : network_->interface(place.interface).addresses) {
      add(address.prefix);
    }
  }
  return compiled_.to_everyone() | space_.where(Field::destination, IntervalSet::of(std::move(last)));
}

PacketSet World::at(const reach::Reachability& reachability, const PlacePart& part, Traffic traffic) {
  const Place& place = part.place;
  PacketSet packets = space_.none();
  switch (place.kind) {
    case PlaceKind::interface:
    case PlaceKind::device:
      packets = traffic == Traffic::sessions ? reachability.fresh(place.node) : reachability.any(place.node);
      break;
    case PlaceKind::unlisted:
      packets = traffic == Traffic::sessions ? reachability.fresh_unlisted(place.segment)
                                             : reachability.any_unlisted(place.segment);
      break;
    case PlaceKind::unknown:
      packets = reachability.all().at_unknown();
      break;
  }
  const bool several = place.kind == PlaceKind::interface && network_->node(place.node).interfaces.size() > 1;
  if (!part.whole || several) {
    const PacketSet addressed = space_.where(Field::destination, part.addresses[model::index_of(family())]);
    packets &= addressed | to_everyone_at(place);
  }
  if (traffic == Traffic::not_replies) {
    packets -= compiled_.headers().with_role(reach::Role::foreign);
  }
  return packets;
}

const std::vector<reach::DropPoint>& World::drops_at(NodeId node, PacketSet packets) {
  const auto [known, is_new] = drops_.try_emplace({node, packets.root()});
  if (is_new) {
    known->second = everybody(Approximation::over, Spoofing::any).all().explain(node, packets).drops;
  }
  return known->second;
}

PacketSet World::to_directed_broadcast() {
  IntervalSet addresses;
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    addresses = addresses | compiled_.node(NodeId(n)).facts.directed_broadcast;
  }
  return space_.where(Field::destination, addresses);
}

const std::vector<World::Translation>& World::translations() {
  if (translations_) {
    return *translations_;
  }
  translations_.emplace();
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    for (const auto& hook : compiled_.node(NodeId(n)).stages) {
      for (const reach::CompiledStage& stage : hook) {
        for (const reach::Outcome& outcome : stage.program.outcomes) {
          if (outcome.end == reach::End::translate) {
            translations_->push_back({&stage.program.rewrites[outcome.rewrite], headers_only(outcome.may)});
          }
        }
      }
    }
  }
  return *translations_;
}

PacketSet World::perhaps_of_own_sessions() {
  PacketSet result = compiled_.headers().icmp_errors();
  if (family() == Family::ipv4) {
    return result;
  }
  if (!compiled_.keeps_headers()) {
    return space_.all();
  }
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    if (compiled_.node(NodeId(n)).tracks) {
      result |= space_.where(Field::source, compiled_.node(NodeId(n)).facts.own);
    }
  }
  return result;
}

bool World::tracks_somewhere() const {
  return std::any_of(network_->nodes.begin(), network_->nodes.end(), [](const model::Node& node) {
    return std::any_of(node.rules.stages.begin(), node.rules.stages.end(),
                       [](const model::Stage& stage) { return stage.kind == model::StageKind::track; });
  });
}

bool World::drops_foreign_sources(SegmentId id) {
  if (const auto known = drops_foreign_.find(id); known != drops_foreign_.end()) {
    return known->second;
  }
  const PacketSet foreign =
      space_.where(Field::source, prefixes_of(network_->segment(id), family())).complement() & space_.valid();
  const auto& neighbours = compiled_.segment(id).neighbours;
  const bool result =
      std::none_of(neighbours.begin(), neighbours.end(), [&](const CompiledSegment::Neighbour& neighbour) {
        return !neighbour.is_leaf && passes_on(neighbour.interface, foreign);
      });
  drops_foreign_[id] = result;
  return result;
}

bool World::passes_on(InterfaceId interface, PacketSet packets) {
  const reach::CompiledNode& compiled = compiled_.node(network_->interface(interface).node);
  if (compiled.behaviour == Behaviour::closed || compiled.behaviour == Behaviour::leaf) {
    return false;
  }
  if (compiled.behaviour == Behaviour::open || compiled.passes_freely) {
    return true;
  }
  const reach::PassResult passed = pass_at(interface, packets, Approximation::over);
  return !passed.copies.empty() || !(passed.delivered - compiled_.to_everyone()).is_empty() ||
         std::any_of(passed.leaving.begin(), passed.leaving.end(),
                     [](PacketSet leaving) { return !leaving.is_empty(); });
}

reach::PassResult World::pass_at(InterfaceId interface, PacketSet packets, Approximation approximation) {
  const NodeId node = network_->interface(interface).node;
  const reach::FlowTable none;
  reach::NodePass pass(compiled_, node, approximation, none,
                       everybody(approximation, Spoofing::any).all().flows_of_anyone(node));
  const PacketSet arriving = packets & space_.where(Field::origin, joint_origin) &
                             space_.where(Field::ingress, compiled_.node(node).facts.ingress_of(interface));
  return pass.run(compiled_.headers().set_role(arriving, reach::Role::own));
}

std::optional<Packet> World::lets_in(InterfaceId interface, PacketSet packets, Approximation approximation) {
  const reach::CompiledNode& compiled = compiled_.node(network_->interface(interface).node);
  if (compiled.behaviour == Behaviour::closed || compiled.behaviour == Behaviour::leaf ||
      !network_->interface(interface).is_up) {
    return std::nullopt;
  }
  if (approximation == Approximation::under) {
    packets -= space_.where(Field::source, never_a_source(family()));
  }
  if (compiled.behaviour == Behaviour::open || (compiled.passes_freely && approximation == Approximation::over)) {
    return approximation == Approximation::over ? packets.pick() : std::nullopt;
  }
  const reach::PassResult passed = pass_at(interface, packets, approximation);
  // A host on the segment is no way in for what it takes itself.
  const bool is_device = network_->node(network_->interface(interface).node).kind == model::NodeKind::device;
  PacketSet in = is_device ? passed.delivered - compiled_.to_everyone() : space_.none();
  for (const PacketSet leaving : passed.leaving) {
    in |= leaving;
  }
  const std::vector<PacketSet::Preference> telling{{Field::state, {{0, 0}}},
                                                   {Field::protocol, {{17, 17}, {6, 6}}},
                                                   {Field::tcp_flags, {{2, 2}}},
                                                   {Field::fragment, {{0, 0}}}};
  return in.pick(telling);
}

}  // namespace segproof::claim
