// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agree/cisco/text.h"

namespace segproof::agree {

Answer Places::holds(std::uint32_t address) const {
  if (any)
    return Answer::yes;
  for (const Range& range : ranges) {
    if (address >= range.low && address <= range.high)
      return Answer::yes;
  }
  for (const Masked& mask : masks) {
    if ((address & mask.care) == mask.value)
      return Answer::yes;
  }
  return unclear ? Answer::unclear : Answer::no;
}

bool Ports::holds(std::uint32_t port) const {
  return !limited ||
         std::ranges::any_of(ranges, [&](const Range& range) { return port >= range.low && port <= range.high; });
}

namespace {

Answer both(Answer a, Answer b) {
  if (a == Answer::no || b == Answer::no)
    return Answer::no;
  return a == Answer::yes && b == Answer::yes ? Answer::yes : Answer::unclear;
}

Answer matches(const Line& line, const Header& packet) {
  Answer kind = Answer::no;
  for (const Kind& one : line.kinds) {
    const bool same = one.protocol == -1 || one.protocol == packet.protocol;
    const bool has_ports = packet.protocol == 6 || packet.protocol == 17 || packet.protocol == 1;
    const bool fits =
        same &&
        (!has_ports || (one.source.holds(packet.source_port) && one.destination.holds(packet.destination_port)));
    if (fits && !one.unclear) {
      kind = Answer::yes;
    } else if (one.unclear && kind == Answer::no) {
      kind = Answer::unclear;
    }
  }
  Answer all = both(kind, both(line.source.holds(packet.source), line.destination.holds(packet.destination)));
  if (line.established && (packet.flags & 0x14U) == 0)
    all = Answer::no;
  if (line.unclear || line.strange_flags)
    all = all == Answer::no && !line.unclear ? Answer::no : Answer::unclear;
  return all;
}

}  // namespace

Fate ask(const Text& text, const std::string& name, const Header& packet, Fate otherwise) {
  const auto list = text.lists.find(name);
  if (list == text.lists.end() || list->second.empty())
    return text.firewall || text.nexus ? Fate::unclear : Fate::accept;
  bool may_accept = false;
  bool may_drop = false;
  const auto result = [&](Fate fate) {
    may_accept = may_accept || fate == Fate::accept;
    may_drop = may_drop || fate == Fate::drop;
    return may_accept && may_drop ? Fate::unclear : fate;
  };
  for (const Line& line : list->second) {
    const Answer answer = matches(line, packet);
    if (answer == Answer::no)
      continue;
    const Fate fate = line.permits ? Fate::accept : Fate::drop;
    if (answer == Answer::yes)
      return line.unclear ? Fate::unclear : result(fate);
    if (line.unclear)
      return Fate::unclear;
    static_cast<void>(result(fate));
  }
  return otherwise == Fate::unclear ? otherwise : result(otherwise);
}

namespace {

const Level* level_of(const Text& text, const std::string& name) {
  const auto found = std::ranges::find(text.interfaces, name, &Level::name);
  return found == text.interfaces.end() ? nullptr : &*found;
}

Fate worse(Fate a, Fate b) {
  if (a == Fate::drop || b == Fate::drop)
    return Fate::drop;
  return a == Fate::accept && b == Fate::accept ? Fate::accept : Fate::unclear;
}

Fate inbound(const Text& text, const Level& in, const Header& packet, bool& asked) {
  asked = !in.in.empty() || !text.global.empty();
  if (in.in.empty())
    return text.global.empty() ? Fate::accept : ask(text, text.global, packet, Fate::drop);
  if (text.global.empty())
    return ask(text, in.in, packet, Fate::drop);
  return Fate::unclear;
}

Verdict firewall(const Text& text, const Header& packet, const Level& in, const Level& out) {
  const Arrived arrived = arrive(text, packet, in);
  const Header& real = arrived.header;
  if (arrived.unclear)
    return {Fate::unclear, packet.destination};
  if (in.only_management || out.only_management)
    return {Fate::drop, real.destination};
  if (packet.protocol == 6 && (packet.flags & 0x16U) != 0x02U)
    return {Fate::drop, real.destination};
  bool asked = false;
  const Fate listed = inbound(text, in, text.lists_see_real ? real : packet, asked);
  Fate fate = listed;
  const bool same_level = in.level == out.level;
  const bool hairpin = in.name == out.name;
  if (same_level && !(hairpin ? text.hairpin : text.equals)) {
    fate = asked && listed != Fate::drop ? Fate::unclear : Fate::drop;
  } else if (!asked && in.level < out.level) {
    fate = Fate::drop;
  }
  if (!out.out.empty()) {
    const bool undecided = !text.lists_see_real && fate != Fate::drop;
    fate = text.lists_see_real ? worse(fate, ask(text, out.out, real, Fate::drop)) : undecided ? Fate::unclear : fate;
  }
  return {fate, real.destination};
}

// Inbound list, destination, routing, source, outbound list.
Verdict router(const Text& text, const Header& packet, const Level& in, const Level& out) {
  Fate fate = in.in.empty() ? Fate::accept : ask(text, in.in, packet, Fate::drop);
  const Arrived arrived = arrive(text, packet, in);
  if (arrived.unclear)
    return {fate == Fate::drop ? fate : Fate::unclear, packet.destination};
  fate = worse(fate, ask_zones(text, arrived.header, in, out));
  if (!out.out.empty()) {
    const bool source_may_change = text.translates_sources && out.nat_outside;
    fate = worse(fate, source_may_change ? Fate::unclear : ask(text, out.out, arrived.header, Fate::drop));
  }
  if ((in.unclear || in.may_drop) && fate == Fate::accept)
    fate = Fate::unclear;
  // Answers to what was inspected on its way out pass by the lists.
  if (in.inspects && fate == Fate::drop)
    fate = Fate::unclear;
  return {in.unclear ? Fate::unclear : fate, arrived.header.destination};
}

}  // namespace

Verdict carry(const Text& text, const Header& packet, const std::string& in, const std::string& out) {
  const Level* from = level_of(text, in);
  const Level* to = level_of(text, out);
  if (text.beyond || from == nullptr || to == nullptr)
    return {Fate::unclear, packet.destination};
  if (text.firewall)
    return firewall(text, packet, *from, *to);
  return router(text, packet, *from, *to);
}

}  // namespace segproof::agree
