// SPDX-License-Identifier: Apache-2.0
#include "agree/cisco/text.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "agree/cisco/translations.h"
#include "agree/cisco/values.h"
#include "agree/cisco/words.h"

namespace segproof::agree {
namespace {

struct Group {
  Places places;
  std::vector<Kind> kinds;
  std::vector<std::string> inner;
};

class TextReader {
 public:
  TextReader(const std::string& text, Dialect dialect) {
    result_.firewall = dialect == Dialect::firewall;
    result_.nexus = dialect == Dialect::nexus;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
        line.pop_back();
      lines_.push_back(line);
    }
  }

  Text read() {
    for (const std::string& line : lines_)
      names(line);
    for (const std::string& line : lines_)
      groups(line);
    for (const std::string& line : lines_)
      rest(line);
    for (auto& [name, lines] : result_.lists)
      std::ranges::stable_sort(lines, {}, &Line::number);
    if (!result_.firewall)
      result_.zoning = read_zoning(lines_);
    const Names known{
        [&](const std::string& word) { return places_of(word); },
        [&](const std::string& word) { return kinds_of(word); },
        [&](const std::string& word) { return port_of(word); },
        [&](const std::string& word) { return interface(word) != nullptr; },
    };
    if (const std::string fault = read_translations(translations_, known, result_); !fault.empty())
      beyond(fault);
    return std::move(result_);
  }

 private:
  void beyond(const std::string& why) {
    result_.beyond = true;
    if (result_.why.empty())
      result_.why = why;
  }

  std::optional<std::uint32_t> address(const std::string& word) const {
    if (const auto value = dotted(word))
      return value;
    const auto found = names_.find(word);
    return found == names_.end() ? std::nullopt : std::optional(found->second);
  }

  void names(const std::string& line) {
    const Words w = cut(line);
    if (w.size() > 2 && w[0] == "name" && line[0] != ' ') {
      if (const auto value = dotted(w[1]))
        names_[w[2]] = *value;
    }
  }

  bool ports(const Words& w, std::size_t& at, Ports& into) const {
    return read_ports(w, at, result_.firewall ? OnePort::yes : OnePort::no, into);
  }

  static void add(Places& into, std::uint32_t value, std::uint32_t care) { into.masks.push_back({value & care, care}); }

  // A member line of the group at hand.
  void member(const Words& all) {
    Words w = all;
    Group& group = groups_[current_];
    if (w[0] == "description")
      return;
    if (w[0] == "group-object" && w.size() > 1) {
      group.inner.push_back(w[1]);
      return;
    }
    if (w[0] == "network-object" || w[0] == "service-object" || w[0] == "port-object" || w[0] == "protocol-object" ||
        w[0] == "icmp-object" || w[0] == "service")
      w.erase(w.begin());
    if (!w.empty() && result_.nexus && is_number(w[0]))
      w.erase(w.begin());
    if (w.empty())
      return;
    if (w[0] == "object" && w.size() > 1) {
      group.inner.push_back(w[1]);
    } else if (current_kind_ == "network") {
      place(w, group.places);
    } else {
      service(w, group);
    }
  }

  void place(Words w, Places& into) const {
    if (w[0] == "subnet")
      w.erase(w.begin());
    if (w[0] == "any") {
      into.any = true;
    } else if (w[0] == "host" && w.size() > 1 && address(w[1])) {
      add(into, *address(w[1]), 0xffffffffU);
    } else if (w[0] == "range" && w.size() > 2 && address(w[1]) && address(w[2])) {
      into.ranges.push_back({*address(w[1]), *address(w[2])});
    } else if (const auto prefix = prefix_of(w[0])) {
      into.masks.push_back(*prefix);
    } else if (result_.nexus && w.size() > 1 && address(w[0]) && dotted(w[1])) {
      add(into, *address(w[0]), ~*dotted(w[1]));
    } else if (w.size() > 1 && address(w[0]) && w[1][0] == '/') {
      const int length = std::atoi(w[1].c_str() + 1);
      add(into, *address(w[0]), length == 0 ? 0 : 0xffffffffU << static_cast<unsigned>(32 - length));
    } else if (w.size() > 1 && address(w[0]) && dotted(w[1])) {
      add(into, *address(w[0]), *dotted(w[1]));
    } else if (w[0].find(':') == std::string::npos) {
      into.unclear = true;
    }
  }

