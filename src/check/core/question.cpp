// SPDX-License-Identifier: Apache-2.0
#include "check/core/question.h"

#include <algorithm>

#include "check/core/containment.h"

namespace check {
namespace {

std::vector<Place> keys(const Places& places) {
  std::vector<Place> result;
  for (const auto& [place, part] : places) {
    result.push_back(place);
  }
  return result;
}

SetId flag_set(Sets& sets, unsigned telling) {
  Ranges bytes;
  add_flag_bytes(telling, bytes);
  return sets.of(flags, std::move(bytes));
}

// Destinations that stand for all hosts of a segment: nobody answers a first packet to them. An address that is the
// last one of somebody's prefix may be the address of somebody else.
SetId to_all_hosts(const Surroundings& world) {
  Sets& sets = world.sets();
  SetId broadcast = no_value;
  SetId owned = no_value;
  for (std::size_t n = 0; n < world.network().nodes.size(); ++n) {
    broadcast = sets.join(destination, broadcast, world.facts(n).directed_broadcast);
    owned = sets.join(destination, owned, world.facts(n).own);
  }
  for (const Segment& segment : world.network().segments) {
    for (const Prefix& prefix : segment.prefixes) {
      const Range range = prefix.range();
      if (prefix.address.family == sets.family() && range.low != range.high) {
        owned = sets.join(destination, owned, sets.of(destination, {{range.low, range.high - 1}}));
      }
    }
  }
  const SetId many =
      sets.family() == Family::ipv4 ? world.link_only() : sets.of(destination, {{Value{0xff} << 120U, ~Value{0}}});
  return sets.join(destination, sets.without(destination, broadcast, owned), many);
}

// Boxes of headers that an entry of a list names, delivered to that place.
std::vector<Box> boxes_of(const std::vector<Allowed>& list, const Place& place, const Question& question,
                          const Surroundings& world) {
  Sets& sets = world.sets();
  std::vector<Box> result;
  for (const Allowed& entry : list) {
    Box box{};
    if (entry.is_expired) {
      continue;
    }
    if (entry.protocol) {
      box[protocol] = sets.single(protocol, *entry.protocol);
    }
    box[dport] = sets.of(dport, entry.ports);
    if (box[dport] != any_value) {
      box[fragment] = sets.single(fragment, 0);
    }
    if (!entry.to.empty()) {
      const Places to = places_of(world, entry.to);
      const auto listed = to.find(place);
      if (listed == to.end()) {
        continue;
      }
      if (!listed->second.is_whole) {
        box[destination] = listed->second.addresses;
      }
    }
    if (!entry.from.empty()) {  // every sender of the question must be named
      const Places from = places_of(world, entry.from);
      if (std::any_of(question.senders.begin(), question.senders.end(), [&](const Place& sender) {
            const auto named = from.find(sender);
            return named == from.end() || (!named->second.is_whole && !question.is_sure);
          })) {
        continue;
      }
    }
    result.push_back(box);
  }
  return result;
}

// The destinations under which packets for a part of a place get to it.
SetId meant_by(const Place& place, const Part& part, const Surroundings& world) {
  Sets& sets = world.sets();
  Ranges last;
  const auto add = [&](const std::vector<Prefix>& prefixes) {
    for (const Prefix& prefix : prefixes) {
      if (prefix.address.family == Family::ipv4 && sets.family() == Family::ipv4 && prefix.length < 31) {
        last.push_back({prefix.range().high, prefix.range().high});
      }
    }
  };
  if (place.kind == Place::Kind::interface) {
    const Interface& interface = world.network().nodes[place.node].interfaces[place.number];
    add(interface.connected);
    add(interface.segment ? world.network().segments[*interface.segment].prefixes : std::vector<Prefix>{});
  } else if (place.kind == Place::Kind::unlisted) {
    add(world.network().segments[place.number].prefixes);
  }
  const SetId broadcast = sets.join(destination, world.link_only(), sets.of(destination, std::move(last)));
  return sets.join(destination, part.addresses, broadcast);
}

// Of packets that the lists of the claim do not let through, those of the kind of traffic that it forbids.
void sort_out(const Question& question, const Surroundings& world, const Asker& asker, Passage packets,
              Forbidden& into) {
  Sets& sets = world.sets();
  if (question.traffic == Traffic::any) {
    into.packets.push_back(std::move(packets));
    return;
  }
  if (question.traffic == Traffic::not_replies) {
    if (asker.keep(packets, role, sets.without(role, any_value, sets.single(role, foreign_role)))) {
      into.packets.push_back(std::move(packets));
    }
    return;
  }
  if (!asker.keep(packets, role, sets.single(role, own_role)) ||
      !asker.keep(packets, fragment, sets.single(fragment, 0))) {
    return;
  }
  const SetId tcp = sets.single(protocol, 6);
  Passage other = packets;
  if (asker.keep(other, protocol, sets.without(protocol, any_value, tcp))) {
    into.packets.push_back(std::move(other));
  }
  if (asker.keep(packets, protocol, tcp) && asker.keep(packets, flags, flag_set(sets, syn)) &&
      asker.keep(packets, destination, sets.without(destination, any_value, to_all_hosts(world)))) {
    into.openings.push_back(std::move(packets));
  }
}

// `packets` cut down to what the question forbids the place.
enum class Addressed : std::uint8_t { to_itself, to_anybody };

void judge(const Question& question, const Surroundings& world, const Place& place, Passage packets, Forbidden& into,
           Addressed addressed = Addressed::to_itself) {
  const auto target = question.targets.find(place);
  if (target == question.targets.end()) {
    return;
  }
  const Asker asker(world, place.kind == Place::Kind::unlisted ? 0 : place.node);
  const bool several = place.kind == Place::Kind::interface && world.network().nodes[place.node].interfaces.size() > 1;
  if (addressed == Addressed::to_itself && (!target->second.is_whole || several) &&
      !asker.keep(packets, destination,
                  question.is_sure ? target->second.addresses : meant_by(place, target->second, world))) {
    return;
  }
  std::vector<Passage> parts{packets};
  if (question.counted) {
    parts.clear();
    for (const Box& box : boxes_of(*question.counted, place, question, world)) {
      Passage part = packets;
      bool is_left = true;
      for (std::size_t f = 0; f < field_count && is_left; ++f) {
        is_left = asker.keep(part, static_cast<Field>(f), box[f]);
      }
      if (is_left) {
        parts.push_back(std::move(part));
      }
    }
  }
  const std::vector<Box> allowed = boxes_of(question.allowed, place, question, world);
  for (const Passage& part : parts) {
    for (Passage& left : escaping(world.sets(), part, allowed)) {
      sort_out(question, world, asker, std::move(left), into);
    }
  }
}

}  // namespace

std::vector<std::vector<Place>> groups_of(const std::vector<Place>& senders, const Network& network) {
  std::vector<std::vector<Place>> result;
  const auto key = [&](const Place& place) { return segments_of(place, network); };
  for (const Place& place : senders) {
    const bool is_done = std::any_of(result.begin(), result.end(), [&](const auto& group) {
      return std::find(group.begin(), group.end(), place) != group.end();
    });
    if (is_done) {
      continue;
    }
    std::vector<Place>& group = result.emplace_back();
    for (const Place& other : senders) {
      const bool same_node =
          place.kind == Place::Kind::interface && other.kind == place.kind && other.node == place.node;
      const bool same_segment = place.kind != Place::Kind::device && other.kind != Place::Kind::device &&
                                place.kind != Place::Kind::outside && key(other) == key(place);
      if (other == place || same_node || same_segment) {
        group.push_back(other);
      }
    }
    // With one interface of a host come its others.
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (const Place& other : senders) {
        if (group[i].kind == Place::Kind::interface && other.kind == Place::Kind::interface &&
            other.node == group[i].node && std::find(group.begin(), group.end(), other) == group.end()) {
          group.push_back(other);
        }
      }
    }
    std::sort(group.begin(), group.end());
  }
  return result;
}

