// SPDX-License-Identifier: Apache-2.0
// Ansible inventories in INI syntax: sections of hosts, [group:children] and [group:vars].
#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/text_guard.h"
#include "input/inventory/ansible_model.h"
#include "input/inventory/inventory.h"
#include "input/inventory/reporter.h"
#include "input/inventory/shell_words.h"

namespace segproof::input {
namespace inventory {
namespace {

enum class Section { hosts, children, variables, unreadable };

// A piece of the line at hand.
struct Piece {
  std::string_view text;
  std::size_t column;
};

class IniReader {
 public:
  explicit IniReader(Reporter& reporter) : reporter_(reporter), model_(reporter) {}

  Inventory run() {
    for (line_ = 1; line_ <= reporter_.line_count(); ++line_) {
      written_ = reporter_.line(line_);
      if (line_ == 1 && written_.starts_with("\xef\xbb\xbf")) {
        start_ = 3;  // a byte order mark
      } else {
        start_ = 0;
      }
      read_line();
    }
    report_undefined();
    return model_.resolve();
  }

 private:
  [[nodiscard]] SourceSpan span(const Piece& piece) const {
    return reporter_.span(line_, piece.column, piece.text.size());
  }
  [[nodiscard]] Value value(const Piece& piece) const { return {.text = std::string(piece.text), .span = span(piece)}; }
  [[nodiscard]] Piece piece(std::string_view part) const {
    return {.text = part, .column = static_cast<std::size_t>(part.data() - written_.data()) + 1};
  }

  void read_line() {
    const std::string_view line = trim(written_.substr(start_));
    if (line_ == 1 && line.starts_with("#!")) {
      reporter_.error(DiagnosticCode::inventory_dynamic, span(piece(line)),
                      "this is a program that makes an inventory, not an inventory",
                      "run it and save the result with `ansible-inventory --list --yaml`");
      dynamic_ = true;
    }
    if (line.empty() || dynamic_ || line.front() == '#' || line.front() == ';') {
      return;
    }
    // `[2001:db8::1]:22` and `[a:c].example` are hosts that begin with a bracket; a section has nothing behind it.
    const std::size_t close = line.find(']');
    const std::string_view behind = close == std::string_view::npos ? "" : trim(line.substr(close + 1));
    if (line.front() == '[' && (behind.empty() || behind.front() == '#' || behind.front() == ';')) {
      return read_section(line, close);
    }
    switch (section_) {
      case Section::hosts:
        return read_host(line);
      case Section::children:
        return read_child(line);
      case Section::variables:
        return read_variable(line);
      case Section::unreadable:
        return;  // its header is an error already
    }
  }