  void service(const Words& w, Group& group) const {
    std::vector<int> protocols_here;
    std::size_t at = 0;
    if (current_kind_ == "icmp-type") {
      Kind kind;
      kind.protocol = 1;
      kind.unclear = !read_icmp(w, at, kind);
      group.kinds.push_back(kind);
      return;
    }
    if (result_.nexus) {
      Kind kind;
      kind.unclear = !ports(w, at, kind.destination);
      group.kinds.push_back(kind);
      return;
    }
    const bool typed = !current_type_.empty();
    const std::string name = typed ? current_type_ : w[at++];
    if (name == "tcp-udp") {
      protocols_here = {6, 17};
    } else if (protocols().contains(name)) {
      protocols_here = {protocols().at(name)};
    } else if (is_number(name)) {
      protocols_here = {std::atoi(name.c_str())};
    } else {
      protocols_here = {-1};
    }
    for (const int protocol : protocols_here) {
      Kind kind;
      kind.protocol = protocol;
      std::size_t here = at;
      if (protocol == 1 && here < w.size()) {
        kind.unclear = !read_icmp(w, here, kind);
      }
      while (here < w.size() && !kind.unclear && protocol != 1) {
        const std::size_t before = here;
        if (w[here] == "source") {
          ++here;
          kind.unclear = !ports(w, here, kind.source);
        } else {
          if (w[here] == "destination")
            ++here;
          kind.unclear = !ports(w, here, kind.destination);
        }
        if (here == before)
          kind.unclear = true;
      }
      kind.unclear = kind.unclear || (protocol == -1 && name != "ip");
      group.kinds.push_back(kind);
    }
  }

  void groups(const std::string& line) {
    const Words w = cut(line);
    if (w.empty() || line[0] == '!')
      return;
    const bool top = line[0] != ' ';
    if (top) {
      current_.clear();
      if ((w[0] == "object-group" || w[0] == "object") && w.size() > 2) {
        // NX-OS: object-group ip address NAME, object-group ip port NAME
        const bool of_nexus = result_.nexus && w.size() > 3 && w[1] == "ip";
        current_ = of_nexus ? w[3] : w[2];
        current_kind_ = of_nexus ? (w[2] == "address" ? "network" : "service") : w[1];
        current_type_ = w[0] == "object-group" && w[1] == "service" && w.size() > 3 ? w[3] : "";
        groups_.try_emplace(current_);
      }
      return;
    }
    if (!current_.empty() && w[0] != "nat")
      member(w);
    if (!current_.empty() && w[0] == "nat")
      translations_.push_back("object " + current_ + " " + line);
  }

  void gather(const std::string& name, Places& places, std::vector<Kind>& kinds, std::set<std::string>& seen) const {
    const auto found = groups_.find(name);
    if (found == groups_.end() || !seen.insert(name).second) {
      places.unclear = true;
      Kind unclear;
      unclear.unclear = true;
      kinds.push_back(unclear);
      return;
    }
    const Places& own = found->second.places;
    places.any = places.any || own.any;
    places.unclear = places.unclear || own.unclear;
    places.ranges.insert(places.ranges.end(), own.ranges.begin(), own.ranges.end());
    places.masks.insert(places.masks.end(), own.masks.begin(), own.masks.end());
    kinds.insert(kinds.end(), found->second.kinds.begin(), found->second.kinds.end());
    for (const std::string& inner : found->second.inner)
      gather(inner, places, kinds, seen);
    seen.erase(name);
  }

  // What an address or the name of an object or group stands for.
  [[nodiscard]] std::optional<Places> places_of(const std::string& word) const {
    Places places;
    places.any = word == "any" || word == "any4" || word == "any6";
    std::vector<Kind> kinds;
    std::set<std::string> seen;
    if (groups_.contains(word)) {
      gather(word, places, kinds, seen);
    } else if (const auto value = word == "0" ? std::optional(0U) : address(word)) {
      add(places, *value, 0xffffffffU);
    } else if (!places.any) {
      return std::nullopt;
    }
    return places;
  }

  [[nodiscard]] std::vector<Kind> kinds_of(const std::string& word) const {
    Places unused;
    std::vector<Kind> kinds;
    std::set<std::string> seen;
    gather(word, unused, kinds, seen);
    return kinds;
  }

