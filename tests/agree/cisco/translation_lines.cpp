// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "agree/cisco/places.h"
#include "agree/cisco/translations.h"
#include "agree/cisco/words.h"

namespace segproof::agree {
namespace {

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
      } else if (w[0] == "global") {
        good = w.size() > 3 && pool(w);
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
    std::ranges::stable_sort(by_address_, {}, [](const Numbered& one) { return size_of(one.rule.from); });
    text_.translations.insert(text_.translations.end(), lists_.begin(), lists_.end());
    for (const auto* part : {&by_policy_, &by_address_}) {
      for (const Numbered& one : *part)
        add_pools(one);
    }
    return {};
  }

 private:
  struct Object {
    std::string name;
    Translation rule;
  };
  // `nat (IF) N ...` and `global (IF) N ...` of old firewalls.
  struct Numbered {
    int number = 0;
    Translation rule;
  };
  struct Pool {
    int number = 0;
    std::string interface;
    std::optional<Range> addresses;  // none: the interface's own
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
        rule.unclear = true;  // the device would not have taken the line
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
      return w[4] == "dynamic" && dynamic_object(w, object);
    rule.to_interface = w[5] == "interface";
    if (!rule.to_interface) {
      const auto shown = names_.places(w[5]);
      rule.unclear = rule.unclear || !shown;
      rule.to = shown.value_or(everywhere());
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

  // object NAME nat (R,M) dynamic X|interface [interface] [dns]
  bool dynamic_object(const Words& w, Object& object) {
    Translation& rule = object.rule;
    const bool is_pool = w[5] == "pat-pool" && w.size() > 6;
    const std::string& shown = w[is_pool ? 6 : 5];
    rule.to_interface = shown == "interface";
    const auto to = names_.places(shown);
    rule.unclear = rule.unclear || (!to && !rule.to_interface) || ((w.back() == "interface") != rule.to_interface);
    rule.to = to.value_or(Places{});
    rule.shares = rule.to_interface || is_pool || size_of(rule.to) == 1;
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
    const bool is_pool = w[at] == "pat-pool";
    at += is_pool ? 1U : 0U;
    rule.to_interface = w[at] == "interface";
    const auto shown = names_.places(w[at]);
    if (!rule.to_interface && !shown)
      return false;
    rule.to = shown.value_or(Places{});
    rule.shares = !rule.is_static && (rule.to_interface || is_pool || size_of(rule.to) == 1);
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
      } else if (option == "interface") {
        rule.unclear = true;  // when the pool is used up
      } else if (option != "dns" && option != "no-proxy-arp" && option != "route-lookup") {
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
    Translation rule;
    rule.real = w[1].substr(1, w[1].size() - 2);
    const bool has_list = w.size() > 4 && w[3] == "access-list";
    if (!is_number(w[2]) || w.size() < 4)
      return false;
    const int number = std::atoi(w[2].c_str());
    if (!has_list) {
      const auto real = names_.places(w[3]);
      if (!real)
        return false;
      rule.from = *real;
      const auto mask = w.size() > 4 ? dotted(w[4]) : std::nullopt;
      for (Masked& masked : rule.from.masks)
        masked = {masked.value & mask.value_or(masked.value == 0 ? 0 : 0xffffffffU),
                  mask.value_or(masked.value == 0 ? 0 : 0xffffffffU)};
      rule.shown = rule.truth = everywhere();
      rule.is_static = false;
      by_address_.push_back({number, rule});
      return true;
    }
    std::vector<Translation> rules;
    if (!by_list(w[4], rule, rules))
      return false;
    for (Translation& one : rules) {
      if (number != 0) {
        one.is_static = false;
        by_policy_.push_back({number, one});
        continue;
      }
      one.to = one.from;
      one.mapped_kind = one.real_kind;
      exempt_.push_back(one);
    }
    return true;
  }

  // global (IF) N interface|A[-B] [netmask M]
  bool pool(const Words& w) {
    Pool made{std::atoi(w[2].c_str()), w[1].substr(1, w[1].size() - 2), std::nullopt};
    if (w[3] != "interface") {
      const std::size_t dash = w[3].find('-');
      const auto low = names_.places(w[3].substr(0, dash));
      const auto high = dash == std::string::npos ? low : names_.places(w[3].substr(dash + 1));
      if (!low || !high || low->masks.size() != 1 || high->masks.size() != 1)
        return false;
      made.addresses = Range{low->masks[0].value, high->masks[0].value};
      const auto mask = w.size() > 5 && dash == std::string::npos ? dotted(w[5]) : std::nullopt;
      if (mask && (made.addresses->low & ~*mask) == 0)
        made.addresses->high |= ~*mask;  // a network's address: all of it
    }
    pools_.push_back(made);
    return true;
  }

  // One rule for each interface that has pools of the number.
  void add_pools(const Numbered& one) {
    if (one.number == 0) {
      Translation same = one.rule;
      same.to = same.from;
      same.is_static = same.one_way = true;
      text_.translations.push_back(same);
      return;
    }
    std::vector<std::string> done;
    for (const Pool& pool : pools_) {
      if (pool.number != one.number || std::ranges::find(done, pool.interface) != done.end())
        continue;
      done.push_back(pool.interface);
      Translation rule = one.rule;
      rule.mapped = pool.interface;
      std::size_t alike = 0;
      for (const Pool& other : pools_) {
        if (other.number != one.number || other.interface != pool.interface)
          continue;
        ++alike;
        rule.to_interface = !other.addresses;
        if (other.addresses)
          rule.to.ranges.push_back(*other.addresses);
      }
      rule.unclear = rule.unclear || alike > 1;
      rule.shares = rule.to_interface || size_of(rule.to) == 1;
      text_.translations.push_back(rule);
    }
  }

  // ip nat inside source static [tcp|udp] REAL [PORT] (MAPPED | interface IF) [PORT] [extendable]
  bool of_router(const Words& w) {
    text_.translates_sources = true;
    if (w.size() > 7 && w[2] == "inside" && w[3] == "source" && w[4] == "list") {
      Translation rule;
      rule.is_static = false;
      rule.list = w[5];
      rule.shares = w.back() == "overload" || w[6] == "interface";
      rule.shown = rule.truth = everywhere();
      const auto interface = std::ranges::find(text_.interfaces, w[7], &Level::name);
      const bool has_address = w[6] == "interface" && interface != text_.interfaces.end() && interface->address != 0;
      rule.unclear = !has_address;  // pools: their lines are not followed
      if (has_address)
        rule.to = only(interface->address);
      lists_.push_back(rule);
      return true;
    }
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
  std::vector<Translation> exempt_, first_, last_, lists_;
  std::vector<Object> objects_;
  std::vector<Numbered> by_policy_, by_address_;
  std::vector<Pool> pools_;
};

}  // namespace

std::string read_translations(const std::vector<std::string>& lines, const Names& names, Text& text) {
  return TranslationReader(names, text).read(lines);
}

}  // namespace segproof::agree
