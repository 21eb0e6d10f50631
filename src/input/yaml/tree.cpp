// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/tree.h"

#include "base/assert.h"

namespace segproof::input::yaml {

View Tree::root() const {
  SEGPROOF_ASSERT(root_ != none);
  return View(*this, root_);
}

const Tree::Cell& View::at() const {
  const Tree::Cell& cell = tree_->cells_[cell_];
  return cell.alias_of == Tree::none ? cell : tree_->cells_[cell.alias_of];
}

SourceSpan View::span() const {
  const Tree::Cell& cell = at();
  return {.file = tree_->file_, .line = cell.line, .column = cell.column, .length = cell.length};
}

std::string_view View::text() const {
  const Tree::Cell& cell = at();
  return std::string_view(tree_->pool_).substr(cell.text_begin, cell.text_size);
}

std::vector<View::Entry> View::entries() const {
  std::vector<Entry> entries;
  if (shape() != Shape::map) {
    return entries;
  }
  for (std::uint32_t key = at().first; key != Tree::none;) {
    const std::uint32_t value = tree_->cells_[key].next;
    entries.push_back({.key = View(*tree_, key), .value = View(*tree_, value)});
    key = tree_->cells_[value].next;
  }
  return entries;
}

std::vector<View> View::items() const {
  std::vector<View> items;
  if (shape() != Shape::list) {
    return items;
  }
  for (std::uint32_t item = at().first; item != Tree::none; item = tree_->cells_[item].next) {
    items.emplace_back(*tree_, item);
  }
  return items;
}

std::optional<View> View::find(std::string_view key) const {
  if (shape() != Shape::map) {
    return std::nullopt;
  }
  for (std::uint32_t cell = at().first; cell != Tree::none;) {
    const std::uint32_t value = tree_->cells_[cell].next;
    if (View(*tree_, cell).text() == key) {
      return View(*tree_, value);
    }
    cell = tree_->cells_[value].next;
  }
  return std::nullopt;
}

}  // namespace segproof::input::yaml
