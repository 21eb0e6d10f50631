// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <map>
#include <streambuf>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "base/yaml_fault.h"

namespace segproof::input::inventory {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::size_t most_nodes = 2'000'000;

// Thrown through the library when a limit is passed or a key repeated; the fault is reported by then.
struct Stop {};

// Reads a text that somebody else owns.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
    setg(begin, begin, begin + text.size());
  }
};

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Reporter& reporter) : reporter_(reporter) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      stop(DiagnosticCode::inventory_yaml_shape, place(mark, 1), "a second document begins here",
           "an inventory is one document");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    leaf({.kind = YamlKind::null, .plain = true, .span = empty_place(mark), .text = {}, .tag = {}, .items = {}},
         anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      stop(DiagnosticCode::inventory_yaml_limit, place(mark, 1), "an alias stands within what it stands for", "");
    }
    append(found->second, place(mark, 1));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    remember_quote(mark);
    leaf({.kind = YamlKind::scalar,
          .plain = tag == "?",
          .span = place(mark, scalar_length(mark, value)),
          .text = value,
          .tag = tag == "?" || tag == "!" ? "" : tag,
          .items = {}},
         anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlKind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlKind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  [[noreturn]] void stop(DiagnosticCode code, SourceSpan span, std::string message, std::string hint) {
    reporter_.error(code, span, std::move(message), std::move(hint));
    throw Stop{};
  }
  [[nodiscard]] SourceSpan place(const YAML::Mark& mark, std::size_t length) const {
    if (mark.line < 0) {
      return reporter_.whole();
    }
    return reporter_.span(static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1, length);
  }
  // The library takes a quote that is not closed when only white space follows it. Only the last one can be that.
  void check_last_quote() {
    if (!last_quoted_) {
      return;
    }
    const std::string_view text = reporter_.text();
    const char quote = text[*last_quoted_];
    for (std::size_t i = *last_quoted_ + 1; i < text.size(); ++i) {
      const bool doubled = quote == '\'' && text.substr(i).starts_with("''");
      if (doubled || (quote == '"' && text[i] == '\\')) {
        ++i;
      } else if (text[i] == quote) {
        return;
      }
    }
    stop(DiagnosticCode::inventory_yaml_syntax, reporter_.span_at(*last_quoted_, 1),
         "not YAML: the quote is not closed", "");
  }

  [[nodiscard]] YamlTree take() && {
    if (!root_.valid()) {
      root_ =
          add({.kind = YamlKind::null, .plain = true, .span = reporter_.whole(), .text = {}, .tag = {}, .items = {}});
    }
    YamlTree tree(std::move(nodes_));
    tree.root = root_;
    return tree;
  }

 private:
  // Where the scalar opens a quote, behind its tag and anchor.
  void remember_quote(const YAML::Mark& mark) {
    const std::string_view text = reporter_.text();
    const std::string_view line = reporter_.line(static_cast<std::uint32_t>(mark.line + 1));
    std::size_t at = static_cast<std::size_t>(line.data() - text.data()) + static_cast<std::size_t>(mark.column);
    while (at < text.size() && (text[at] == '&' || text[at] == '!' || is_space(text[at]))) {
      const bool property = !is_space(text[at]);
      while (property && at < text.size() && !is_space(text[at])) {
        ++at;
      }
      at += property ? 0 : 1;
    }
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
      last_quoted_ = at;
    }
  }

  // A mapping or sequence that is not finished.
  struct Level {
    YamlIndex node;
    YAML::anchor_t anchor;
    std::map<std::string, SourceSpan, std::less<>> keys;
  };

  // As it is written, with its quotes, if it is on one line.
  [[nodiscard]] std::size_t scalar_length(const YAML::Mark& mark, const std::string& value) const {
    const std::string_view line = reporter_.line(static_cast<std::uint32_t>(mark.line + 1));
    const auto column = static_cast<std::size_t>(mark.column);
    if (column < line.size() && (line[column] == '"' || line[column] == '\'')) {
      const std::size_t end = line.find(line[column], column + 1);
      return end == std::string_view::npos ? line.size() - column : end - column + 1;
    }
    return value.find('\n') == std::string::npos ? value.size() : 1;
  }

  // The library places a value that is not written at the next token; the key in front of it is where to look.
  [[nodiscard]] SourceSpan empty_place(const YAML::Mark& mark) const {
    if (!levels_.empty()) {
      const YamlNode& parent = nodes_[levels_.back().node.index()];
      if (parent.kind == YamlKind::mapping && parent.items.size() % 2 == 1) {
        return nodes_[parent.items.back().index()].span;
      }
    }
    return place(mark, 1);
  }

  YamlIndex add(YamlNode node) {
    if (nodes_.size() == most_nodes) {
      stop(DiagnosticCode::inventory_yaml_limit, node.span, fmt::format("the file has more than {} values", most_nodes),
           "");
    }
    nodes_.push_back(std::move(node));
    return YamlIndex(nodes_.size() - 1);
  }

  void leaf(YamlNode node, YAML::anchor_t anchor) {
    const SourceSpan span = node.span;
    const YamlIndex index = add(std::move(node));
    if (anchor != 0) {
      anchors_[anchor] = index;
    }
    append(index, span);
  }

  void open(YamlKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (levels_.size() == deepest) {
      stop(DiagnosticCode::inventory_yaml_limit, place(mark, 1),
           fmt::format("the file is nested more than {} levels deep", deepest), "");
    }
    const YamlIndex index = add({.kind = kind,
                                 .plain = false,
                                 .span = place(mark, 1),
                                 .text = {},
                                 .tag = tag == "?" || tag == "!" ? "" : tag,
                                 .items = {}});
    levels_.push_back({.node = index, .anchor = anchor, .keys = {}});
  }

  void close() {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.anchor != 0) {
      anchors_[level.anchor] = level.node;
    }
    append(level.node, nodes_[level.node.index()].span);
  }

  void append(YamlIndex index, SourceSpan span) {
    if (levels_.empty()) {
      root_ = index;
      return;
    }
    Level& level = levels_.back();
    YamlNode& parent = nodes_[level.node.index()];
    if (parent.kind == YamlKind::mapping && parent.items.size() % 2 == 0) {
      check_key(level, nodes_[index.index()], span);
    }
    parent.items.push_back(index);
  }

  void check_key(Level& level, const YamlNode& key, SourceSpan span) {
    if (key.kind != YamlKind::scalar && key.kind != YamlKind::null) {
      stop(DiagnosticCode::inventory_yaml_shape, span, "a key is not a text", "");
    }
    const auto [first, is_new] = level.keys.try_emplace(key.text, span);
    if (!is_new) {
      reporter_.add(Severity::error, DiagnosticCode::inventory_yaml_duplicate_key, span,
                    fmt::format("the key {} stands twice in one mapping", quote(key.text)),
                    {.span = first->second, .message = "first here"});
      throw Stop{};
    }
  }

  Reporter& reporter_;
  std::vector<YamlNode> nodes_;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, YamlIndex> anchors_;
  YamlIndex root_;
  std::optional<std::size_t> last_quoted_;
  unsigned documents_ = 0;
};

}  // namespace

std::optional<YamlTree> parse_yaml(Reporter& reporter) {
  TreeBuilder builder(reporter);
  try {
    ViewBuffer buffer(reporter.text());
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    builder.check_last_quote();
  } catch (const Stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& fault) {
    SourceSpan place = builder.place(fault.mark, 1);
    const YamlFault wording = yaml_fault(fault.msg, reporter.line(place.line));
    place.column = wording.column.value_or(place.column);
    reporter.error(DiagnosticCode::inventory_yaml_syntax, place, wording.message, wording.hint);
    return std::nullopt;
  }
  return std::move(builder).take();
}

}  // namespace segproof::input::inventory