void check_kind(const Claim& claim, bool is_refuted) {
  static constexpr std::array<std::string_view, 9> kinds{
      "isolated",  "isolated-both-ways", "detached",    "no-new-sessions", "only", "no-direct-exfiltration",
      "contained", "no-exfiltration",    "anti-spoofed"};
  const bool is_of_compromise = claim.kind == "contained" || claim.kind == "no-exfiltration";
  const bool by_services = claim.pivot == "listening" || claim.pivot == "vulnerable";
  const bool is_kind =
      std::find(kinds.begin(), kinds.end(), claim.kind) != kinds.end() || (is_refuted && claim.kind == "via");
  const bool is_bounded = (is_of_compromise && (claim.hops || by_services)) || claim.spoofing != "any";
  if (!is_kind || (!is_refuted && is_bounded) || claim.trusts_source_host || claim.is_as_sent) {
    throw Rejected("a claim of this kind, or with these keys, has no certificate yet");
  }
}

std::vector<Question> questions_of(const Claim& claim, const Surroundings& world, const Places& fallen) {
  if (claim.kind == "contained" || claim.kind == "no-exfiltration") {
    return containment(claim, world, fallen);
  }
  if (!fallen.empty()) {
    throw Rejected("nobody falls in a claim of this kind");
  }
  if (claim.kind == "anti-spoofed") {
    return {};
  }
  Places from = places_of(world, claim.kind == "detached" ? claim.hosts : claim.from);
  Places to = claim.kind == "detached"                 ? others(all_places(world), from)
              : claim.kind == "no-direct-exfiltration" ? external_places(world)
                                                       : places_of(world, claim.to);
  if (claim.kind == "detached") {
    to.emplace(Place{}, Part{});
  }
  const auto sending = [&](const Places& places) {  // where the family is off, a device sends nothing
    std::vector<Place> result = keys(places);
    std::erase_if(result, [&](const Place& place) {
      return place.kind == Place::Kind::device && world.facts(place.node).behaviour == Behaviour::closed;
    });
    return result;
  };
  Question there{sending(from), to, Traffic::any, false, false, false, {}, std::nullopt};
  Question back{sending(to), from, Traffic::any, false, false, false, {}, std::nullopt};
  if (claim.kind == "isolated" || claim.kind == "via") {
    return {there};
  }
  if (claim.kind == "isolated-both-ways") {
    return {there, back};
  }
  if (claim.kind == "detached") {
    there.allowed = back.allowed = claim.except;
    back.devices_are_themselves = true;
    return {there, back};
  }
  there.traffic = back.traffic = Traffic::sessions;
  if (claim.kind == "no-direct-exfiltration") {
    return {there, back};
  }
  if (claim.kind == "only") {
    there.allowed = claim.services;
    return {there};
  }
  if (!claim.services.empty()) {
    there.counted = claim.services;
    for (Allowed& entry : *there.counted) {
      entry.from.clear();
      entry.to.clear();
      entry.is_expired = false;
    }
  }
  return {there};
}

