// SPDX-License-Identifier: Apache-2.0
// Text for people: paragraphs and rows, folded to the width of the terminal, in colour where wanted. Every piece of
// text is escaped on its way in, so no input can move the cursor, reorder letters or break a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace segproof::report {

enum class Colour : std::uint8_t { on, off };

struct TextStyle {
  Colour colour = Colour::off;
  std::size_t width = 80;  // columns; below 40 counts as 40
};

// What a piece of text is, not how it looks. A colour never stands alone: symbols and words say the same.
enum class Ink : std::uint8_t { plain, strong, quiet, good, bad, doubtful, odd };

struct Piece {
  std::string text;
  Ink ink = Ink::plain;
};
using Pieces = std::vector<Piece>;

// One line of a folded text, escaped, without spaces at its end.
struct FoldedLine {
  Pieces pieces;
  std::size_t width = 0;
};

// Breaks at spaces, and inside a word only where it is wider than `width`. All bytes but the spaces at breaks are kept.
// Lines after the first have `hanging` columns less. At least one line. Precondition: width > hanging.
[[nodiscard]] std::vector<FoldedLine> fold(const Pieces& pieces, std::size_t width, std::size_t hanging = 0);

// Columns that the pieces need on one line.
[[nodiscard]] std::size_t width_of(const Pieces& pieces);

struct Column {
  std::size_t width = 0;  // 0: what is left of the line; only for the last one
};

class Page {
 public:
  explicit Page(const TextStyle& style);

  [[nodiscard]] std::size_t width() const { return width_; }
  Page& blank();
  // Lines after the first begin `hanging` columns further to the right.
  Page& paragraph(const Pieces& pieces, std::size_t indent = 0, std::size_t hanging = 0);
  Page& line(std::string_view text, std::size_t indent = 0);
  // Cells side by side, each folded in its column, two spaces between.
  Page& row(std::span<const Pieces> cells, std::span<const Column> columns, std::size_t indent = 0);
  // All lines, each ending with a line break.
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  void append(const FoldedLine& line);

  Colour colour_;
  std::size_t width_;
  std::string text_;
};

}  // namespace segproof::report
