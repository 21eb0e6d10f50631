// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <limits>
#include <map>
#include <streambuf>
#include <utility>

#include "base/text.h"
#include "base/text_guard.h"
#include "base/yaml_fault.h"
#include "input/yaml/tree.h"

namespace segproof::input::yaml {
namespace {

// yaml-cpp reads streams; this one reads the text where it is.
class TextBuffer final : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) : text_(text) {
    char* begin = text_.data();
    setg(begin, begin, begin + text_.size());
  }

 private:
  std::string text_;
};

std::uint32_t saturating_sum(std::uint32_t a, std::uint32_t b) {
  return a > std::numeric_limits<std::uint32_t>::max() - b ? std::numeric_limits<std::uint32_t>::max() : a + b;
}

}  // namespace

// Turns events into cells. Faults that leave the structure readable are reported and reading goes on; others end it by
// an exception that read_tree catches.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(Tree& tree, const SourceStore& sources, DiagnosticSink& sink, const Limits& limits)
      : tree_(tree), sources_(sources), sink_(sink), limits_(limits) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) {
      fatal(mark, DiagnosticCode::yaml_feature, "a second document in one file", "write one document per file");
    }
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // The mark of an empty value is that of the next token: place it at its key, or where its list begins.
    Tree::Cell cell = place(mark, 0);
    const std::string_view there = sources_.line(tree_.file_, cell.line);
    const std::string_view rest = cell.column - 1 < there.size() ? there.substr(cell.column - 1) : std::string_view();
    const bool written =
        rest.starts_with('~') || rest.starts_with("null") || rest.starts_with("Null") || rest.starts_with("NULL");
    if (written) {
      cell.length = rest.starts_with('~') ? 1 : 4;
    } else if (!open_.empty()) {
      const Tree::Cell& near =
          tree_.cells_[open_.back().last != Tree::none && open_.back().is_map ? open_.back().last : open_.back().cell];
      cell.line = near.line;
      cell.column = near.column;
      cell.length = near.length;
    }
    append(cell, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      fatal(mark, DiagnosticCode::yaml_feature, "an alias inside the value that it stands for", "");
    }
    const Tree::Cell& target = tree_.cells_[found->second];
    alias_values_ += target.size;
    if (alias_values_ > limits_.alias_values) {
      fatal(mark, DiagnosticCode::yaml_limit,
            fmt::format("aliases unfold into more than {} values", limits_.alias_values), "write the values out");
    }
    Tree::Cell cell = place(mark, 1);
    cell.shape = target.shape;
    cell.size = target.size;
    cell.alias_of = target.alias_of == Tree::none ? found->second : target.alias_of;
    append(cell, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (value.size() > limits_.scalar_bytes) {
      fatal(mark, DiagnosticCode::yaml_limit, fmt::format("a value of more than {} bytes", limits_.scalar_bytes), "");
    }
    Tree::Cell cell = place(mark, value.size());
    cell.shape = Shape::text;
    if (!quote_is_closed(cell)) {
      fatal(mark, DiagnosticCode::yaml_syntax, "not YAML: the file ends inside a quoted text", "add the closing quote");
    }
    cell.length = written_length(cell, value);
    refuse_tag(cell, tag);
    cell.text_begin = static_cast<std::uint32_t>(tree_.pool_.size());
    cell.text_size = static_cast<std::uint32_t>(value.size());
    tree_.pool_ += value;
    append(cell, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor, Shape::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor, Shape::map);
  }
  void OnMapEnd() override {
    check_keys(open_.back().cell);
    close();
  }

 private:
  struct Open {
    std::uint32_t cell;
    std::uint32_t last = Tree::none;  // child
    bool is_map;
    bool expects_key;
    YAML::anchor_t anchor;
  };
  struct Stop {};
  friend std::optional<Tree> read_tree(FileId, const SourceStore&, DiagnosticSink&, const Limits&);

  [[noreturn]] void fatal(const YAML::Mark& mark, DiagnosticCode code, std::string message, std::string hint) {
    const Tree::Cell cell = place(mark, 1);
    sink_.add({.code = code, .span = span_of(cell), .message = std::move(message), .hint = std::move(hint)});
    throw Stop{};
  }

  [[nodiscard]] SourceSpan span_of(const Tree::Cell& cell) const {
    return {.file = tree_.file_, .line = cell.line, .column = cell.column, .length = cell.length};
  }

  [[nodiscard]] static Tree::Cell place(const YAML::Mark& mark, std::size_t length) {
    Tree::Cell cell;
    cell.line = static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1;
    cell.column = static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1;
    cell.length = static_cast<std::uint32_t>(length);
    return cell;
  }

  // yaml-cpp takes a quoted text as complete when the file ends after a line break inside it: a file that was cut off
  // would be read as a whole one. True for what is not quoted.
  [[nodiscard]] bool quote_is_closed(const Tree::Cell& cell) const {
    const std::string_view text = sources_.text(tree_.file_);
    const std::string_view line = sources_.line(tree_.file_, cell.line);
    std::size_t at =
        static_cast<std::size_t>(line.data() - text.data()) + std::min<std::size_t>(cell.column - 1, line.size());
    while (at < text.size() && (text[at] == '&' || text[at] == '!')) {  // anchor and tag come before the quote
      at = text.find_first_of(" \t\r\n", at);
      at = at == std::string_view::npos ? text.size() : std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    }
    if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) {
      return true;
    }
    const char mark = text[at];
    for (++at; at < text.size(); ++at) {
      if (mark == '"' && text[at] == '\\') {
        ++at;
      } else if (text[at] == mark) {
        return true;
      }
    }
    return false;
  }

  // Bytes on the line where the scalar begins, quotes included.
  [[nodiscard]] std::uint32_t written_length(const Tree::Cell& cell, std::string_view value) const {
    const std::string_view line = sources_.line(tree_.file_, cell.line);
    const std::string_view rest = cell.column - 1 < line.size() ? line.substr(cell.column - 1) : std::string_view();
    if (rest.starts_with(value)) {
      return static_cast<std::uint32_t>(value.size());
    }
    if (rest.starts_with('"') || rest.starts_with('\'')) {
      const std::size_t end = rest.find(rest.front(), 1);
      return static_cast<std::uint32_t>(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return 1;
  }

  void refuse_tag(const Tree::Cell& cell, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      sink_.add({.code = DiagnosticCode::yaml_feature,
                 .span = span_of(cell),
                 .message = fmt::format("a tag, {}", quote(tag)),
                 .hint = "leave the tag out: every value is read as text"});
    }
  }

  void begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Shape shape) {
    if (open_.size() >= limits_.depth) {
      fatal(mark, DiagnosticCode::yaml_limit, fmt::format("more than {} levels of nesting", limits_.depth), "");
    }
    Tree::Cell cell = place(mark, 1);
    cell.shape = shape;
    refuse_tag(cell, tag);
    if (expects_key()) {
      fatal(mark, DiagnosticCode::yaml_feature, "a key that is a mapping or a list", "keys are plain words");
    }
    const std::uint32_t index = append(cell, 0);
    open_.push_back(
        {.cell = index, .is_map = shape == Shape::map, .expects_key = shape == Shape::map, .anchor = anchor});
  }

  // Only now can an alias stand for it: inside it would unfold for ever.
  void close() {
    if (open_.back().anchor != 0) {
      anchors_[open_.back().anchor] = open_.back().cell;
    }
    open_.pop_back();
  }

  [[nodiscard]] bool expects_key() const { return !open_.empty() && open_.back().is_map && open_.back().expects_key; }

  std::uint32_t append(Tree::Cell cell, YAML::anchor_t anchor) {
    const auto index = static_cast<std::uint32_t>(tree_.cells_.size());
    if (expects_key()) {
      check_key(cell);
    }
    for (Open& open : open_) {
      tree_.cells_[open.cell].size = saturating_sum(tree_.cells_[open.cell].size, cell.size);
    }
    tree_.cells_.push_back(cell);
    if (open_.empty()) {
      tree_.root_ = index;
    } else {
      Open& open = open_.back();
      (open.last == Tree::none ? tree_.cells_[open.cell].first : tree_.cells_[open.last].next) = index;
      open.last = index;
      open.expects_key = open.is_map && !open.expects_key;
    }
    if (anchor != 0) {
      anchors_[anchor] = index;
    }
    return index;
  }

  void check_key(const Tree::Cell& cell) {
    if (cell.shape == Shape::text) {
      const Tree::Cell& written = cell.alias_of == Tree::none ? cell : tree_.cells_[cell.alias_of];
      if (std::string_view(tree_.pool_).substr(written.text_begin, written.text_size) == "<<") {
        sink_.add({.code = DiagnosticCode::yaml_feature,
                   .span = span_of(cell),
                   .message = "a merge key `<<`",
                   .hint = "write the keys out: what a rule or a host says should stand in one place"});
      }
      return;
    }
    const bool empty = cell.shape == Shape::nothing;
    sink_.add({.code = DiagnosticCode::yaml_feature,
               .span = span_of(cell),
               .message = empty ? "an empty key" : "a key that is a mapping or a list",
               .hint = empty ? "quote the words `null` and `~` where they are names" : "keys are plain words"});
  }

  void check_keys(std::uint32_t map) {
    std::vector<std::pair<std::string_view, std::uint32_t>> keys;
    for (std::uint32_t key = tree_.cells_[map].first; key != Tree::none;) {
      const Tree::Cell& cell = tree_.cells_[key];
      const Tree::Cell& text = cell.alias_of == Tree::none ? cell : tree_.cells_[cell.alias_of];
      if (text.shape == Shape::text) {
        keys.emplace_back(std::string_view(tree_.pool_).substr(text.text_begin, text.text_size), key);
      }
      key = tree_.cells_[cell.next].next;
    }
    std::ranges::sort(keys);
    for (std::size_t i = 1; i < keys.size(); ++i) {
      if (keys[i].first == keys[i - 1].first) {
        sink_.add(
            {.code = DiagnosticCode::duplicate_key,
             .span = span_of(tree_.cells_[keys[i].second]),
             .message = fmt::format("key {} is repeated", quote(keys[i].first)),
             .notes = {{.span = span_of(tree_.cells_[keys[i - 1].second]), .message = "it stands here as well"}}});
      }
    }
  }

  Tree& tree_;
  const SourceStore& sources_;
  DiagnosticSink& sink_;
  const Limits& limits_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::uint32_t> anchors_;
  std::size_t alias_values_ = 0;
  bool started_ = false;
};