namespace {

// Its own addresses, and those that it translates to.
SetId sources_of(std::size_t node, const Surroundings& world) {
  SetId result = world.facts(node).own;
  for (const std::vector<Rule>& chain : world.rules(node).chains) {
    for (const Rule& rule : chain) {
      if (rule.action.kind == Action::Kind::translate && rule.action.endpoint == source && rule.action.addresses) {
        result = world.sets().join(source, result, world.sets().of(source, *rule.action.addresses));
      }
    }
  }
  return result;
}

void send_from_device(std::size_t node, const Surroundings& world, Spread& spread) {
  Passage packets;
  packets.box[role] = world.sets().single(role, own_role);
  packets.box[source] = sources_of(node, world);
  for (const Interface& interface : world.network().nodes[node].interfaces) {
    if (packets.box[source] == no_value) {
      return;
    }
    if (interface.segment) {
      spread.send(*interface.segment, packets);
    } else if (Surroundings::leads_outside(interface)) {
      spread.send_outside(packets);
    }
  }
}

}  // namespace

Place sending(const Question& question, Place place) {
  if (place.kind == Place::Kind::interface && question.traffic != Traffic::any) {
    place.kind = Place::Kind::device;
  }
  return place;
}

void send_all(const Question& question, const Surroundings& world, Spread& spread) {
  Passage anything;
  anything.box[role] = world.sets().single(role, own_role);
  for (const Place& sender : question.senders) {
    if (question.devices_are_themselves && sender.kind == Place::Kind::device) {
      send_from_device(sender.node, world, spread);
      continue;
    }
    const Place place = sending(question, sender);
    for (const std::size_t segment : segments_of(place, world.network())) {
      spread.send(segment, anything);
    }
    bool is_outside = place.kind == Place::Kind::outside && world.has_outside();
    if (place.kind == Place::Kind::interface || place.kind == Place::Kind::device) {
      const auto& interfaces = world.network().nodes[place.node].interfaces;
      for (std::size_t i = 0; i < interfaces.size(); ++i) {
        const bool is_meant = place.kind == Place::Kind::device || place.number == i;
        is_outside = is_outside || (is_meant && Surroundings::leads_outside(interfaces[i]));
      }
    }
    if (is_outside) {
      spread.send_outside(anything);
    }
  }
}

