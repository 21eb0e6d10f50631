// SPDX-License-Identifier: Apache-2.0
#include "input/iptables/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "input/iptables/catalogue.h"
#include "input/iptables/values.h"

namespace segproof::iptables {
namespace {

struct BaseOption {
  std::string_view name;
  char letter;
  unsigned values;
};

// `letter` is the short form; upper case letters are commands. '\0': has no short form.
constexpr std::array<BaseOption, 36> base_options{{
    {"append", 'A', 1},       {"delete", 'D', 1},    {"check", 'C', 1},        {"insert", 'I', 1},
    {"replace", 'R', 1},      {"list", 'L', 0},      {"list-rules", 'S', 0},   {"flush", 'F', 0},
    {"zero", 'Z', 0},         {"new-chain", 'N', 1}, {"delete-chain", 'X', 0}, {"rename-chain", 'E', 1},
    {"policy", 'P', 1},       {"source", 's', 1},    {"destination", 'd', 1},  {"src", 's', 1},
    {"dst", 'd', 1},          {"protocol", 'p', 1},  {"in-interface", 'i', 1}, {"jump", 'j', 1},
    {"table", 't', 1},        {"match", 'm', 1},     {"numeric", 'n', 0},      {"out-interface", 'o', 1},
    {"verbose", 'v', 0},      {"wait", 'w', 0},      {"exact", 'x', 0},        {"fragments", 'f', 0},
    {"version", 'V', 0},      {"help", 'h', 0},      {"line-numbers", '0', 0}, {"modprobe", 'M', 1},
    {"set-counters", 'c', 1}, {"goto", 'g', 1},      {"ipv4", '4', 0},         {"ipv6", '6', 0},
}};

std::string_view full_name(char letter) {
  const auto* found = std::ranges::find(base_options, letter, &BaseOption::letter);
  return found == base_options.end() ? std::string_view() : found->name;
}

// Where an option was found.
struct Found {
  const BaseOption* base = nullptr;
  ExtensionUse* extension = nullptr;
  std::string_view name;
  unsigned values = 0;
};

class Parser {
 public:
  Parser(const Words& words, std::size_t first, Family family, Command& command)
      : words_(words), at_(first), family_(family), command_(command) {}

  std::optional<Fault> run() {
    while (at_ < words_.size() && !fault_) {
      const Word& word = words_[at_];
      if (word.text == "!" && !word.quoted) {
        if (negated_)
          fail("`!` stands twice", word);
        negated_ = true;
        ++at_;
      } else if (!word.quoted && word.text.starts_with("--") && word.text.size() > 2) {
        long_option(word);
      } else if (!word.quoted && word.text.size() > 1 && word.text.front() == '-') {
        short_options(word);
      } else {
        fail(fmt::format("bad argument {}", quote(word.text)), word);
      }
    }
    if (!fault_ && negated_)
      fault_ = Fault{"`!` stands at the end", 1};
    return fault_;
  }

 private:
  void fail(std::string message, const Word& word) {
    if (!fault_)
      fault_ = Fault{std::move(message), word.column};
  }

  void long_option(const Word& word) {
    std::string_view name = word.text.substr(2);
    std::optional<std::string_view> attached;
    if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
      attached = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    ++at_;
    std::optional<Found> found = find_option(name, word);
    if (fault_)
      return;
    if (!found && load_protocol_match())
      found = find_option(name, word);
    if (fault_)
      return;
    if (!found) {
      if (!swallow_unknown(name, word, attached))
        fail(fmt::format("unknown option {}", quote(word.text)), word);
      return;
    }
    use(*found, attached, word);
  }

  void short_options(const Word& word) {
    std::string_view letters = word.text.substr(1);
    ++at_;
    while (!letters.empty() && !fault_) {
      const char letter = letters.front();
      letters.remove_prefix(1);
      const auto* base = std::ranges::find(base_options, letter, &BaseOption::letter);
      if (base == base_options.end() || letter == '0' || letter == 'M') {
        fail(fmt::format("unknown option {}", quote(word.text)), word);
        return;
      }
      std::optional<std::string_view> attached;
      if (base->values > 0 && !letters.empty()) {
        attached = letters;
        letters = {};
      }
      use({base, nullptr, full_name(letter), base->values}, attached, word);
    }
  }

