// SPDX-License-Identifier: Apache-2.0
// What the Linux kernel answered (kernel_answers.txt), asked again here. A recorded answer may be "perhaps" for us,
// only where a bridge port or the order of a hash decides; it is never the opposite.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "set_world.h"

namespace segproof::test {

TEST_CASE("the kernel answers the same") {
  const auto text = RealFileSystem().read_file("tests/unit/input_ipset/kernel_answers.txt", default_file_limit);
  REQUIRE(text.ok());
  std::string rule;
  std::string sets;
  std::optional<SetWorld> world;
  Family family = Family::ipv4;
  std::size_t asked = 0;
  std::size_t perhaps = 0;
  for (const std::string_view line : split(text.value(), '\n')) {
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    if (line.starts_with("= ")) {
      family = line[2] == '6' ? Family::ipv6 : Family::ipv4;
      rule = line.substr(4);
      sets.clear();
      world.reset();
    } else if (line == "-") {
      world.emplace(sets, rule, family);
      CHECK(world->complaints() == "");
    } else if (!world) {
      sets += line;
      sets += '\n';
    } else {
      const std::size_t first = line.find(' ');
      const std::size_t second = line.find(' ', first + 1);
      const std::string answer = world->ask(line.substr(second + 1), line.substr(first + 1, second - first - 1));
      ++asked;
      perhaps += answer == "perhaps" ? 1U : 0U;
      CAPTURE(rule);
      CAPTURE(sets);
      CAPTURE(line);
      CHECK((answer == line.substr(0, first) || answer == "perhaps"));
    }
  }
  CHECK(asked > 800);
  CHECK(perhaps < asked / 20);
}

}  // namespace segproof::test
