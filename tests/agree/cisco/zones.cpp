// SPDX-License-Identifier: Apache-2.0
#include "agree/cisco/zones.h"

#include <algorithm>

#include "agree/cisco/text.h"
#include "agree/cisco/words.h"

namespace segproof::agree {
namespace {

class ZoningReader {
 public:
  Zoning read(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      const Words w = cut(line);
      if (w.empty() || line[0] == '!')
        continue;
      if (line[0] == ' ') {
        below(w);
      } else {
        top(w);
      }
    }
    return std::move(result_);
  }

 private:
  enum class In { nothing, class_map, policy_map, pair };

  void top(const Words& w) {
    in_ = In::nothing;
    const bool inspects = w.size() > 3 && w[1] == "type" && w[2] == "inspect";
    if (w[0] == "class-map" && inspects) {
      // class-map type inspect [match-any|match-all] NAME; with an application in between it looks into content.
      const bool any = w[3] == "match-any";
      const bool mode = any || w[3] == "match-all";
      if (w.size() != (mode ? 5U : 4U))
        return;
      name_ = w.back();
      result_.classes[name_] = {!any, {}};
      in_ = In::class_map;
    } else if (w[0] == "policy-map" && inspects && w.size() == 4) {
      name_ = w[3];
      result_.policies[name_];
      in_ = In::policy_map;
    } else if (w[0] == "zone-pair" && w.size() > 2 && w[1] == "security") {
      ZonePair pair;
      for (std::size_t i = 3; i + 1 < w.size(); ++i) {
        if (w[i] == "source")
          pair.from = w[i + 1];
        if (w[i] == "destination")
          pair.to = w[i + 1];
      }
      result_.pairs.push_back(pair);
      in_ = In::pair;
    }
  }

  void below(const Words& w) {
    switch (in_) {
      case In::nothing:
        break;
      case In::class_map:
        if (w[0] == "match")
          match(w);
        break;
      case In::policy_map:
        policy(w);
        break;
      case In::pair:
        if (w.size() > 3 && w[0] == "service-policy")
          result_.pairs.back().policy = w[3];
        break;
    }
  }

  void match(const Words& w) {
    std::size_t at = 1;
    ZoneMatch made;
    made.negated = at < w.size() && w[at] == "not";
    at += made.negated ? 1U : 0U;
    const std::string kind = at < w.size() ? w[at++] : "";
    if (kind == "access-group" && at < w.size()) {
      at += w[at] == "name" ? 1U : 0U;
      made.what = ZoneMatch::What::list;
    } else if (kind == "protocol") {
      made.what = ZoneMatch::What::protocol;
    } else if (kind == "class-map") {
      made.what = ZoneMatch::What::other_class;
    }
    made.name = at < w.size() ? w[at] : "";
    result_.classes[name_].matches.push_back(made);
  }

  void policy(const Words& w) {
    std::vector<ZoneDeed>& deeds = result_.policies[name_];
    if (w[0] == "class")
      deeds.push_back({w.back(), ZoneDeed::What::drop});
    if (deeds.empty())
      return;
    if (w[0] == "inspect")
      deeds.back().what = ZoneDeed::What::inspect;
    if (w[0] == "pass")
      deeds.back().what = ZoneDeed::What::pass;
    if (w[0] == "drop")
      deeds.back().what = ZoneDeed::What::drop;
  }

  Zoning result_;
  In in_ = In::nothing;
  std::string name_;
};

Answer opposite(Answer answer) {
  return answer == Answer::unclear ? answer : answer == Answer::yes ? Answer::no : Answer::yes;
}

Answer class_holds(const Text& text, const std::string& name, const Header& packet, unsigned depth);

Answer match_holds(const Text& text, const ZoneMatch& match, const Header& packet, unsigned depth) {
  switch (match.what) {
    case ZoneMatch::What::list: {
      if (!text.lists.contains(match.name))
        return Answer::unclear;
      const Fate fate = ask(text, match.name, packet, Fate::drop);
      return fate == Fate::unclear ? Answer::unclear : fate == Fate::accept ? Answer::yes : Answer::no;
    }
    case ZoneMatch::What::protocol: {
      if (match.name != "tcp" && match.name != "udp" && match.name != "icmp")
        return Answer::unclear;  // an application: its ports may be others
      return packet.protocol == protocols().at(match.name) ? Answer::yes : Answer::no;
    }
    case ZoneMatch::What::other_class:
      return class_holds(text, match.name, packet, depth + 1);
    case ZoneMatch::What::unclear:
      return Answer::unclear;
  }
  return Answer::unclear;
}

Answer class_holds(const Text& text, const std::string& name, const Header& packet, unsigned depth) {
  if (name == "class-default")
    return Answer::yes;
  const auto found = text.zoning.classes.find(name);
  if (found == text.zoning.classes.end() || depth > 20)
    return Answer::unclear;
  const ZoneClass& one = found->second;
  bool unclear = false;
  for (const ZoneMatch& match : one.matches) {
    const Answer plain = match_holds(text, match, packet, depth);
    const Answer answer = match.negated ? opposite(plain) : plain;
    unclear = unclear || answer == Answer::unclear;
    if (answer == (one.needs_all ? Answer::no : Answer::yes))
      return answer;
  }
  if (one.matches.empty())
    return Answer::unclear;
  return unclear ? Answer::unclear : one.needs_all ? Answer::yes : Answer::no;
}

// Sessions begin with SYN, and echo requests; what becomes of other packets without a session is left open.
Fate done(ZoneDeed::What what, const Header& packet) {
  if (what != ZoneDeed::What::inspect)
    return what == ZoneDeed::What::pass ? Fate::accept : Fate::drop;
  const bool begins = packet.protocol == 6   ? (packet.flags & 0x16U) == 0x02U
                      : packet.protocol == 1 ? packet.destination_port / 256 == 8
                                             : true;
  return begins ? Fate::accept : Fate::unclear;
}

}  // namespace

Zoning read_zoning(const std::vector<std::string>& lines) {
  return ZoningReader().read(lines);
}

Fate ask_zones(const Text& text, const Header& packet, const Level& in, const Level& out) {
  if (in.zone.empty() && out.zone.empty())
    return Fate::accept;
  if (in.zone.empty() || out.zone.empty())
    return Fate::drop;
  const auto pair = std::ranges::find_if(
      text.zoning.pairs, [&](const ZonePair& one) { return one.from == in.zone && one.to == out.zone; });
  if (pair == text.zoning.pairs.end())
    return in.zone == out.zone ? Fate::accept : Fate::drop;
  const auto policy = text.zoning.policies.find(pair->policy);
  if (policy == text.zoning.policies.end())
    return pair->policy.empty() ? Fate::drop : Fate::unclear;
  bool may_accept = false;
  bool may_drop = false;
  for (const ZoneDeed& deed : policy->second) {
    const Answer answer = class_holds(text, deed.class_name, packet, 0);
    if (answer == Answer::no)
      continue;
    const Fate fate = done(deed.what, packet);
    may_accept = may_accept || fate != Fate::drop;
    may_drop = may_drop || fate != Fate::accept;
    if (answer == Answer::yes)
      return may_accept && may_drop ? Fate::unclear : fate;
  }
  return may_accept ? Fate::unclear : Fate::drop;
}

}  // namespace segproof::agree