  // The values of an option: attached by "=", then the following words.
  bool take_values(unsigned wanted, std::optional<std::string_view> attached, const Word& word, OptionUse& use) {
    if (attached)
      use.values.push_back(*attached);
    if (wanted == perhaps_one_value) {
      if (!attached && next_is_plain())
        use.values.push_back(words_[at_++].text);
      return true;
    }
    while (use.values.size() < wanted) {
      if (at_ == words_.size()) {
        fail(fmt::format("option {} needs a value", quote(word.text)), word);
        return false;
      }
      const Word& value = words_[at_++];
      if (value.text == "!" && !value.quoted && use.values.empty() && !use.negated) {
        use.negated = true;
      } else {
        use.values.push_back(value.text);
      }
    }
    return true;
  }

  void use(const Found& found, std::optional<std::string_view> attached, const Word& word) {
    OptionUse option{found.name, negated_, {}, word.column};
    negated_ = false;
    if (!take_values(found.values, attached, word, option))
      return;
    if (found.extension != nullptr) {
      found.extension->options.push_back(std::move(option));
    } else {
      base_option(*found.base, std::move(option), word);
    }
  }

  void base_option(const BaseOption& base, OptionUse option, const Word& word) {
    switch (base.letter) {
      case 'A':
      case 'D':
      case 'C':
      case 'I':
      case 'R':
      case 'L':
      case 'S':
      case 'F':
      case 'Z':
      case 'N':
      case 'X':
      case 'E':
      case 'P':
        return action(base.letter, option, word);
      case 'p':
      case 's':
      case 'd':
      case 'i':
      case 'o':
      case 'f':
        option.name = full_name(base.letter);
        command_.basics.push_back(std::move(option));
        return;
      case 'm':
        return load_match(option.values.front(), word, option.negated);
      case 'j':
      case 'g':
        return load_target(option.values.front(), base.letter == 'g', word, option.negated);
      case 'c':
        // "-c PACKETS BYTES" or "-c PACKETS,BYTES"
        if (option.values.front().find(',') == std::string_view::npos && at_ < words_.size())
          ++at_;
        return;
      case '4':
        if (family_ != Family::ipv4)
          fail("option `-4` in an IPv6 table", word);
        return;
      case '6':
        if (family_ != Family::ipv6)
          fail("option `-6` in an IPv4 table", word);
        return;
      case 't':
        return fail("option `-t` does not belong in a saved table", word);
      default:
        return;  // -n, -v, -w, -x, --line-numbers, --modprobe: no meaning for the rule
    }
  }

  void action(char letter, const OptionUse& option, const Word& word) {
    if (command_.action != 0)
      return fail("more than one command", word);
    command_.action = letter;
    if (!option.values.empty()) {
      command_.chain = option.values.front();
    } else if (next_is_plain()) {
      command_.chain = words_[at_++].text;
    }
    if ((letter == 'P' || letter == 'E') && at_ < words_.size())
      command_.argument = words_[at_++].text;
    if ((letter == 'I' || letter == 'D' || letter == 'R') && next_is_plain()) {
      const auto position = parse_number(words_[at_].text, 0xffffffffU);
      if (!position || *position == 0)
        return fail(fmt::format("bad rule number {}", quote(words_[at_].text)), word);
      command_.position = static_cast<std::size_t>(*position);
      ++at_;
    }
  }

  [[nodiscard]] bool next_is_plain() const {
    return at_ < words_.size() && !words_[at_].text.starts_with('-') && words_[at_].text != "!";
  }

  void load_match(std::string_view name, const Word& word, bool negated) {
    if (negated)
      return fail("`!` before -m", word);
    command_.matches.push_back({find_match(name, family_), name, {}, word.column});
  }