  [[nodiscard]] bool is_network(const std::string& name) const {
    Places places;
    std::vector<Kind> kinds;
    std::set<std::string> seen;
    gather(name, places, kinds, seen);
    return kinds.empty();
  }

  bool end_point(const Words& w, std::size_t& at, Places& into) const {
    if (at >= w.size())
      return false;
    const std::string& word = w[at++];
    if (word == "any" || word == "any4") {
      into.any = true;
    } else if (word == "any6") {
      return true;
    } else if (word == "host" && at < w.size()) {
      const auto value = address(w[at++]);
      if (value) {
        add(into, *value, 0xffffffffU);
      } else {
        into.unclear = true;
      }
    } else if ((word == "object" || word == "object-group" || word == "addrgroup") && at < w.size()) {
      std::vector<Kind> kinds;
      std::set<std::string> seen;
      gather(w[at++], into, kinds, seen);
    } else if (word == "interface") {
      ++at;
      into.unclear = true;
    } else if (const auto prefix = prefix_of(word)) {
      into.masks.push_back(*prefix);
    } else if (const auto value = address(word)) {
      const auto mask = at < w.size() ? dotted(w[at]) : std::nullopt;
      if (mask)
        ++at;
      add(into, *value, !mask ? 0xffffffffU : result_.firewall ? *mask : ~*mask);
    } else {
      into.unclear = true;
      return false;
    }
    return true;
  }

  // From `permit` or `deny` on.
  void entry(const std::string& list, const Words& w, std::size_t at, bool standard, int number = 0) {
    Line line;
    line.number = number != 0 ? number : result_.lists[list].empty() ? 10 : result_.lists[list].back().number + 10;
    line.permits = w[at] == "permit";
    if (w[at] != "permit" && w[at] != "deny")
      return;
    ++at;
    for (std::size_t i = at; i < w.size(); ++i) {
      if (w[i] == "inactive")
        return;
      if (w[i] == "established")
        line.established = true;
      if (w[i] == "time-range" || w[i] == "fragments" || w[i] == "reflect" || w[i] == "user")
        line.unclear = true;
      if (w[i] == "syn" || w[i] == "ack" || w[i] == "rst" || w[i] == "fin" || w[i] == "psh" || w[i] == "urg" ||
          w[i].starts_with("match-"))
        line.strange_flags = true;
    }
    if (at >= w.size())
      return;
    if (standard) {
      line.kinds.push_back({});
      line.destination.any = true;
      line.unclear = line.unclear || !end_point(w, at, line.source);
      result_.lists[list].push_back(line);
      return;
    }
    bool good = protocol(w, at, line);
    Kind extra;
    extra.protocol = -1;
    good = good && end_point(w, at, line.source) && port_part(w, at, line, true) &&
           end_point(w, at, line.destination) && port_part(w, at, line, false);
    if (good && line.kinds.size() == 1 && line.kinds[0].protocol == 1 && at < w.size() && w[at] != "log" &&
        w[at] != "log-input" && w[at] != "inactive") {
      good = read_icmp(w, at, line.kinds[0]);
    }
    line.unclear = line.unclear || !good;
    result_.lists[list].push_back(line);
  }

  bool protocol(const Words& w, std::size_t& at, Line& line) const {
    const std::string& word = w[at++];
    if (word == "object-group" || word == "object") {
      if (at >= w.size())
        return false;
      Places unused;
      std::set<std::string> seen;
      gather(w[at++], unused, line.kinds, seen);
      return true;
    }
    Kind kind;
    if (is_number(word)) {
      kind.protocol = std::atoi(word.c_str());
    } else if (protocols().contains(word)) {
      kind.protocol = protocols().at(word);
    } else {
      return false;
    }
    line.kinds.push_back(kind);
    return true;
  }

