// SPDX-License-Identifier: Apache-2.0
#include "input/ipset/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace segproof {
namespace ipset {
namespace {

constexpr std::size_t longest_line = std::size_t{16} << 10U;
constexpr std::size_t longest_name = 31;
constexpr std::size_t most_elements = 8'000'000;  // of one file

struct Word {
  std::string_view text;
  std::uint32_t column = 0;
};

// Words of a line; a quoted one ("comment \"two words\"") without its quotes.
std::vector<Word> words_of(std::string_view line, bool& unterminated) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < line.size()) {
    if (is_space(line[at])) {
      ++at;
      continue;
    }
    const auto column = static_cast<std::uint32_t>(at + 1);
    if (line[at] == '"') {
      const std::size_t end = line.find('"', at + 1);
      unterminated = end == std::string_view::npos;
      words.push_back({line.substr(at + 1, end - at - 1), column});
      at = unterminated ? line.size() : end + 1;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && !is_space(line[end])) {
      ++end;
    }
    words.push_back({line.substr(at, end - at), column});
    at = end;
  }
  return words;
}

struct OptionKind {
  std::string_view name;
  unsigned values;
};
// Options that say nothing about which packets match.
constexpr std::array<OptionKind, 14> idle_create_options{{{"hashsize", 1},
                                                          {"maxelem", 1},
                                                          {"bucketsize", 1},
                                                          {"initval", 1},
                                                          {"probes", 1},
                                                          {"resize", 1},
                                                          {"gc", 1},
                                                          {"size", 1},
                                                          {"counters", 0},
                                                          {"comment", 0},
                                                          {"skbinfo", 0},
                                                          {"forceadd", 0},
                                                          {"-exist", 0},
                                                          {"-!", 0}}};
constexpr std::array<OptionKind, 8> idle_add_options{{{"packets", 1},
                                                      {"bytes", 1},
                                                      {"comment", 1},
                                                      {"skbmark", 1},
                                                      {"skbprio", 1},
                                                      {"skbqueue", 1},
                                                      {"before", 1},
                                                      {"after", 1}}};

template <std::size_t N>
const OptionKind* find_option(const std::array<OptionKind, N>& options, std::string_view name) {
  const auto* found = std::ranges::find(options, name, &OptionKind::name);
  return found == options.end() ? nullptr : found;
}

struct Fault {
  std::string message;
  std::uint32_t column = 1;
};

class Reader {
 public:
  Reader(FileId file, const SourceStore& sources, DiagnosticSink& sink) : file_(file), sources_(sources), sink_(sink) {}

  IpsetResult read() {
    result_.lines = sources_.line_count(file_);
    for (number_ = 1; number_ <= sources_.line_count(file_); ++number_) {
      line(sources_.line(file_, number_));
    }
    find_duplicates();
    find_missing_members();
    for (auto& [name, set] : sets_) {
      if (set.doubt.empty()) {
        set.doubt = doubt_of_all_;
      }
      if (set.doubt.empty() && set.shape.has_timeout) {
        set.doubt = "its elements have a timeout";
      }
    }
    result_.sets.replace(std::move(sets_));
    return std::move(result_);
  }

 private:
  using Set = SetCollection::Set;

  [[nodiscard]] SourceSpan at(std::uint32_t column) const { return {file_, number_, column, 1}; }
  [[nodiscard]] SourceSpan span() const {
    return {file_, number_, 1, static_cast<std::uint32_t>(sources_.line(file_, number_).size())};
  }

  void report(DiagnosticCode code, const SourceSpan& where, std::string message, std::string hint = {}) {
    result_.unmodelled.push_back({where, code, message, model::NodeId()});
    sink_.add({code, Severity::warning, where, std::move(message), {}, std::move(hint)});
  }
  // A line that may concern any set.
  void not_understood(const std::string& message, std::uint32_t column) {
    report(DiagnosticCode::ipset_line_not_understood, at(column), message);
    if (doubt_of_all_.empty()) {
      doubt_of_all_ = fmt::format("line {} of its file is not understood", number_);
    }
  }
  void doubt(Set& set, const Fault& fault) {
    report(DiagnosticCode::ipset_line_not_understood, at(fault.column), fault.message);
    if (set.doubt.empty()) {
      set.doubt = fmt::format("line {} is not understood: {}", number_, fault.message);
    }
  }

