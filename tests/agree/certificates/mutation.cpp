// SPDX-License-Identifier: Apache-2.0
#include "mutation.h"

#include <algorithm>
#include <array>

#include "check/core/certificate.h"
#include "packet/address.h"

namespace segproof::test {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    result.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

std::string joined(const Lines& lines) {
  std::string result;
  for (const std::string& line : lines) {
    result += line + '\n';
  }
  return result;
}

std::size_t depth_of(const std::string& line) {
  return line.find_first_not_of(' ') / 2;
}

bool begins(const std::string& line, std::string_view word) {
  const std::string_view rest = std::string_view(line).substr(depth_of(line) * 2);
  return rest == word || (rest.starts_with(word) && rest.substr(word.size()).starts_with(' '));
}

// The line after the last one that belongs to the line `at`.
std::size_t end_of(const Lines& lines, std::size_t at) {
  std::size_t end = at + 1;
  while (end < lines.size() && depth_of(lines[end]) > depth_of(lines[at])) {
    ++end;
  }
  return end;
}

void erase(Lines& lines, std::size_t from, std::size_t to) {
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(from), lines.begin() + static_cast<std::ptrdiff_t>(to));
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> result;
  for (std::size_t at = depth_of(line) * 2; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    result.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

std::string line_of(std::size_t depth, const std::vector<std::string>& words) {
  std::string result(depth * 2, ' ');
  for (const std::string& word : words) {
    result += (&word == &words.front() ? "" : " ") + word;
  }
  return result;
}

// One value of a set, an address or a number, moved by `by`; as it was where there is no such value.
std::string moved(const std::string& value, int by) {
  if (const std::optional<Address> address = parse_address(value)) {
    const Bits most = field_max(Field::source, address->family);
    const bool ends = by < 0 ? address->bits == 0 : address->bits == most;
    return ends ? value : to_string(Address{address->family, by < 0 ? address->bits - 1 : address->bits + 1});
  }
  const unsigned long number = std::stoul(value);
  return by < 0 && number == 0 ? value : std::to_string(by < 0 ? number - 1 : number + 1);
}

class Changer {
 public:
  Changer(Lines lines, const check::Network& network, std::mt19937_64& random)
      : lines_(std::move(lines)), network_(&network), random_(&random) {}

  std::optional<std::string> make(Change change) {
    const Lines before = lines_;
    return apply(change) && lines_ != before ? std::optional(joined(lines_)) : std::nullopt;
  }

 private:
  std::size_t below(std::size_t count) { return (*random_)() % count; }

  // A line for which `wanted` holds.
  template <class Wanted>
  std::optional<std::size_t> some_line(const Wanted& wanted) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (wanted(lines_[i])) {
        found.push_back(i);
      }
    }
    return found.empty() ? std::nullopt : std::optional(found[below(found.size())]);
  }
  std::optional<std::size_t> some(std::string_view word) {
    return some_line([&](const std::string& line) { return begins(line, word); });
  }

  bool apply(Change change) {
    switch (change) {
      case Change::row_dropped:
        return drop(some("row"));
      case Change::row_widened:
        return change_set(below(2) == 0 ? How::any : How::wider);
      case Change::row_narrowed:
        return below(3) == 0 ? add_limit() : change_set(below(2) == 0 ? How::narrower : How::fewer);
      case Change::port_shifted:
        return change_set(How::shifted);
      case Change::role_changed:
        return change_role();
      case Change::node_renamed:
        return rename();
      case Change::places_swapped:
        return swap_places();
      case Change::interface_changed:
        return change_interface();
      case Change::fallen_removed:
        return drop(some("fallen"));
      case Change::sender_removed:
        return drop(some("sender"));
      case Change::state_emptied:
        return empty_state();
      case Change::part_dropped:
        return drop_part();
      case Change::family_changed:
        return change_family();
      case Change::claim_exchanged:
        lines_[2] = "claim " + check::quoted(network_->claims[below(network_->claims.size())].id);
        return true;
      case Change::hash_changed:
        lines_[1].at(8 + below(lines_[1].size() - 8)) ^= 1;
        return true;
    }
    return false;
  }