  bool port_part(const Words& w, std::size_t& at, Line& line, bool source) const {
    if (at + 1 < w.size() && (w[at] == "object-group" || w[at] == "portgroup")) {
      if (is_network(w[at + 1]))
        return true;
      Places unused;
      std::vector<Kind> kinds;
      std::set<std::string> seen;
      gather(w[at + 1], unused, kinds, seen);
      at += 2;
      Ports all;
      all.limited = true;
      for (const Kind& kind : kinds) {
        line.unclear = line.unclear || kind.unclear;
        all.ranges.insert(all.ranges.end(), kind.destination.ranges.begin(), kind.destination.ranges.end());
      }
      for (Kind& kind : line.kinds)
        (source ? kind.source : kind.destination) = all;
      return true;
    }
    Ports found;
    if (!ports(w, at, found))
      return false;
    if (found.limited) {
      for (Kind& kind : line.kinds)
        (source ? kind.source : kind.destination) = found;
    }
    return true;
  }

  Level* interface(const std::string& name) {
    const auto found = std::ranges::find(result_.interfaces, name, &Level::name);
    return found == result_.interfaces.end() ? nullptr : &*found;
  }

  void rest(const std::string& line) {
    const Words w = cut(line);
    if (w.empty() || line[0] == '!' || line[0] == ';' || line[0] == ':')
      return;
    if (line[0] == ' ')
      return below(w);
    block_.clear();
    in_list_.clear();
    if (w[0] == "interface" && w.size() > 1) {
      named_block_.clear();
      only_management_ = false;
      block_ = w[1] + (w.size() > 2 && is_number(w[2].substr(0, 1)) ? w[2] : "");
      if (!result_.firewall && interface(block_) == nullptr)
        result_.interfaces.push_back({.name = block_});
    } else if (w[0] == "ip" && w.size() > 3 && w[1] == "access-list") {
      in_list_ = w[3];
      list_is_standard_ = w[2] == "standard";
      result_.lists[in_list_];
    } else if (w[0] == "ip" && w.size() > 2 && w[1] == "access-list" && result_.nexus) {
      in_list_ = w[2];
      list_is_standard_ = false;
      result_.lists[in_list_];
    } else if (w[0] == "ip" && w.size() > 2 && w[1] == "access-list") {
      beyond("lists of NX-OS");
    } else if (w[0] == "access-list") {
      flat_list(w);
    } else if (w[0] == "no" || w[0] == "clear") {
      removal(w);
    } else if (result_.firewall) {
      firewall_line(w, line);
    } else if (w[0] == "ip" && w.size() > 2 && w[1] == "nat" && (w[2] == "inside" || w[2] == "outside")) {
      translations_.push_back(line);
    }
  }

  void removal(const Words& w) {
    for (std::size_t i = 1; i + 1 < w.size(); ++i) {
      if (w[i] == "access-list") {
        result_.lists.erase(w.back());
        return;
      }
    }
    if (w.back() == "access-list")
      result_.lists.clear();
  }

  void flat_list(const Words& w) {
    if (w.size() < 4 || w[2] == "remark" || w[1].back() == ';')
      return;
    std::size_t at = 2;
    if (w[at] == "line") {
      beyond("entries inserted by line");
      return;
    }
    const int number = is_number(w[1]) ? std::atoi(w[1].c_str()) : 0;
    bool standard = (number > 0 && number < 100) || (number >= 1300 && number < 2000);
    if (result_.firewall)
      standard = false;
    if (w[at] == "extended" || w[at] == "standard") {
      standard = w[at] == "standard";
      ++at;
    }
    entry(w[1], w, at, standard);
  }