  void line(std::string_view text) {
    if (text.size() > longest_line) {
      return not_understood("the line is too long", 1);
    }
    if (text.find('\0') != std::string_view::npos) {
      return not_understood("the line holds a NUL byte", 1);
    }
    const std::string_view trimmed = trim(text);
    if (trimmed.empty() || trimmed.front() == '#' || trimmed == "COMMIT") {
      return;
    }
    bool unterminated = false;
    std::vector<Word> words = words_of(text, unterminated);
    if (unterminated) {
      return not_understood("a quote is not closed", words.back().column);
    }
    if (words.front().text == "ipset" && words.size() > 1) {
      words.erase(words.begin());
    }
    exist_ = std::erase_if(words, [](const Word& w) { return w.text == "-exist" || w.text == "-!"; }) > 0;
    if (words.empty()) {
      return;
    }
    command(words);
  }

  void command(const std::vector<Word>& words) {
    const std::string_view verb = words.front().text;
    const auto is = [&](std::string_view name, std::string_view letter, std::string_view dashed) {
      return verb == name || verb == letter || verb == dashed;
    };
    if (is("create", "-N", "--create") || verb == "n" || verb == "new") {
      return create(words);
    }
    if (is("add", "-A", "--add")) {
      return add(words);
    }
    if (is("del", "-D", "--del")) {
      return remove(words);
    }
    if (is("flush", "-F", "--flush")) {
      return flush(words);
    }
    if (is("destroy", "-X", "--destroy")) {
      return destroy(words);
    }
    if (is("swap", "-W", "--swap") || is("rename", "-E", "--rename")) {
      return exchange(words);
    }
    if (is("test", "-T", "--test") || is("list", "-L", "--list") || is("save", "-S", "--save") || verb == "version" ||
        verb == "quit") {
      return;  // questions
    }
    not_understood(fmt::format("command {} is not understood", quote(verb, 40)), words.front().column);
  }

  Set* known(const Word& name) {
    const auto found = sets_.find(name.text);
    if (found == sets_.end()) {
      not_understood(fmt::format("set {} is not created before", quote(name.text)), name.column);
      return nullptr;
    }
    return &found->second;
  }

  void create(const std::vector<Word>& words) {
    if (words.size() < 3) {
      return not_understood("a set needs a name and a type", words.back().column);
    }
    const std::string name(words[1].text);
    Set set;
    set.origin = span();
    if (name.size() > longest_name) {
      return not_understood(fmt::format("the name of set {} is too long", quote(name)), words[1].column);
    }
    const auto known_set = sets_.find(name);
    if (known_set != sets_.end()) {
      if (exist_) {
        return;
      }
      report(DiagnosticCode::ipset_duplicate, at(words[1].column), fmt::format("set {} is created twice", quote(name)),
             "`ipset restore` stops at this line");
      doubt_of_all_ = fmt::format("a set is created twice in line {} of its file", number_);
      return;
    }
    set.shape.type = find_set_type(words[2].text);
    if (set.shape.type == nullptr) {
      Set& stored = sets_.emplace(name, std::move(set)).first->second;
      return doubt(stored, {fmt::format("set type {} is not known", quote(words[2].text)), words[2].column});
    }
    const auto fault = create_options(words, set);
    Set& stored = sets_.emplace(name, std::move(set)).first->second;
    if (fault) {
      doubt(stored, *fault);
    }
  }

  static std::optional<Family> parse_family(std::string_view text) {
    if (text == "inet" || text == "ipv4") {
      return Family::ipv4;
    }
    if (text == "inet6" || text == "ipv6") {
      return Family::ipv6;
    }
    return std::nullopt;
  }

  static std::optional<Fault> create_options(const std::vector<Word>& words, Set& set) {
    SetShape& shape = set.shape;
    std::vector<std::pair<Word, Word>> later;  // options whose meaning depends on the family
    std::optional<Fault> fault;
    for (std::size_t i = 3; i < words.size(); ++i) {
      const Word& word = words[i];
      if (word.text == "-4" || word.text == "-6") {
        shape.family = word.text == "-4" ? Family::ipv4 : Family::ipv6;
        continue;
      }
      const OptionKind* idle = find_option(idle_create_options, word.text);
      if (idle != nullptr && idle->values == 0) {
        continue;
      }
      if (i + 1 == words.size()) {
        return Fault{fmt::format("option {} is not understood", quote(word.text)), word.column};
      }
      const Word& value = words[++i];
      if (idle != nullptr) {
        continue;
      }
      if (word.text == "family") {
        const auto family = parse_family(value.text);
        if (!family) {
          return Fault{fmt::format("family {} is not inet or inet6", quote(value.text)), value.column};
        }
        shape.family = *family;
      } else if (word.text == "timeout") {
        shape.has_timeout = true;
      } else {
        later.emplace_back(word, value);
      }
    }
    if (shape.family == Family::ipv6 && !shape.type->ipv6) {
      return Fault{fmt::format("type {} does not take IPv6", shape.type->name), words[2].column};
    }
    shape.address_mask = low_ones(address_width(shape.family));
    for (const auto& [option, value] : later) {
      fault = shape_option(option, value, shape);
      if (fault) {
        return fault;
      }
    }
    if (shape.type->name.starts_with("bitmap:") && !shape.range) {
      return Fault{fmt::format("type {} needs a range", shape.type->name), words[2].column};
    }
    return std::nullopt;
  }

