// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/statements.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace segproof::cisco {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t longest_line = std::size_t{64} << 10U;

// First words that only stand below a header, whatever their indentation (text pasted flat).
constexpr std::array below_only = {
    "permit"sv,         "deny"sv,          "remark"sv,         "network-object"sv,  "port-object"sv,
    "service-object"sv, "group-object"sv,  "icmp-object"sv,    "protocol-object"sv, "subnet"sv,
    "host"sv,           "fqdn"sv,          "nameif"sv,         "security-level"sv,  "shutdown"sv,
    "switchport"sv,     "channel-group"sv, "eool"sv,           "router-alert"sv,    "member-interface"sv,
    "standby"sv,        "encapsulation"sv, "message-length"sv, "management-only"sv,
};
// Headers that open a mode in which such words stand.
constexpr std::array headers = {
    "interface"sv,  "object"sv, "object-group"sv, "ip"sv,  "ipv6"sv, "policy-map"sv, "class-map"sv,   "router"sv,
    "parameters"sv, "zone"sv,   "zone-pair"sv,    "mac"sv, "vrf"sv,  "route-map"sv,  "access-list"sv,
};

bool is_comment(std::string_view text) {
  return text.front() == '!' || text.front() == ';' || text.front() == ':' || text.front() == '#';
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, std::min(text.find_first_of(" \t"), text.size()));
}

template <class List>
bool is_one_of(std::string_view word, const List& list) {
  return std::ranges::find(list, word) != list.end();
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, is_digit);
}

class StatementReader {
 public:
  StatementReader(FileId file, const SourceStore& sources) : file_(file), sources_(sources) {}

  Statements read() {
    const std::uint32_t count = sources_.line_count(file_);
    result_.uses.assign(count, model::LineUse::blank);
    for (number_ = 1; number_ <= count; ++number_) {
      std::string_view text = sources_.line(file_, number_);
      // A lone carriage return ends a line, too; what follows keeps the number of the line.
      std::uint32_t column = 1;
      while (!text.empty()) {
        const std::size_t end = std::min(text.find('\r'), text.size());
        piece(text.substr(0, end), column);
        const std::size_t step = std::min(end + 1, text.size());
        column += static_cast<std::uint32_t>(step);
        text.remove_prefix(step);
      }
    }
    if (in_banner_) {
      result_.faults.push_back({banner_line_, "the banner that begins here does not end"});
    }
    close_down_to(0);
    return std::move(result_);
  }

 private:
  struct Open {
    std::size_t statement;
    std::uint32_t indent;
  };

  void use(model::LineUse how) { result_.uses[number_ - 1] = how; }

  void piece(std::string_view text, std::uint32_t column) {
    if (text.size() > longest_line)
      return fault("the line is too long");
    if (text.find('\0') != std::string_view::npos)
      return fault("the line holds a NUL byte");
    if (in_banner_)
      return banner_text(text);
    const std::string_view trimmed = trim(text);
    if (trimmed.empty() || (is_comment(trimmed) && !in_certificate_))
      return;
    const auto indent = static_cast<std::uint32_t>(trimmed.data() - text.data());
    if (in_certificate_) {
      use(model::LineUse::irrelevant);
      in_certificate_ = trimmed != "quit";
      return;
    }
    statement(trimmed, indent, column + indent);
  }

  void fault(std::string message) {
    use(model::LineUse::unmodelled);
    result_.faults.push_back({number_, std::move(message)});
  }

  void banner_text(std::string_view text) {
    use(model::LineUse::irrelevant);
    in_banner_ = text.find(banner_end_) == std::string_view::npos;
  }

  // `banner motd ^C`: what follows the kind begins with the delimiter, of which the second one ends the text. A
  // firewall's banner has no delimiter: one line each.
  void banner(std::string_view text) {
    use(model::LineUse::irrelevant);
    const std::vector<std::string_view> words = split_words(text);
    if (words.size() < 3 && words.size() != 2)
      return;
    const std::size_t kind = words.size() == 2 ? 0 : 1;
    static constexpr std::array kinds = {"motd"sv, "login"sv, "exec"sv, "incoming"sv, "slip-ppp"sv, "asdm"sv};
    if (!is_one_of(words[1], kinds) && words.size() != 2)
      return;
    const auto rest_at = static_cast<std::size_t>(words[kind + 1].data() - text.data());
    std::string_view rest = text.substr(rest_at);
    const bool caret = rest.size() > 1 && rest.front() == '^' && rest[1] >= 'A' && rest[1] <= 'Z';
    const std::string_view end = rest.substr(0, caret ? 2 : 1);
    if (!caret && (is_digit(end.front()) || (end.front() >= 'a' && end.front() <= 'z') ||
                   (end.front() >= 'A' && end.front() <= 'Z'))) {
      return;  // plain words: the firewall's form
    }
    rest.remove_prefix(end.size());
    if (rest.find(end) != std::string_view::npos)
      return;
    if (!ends_later(end))
      return result_.faults.push_back({number_, "the banner that begins here does not end"});
    banner_end_ = end;
    banner_line_ = number_;
    in_banner_ = true;
  }