  void below(const Words& words) {
    Words w = words;
    if (!in_list_.empty()) {
      const int number = is_number(w[0]) ? std::atoi(w[0].c_str()) : 0;
      if (number != 0)
        w.erase(w.begin());
      if (!w.empty())
        entry(in_list_, w, 0, list_is_standard_, number);
      return;
    }
    if (block_.empty())
      return;
    if (result_.firewall) {
      if (w[0] == "nameif" && w.size() > 1)
        result_.interfaces.push_back({.name = w[1], .level = w[1] == "inside" ? 100 : 0});
      if (w[0] == "nameif" && w.size() > 1)
        named_block_ = w[1];
      if (w[0] == "security-level" && w.size() > 1 && interface(named_block_) != nullptr)
        interface(named_block_)->level = std::atoi(w[1].c_str());
      if (w[0] == "ip" && w.size() > 3 && w[1] == "address" && dotted(w[2]) && interface(named_block_) != nullptr)
        own(*interface(named_block_), w[2], w[3]);
      if (w[0] == "management-only" && w.size() == 1)
        only_management_ = true;
      if (only_management_ && interface(named_block_) != nullptr)
        interface(named_block_)->only_management = true;
      return;
    }
    if (w[0] == "ip" && w.size() > 3 && w[1] == "access-group") {
      Level* at = interface(block_);
      (w[3] == "in" ? at->in : at->out) = w[2];
    }
    if (w[0] == "no" && w.size() > 3 && w[1] == "ip" && w[2] == "access-group") {
      Level* at = interface(block_);
      (w.back() == "in" ? at->in : at->out).clear();
    }
    if (w[0] == "ip" && w.size() > 1 && w[1] == "policy")
      interface(block_)->unclear = true;
    if (w[0] == "ip" && w.size() > 1 && w[1] == "verify")
      interface(block_)->may_drop = true;
    if (w[0] == "ip" && w.size() > 2 && w[1] == "nat") {
      interface(block_)->nat_outside = interface(block_)->nat_outside || w[2] == "outside";
      interface(block_)->nat_inside = interface(block_)->nat_inside || w[2] == "inside";
    }
    if (w[0] == "ip" && w.size() > 3 && w[1] == "address" && dotted(w[2]) && w.back() != "secondary")
      own(*interface(block_), w[2], w[3]);
    if (const auto prefix = w[0] == "ip" && w.size() > 2 && w[1] == "address" ? prefix_of(w[2]) : std::nullopt) {
      Level& level = *interface(block_);
      level.address = *dotted(w[2].substr(0, w[2].find('/')));
      level.network = prefix->value;
      level.mask = prefix->care;
    }
    if (w[0] == "ip" && w.size() > 3 && w[1] == "inspect")
      interface(block_)->inspects = true;
    if (w[0] == "ip" && w.size() > 1 && w[1] == "vrf")
      beyond("ip " + w[1]);
    if (w[0] == "zone-member" && w.size() > 2)
      interface(block_)->zone = w[2];
    if (w[0] == "vrf" || w[0] == "crypto")
      beyond(w[0]);
  }

  static void own(Level& level, const std::string& address, const std::string& mask) {
    level.address = *dotted(address);
    level.mask = dotted(mask).value_or(0xffffffffU);
    level.network = level.address & level.mask;
  }

  void firewall_line(const Words& w, const std::string& line) {
    if (w[0] == "nameif" && w.size() > 3) {
      result_.interfaces.push_back({.name = w[2], .level = std::atoi(w[3].substr(w[3].find('y') + 1).c_str())});
    } else if (w[0] == "ip" && w.size() > 4 && w[1] == "address" && interface(w[2]) != nullptr && dotted(w[3])) {
      own(*interface(w[2]), w[3], w[4]);
    } else if (w[0] == "access-group" && w.size() > 4 && interface(w[4]) != nullptr && w.back() != "control-plane") {
      (w[2] == "in" ? interface(w[4])->in : interface(w[4])->out) = w[1];
    } else if (w[0] == "access-group" && w.size() > 2 && w[2] == "global") {
      result_.global = w[1];
    } else if (w[0] == "same-security-traffic") {
      (w.back() == "inter-interface" ? result_.equals : result_.hairpin) = true;
    } else if (w[0] == "nat" || w[0] == "static" || w[0] == "global") {
      translations_.push_back(line);
      const bool old = w[0] != "nat" || w[1].find(',') == std::string::npos;
      if (old)
        result_.lists_see_real = false;
    } else if (w[0] == "crypto" && w.size() > 3 && w[3] == "interface") {
      beyond("a tunnel");
    } else if (w[0] == "established" || w[0] == "alias" || w[0] == "conduit") {
      beyond(w[0]);
    } else if ((w[0] == "ASA" || w[0] == "PIX") && w.size() > 2) {
      const double number = std::atof(w[2].c_str());
      result_.lists_see_real = number >= 8.3 - 1e-6;
    }
  }

  Text result_;
  std::vector<std::string> lines_;
  std::map<std::string, std::uint32_t> names_;
  std::map<std::string, Group> groups_;
  std::vector<std::string> translations_;
  std::string current_, current_kind_, current_type_, block_, named_block_, in_list_;
  bool list_is_standard_ = false;
  bool only_management_ = false;
};

}  // namespace

Text read_text(const std::string& configuration, Dialect dialect) {
  return TextReader(configuration, dialect).read();
}

}  // namespace segproof::agree
