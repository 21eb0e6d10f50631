// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/display.h"

namespace segproof::report {
namespace {

constexpr std::size_t narrowest = 40;
constexpr std::size_t column_gap = 2;

std::string_view escape_code(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::strong:
      return "\x1b[1m";
    case Ink::quiet:
      return "\x1b[2m";
    case Ink::good:
      return "\x1b[32m";
    case Ink::bad:
      return "\x1b[1;31m";
    case Ink::doubtful:
      return "\x1b[33m";
    case Ink::odd:
      return "\x1b[35m";
  }
  SEGPROOF_UNREACHABLE();
}

struct Letter {
  std::string_view bytes;
  std::size_t width = 0;
  Ink ink = Ink::plain;
};

// Views into `escaped`, which holds the escaped texts of the pieces.
std::vector<Letter> letters_of(const Pieces& pieces, std::vector<std::string>& escaped) {
  escaped.reserve(pieces.size());
  std::vector<Letter> letters;
  for (const Piece& piece : pieces) {
    escaped.push_back(escape_controls(piece.text));
    std::string_view rest = escaped.back();
    while (!rest.empty()) {
      const Glyph glyph = first_glyph(rest);
      letters.push_back({glyph.bytes, glyph_width(glyph.code_point), piece.ink});
      rest.remove_prefix(glyph.bytes.size());
    }
  }
  return letters;
}

FoldedLine line_of(std::span<const Letter> letters) {
  while (!letters.empty() && letters.back().bytes == " ") {
    letters = letters.first(letters.size() - 1);
  }
  FoldedLine line;
  for (const Letter& letter : letters) {
    if (line.pieces.empty() || line.pieces.back().ink != letter.ink) {
      line.pieces.push_back({.text = {}, .ink = letter.ink});
    }
    line.pieces.back().text += letter.bytes;
    line.width += letter.width;
  }
  return line;
}

// The first letter that is not on the line that starts at `begin`.
std::size_t line_end(std::span<const Letter> letters, std::size_t begin, std::size_t width) {
  std::size_t used = 0;
  std::size_t last_space = begin;
  for (std::size_t i = begin; i < letters.size(); ++i) {
    const bool space = letters[i].bytes == " ";
    used += letters[i].width;
    if (used > width && i > begin) {
      return space ? i : last_space > begin ? last_space : i;
    }
    if (space) {
      last_space = i;
    }
  }
  return letters.size();
}

}  // namespace

std::vector<FoldedLine> fold(const Pieces& pieces, std::size_t width, std::size_t hanging) {
  SEGPROOF_ASSERT(width > hanging);
  std::vector<std::string> escaped;
  const std::vector<Letter> letters = letters_of(pieces, escaped);
  std::vector<FoldedLine> lines;
  std::size_t begin = 0;
  do {
    const std::size_t end = line_end(letters, begin, lines.empty() ? width : width - hanging);
    lines.push_back(line_of(std::span(letters).subspan(begin, end - begin)));
    begin = end;
    while (begin < letters.size() && letters[begin].bytes == " ") {
      ++begin;
    }
  } while (begin < letters.size());
  return lines;
}

std::size_t width_of(const Pieces& pieces) {
  std::size_t width = 0;
  for (const Piece& piece : pieces) {
    width += display_width(escape_controls(piece.text));
  }
  return width;
}

Page::Page(const TextStyle& style) : colour_(style.colour), width_(std::max(style.width, narrowest)) {}

void Page::append(const FoldedLine& line) {
  for (const Piece& piece : line.pieces) {
    const std::string_view code = colour_ == Colour::on ? escape_code(piece.ink) : std::string_view{};
    text_ += code;
    text_ += piece.text;
    text_ += code.empty() ? "" : "\x1b[0m";
  }
}

Page& Page::blank() {
  text_ += '\n';
  return *this;
}

Page& Page::paragraph(const Pieces& pieces, std::size_t indent, std::size_t hanging) {
  // A paragraph keeps at least a quarter of the page, however deep it stands.
  indent = std::min(indent, width_ / 2);
  hanging = std::min(hanging, width_ / 4);
  std::size_t margin = indent;
  for (const FoldedLine& line : fold(pieces, width_ - indent, hanging)) {
    text_.append(line.pieces.empty() ? 0 : margin, ' ');
    append(line);
    text_ += '\n';
    margin = indent + hanging;
  }
  return *this;
}

Page& Page::line(std::string_view text, std::size_t indent) {
  return paragraph({{.text = std::string(text), .ink = Ink::plain}}, indent);
}

Page& Page::row(std::span<const Pieces> cells, std::span<const Column> columns, std::size_t indent) {
  SEGPROOF_ASSERT(cells.size() == columns.size());
  std::vector<std::vector<FoldedLine>> folded;
  std::vector<std::size_t> starts;
  std::size_t start = indent;
  std::size_t height = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t left = width_ > start + 8 ? width_ - start : 8;
    const std::size_t width = columns[i].width == 0 ? left : columns[i].width;
    folded.push_back(fold(cells[i], width));
    starts.push_back(start);
    start += width + column_gap;
    height = std::max(height, folded.back().size());
  }
  for (std::size_t y = 0; y < height; ++y) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < folded.size(); ++i) {
      if (y < folded[i].size() && !folded[i][y].pieces.empty()) {
        text_.append(starts[i] - at, ' ');
        append(folded[i][y]);
        at = starts[i] + folded[i][y].width;
      }
    }
    text_ += '\n';
  }
  return *this;
}

}  // namespace segproof::report
