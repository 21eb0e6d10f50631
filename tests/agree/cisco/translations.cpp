// SPDX-License-Identifier: Apache-2.0
#include "agree/cisco/translations.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "agree/cisco/words.h"

namespace segproof::agree {
namespace {

// All addresses as runs, ascending; nothing when there are holes that a mask made.
std::optional<std::vector<Range>> runs(const Places& places) {
  if (places.unclear)
    return std::nullopt;
  if (places.any)
    return std::vector<Range>{{0, 0xffffffffU}};
  std::vector<Range> all = places.ranges;
  for (const Masked& mask : places.masks) {
    if (((~mask.care) & (~mask.care + 1)) != 0)
      return std::nullopt;
    all.push_back({mask.value, mask.value | ~mask.care});
  }
  std::ranges::sort(all, {}, &Range::low);
  std::vector<Range> merged;
  for (const Range& range : all) {
    if (!merged.empty() && range.low <= merged.back().high) {
      merged.back().high = std::max(merged.back().high, range.high);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::uint64_t size_of(const Places& places) {
  std::uint64_t size = 0;
  for (const Range& range : runs(places).value_or(std::vector<Range>{{0, 0xffffffffU}}))
    size += std::uint64_t{range.high} - range.low + 1;
  return size;
}

Places only(std::uint32_t address) {
  Places places;
  places.ranges = {{address, address}};
  return places;
}
Places everywhere() {
  Places places;
  places.any = true;
  return places;
}

// What `address` of `from` becomes when `from` is mapped onto `to`.
std::optional<std::uint32_t> mapped(const Places& from, const Places& to, std::uint32_t address) {
  if (from.any && to.any)
    return address;
  const auto left = runs(from);
  const auto right = runs(to);
  if (!left || !right || right->size() != 1)
    return std::nullopt;
  if (right->front().low == right->front().high)
    return right->front().low;
  if (left->size() != 1 || size_of(from) != size_of(to))
    return std::nullopt;
  return right->front().low + (address - left->front().low);
}

class TranslationReader {
 public:
  TranslationReader(const Names& names, Text& text) : names_(names), text_(text) {}

  std::string read(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      const Words w = cut(line);
      bool good = true;
      if (w[0] == "object") {
        good = w.size() > 5 && of_object(w);
      } else if (w[0] == "ip") {
        good = of_router(w);
      } else if (w[0] == "static") {
        good = w.size() > 3 && old_static(w);
      } else if (w[0] == "nat" && w.size() > 2 && w[1].find(',') == std::string::npos) {
        good = old_nat(w);
      } else if (w[0] == "nat") {
        good = twice(w);
      }
      if (!good)
        return "translation: " + line;
    }
    std::ranges::stable_sort(objects_, {}, [](const Object& object) {
      const auto all = runs(object.rule.from);
      const std::uint32_t low = all && !all->empty() ? all->front().low : 0;
      return std::tuple(!object.rule.is_static, size_of(object.rule.from), low, object.name);
    });
    for (const auto* part : {&exempt_, &first_})
      text_.translations.insert(text_.translations.end(), part->begin(), part->end());
    for (const Object& object : objects_)
      text_.translations.push_back(object.rule);
    text_.translations.insert(text_.translations.end(), last_.begin(), last_.end());
    return {};
  }

 private:
  struct Object {
    std::string name;
    Translation rule;
  };

  // "(inside,outside)"
  bool interfaces(const std::string& word, Translation& rule) const {
    const std::size_t comma = word.find(',');
    if (word.size() < 4 || word.front() != '(' || word.back() != ')' || comma == std::string::npos)
      return false;
    rule.real = word.substr(1, comma - 1);
    rule.mapped = word.substr(comma + 1, word.size() - comma - 2);
    for (std::string* name : {&rule.real, &rule.mapped}) {
      if (*name == "any") {
        name->clear();
      } else if (!names_.is_interface(*name)) {
        return false;
      }
    }
    return true;
  }

  std::optional<Kind> one_kind(const std::string& word) const {
    const std::vector<Kind> kinds = names_.kinds(word);
    return kinds.size() == 1 && !kinds[0].unclear ? std::optional(kinds[0]) : std::nullopt;
  }

  Kind port_at_source(const std::string& protocol, int port) const {
    Kind kind;
    kind.protocol = protocols().at(protocol);
    kind.source.limited = true;
    kind.source.ranges = {{static_cast<std::uint32_t>(port), static_cast<std::uint32_t>(port)}};
    return kind;
  }

  // object NAME nat (R,M) static|dynamic X [service tcp R M] [dns] ...
  bool of_object(const Words& w) {
    Object object{w[1], {}};
    Translation& rule = object.rule;
    const auto real = names_.places(w[1]);
    if (!real || w[2] != "nat" || !interfaces(w[3], rule))
      return false;
    rule.from = *real;
    rule.is_static = w[4] == "static";
    rule.truth = rule.shown = everywhere();
    if (!rule.is_static)
      return w[4] == "dynamic";
    rule.to_interface = w[5] == "interface";
    if (!rule.to_interface) {
      const auto shown = names_.places(w[5]);
      if (!shown)
        return false;
      rule.to = *shown;
      widen(rule);
    }
    for (std::size_t at = 6; at < w.size(); ++at) {
      if (w[at] == "service" && at + 3 < w.size() && names_.port(w[at + 2]) && names_.port(w[at + 3])) {
        rule.real_kind = port_at_source(w[at + 1], *names_.port(w[at + 2]));
        rule.mapped_kind = port_at_source(w[at + 1], *names_.port(w[at + 3]));
        at += 3;
      } else if (w[at] != "dns" && w[at] != "no-proxy-arp" && w[at] != "route-lookup") {
        return false;
      }
    }
    objects_.push_back(object);
    return true;
  }

  // One address stands for the network of the same size that begins there.
  static void widen(Translation& rule) {
    const auto real = runs(rule.from);
    const auto shown = runs(rule.to);
    if (!real || !shown || real->size() != 1 || shown->size() != 1 || size_of(rule.to) != 1)
      return;
    const auto more = static_cast<std::uint32_t>(size_of(rule.from) - 1);
    if ((more & (more + 1)) == 0 && (real->front().low & more) == 0)
      rule.to.ranges = {{shown->front().low & ~more, shown->front().low | more}}, rule.to.masks.clear();
  }

  // nat (R,M) [after-auto] [N] source static|dynamic A B [destination static S T] [service X Y] ...
  bool twice(const Words& w) {
    Translation rule;
    if (w.size() < 6 || !interfaces(w[1], rule))
      return false;
    std::size_t at = 2;
    const bool is_last = w[at] == "after-auto";
    at += is_last ? 1U : 0U;
    at += is_number(w[at]) ? 1U : 0U;
    if (at + 3 >= w.size() || w[at++] != "source")
      return false;
    rule.is_static = w[at++] == "static";
    const auto real = names_.places(w[at++]);
    if (!real)
      return false;
    rule.from = *real;
    if (w[at] == "pat-pool")
      ++at;
    rule.to_interface = w[at] == "interface";
    const auto shown = names_.places(w[at]);
    if (!rule.to_interface && !shown)
      return false;
    rule.to = shown.value_or(Places{});
    ++at;
    rule.shown = rule.truth = everywhere();
    while (at < w.size()) {
      const std::string option = w[at++];
      if (option == "description")
        break;
      if (option == "inactive")
        return true;
      if (option == "unidirectional") {
        rule.one_way = true;
      } else if (option == "destination" && at + 2 < w.size() && w[at] == "static") {
        rule.shown_interface = w[at + 1] == "interface";
        rule.turns_destination = w[at + 1] != w[at + 2];
        const auto before = names_.places(w[at + 1]);
        const auto after = names_.places(w[at + 2]);
        if ((!before && !rule.shown_interface) || !after)
          return false;
        rule.shown = before.value_or(Places{});
        rule.truth = *after;
        at += 3;
      } else if (option == "service" && at + 1 < w.size()) {
        rule.real_kind = one_kind(w[at]);
        rule.mapped_kind = one_kind(w[at + 1]);
        if (!rule.real_kind || !rule.mapped_kind)
          return false;
        at += 2;
      } else if (option != "dns" && option != "no-proxy-arp" && option != "route-lookup" && option != "interface") {
        return false;
      }
    }
    (is_last ? last_ : first_).push_back(rule);
    return true;
  }

  // One rule for each entry of a list, with its sources as the real side and its destinations as the other.
  bool by_list(const std::string& name, const Translation& base, std::vector<Translation>& into) const {
    const auto list = text_.lists.find(name);
    if (list == text_.lists.end())
      return false;
    bool after_denial = false;
    for (const Line& line : list->second) {
      if (!line.permits) {
        after_denial = true;
        continue;
      }
      Translation rule = base;
      rule.from = line.source;
      rule.shown = rule.truth = line.destination;
      rule.unclear = after_denial || line.unclear || line.kinds.size() != 1;
      if (!line.kinds.empty() && line.kinds[0].protocol != -1)
        rule.real_kind = line.kinds[0];
      into.push_back(rule);
    }
    return true;
  }

  // static (R,M) [tcp|udp] MAPPED|interface [PORT] (REAL [PORT] | access-list L) [netmask N] ...
  bool old_static(const Words& w) {
    Translation rule;
    if (!interfaces(w[1], rule))
      return false;
    std::size_t at = 2;
    std::string protocol;
    if (w[at] == "tcp" || w[at] == "udp")
      protocol = w[at++];
    rule.to_interface = w[at] == "interface";
    const auto shown = names_.places(w[at++]);
    if (!rule.to_interface && !shown)
      return false;
    rule.to = shown.value_or(Places{});
    std::optional<int> shown_port;
    if (!protocol.empty() && at < w.size())
      shown_port = names_.port(w[at++]);
    if ((!protocol.empty() && !shown_port) || at >= w.size())
      return false;
    rule.shown = rule.truth = everywhere();
    if (w[at] == "access-list") {
      std::vector<Translation> rules;
      if (at + 1 >= w.size() || !by_list(w[at + 1], rule, rules))
        return false;
      for (Translation& one : rules) {
        one.mapped_kind = shown_port ? port_at_source(protocol, *shown_port) : one.real_kind;
        if (!rule.to_interface)
          widen(one);
        first_.push_back(one);
      }
      return true;
    }
    const auto real = names_.places(w[at++]);
    if (!real)
      return false;
    rule.from = *real;
    if (shown_port) {
      const auto real_port = at < w.size() ? names_.port(w[at++]) : std::nullopt;
      if (!real_port)
        return false;
      rule.real_kind = port_at_source(protocol, *real_port);
      rule.mapped_kind = port_at_source(protocol, *shown_port);
    }
    if (at + 1 < w.size() && w[at] == "netmask") {
      const std::uint32_t care = dotted(w[at + 1]).value_or(0xffffffffU);
      for (Places* side : {&rule.from, &rule.to}) {
        for (Masked& mask : side->masks)
          mask = {mask.value & care, care};
      }
    }
    first_.push_back(rule);
    return true;
  }

  // `nat (IF) 0 access-list L`: both ways, nothing changes. All others change sources.
  bool old_nat(const Words& w) {
    if (w[2] != "0" || w.size() < 5 || w[3] != "access-list")
      return true;
    Translation rule;
    rule.real = w[1].substr(1, w[1].size() - 2);
    std::vector<Translation> rules;
    if (!by_list(w[4], rule, rules))
      return false;
    for (Translation& one : rules) {
      one.to = one.from;
      one.mapped_kind = one.real_kind;
      exempt_.push_back(one);
    }
    return true;
  }

  // ip nat inside source static [tcp|udp] REAL [PORT] (MAPPED | interface IF) [PORT] [extendable]
  bool of_router(const Words& w) {
    text_.translates_sources = true;
    if (w.size() > 4 && w[2] == "inside" && w[3] == "source" && w[4] == "list")
      return true;
    if (w.size() < 7 || w[2] != "inside" || w[3] != "source" || w[4] != "static")
      return false;
    Translation rule;
    std::size_t at = 5;
    std::string protocol;
    if (w[at] == "tcp" || w[at] == "udp")
      protocol = w[at++];
    const auto real = names_.places(w[at++]);
    std::optional<int> real_port;
    if (!protocol.empty())
      real_port = at < w.size() ? names_.port(w[at++]) : std::nullopt;
    if (!real || (!protocol.empty() && !real_port) || at >= w.size())
      return false;
    rule.from = *real;
    rule.shown = rule.truth = everywhere();
    if (w[at] == "interface" && at + 1 < w.size()) {
      const auto interface = std::ranges::find(text_.interfaces, w[at + 1], &Level::name);
      rule.unclear = interface == text_.interfaces.end() || interface->address == 0;
      rule.to = rule.unclear ? everywhere() : only(interface->address);
      at += 2;
    } else if (const auto shown = names_.places(w[at])) {
      rule.to = *shown;
      ++at;
    } else {
      return false;
    }
    if (!protocol.empty()) {
      const auto shown_port = at < w.size() ? names_.port(w[at++]) : std::nullopt;
      if (!shown_port)
        return false;
      rule.real_kind = port_at_source(protocol, *real_port);
      rule.mapped_kind = port_at_source(protocol, *shown_port);
    }
    first_.push_back(rule);
    return at == w.size() || w[at] == "extendable";
  }

  const Names& names_;
  Text& text_;
  std::vector<Translation> exempt_, first_, last_;
  std::vector<Object> objects_;
};

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

std::string read_translations(const std::vector<std::string>& lines, const Names& names, Text& text) {
  return TranslationReader(names, text).read(lines);
}

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
    if (decides(rule, outward, packet, arrived) || decides(rule, inward, packet, arrived))
      break;
  }
  return arrived;
}

}  // namespace segproof::agree
