// SPDX-License-Identifier: Apache-2.0
// A YAML document as a compact tree: mappings, lists and texts, each with its place. Built from yaml-cpp's events, so
// that what is not wanted is refused on the way: repeated keys, tags, merge keys, several documents, deep nesting,
// aliases that unfold into too much. Scalars are text; nothing is converted. About 40 bytes per value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"

namespace segproof::input::yaml {

struct Limits {
  std::size_t file_bytes = std::size_t{32} << 20U;
  std::size_t scalar_bytes = std::size_t{64} << 10U;
  std::size_t depth = 32;
  std::size_t alias_values = 100'000;  // values that aliases may add, unfolded
};

enum class Shape : std::uint8_t { nothing, text, list, map };

class View;
class Tree;

// Reads the whole file. All faults that can be found are reported. Nothing is returned for an empty file or when a
// fault ends the reading; after a repeated key, a tag or a merge key the rest can still be looked at for further
// faults. O(size of the file).
[[nodiscard]] std::optional<Tree> read_tree(FileId file, const SourceStore& sources, DiagnosticSink& sink,
                                            const Limits& limits = {});

// Immutable once built. The text of a scalar and its place; children in the order of the file.
class Tree {
 public:
  explicit Tree(FileId file) : file_(file) {}
  // Precondition: the tree was built without errors (read_tree gives no other).
  [[nodiscard]] View root() const;
  [[nodiscard]] FileId file() const { return file_; }

 private:
  friend class View;
  friend class TreeBuilder;
  friend std::optional<Tree> read_tree(FileId, const SourceStore&, DiagnosticSink&, const Limits&);
  static constexpr std::uint32_t none = 0xffffffffU;
  struct Cell {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t length = 0;
    std::uint32_t text_begin = 0;
    std::uint32_t text_size = 0;
    std::uint32_t next = none;   // sibling
    std::uint32_t first = none;  // first child; in a map keys and values take turns
    std::uint32_t size = 1;      // values in it with aliases unfolded, saturating
    std::uint32_t alias_of = none;
    Shape shape = Shape::nothing;
  };
  FileId file_;
  std::vector<Cell> cells_;
  std::string pool_;
  std::uint32_t root_ = none;
};

// One value of a Tree, which must outlive it.
class View {
 public:
  View(const Tree& tree, std::uint32_t cell) : tree_(&tree), cell_(cell) {}
  [[nodiscard]] Shape shape() const { return at().shape; }
  [[nodiscard]] SourceSpan span() const;
  // The scalar; empty for all other kinds.
  [[nodiscard]] std::string_view text() const;
  struct Entry;
  // The entries of a map, the items of a list; empty for all other kinds.
  [[nodiscard]] std::vector<Entry> entries() const;
  [[nodiscard]] std::vector<View> items() const;
  // The value of a key of a map.
  [[nodiscard]] std::optional<View> find(std::string_view key) const;

 private:
  // The cell itself, or what it is an alias of.
  [[nodiscard]] const Tree::Cell& at() const;
  const Tree* tree_;
  std::uint32_t cell_;
};

struct View::Entry {
  View key;  // always text
  View value;
};

}  // namespace segproof::input::yaml