  static std::optional<Fault> shape_option(const Word& option, const Word& value, SetShape& shape) {
    const unsigned width = address_width(shape.family);
    const Fault bad{fmt::format("bad value {} of option {}", quote(value.text), quote(option.text)), value.column};
    if (option.text == "netmask" || option.text == "bitmask") {
      if (!shape.type->takes_mask) {
        return Fault{fmt::format("type {} does not take option {}", shape.type->name, quote(option.text)),
                     option.column};
      }
      if (const auto length = parse_unsigned<unsigned>(value.text, 1, width)) {
        shape.address_mask = low_ones(width) & ~low_ones(width - *length);
        return std::nullopt;
      }
      const auto mask = parse_address(value.text);
      if (!mask || mask->family != shape.family || mask->bits == 0) {
        return bad;
      }
      shape.address_mask = mask->bits;
      return std::nullopt;
    }
    if (option.text == "markmask") {
      auto mask = parse_hex<std::uint32_t>(value.text);
      if (!mask) {
        mask = parse_unsigned<std::uint32_t>(value.text);
      }
      if (!mask) {
        return bad;
      }
      shape.mark_mask = *mask;
      return std::nullopt;
    }
    if (option.text == "range") {
      shape.range = parse_range(value.text, shape);
      return shape.range ? std::nullopt : std::optional(bad);
    }
    return Fault{fmt::format("option {} is not understood", quote(option.text)), option.column};
  }

  // "10.0.0.0-10.0.255.255", "10.0.0.0/16", "0-1024".
  static std::optional<Interval> parse_range(std::string_view text, const SetShape& shape) {
    if (const auto prefix = parse_interface_address(text);
        prefix && text.find('/') != std::string_view::npos && prefix->address.family == shape.family) {
      return prefix->prefix.interval();
    }
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view low_text = text.substr(0, dash);
    const std::string_view high_text = text.substr(dash + 1);
    if (shape.type->dimensions.front() == Dimension::bare_port) {
      const auto low = parse_unsigned<std::uint16_t>(low_text);
      const auto high = parse_unsigned<std::uint16_t>(high_text);
      return low && high && *low <= *high ? std::optional(Interval{*low, *high}) : std::nullopt;
    }
    const auto low = parse_address(low_text);
    const auto high = parse_address(high_text);
    if (!low || !high || low->family != shape.family || high->family != shape.family || low->bits > high->bits) {
      return std::nullopt;
    }
    return Interval{low->bits, high->bits};
  }

  void add(const std::vector<Word>& words) {
    if (words.size() < 3) {
      return not_understood("a line that adds needs a set and an element", words.back().column);
    }
    Set* set = known(words[1]);
    if (set == nullptr || set->shape.type == nullptr || set->shape.address_mask == 0) {
      return;  // the set is in doubt
    }
    bool nomatch = false;
    bool wildcard = false;
    if (const auto fault = add_options(words, *set, nomatch, wildcard)) {
      return doubt(*set, *fault);
    }
    auto parsed = parse_element(words[2].text, set->shape);
    if (const auto* message = std::get_if<std::string>(&parsed)) {
      return doubt(*set, {*message, words[2].column});
    }
    auto& elements = std::get<std::vector<Element>>(parsed);
    elements_ += elements.size();
    if (elements_ > most_elements) {
      return doubt(*set, {"there are too many elements", words[2].column});
    }
    for (Element& element : elements) {
      element.nomatch = nomatch;
      element.interface.is_prefix = wildcard;
      element.line = number_;
      set->elements.push_back(std::move(element));
    }
  }

