// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>

#include "base/display.h"
#include "base/text.h"
#include "support/skip.h"

namespace segproof::report {
namespace {

std::string joined(const std::vector<FoldedLine>& lines) {
  std::string text;
  for (const FoldedLine& line : lines) {
    text += text.empty() ? "" : "|";
    for (const Piece& piece : line.pieces) {
      text += piece.text;
    }
  }
  return text;
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

TEST_CASE("fold breaks at spaces and inside words that are too wide") {
  CHECK(joined(fold({{"one two three", Ink::plain}}, 7)) == "one two|three");
  CHECK(joined(fold({{"one two three", Ink::plain}}, 8)) == "one two|three");
  CHECK(joined(fold({{"abcdefghij", Ink::plain}}, 4)) == "abcd|efgh|ij");
  CHECK(joined(fold({{"a  b", Ink::plain}}, 10)) == "a  b");
  CHECK(joined(fold({}, 10)).empty());
  CHECK(joined(fold({{"aa bb cc dd", Ink::plain}}, 5, 3)) == "aa bb|cc|dd");
  CHECK(joined(fold({{"表表表", Ink::plain}}, 4)) == "表表|表");
}

TEST_CASE("fold escapes, and keeps the ink of every letter") {
  const std::vector<FoldedLine> lines = fold({{"a\x1b[31m", Ink::bad}, {"\nb", Ink::good}}, 40);
  REQUIRE(lines.size() == 1);
  REQUIRE(lines[0].pieces.size() == 2);
  CHECK(lines[0].pieces[0].text == "a\\x1b[31m");
  CHECK(lines[0].pieces[0].ink == Ink::bad);
  CHECK(lines[0].pieces[1].text == "\\nb");
}

TEST_CASE("random texts: no line is too wide, and nothing but spaces is lost") {
  std::mt19937_64 random(test::seed("page fold", 7));
  constexpr std::array<std::string_view, 12> words = {
      " ", " ", "a", "bb", "long-word-without-end", "ü", "表", "\x1b", "\n", "\xff", "  ", "x"};
  for (int round = 0; round < 2000; ++round) {
    Pieces pieces;
    std::string all;
    for (std::size_t i = random() % 9; i > 0; --i) {
      std::string text;
      for (std::size_t k = random() % 6; k > 0; --k) {
        text += words[random() % words.size()];
      }
      all += escape_controls(text);
      pieces.push_back({text, random() % 2 == 0 ? Ink::plain : Ink::bad});
    }
    const std::size_t width = 8 + random() % 30;
    const std::size_t hanging = random() % 5;
    std::string kept;
    std::size_t room = width;
    for (const FoldedLine& line : fold(pieces, width, hanging)) {
      std::string text;
      for (const Piece& piece : line.pieces) {
        text += piece.text;
      }
      CHECK(display_width(text) == line.width);
      CHECK(line.width <= room);
      CHECK((text.empty() || text.back() != ' '));
      kept += text;
      room = width - hanging;
    }
    CHECK(without_spaces(kept) == without_spaces(all));
  }
}

TEST_CASE("a row sets its cells side by side") {
  Page page({.colour = Colour::off, .width = 40});
  const std::array<Pieces, 3> cells = {Pieces{{"one", Ink::plain}}, Pieces{{"two words", Ink::plain}},
                                       Pieces{{"the rest of the line is folded here", Ink::plain}}};
  page.row(cells, std::array<Column, 3>{{{5}, {5}, {0}}});
  CHECK(std::move(page).take() ==
        "one    two    the rest of the line is\n"
        "       words  folded here\n");
}

TEST_CASE("colour is set and reset on each line, and only when asked for") {
  Page with({.colour = Colour::on, .width = 40});
  with.paragraph({{"bad", Ink::bad}, {" plain", Ink::plain}});
  CHECK(std::move(with).take() == "\x1b[1;31mbad\x1b[0m plain\n");
  Page without({.colour = Colour::off, .width = 40});
  without.paragraph({{"bad", Ink::bad}, {" plain", Ink::plain}});
  CHECK(std::move(without).take() == "bad plain\n");
}

}  // namespace
}  // namespace segproof::report