void send_from_everybody(const Surroundings& world, Spread& spread) {
  const Places all = all_places(world);
  std::vector<Place> hosts;
  for (const auto& [place, part] : all) {
    if (place.kind != Place::Kind::device) {
      hosts.push_back(place);
    }
  }
  const auto& nodes = world.network().nodes;
  hosts.emplace_back();
  send_all({hosts, {}, Traffic::any, false, false, false, {}, std::nullopt}, world, spread);
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    if (nodes[n].is_device && world.facts(n).behaviour != Behaviour::closed) {
      send_from_device(n, world, spread);
    }
  }
}

Forbidden forbidden_at_node(const Question& question, const Surroundings& world, std::size_t node,
                            const Passage& packets) {
  Forbidden result;
  judge(question, world, {Place::Kind::device, node, 0}, packets, result);
  for (std::size_t i = 0; i < world.network().nodes[node].interfaces.size(); ++i) {
    judge(question, world, {Place::Kind::interface, node, i}, packets, result);
  }
  return result;
}

Forbids surely_forbidden(Question question, const Surroundings& world, const Place& place, const Passage& packets) {
  question.is_sure = true;
  Forbidden result;
  if (place.kind == Place::Kind::unlisted) {
    judge(question, world, place, packets, result);
  } else {
    result = forbidden_at_node(question, world, place.node, packets);
  }
  const auto is_all = [&](const Passage& part) { return header_of(part) == header_of(packets); };
  return std::any_of(result.packets.begin(), result.packets.end(), is_all)     ? Forbids::packets
         : std::any_of(result.openings.begin(), result.openings.end(), is_all) ? Forbids::openings
                                                                               : Forbids::nothing;
}

Forbidden forbidden_on_segment(const Question& question, const Surroundings& world, std::size_t segment, const Box& row,
                               std::vector<std::pair<Place, Passage>>& openings) {
  Forbidden result;
  Sets& sets = world.sets();
  const auto ask = [&](const Place& place, SetId taken) {
    Passage packets;
    packets.box = row;
    packets.box[destination] = sets.meet(row[destination], taken);
    Forbidden here;
    if (packets.box[destination] != no_value) {
      judge(question, world, place, packets, here);
    }
    result.packets.insert(result.packets.end(), here.packets.begin(), here.packets.end());
    for (const Passage& opening : here.openings) {
      openings.emplace_back(place, opening);
    }
  };
  if (world.unlisted(segment) != no_value) {
    ask({Place::Kind::unlisted, 0, segment}, sets.join(destination, world.unlisted(segment), world.link_only()));
  }
  for (std::size_t n = 0; n < world.network().nodes.size(); ++n) {
    const auto& interfaces = world.network().nodes[n].interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
      const bool is_here = interfaces[i].segment == segment && interfaces[i].is_up;
      if (is_here && world.facts(n).behaviour == Behaviour::leaf) {
        for (std::size_t any = 0; any < interfaces.size(); ++any) {  // it takes packets for its other addresses, too
          ask({Place::Kind::interface, n, any}, world.taken(n, segment));
        }
      }
    }
  }
  return result;
}