  // Without an end the banner would swallow the rest of the file.
  [[nodiscard]] bool ends_later(std::string_view end) {
    if (never_again_.contains(end))
      return false;
    const std::string_view all = sources_.text(file_);
    const std::string_view here = sources_.line(file_, number_);
    const auto from = static_cast<std::size_t>(here.data() - all.data()) + here.size();
    const bool found = all.find(end, from) != std::string_view::npos;
    if (!found)
      never_again_.insert(end);
    return found;
  }

  void statement(std::string_view text, std::uint32_t indent, std::uint32_t column) {
    const std::string_view word = first_word(text);
    if (word == "banner")
      return banner(text);
    if (word.starts_with("Cryptochecksum"))
      return use(model::LineUse::irrelevant);
    if (word == "exit" || text == "exit-address-family" || text == "exit-vrf" || text == "end" || text == "quit") {
      use(model::LineUse::irrelevant);
      close_down_to(indent > 0 && text != "end" ? indent : 0);
      return;
    }
    use(model::LineUse::unmodelled);
    const bool flat = open_.size() == 1 && indent == open_.back().indent && stands_below(text, open_.back().statement);
    if (!flat) {
      while (!open_.empty() && open_.back().indent >= indent)
        close();
    }
    const std::size_t index = result_.all.size();
    result_.all.push_back({.text = text,
                           .line = number_,
                           .column = column,
                           .parent = open_.empty() ? no_statement : open_.back().statement,
                           .end = index + 1});
    if (flat)
      return;
    open_.push_back({index, indent});
    in_certificate_ = (word == "certificate" || word == "certificate-list") && open_.size() > 1;
  }

  // Whether the text, at the indentation of that header, can only mean something below it.
  [[nodiscard]] bool stands_below(std::string_view text, std::size_t header) const {
    const std::string_view head = first_word(result_.all[header].text);
    if (!is_one_of(head, headers))
      return false;
    std::string_view word = first_word(text);
    if (word == "no")
      word = first_word(trim(text.substr(2)));
    // PIX names its interfaces at the top: `nameif ethernet0 outside security0`, `ip address outside ...`.
    const std::vector<std::string_view> all = split_words(text);
    if ((word == "nameif" && all.size() > 2) ||
        (text.starts_with("ip address ") && all.size() > 4 && !is_digit(all[2].front()))) {
      return false;
    }
    if (is_number(word) && (head == "ip" || head == "ipv6"))
      return true;
    if (head == "interface") {
      return is_one_of(word, below_only) || text.starts_with("ip address") || text.starts_with("no ip address") ||
             text.starts_with("ip access-group") || text.starts_with("ipv6 address") || word == "description";
    }
    if (head == "object") {
      static constexpr std::array words = {"range"sv, "service"sv, "description"sv};
      return is_one_of(word, words) || is_one_of(word, below_only) ||
             (word == "nat" && text.find(" source ") == std::string_view::npos);
    }
    return is_one_of(word, below_only);
  }

  void close() {
    result_.all[open_.back().statement].end = result_.all.size();
    open_.pop_back();
  }
  void close_down_to(std::uint32_t indent) {
    while (!open_.empty() && open_.back().indent >= indent)
      close();
  }

  FileId file_;
  const SourceStore& sources_;
  Statements result_;
  std::vector<Open> open_;
  std::uint32_t number_ = 0;
  std::uint32_t banner_line_ = 0;
  std::string_view banner_end_;
  std::set<std::string_view> never_again_;  // delimiters that do not come any more
  bool in_banner_ = false;
  bool in_certificate_ = false;
};

}  // namespace

Statements read_statements(FileId file, const SourceStore& sources) {
  return StatementReader(file, sources).read();
}

}  // namespace segproof::cisco
