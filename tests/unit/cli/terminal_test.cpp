// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <doctest/doctest.h>

namespace segproof::cli {
namespace {

using report::Colour;

TEST_CASE("colour on a terminal, unless somebody objects") {
  MemoryTerminal terminal;
  const auto colour = [&terminal](ColourChoice choice) { return style_for(terminal, Stream::out, choice).colour; };
  terminal.variables["TERM"] = "xterm-256color";
  CHECK(colour(ColourChoice::automatic) == Colour::off);
  CHECK(colour(ColourChoice::always) == Colour::on);
  terminal.terminal = true;
  CHECK(colour(ColourChoice::automatic) == Colour::on);
  CHECK(colour(ColourChoice::never) == Colour::off);
  terminal.variables["NO_COLOR"] = "";
  CHECK(colour(ColourChoice::automatic) == Colour::on);  // no-color.org: "when present and not an empty string"
  terminal.variables["NO_COLOR"] = "0";
  CHECK(colour(ColourChoice::automatic) == Colour::off);
  CHECK(colour(ColourChoice::always) == Colour::on);
  terminal.variables.erase("NO_COLOR");
  terminal.variables["TERM"] = "dumb";
  CHECK(colour(ColourChoice::automatic) == Colour::off);
  terminal.variables.erase("TERM");
  CHECK(colour(ColourChoice::automatic) == Colour::off);
}

TEST_CASE("the width is the terminal's; without one it is always the same") {
  MemoryTerminal terminal;
  const auto width = [&terminal] { return style_for(terminal, Stream::out, ColourChoice::automatic).width; };
  terminal.variables["COLUMNS"] = "100";
  terminal.width = 120;
  CHECK(width() == 80);
  terminal.terminal = true;
  CHECK(width() == 120);
  terminal.width.reset();
  CHECK(width() == 100);
  terminal.variables["COLUMNS"] = "wide";
  CHECK(width() == 80);
}

}  // namespace
}  // namespace segproof::cli
