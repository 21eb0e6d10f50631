// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/host_range.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "support/skip.h"

namespace segproof::input::inventory {
namespace {

std::string expanded(std::string_view pattern) {
  const HostExpansion expansion = expand_host_pattern(pattern);
  if (expansion.fault) {
    CHECK(expansion.names.empty());
    return fmt::format("{} at {}+{}", expansion.fault->message, expansion.fault->offset, expansion.fault->length);
  }
  std::string text;
  for (const std::string& name : expansion.names) {
    text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

TEST_CASE("patterns") {
  struct Row {
    std::string_view pattern, result;
  };
  for (const Row& row : std::vector<Row>{
           {"web1", "web1"},
           {"", ""},
           {"web[1:3]", "web1 web2 web3"},
           {"web[01:03].example", "web01.example web02.example web03.example"},
           {"web[8:11]", "web8 web9 web10 web11"},
           {"web[008:011]", "web008 web009 web010 web011"},
           {"web[:2]", "web0 web1 web2"},
           {"web[1:10:3]", "web1 web4 web7 web10"},
           {"web[1:10:30]", "web1"},
           {"db[a:c]", "dba dbb dbc"},
           {"db[a:g:3]", "dba dbd dbg"},
           {"db[y:B]", "dby dbz dbA dbB"},
           {"r[1:2]-n[a:b]", "r1-na r1-nb r2-na r2-nb"},
           {"10.0.0.[1:3]", "10.0.0.1 10.0.0.2 10.0.0.3"},
           {"web[3:1]", "`[3:1]` goes down at 3+5"},
           {"web[c:a]", "`[c:a]` goes down at 3+5"},
           {"web[1]", "`[1]` is not a range of hosts at 3+3"},
           {"web[1:2:3:4]", "`[1:2:3:4]` is not a range of hosts at 3+9"},
           {"web[1:]", "`[1:]` is not a range of numbers or of letters at 3+4"},
           {"web[]", "`[]` is not a range of hosts at 3+2"},
           {"web[a:3]", "`[a:3]` is not a range of numbers or of letters at 3+5"},
           {"web[aa:bb]", "`[aa:bb]` is not a range of numbers or of letters at 3+7"},
           {"web[-1:2]", "`[-1:2]` is not a range of numbers or of letters at 3+6"},
           {"web[01:100]", "the ends of `[01:100]` have different lengths at 3+8"},
           {"web[1:5:0]", "the step of `[1:5:0]` is not a number above 0 at 3+7"},
           {"web[1:5:x]", "the step of `[1:5:x]` is not a number above 0 at 3+7"},
           {"web[1:3", "the bracket of `web[1:3` has no partner at 3+1"},
           {"web1:3]", "the bracket of `web1:3]` has no partner at 6+1"},
           {"web[1:999999999]", "`web[1:999999999]` stands for more than 65536 hosts at 3+13"},
           {"web[1:99999999999999999999]", "the numbers of `[1:99999999999999999999]` are too large at 3+24"},
           {"[1:1000][1:1000]", "`[1:1000][1:1000]` stands for more than 65536 hosts at 8+8"},
       }) {
    CAPTURE(row.pattern);
    CHECK(expanded(row.pattern) == row.result);
  }
  CHECK(expand_host_pattern("h[1:65536]").names.size() == 65536);
  CHECK(expand_host_pattern("h[0:65536]").fault.has_value());
}

TEST_CASE("the port behind a host") {
  struct Row {
    std::string_view pattern, result;
  };
  for (const Row& row : std::vector<Row>{
           {"web1", "web1"},
           {"web1:2222", "web1"},
           {"web1:", "web1:"},
           {"web[1:3]", "web[1:3]"},
           {"web[1:3]:2222", "web[1:3]"},
           {"[1:3]:22", "[1:3]"},
           {"[1:9:2].example", "[1:9:2].example"},
           {"10.0.0.1:22", "10.0.0.1"},
           {"2001:db8::1", "2001:db8::1"},
           {"[2001:db8::1]", "2001:db8::1"},
           {"[2001:db8::1]:22", "2001:db8::1"},
           {"[2001:db8:0:0:0:0:0:1]:22", "2001:db8:0:0:0:0:0:1"},
           {"[2001:db8::1", "[2001:db8::1"},
           {"", ""},
       }) {
    CAPTURE(row.pattern);
    CHECK(without_port(row.pattern) == row.result);
  }
}

// Laws: the number of names is the product of the ranges; the order is that of nested loops; all names differ.
TEST_CASE("random patterns expand like nested loops") {
  std::mt19937_64 random(test::seed("host ranges", 20261121));
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  for (int round = 0; round < 500; ++round) {
    std::string pattern;
    std::vector<std::string> expected{""};
    const unsigned ranges = 1 + below(3);
    for (unsigned i = 0; i < ranges; ++i) {
      const unsigned low = below(120);
      const unsigned high = low + below(20);
      const unsigned step = 1 + below(4);
      const bool padded = below(2) == 0;
      const std::string begin = padded ? fmt::format("{:04}", low) : std::to_string(low);
      pattern +=
          fmt::format("x{}[{}:{}:{}]", i, begin, padded ? fmt::format("{:04}", high) : std::to_string(high), step);
      std::vector<std::string> longer;
      for (const std::string& name : expected) {
        for (unsigned value = low; value <= high; value += step) {
          longer.push_back(
              fmt::format("{}x{}{}", name, i, padded ? fmt::format("{:04}", value) : std::to_string(value)));
        }
      }
      expected = std::move(longer);
    }
    CAPTURE(pattern);
    const HostExpansion expansion = expand_host_pattern(pattern);
    REQUIRE_FALSE(expansion.fault.has_value());
    CHECK(expansion.names == expected);
  }
}

}  // namespace
}  // namespace segproof::input::inventory