namespace {

Diagnostic syntax_fault(const YAML::Exception& fault, FileId file, const SourceStore& sources) {
  Diagnostic diagnostic{.code = DiagnosticCode::yaml_syntax,
                        .span = {.file = file,
                                 .line = static_cast<std::uint32_t>(std::max(fault.mark.line, 0)) + 1,
                                 .column = static_cast<std::uint32_t>(std::max(fault.mark.column, 0)) + 1,
                                 .length = 1},
                        .message = {}};
  const std::string_view line = sources.line(file, diagnostic.span.line);
  const YamlFault wording = yaml_fault(fault.msg, line);
  if (wording.column) {
    diagnostic.span.column = *wording.column;
  }
  diagnostic.message = wording.message;
  diagnostic.hint = wording.hint;
  return diagnostic;
}

}  // namespace

std::optional<Tree> read_tree(FileId file, const SourceStore& sources, DiagnosticSink& sink, const Limits& limits) {
  if (!guard_text(sources, file, {.bytes = limits.file_bytes}, sink)) {
    return std::nullopt;
  }
  Tree tree(file);
  TreeBuilder builder(tree, sources, sink, limits);
  TextBuffer buffer(sources.text(file));
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const TreeBuilder::Stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& fault) {
    sink.add(syntax_fault(fault, file, sources));
    return std::nullopt;
  }
  if (tree.root_ == Tree::none) {
    sink.add({.code = DiagnosticCode::yaml_syntax, .span = {.file = file}, .message = "the file is empty"});
    return std::nullopt;
  }
  return tree;
}

}  // namespace segproof::input::yaml