Forbidden forbidden_outside(const Question& question, const Surroundings& world, const Box& row) {
  Passage packets;
  packets.box = row;
  Forbidden result;
  judge(question, world, {}, packets, result);
  return result;
}

// It forwards as it likes and answers in anybody's name: what others send through it counts like what is for itself.
Forbidden forbidden_arrival(const Question& question, const Surroundings& world, const Spot& spot, const Box& row) {
  Passage packets;
  packets.box = row;
  Question anything = question;
  for (auto& [place, part] : anything.targets) {
    part.is_whole = true;
  }
  Forbidden result;
  judge(anything, world, {Place::Kind::device, spot.node, 0}, packets, result);
  judge(anything, world, {Place::Kind::interface, spot.node, spot.number}, packets, result, Addressed::to_anybody);
  return result;
}

void answer(const Question& question, const Place& place, const Passage& opening, const Surroundings& world,
            Spread& spread) {
  Sets& sets = world.sets();
  const auto send = [&](const Box& header) {
    Passage reply;
    reply.box[protocol] = header[protocol];
    reply.box[source] = header[destination];
    reply.box[destination] = header[source];
    reply.box[sport] = header[dport];
    reply.box[dport] = header[sport];
    reply.box[flags] = flag_set(sets, syn | ack);
    reply.box[fragment] = sets.single(fragment, 0);
    reply.box[role] = sets.single(role, own_role);
    Place sender = place;
    std::vector<std::size_t> segments = segments_of(place, world.network());
    if (place.kind == Place::Kind::interface) {  // by whichever of its interfaces its routes say
      sender.kind = Place::Kind::device;
      segments = segments_of(sender, world.network());
    }
    if (question.targets_fell) {  // the fallen answer for each other
      for (const auto& [other, part] : question.targets) {
        const std::vector<std::size_t> more = segments_of(other, world.network());
        segments.insert(segments.end(), more.begin(), more.end());
      }
      std::sort(segments.begin(), segments.end());
      segments.erase(std::unique(segments.begin(), segments.end()), segments.end());
    }
    for (const std::size_t segment : segments) {
      spread.send(segment, reply);
    }
  };
  send(header_of(opening));
  send(opening.box);  // its answer leaves with the address that was asked
}

bool completes(const Question& question, const Surroundings& world, const Spot& spot, const Box& row) {
  Sets& sets = world.sets();
  const bool is_here = std::any_of(question.senders.begin(), question.senders.end(), [&](const Place& sender) {
    const Place place = sending(question, sender);
    if (spot.kind == Spot::Kind::interface) {
      const bool is_node = place.kind == Place::Kind::interface || place.kind == Place::Kind::device;
      return is_node && place.node == spot.node && (place.kind == Place::Kind::device || place.number == spot.number);
    }
    const std::vector<std::size_t> segments = segments_of(place, world.network());
    return spot.kind == Spot::Kind::segment &&
           std::find(segments.begin(), segments.end(), spot.number) != segments.end();
  });
  return is_here && sets.meet(row[role], sets.single(role, own_role)) != no_value &&
         sets.meet(row[flags], flag_set(sets, syn | ack)) != no_value &&
         sets.meet(row[protocol], sets.single(protocol, 6)) != no_value;
}

}  // namespace check