  static std::optional<Fault> add_options(const std::vector<Word>& words, Set& set, bool& nomatch, bool& wildcard) {
    for (std::size_t i = 3; i < words.size(); ++i) {
      const Word& word = words[i];
      const OptionKind* idle = find_option(idle_add_options, word.text);
      const bool has_value = idle != nullptr || word.text == "timeout";
      if (has_value && i + 1 == words.size()) {
        return Fault{fmt::format("option {} needs a value", quote(word.text)), word.column};
      }
      if (has_value) {
        set.shape.has_timeout = set.shape.has_timeout || word.text == "timeout";
        ++i;
      } else if (word.text == "nomatch" && set.shape.type->takes_nomatch) {
        nomatch = true;
      } else if (word.text == "wildcard" && set.shape.type->name == "hash:net,iface") {
        wildcard = true;
      } else {
        return Fault{fmt::format("option {} is not understood", quote(word.text)), word.column};
      }
    }
    return std::nullopt;
  }

  // Only of elements that are written alike: `del` is no part of what `ipset save` writes.
  void remove(const std::vector<Word>& words) {
    Set* set = words.size() < 3 ? nullptr : known(words[1]);
    if (words.size() < 3) {
      return not_understood("a line that deletes needs a set and an element", words.back().column);
    }
    if (set != nullptr) {
      doubt(*set, {"elements are deleted", words[0].column});
    }
  }

  void flush(const std::vector<Word>& words) {
    if (words.size() < 2) {
      for (auto& [name, set] : sets_) {
        set.elements.clear();
      }
      return;
    }
    if (Set* set = known(words[1])) {
      set->elements.clear();
    }
  }

  void destroy(const std::vector<Word>& words) {
    if (words.size() < 2) {
      return sets_.clear();
    }
    if (known(words[1]) != nullptr) {
      sets_.erase(sets_.find(words[1].text));
    }
  }

  // swap and rename.
  void exchange(const std::vector<Word>& words) {
    if (words.size() < 3) {
      return not_understood("this command needs two sets", words.back().column);
    }
    if (known(words[1]) == nullptr) {
      return;
    }
    const bool swaps = words[0].text == "swap" || words[0].text == "-W" || words[0].text == "--swap";
    if (swaps != sets_.contains(words[2].text)) {
      return not_understood(swaps ? "set to swap with is not created before" : "set to rename to is there already",
                            words[2].column);
    }
    std::swap(sets_[std::string(words[1].text)], sets_[std::string(words[2].text)]);
    if (!swaps) {
      sets_.erase(sets_.find(words[1].text));
    }
  }

  // `ipset restore` stops at an element that is there already.
  void find_duplicates() {
    for (auto& [name, set] : sets_) {
      const auto less = [](const Element& a, const Element& b) {
        return std::pair(a.key(), a.line) < std::pair(b.key(), b.line);
      };
      std::ranges::sort(set.elements, less);
      const auto twice = std::ranges::adjacent_find(
          set.elements, [](const Element& a, const Element& b) { return a.key() == b.key(); });
      if (twice == set.elements.end()) {
        continue;
      }
      number_ = std::next(twice)->line;
      report(DiagnosticCode::ipset_duplicate, span(), fmt::format("this element of set {} is added twice", quote(name)),
             "`ipset restore` stops at this line");
      doubt_of_all_ = fmt::format("an element is added twice in line {} of its file", number_);
    }
  }

  void find_missing_members() {
    for (auto& [name, set] : sets_) {
      for (const Element& element : set.elements) {
        if (set.shape.type->dimensions.front() != Dimension::set || sets_.contains(element.member)) {
          continue;
        }
        number_ = element.line;
        report(DiagnosticCode::ipset_member_missing, span(),
               fmt::format("set {} is not in this file", quote(element.member)));
        set.doubt = fmt::format("its member `{}` is not in the file", element.member);
      }
    }
  }

  FileId file_;
  const SourceStore& sources_;
  DiagnosticSink& sink_;
  IpsetResult result_;
  std::map<std::string, Set, std::less<>> sets_;
  std::string doubt_of_all_;
  std::uint32_t number_ = 0;
  std::size_t elements_ = 0;
  bool exist_ = false;
};

}  // namespace
}  // namespace ipset

IpsetResult read_ipset_save(FileId file, const SourceStore& sources, DiagnosticSink& sink) {
  return ipset::Reader(file, sources, sink).read();
}

bool looks_like_ipset_save(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string_view> words = split_words(text.substr(0, end));
    if (!words.empty() && !words.front().starts_with('#')) {
      return words.size() > 2 && (words[0] == "create" || words[0] == "-N") &&
             ipset::find_set_type(words[2]) != nullptr;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

}  // namespace segproof