  void read_section(std::string_view line, std::size_t close) {
    section_ = Section::unreadable;
    if (close == std::string_view::npos) {
      return section_fault(line, "the bracket of the section is not closed", "");
    }
    const std::string_view inside = line.substr(1, close - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const std::string_view kind = colon == std::string_view::npos ? "" : inside.substr(colon + 1);
    if (name.empty() || split_words(name).size() != 1 || split_words(name).front().size() != name.size()) {
      return section_fault(inside.empty() ? line.substr(0, close + 1) : inside,
                           name.empty() ? std::string("the section has no name")
                                        : fmt::format("{} is not the name of a group", quote(name)),
                           "names of groups have no spaces");
    }
    if (colon != std::string_view::npos && kind != "children" && kind != "vars") {
      constexpr std::array<std::string_view, 2> kinds{"children", "vars"};
      const std::string near = did_you_mean_hint(kind, kinds);
      return section_fault(kind.empty() ? inside : kind,
                           kind.empty() ? std::string("the section has no kind behind the colon")
                                        : fmt::format("a section cannot be {}", quote(kind)),
                           near.empty() ? "sections are `[group]`, `[group:children]` and `[group:vars]`" : near);
    }
    section_ = kind == "vars" ? Section::variables : kind == "children" ? Section::children : Section::hosts;
    group_ = model_.group(name, span(piece(name)));
    if (section_ == Section::variables) {
      mention(name);
    } else {
      defined_.emplace(name);
    }
  }

  void section_fault(std::string_view part, std::string message, std::string hint) {
    reporter_.error(DiagnosticCode::ansible_section_invalid, span(piece(part)), std::move(message), std::move(hint));
  }

  // A group that must be defined somewhere in the file.
  void mention(std::string_view name) { mentioned_.push_back(value(piece(name))); }

  void report_undefined() {
    for (const Value& mention : mentioned_) {
      const std::string& name = mention.text;
      if (name == "all" || name == "ungrouped" || defined_.contains(name)) {
        continue;
      }
      const std::vector<std::string> known(defined_.begin(), defined_.end());
      reporter_.error(DiagnosticCode::ansible_group_undefined, mention.span,
                      fmt::format("group {} is not defined in this file", quote(name)),
                      known.size() > 1000 ? "" : did_you_mean_hint(name, known));
    }
  }

  void read_host(std::string_view line) {
    const std::size_t column = piece(line).column;
    const ShellWords words = shell_words(line);
    if (words.unfinished) {
      const bool is_quote = line[*words.unfinished] != '\\';
      reporter_.error(DiagnosticCode::ansible_quote_unterminated, reporter_.span(line_, column + *words.unfinished, 1),
                      is_quote ? "the quote is not closed on this line" : "the line ends with a backslash");
      return;
    }
    if (words.words.empty()) {
      return;
    }
    const auto place = [&](const ShellWord& word) { return reporter_.span(line_, column + word.offset, word.length); };
    const ShellWord& first = words.words.front();
    const std::vector<HostIndex> hosts = model_.add_hosts(group_, {.text = first.text, .span = place(first)});
    for (std::size_t i = 1; i < words.words.size(); ++i) {
      const ShellWord& word = words.words[i];
      const std::size_t equals = word.text.find('=');
      if (equals == std::string::npos || equals == 0) {
        reporter_.error(DiagnosticCode::ansible_line_invalid, place(word),
                        fmt::format("{} is not a variable of the form `name=value`", quote(word.text)),
                        "quote values with spaces");
        continue;
      }
      const Value assigned = {.text = word.text, .span = place(word)};
      const std::string_view text = assigned.text;
      keep({.text = word.text.substr(0, equals), .span = reporter_.part_span(assigned, text.substr(0, equals))},
           {.text = word.text.substr(equals + 1), .span = reporter_.part_span(assigned, text.substr(equals + 1))},
           &hosts);
    }
  }

  void read_child(std::string_view line) {
    std::string_view name = line.substr(0, line.find_first_of("#;"));
    name = trim(name);
    if (split_words(name).size() != 1 || name.find_first_of("[]:=") != std::string_view::npos) {
      reporter_.error(DiagnosticCode::ansible_line_invalid, span(piece(line)),
                      fmt::format("{} is not the name of a group", quote(line)), "one group stands on each line");
      return;
    }
    mention(name);
    model_.add_child(group_, model_.group(name, span(piece(name))), span(piece(name)));
  }

  void read_variable(std::string_view line) {
    const std::size_t equals = line.find('=');
    const std::string_view name = trim(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) {
      reporter_.error(DiagnosticCode::ansible_line_invalid, span(piece(line)),
                      fmt::format("{} is not a variable of the form `name=value`", quote(line)));
      return;
    }
    std::string_view text = trim(line.substr(equals + 1));
    if (text.empty()) {
      text = line.substr(line.size());
    } else if (text.front() == '"' || text.front() == '\'') {
      const std::size_t close = text.find(text.front(), 1);
      if (close == std::string_view::npos) {
        reporter_.error(DiagnosticCode::ansible_quote_unterminated, span(piece(text.substr(0, 1))),
                        "the quote is not closed on this line");
        return;
      }
      text = text.substr(1, close - 1);
    } else if (const std::size_t comment = text.find(" #"); comment != std::string_view::npos) {
      text = trim(text.substr(0, comment));
    }
    keep(value(piece(name)), value(piece(text)), nullptr);
  }

  void keep(const Value& name, Value text, const std::vector<HostIndex>* hosts) {
    if (!model_.wants(name)) {
      return;
    }
    Variable variable{.key = *variable_key(name.text), .items = {}, .is_list = false, .span = text.span};
    variable.items.push_back(std::move(text));
    if (hosts == nullptr) {
      model_.set_variable(group_, std::move(variable));
    } else {
      model_.set_variable(*hosts, std::move(variable));
    }
  }

  Reporter& reporter_;
  AnsibleModel model_;
  std::uint32_t line_ = 0;
  std::size_t start_ = 0;
  std::string_view written_;
  Section section_ = Section::hosts;
  bool dynamic_ = false;
  GroupIndex group_ = all_hosts;
  std::vector<Value> mentioned_;
  std::unordered_set<std::string> defined_;
};

}  // namespace
}  // namespace inventory

Inventory read_ansible_ini(FileId file, const SourceStore& sources, DiagnosticSink& sink) {
  inventory::Reporter reporter(file, sources, sink);
  constexpr TextLimits limits{.bytes = std::size_t{64} << 20U};
  if (!guard_text(sources, file, limits, sink)) {
    return {.hosts = {}, .lines = sources.line_count(file), .notes = {}};
  }
  return inventory::IniReader(reporter).run();
}

}  // namespace segproof::input