  bool drop(const std::optional<std::size_t>& at) {
    if (at) {
      erase(lines_, *at, end_of(lines_, *at));
    }
    return at.has_value();
  }

  enum class How : std::uint8_t { any, wider, narrower, fewer, shifted };

  // A set of a row becomes another one.
  bool change_set(How how) {
    const auto at = some_line([&](const std::string& line) {
      const bool has_port = line.find("port ") != std::string::npos;
      return begins(line, "row") && line.find(' ', line.find("row")) != std::string::npos &&
             (how != How::shifted || has_port);
    });
    if (!at) {
      return false;
    }
    std::vector<std::string> words = words_of(lines_[*at]);
    std::vector<std::size_t> sets;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const bool is_set = words[i].find_first_of("0123456789") == 0 || words[i].find(':') != std::string::npos;
      if (is_set && (how != How::shifted || words[i - 1].ends_with("port"))) {
        sets.push_back(i);
      }
    }
    if (sets.empty()) {
      return false;
    }
    const std::size_t which = sets[below(sets.size())];
    if (how == How::any) {
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(which) - 1,
                  words.begin() + static_cast<std::ptrdiff_t>(which) + 1);
    } else {
      words[which] = changed_set(words[which], how);
    }
    lines_[*at] = line_of(depth_of(lines_[*at]), words);
    return true;
  }

  std::string changed_set(const std::string& set, How how) {
    std::vector<std::pair<std::string, std::string>> ranges;
    for (std::size_t at = 0; at < set.size();) {
      const std::size_t end = std::min(set.find(',', at), set.size());
      const std::string range = set.substr(at, end - at);
      const std::size_t dash = range.find('-');
      ranges.emplace_back(range.substr(0, dash), dash == std::string::npos ? range : range.substr(dash + 1));
      at = end + 1;
    }
    const std::size_t one = below(ranges.size());
    auto& [low, high] = ranges[one];
    const int to = below(2) == 0 ? -1 : 1;
    if (how == How::fewer && ranges.size() > 1) {
      ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(one));
    } else if (how == How::fewer) {
      (to < 0 ? high : low) = to < 0 ? low : high;
    } else if (how == How::shifted) {
      for (auto& [first, last] : ranges) {
        first = moved(first, to);
        last = moved(last, to);
      }
    } else if (to < 0) {
      low = moved(low, how == How::wider ? -1 : 1);
    } else {
      high = moved(high, how == How::wider ? 1 : -1);
    }
    std::string result;
    for (const auto& [first, last] : ranges) {
      result += (result.empty() ? "" : ",") + first + (first == last ? "" : '-' + last);
    }
    return result;
  }

  // A row that held every value of a field holds some of them.
  bool add_limit() {
    const auto at = some("row");
    if (!at) {
      return false;
    }
    struct Limit {
      std::string_view field, values;
    };
    static constexpr std::array limits{
        Limit{"protocol", "6"}, Limit{"protocol", "0-5,7-255"}, Limit{"sport", "1-65535"}, Limit{"dport", "0-65534"},
        Limit{"flags", "2"},    Limit{"fragment", "0"},         Limit{"role", "1"},        Limit{"role", "0"}};
    static constexpr std::array<std::string_view, 8> order{"protocol", "source", "destination", "sport",
                                                           "dport",    "flags",  "fragment",    "role"};
    const Limit& limit = limits[below(limits.size())];
    std::vector<std::string> words = words_of(lines_[*at]);
    const auto rank = [&](const std::string& word) { return std::ranges::find(order, word) - order.begin(); };
    std::size_t place = 1;
    while (place < words.size() && words[place] != "becomes" && words[place] != "helped" &&
           rank(words[place]) < std::ranges::find(order, limit.field) - order.begin()) {
      place += 2;
    }
    if (place < words.size() && words[place] == limit.field) {
      return false;
    }
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(place),
                 {std::string(limit.field), std::string(limit.values)});
    lines_[*at] = line_of(depth_of(lines_[*at]), words);
    return true;
  }

  bool change_role() {
    const auto at = some_line([](const std::string& line) { return line.find(" role ") != std::string::npos; });
    if (!at) {
      return false;
    }
    static constexpr std::array<std::string_view, 6> roles{"0", "1", "2", "0-1", "1-2", "0,2"};
    std::vector<std::string> words = words_of(lines_[*at]);
    *(std::ranges::find(words, "role") + 1) = roles[below(roles.size())];
    lines_[*at] = line_of(depth_of(lines_[*at]), words);
    return true;
  }

  bool rename() {
    const auto at = some_line([](const std::string& line) {
      return begins(line, "at") || begins(line, "flows") || begins(line, "on") || begins(line, "sender") ||
             begins(line, "fallen");
    });
    if (!at || lines_[*at].find('"') == std::string::npos) {
      return false;
    }
    std::string& line = lines_[*at];
    const bool is_segment = begins(line, "on") || line.find("unlisted") != std::string::npos;
    const std::string& name = is_segment ? network_->segments[below(network_->segments.size())].name
                                         : network_->nodes[below(network_->nodes.size())].name;
    const std::size_t from = line.find('"');
    line = line.substr(0, from) + check::quoted(name) + line.substr(line.rfind('"') + 1);
    return true;
  }

  // What is said of one place is said of another one, and the other way round.
  bool swap_places() {
    const auto is_place = [](const std::string& line) { return begins(line, "at") || begins(line, "on"); };
    const auto one = some_line(is_place);
    const auto other = some_line(is_place);
    if (!one || !other || *one == *other) {
      return false;
    }
    std::swap(lines_[*one], lines_[*other]);
    return true;
  }

  bool change_interface() {
    const auto at = some("at");
    if (at) {
      lines_[*at] = lines_[*at].substr(0, lines_[*at].rfind(' ') + 1) + std::to_string(below(3));
    }
    return at.has_value();
  }

  // The flows of one node are gone, or all flows of a layer.
  bool empty_state() {
    const auto at = some("flows");
    if (!at || below(2) == 0) {
      return drop(at);
    }
    std::size_t layer = *at;
    while (depth_of(lines_[layer]) >= depth_of(lines_[*at])) {
      --layer;
    }
    for (std::size_t i = layer + 1; i < end_of(lines_, layer);) {
      if (begins(lines_[i], "flows")) {
        erase(lines_, i, end_of(lines_, i));
      } else {
        ++i;
      }
    }
    return true;
  }

  bool drop_part() {
    return drop(some_line([](const std::string& line) {
      return begins(line, "anyone") || begins(line, "question") || begins(line, "own") || begins(line, "answers") ||
             begins(line, "at") || begins(line, "on");
    }));
  }

  bool change_family() {
    const auto at = some("family");
    if (!at) {
      return false;
    }
    if (below(2) == 0) {
      return drop(at);
    }
    lines_[*at] = lines_[*at] == "family 4" ? "family 6" : "family 4";
    return true;
  }

  Lines lines_;
  const check::Network* network_;
  std::mt19937_64* random_;
};

}  // namespace

std::string_view name_of(Change change) {
  switch (change) {
    case Change::row_dropped:
      return "a row dropped";
    case Change::row_widened:
      return "a row widened";
    case Change::row_narrowed:
      return "a row narrowed";
    case Change::port_shifted:
      return "a port shifted";
    case Change::role_changed:
      return "a role changed";
    case Change::node_renamed:
      return "a node or segment renamed";
    case Change::places_swapped:
      return "two places swapped";
    case Change::interface_changed:
      return "an interface changed";
    case Change::fallen_removed:
      return "one of the fallen removed";
    case Change::sender_removed:
      return "a sender removed";
    case Change::state_emptied:
      return "state emptied";
    case Change::part_dropped:
      return "a layer or place dropped";
    case Change::family_changed:
      return "a family dropped or changed";
    case Change::claim_exchanged:
      return "presented for another claim";
    case Change::hash_changed:
      return "the hash changed";
  }
  return "";
}

std::optional<std::string> mutant_of(const std::string& certificate, const check::Network& network, Change change,
                                     std::mt19937_64& random) {
  return Changer(lines_of(certificate), network, random).make(change);
}

}  // namespace segproof::test
