// SPDX-License-Identifier: Apache-2.0
#include "agree/cisco/translations.h"

#include <algorithm>

#include "agree/cisco/places.h"

namespace segproof::agree {
namespace {

bool fits(const std::optional<Kind>& kind, const Header& packet, bool turned) {
  if (!kind)
    return true;
  if (kind->protocol != -1 && kind->protocol != packet.protocol)
    return false;
  return (turned ? kind->destination : kind->source).holds(packet.source_port) &&
         (turned ? kind->source : kind->destination).holds(packet.destination_port);
}

std::optional<std::uint16_t> only_port(const Ports& ports) {
  if (!ports.limited || ports.ranges.size() != 1 || ports.ranges[0].low != ports.ranges[0].high)
    return std::nullopt;
  return static_cast<std::uint16_t>(ports.ranges[0].low);
}

Answer all_of(std::initializer_list<Answer> answers) {
  Answer result = Answer::yes;
  for (const Answer answer : answers) {
    if (answer == Answer::no)
      return answer;
    if (answer == Answer::unclear)
      result = answer;
  }
  return result;
}

// One direction of one rule: which destinations become which.
struct Side {
  bool counts = false;
  Places seen, becomes;
  Places peers;
  std::optional<Kind> kind, later;
  bool turned = false;
};

// True when the rule, or perhaps the rule, is the one that decides.
bool decides(const Translation& rule, const Side& side, const Header& packet, Arrived& arrived) {
  if (!side.counts || !fits(side.kind, packet, side.turned))
    return false;
  const Answer matches = all_of({side.seen.holds(packet.destination), side.peers.holds(packet.source)});
  if (matches == Answer::no)
    return false;
  const auto changed = mapped(side.seen, side.becomes, packet.destination);
  if (matches == Answer::unclear || rule.unclear || !changed) {
    arrived.unclear = true;
    return true;
  }
  arrived.translated = *changed != packet.destination;
  arrived.header.destination = *changed;
  const auto port = side.later ? only_port(side.turned ? side.later->source : side.later->destination) : std::nullopt;
  if (port && side.kind && only_port(side.turned ? side.kind->source : side.kind->destination))
    arrived.header.destination_port = *port;
  return true;
}

}  // namespace

Arrived arrive(const Text& text, const Header& packet, const Level& in) {
  Arrived arrived{false, false, packet};
  for (const Translation& rule : text.translations) {
    const bool may_come_mapped = text.firewall ? rule.mapped.empty() || rule.mapped == in.name : in.nat_outside;
    const Side inward{rule.is_static && !rule.one_way && may_come_mapped,
                      rule.to_interface ? only(in.address) : rule.to,
                      rule.from,
                      rule.truth,
                      rule.mapped_kind,
                      rule.real_kind,
                      true};
    const Side outward{rule.turns_destination && (rule.real.empty() || rule.real == in.name),
                       rule.shown_interface ? only(in.address) : rule.shown,
                       rule.truth,
                       rule.from,
                       rule.real_kind,
                       rule.mapped_kind,
                       false};
    const bool goes_out = decides(rule, outward, packet, arrived);
    if (goes_out || decides(rule, inward, packet, arrived)) {
      arrived.rule = &rule;
      arrived.from_mapped_side = !goes_out;
      break;
    }
  }
  return arrived;
}

namespace {

constexpr Range every_port{0, 65535};

// The source of a packet from the real side of a rule.
Left turned_by(const Translation& rule, const Header& packet, const Level& out) {
  Left left{rule.unclear, {packet.source, packet.source}, {packet.source_port, packet.source_port}};
  if (rule.shares)
    left.port = every_port;
  const Places to = rule.to_interface ? only(out.address) : rule.to;
  if (rule.to_interface && out.address == 0) {
    left.unclear = true;
  } else if (rule.is_static) {
    const auto changed = mapped(rule.from, to, packet.source);
    left.unclear = left.unclear || !changed;
    left.source = {changed.value_or(0), changed.value_or(0)};
  } else {
    const auto all = runs(to);
    left.unclear = left.unclear || !all || all->size() != 1;
    if (all && !all->empty())
      left.source = all->front();
  }
  const auto before = rule.real_kind ? only_port(rule.real_kind->source) : std::nullopt;
  const auto after = rule.mapped_kind ? only_port(rule.mapped_kind->source) : std::nullopt;
  if (before && after)
    left.port = {*after, *after};
  return left;
}

// Whether a rule that leaves destinations alone takes a packet from its real side.
Answer takes(const Text& text, const Translation& rule, const Header& packet, const Level& in, const Level& out) {
  if (rule.turns_destination)
    return Answer::no;
  if (text.firewall) {
    if ((!rule.real.empty() && rule.real != in.name) || (!rule.mapped.empty() && rule.mapped != out.name))
      return Answer::no;
  } else if (!in.nat_inside || !out.nat_outside) {
    return Answer::no;
  }
  if (!rule.list.empty()) {
    const Fate fate = ask(text, rule.list, packet, Fate::drop);
    return fate == Fate::accept ? Answer::yes : fate == Fate::drop ? Answer::no : Answer::unclear;
  }
  if (!fits(rule.real_kind, packet, false))
    return Answer::no;
  return all_of({rule.from.holds(packet.source), rule.shown.holds(packet.destination)});
}

}  // namespace

Left leave(const Text& text, const Header& packet, const Arrived& arrived, const Level& in, const Level& out) {
  const Left same{arrived.unclear, {packet.source, packet.source}, {packet.source_port, packet.source_port}};
  if (arrived.unclear)
    return same;
  if (arrived.rule != nullptr && !arrived.from_mapped_side) {
    const bool leads_elsewhere = !arrived.rule->mapped.empty() && arrived.rule->mapped != out.name;
    Left left = turned_by(*arrived.rule, packet, out);
    left.unclear = left.unclear || leads_elsewhere;
    return left;
  }
  if (arrived.rule != nullptr) {
    if (!arrived.rule->turns_destination)
      return same;
    Left left = same;
    const Places back = arrived.rule->shown_interface ? only(out.address) : arrived.rule->shown;
    const auto changed = mapped(arrived.rule->truth, back, packet.source);
    left.unclear = !changed || (arrived.rule->shown_interface && out.address == 0);
    left.source = {changed.value_or(0), changed.value_or(0)};
    // Ports of the other end are not followed.
    left.unclear = left.unclear || arrived.rule->real_kind.has_value();
    return left;
  }
  for (const Translation& rule : text.translations) {
    const Answer answer = takes(text, rule, packet, in, out);
    if (answer == Answer::no)
      continue;
    Left left = turned_by(rule, packet, out);
    left.unclear = left.unclear || answer == Answer::unclear;
    return left;
  }
  return same;
}

}  // namespace segproof::agree
