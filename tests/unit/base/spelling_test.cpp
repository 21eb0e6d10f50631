// SPDX-License-Identifier: Apache-2.0
#include "base/spelling.h"

#include <doctest/doctest.h>

#include <array>
#include <random>

#include "support/skip.h"

namespace segproof {
namespace {

std::string nearest(std::string_view word) {
  static constexpr std::array<std::string_view, 7> known = {"dmz",  "dmz-transfer", "production", "corporate",
                                                            "mgmt", "zone",         "internet"};
  return did_you_mean(word, known).value_or("-");
}

}  // namespace

TEST_CASE("distances") {
  CHECK(edit_distance("kitten", "sitting", 5) == 3);
  CHECK(edit_distance("", "", 0) == 0);
  CHECK(edit_distance("", "abc", 3) == 3);
  CHECK(edit_distance("abc", "ABC", 0) == 0);
  CHECK(edit_distance("abcd", "abdc", 1) == 1);  // one swap
  CHECK_FALSE(edit_distance("abc", "xyz", 2).has_value());
  CHECK_FALSE(edit_distance("a", "abcdefgh", 3).has_value());
}

TEST_CASE("slips of the finger are found, other words are not") {
  CHECK(nearest("dmz-transfr") == "dmz-transfer");
  CHECK(nearest("prodcution") == "production");
  CHECK(nearest("Corporate") == "corporate");
  CHECK(nearest("zonne") == "zone");
  CHECK(nearest("mgt") == "mgmt");
  CHECK(nearest("dnz") == "dmz");
  CHECK(nearest("warehouse") == "-");
  CHECK(nearest("x") == "-");
  CHECK(nearest("") == "-");
}

TEST_CASE("of equally near candidates the alphabetically first is named, in any order of the candidates") {
  const std::vector<std::string> forward = {"web1", "web2", "web3"};
  const std::vector<std::string> backward = {"web3", "web2", "web1"};
  CHECK(did_you_mean("web4", forward) == "web1");
  CHECK(did_you_mean("web4", backward) == "web1");
  CHECK(did_you_mean_hint("web4", backward) == "did you mean `web1`?");
  CHECK(did_you_mean_hint("elephant", backward).empty());
}

TEST_CASE("long hostile words cost nothing") {
  const std::string word(10'000'000, 'a');
  const std::vector<std::string> candidates = {std::string(10'000'000, 'b'), "a"};
  CHECK_FALSE(did_you_mean(word, candidates).has_value());
  CHECK_FALSE(did_you_mean("a", candidates).value_or("-") == word);
}

TEST_CASE("the distance is symmetric, and keeps its limit") {
  std::mt19937_64 random(test::seed("edit_distance", 3));
  for (int round = 0; round < 3000; ++round) {
    std::string a;
    std::string b;
    for (std::size_t i = random() % 7; i > 0; --i) {
      a += "abc"[random() % 3];
    }
    for (std::size_t i = random() % 7; i > 0; --i) {
      b += "abc"[random() % 3];
    }
    const std::optional<std::size_t> distance = edit_distance(a, b, 10);
    CAPTURE(a);
    CAPTURE(b);
    REQUIRE(distance.has_value());
    CHECK(distance == edit_distance(b, a, 10));
    CHECK((*distance == 0) == (a == b));
    CHECK(*distance <= std::max(a.size(), b.size()));
    CHECK(edit_distance(a, b, *distance) == distance);
    if (*distance > 0) {
      CHECK_FALSE(edit_distance(a, b, *distance - 1).has_value());
    }
  }
}

}  // namespace segproof