  void load_target(std::string_view name, bool goes_to, const Word& word, bool negated) {
    if (negated)
      return fail("`!` before a target", word);
    if (command_.target)
      return fail("more than one target", word);
    command_.target = ExtensionUse{goes_to ? nullptr : find_target(name, family_), name, {}, word.column};
    command_.goes_to = goes_to;
  }

  // The match that belongs to -p, once.
  bool load_protocol_match() {
    const OptionUse* protocol = command_.basic("protocol");
    if (protocol == nullptr || protocol_loaded_)
      return false;
    const auto number = parse_protocol_option(protocol->values.front());
    const std::string_view name = number ? protocol_match(*number) : std::string_view();
    if (name.empty())
      return false;
    protocol_loaded_ = true;
    command_.matches.push_back({find_match(name, family_), name, {}, protocol->column});
    return true;
  }

  // Exact names first: base options, then the newest extension; then abbreviations, which must be unambiguous.
  std::optional<Found> find_option(std::string_view name, const Word& word) {
    std::optional<Found> best;
    unsigned candidates = 0;
    bool exact = false;
    const auto consider = [&](const Found& found, std::uint64_t identity, std::uint64_t& last) {
      if (exact || !found.name.starts_with(name))
        return;
      if (found.name == name) {
        exact = true;
        best = found;
      } else if (!best || identity != last) {
        ++candidates;
        if (!best)
          best = found;
        last = identity;
      }
    };
    std::uint64_t last = 0;
    for (const BaseOption& base : base_options) {
      consider({&base, nullptr, base.name, base.values}, static_cast<unsigned char>(base.letter), last);
    }
    std::uint64_t identity = 1000;
    const auto consider_extension = [&](ExtensionUse& use) {
      if (use.known == nullptr)
        return;
      for_each_option(*use.known, [&](std::string_view option, unsigned values) {
        consider({nullptr, &use, option, values}, identity++, last);
      });
    };
    if (command_.target)
      consider_extension(*command_.target);
    for (std::size_t i = command_.matches.size(); i-- > 0;)
      consider_extension(command_.matches[i]);
    if (!exact && candidates > 1) {
      fail(fmt::format("option {} is ambiguous", quote(word.text)), word);
      return std::nullopt;
    }
    return best;
  }

  // Options of a match or target that is not in the catalogue: everything up to the next option is its value.
  bool swallow_unknown(std::string_view name, const Word& word, std::optional<std::string_view> attached) {
    ExtensionUse* unknown = nullptr;
    for (ExtensionUse& match : command_.matches) {
      if (match.known == nullptr)
        unknown = &match;
    }
    if (command_.target && command_.target->known == nullptr && !command_.goes_to)
      unknown = &*command_.target;
    if (unknown == nullptr)
      return false;
    OptionUse option{name, negated_, {}, word.column};
    negated_ = false;
    if (attached)
      option.values.push_back(*attached);
    while (at_ < words_.size() && (words_[at_].quoted || next_is_plain()))
      option.values.push_back(words_[at_++].text);
    unknown->options.push_back(std::move(option));
    return true;
  }

  const Words& words_;
  std::size_t at_;
  Family family_;
  Command& command_;
  std::optional<Fault> fault_;
  bool negated_ = false;
  bool protocol_loaded_ = false;
};

}  // namespace

const OptionUse* ExtensionUse::find(std::string_view option) const {
  const OptionUse* found = nullptr;
  for (const OptionUse& use : options) {
    if (use.name == option)
      found = &use;
  }
  return found;
}

const OptionUse* Command::basic(std::string_view option) const {
  const OptionUse* found = nullptr;
  for (const OptionUse& use : basics) {
    if (use.name == option)
      found = &use;
  }
  return found;
}

std::string text_of(const ExtensionUse& use) {
  std::string text(use.name);
  for (const OptionUse& option : use.options) {
    text += option.negated ? " ! --" : " --";
    text += option.name;
    for (const std::string_view value : option.values) {
      text += ' ';
      text += value;
    }
  }
  return text;
}

std::optional<Fault> parse_command(const Words& words, std::size_t first, Family family, Command& command) {
  return Parser(words, first, family, command).run();
}

}  // namespace segproof::iptables
