// SPDX-License-Identifier: Apache-2.0
#include "input/nft/transform.h"

#include <doctest/doctest.h>

#include <array>
#include <random>

#include "support/skip.h"

namespace segproof::test {
namespace {

constexpr std::array<std::string_view, 5> operators{"&", "|", "^", "<<", ">>"};

std::uint32_t applied(std::string_view op, std::uint32_t x, std::uint32_t operand, std::uint32_t all) {
  if (op == "&")
    return x & operand;
  if (op == "|")
    return x | operand;
  if (op == "^")
    return x ^ operand;
  return (op == "<<" ? x << operand : x >> operand) & all;
}

}  // namespace

TEST_CASE("a chain of bit operations is one transform") {
  std::mt19937_64 random(seed("transform", 20240107));
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  for (int round = 0; round < 300; ++round) {
    const unsigned width = round % 2 == 0 ? 8 : 12;
    const std::uint32_t all = (1U << width) - 1;
    nft::Transform transform(width);
    std::vector<std::pair<std::string_view, std::uint32_t>> steps;
    for (std::uint32_t i = below(5); i > 0; --i) {
      const std::string_view op = operators[below(5)];
      const bool shifts = op == "<<" || op == ">>";
      steps.emplace_back(op, shifts ? below(width) : below(all + 1));
      REQUIRE(transform.apply(op, steps.back().second));
    }
    const std::uint32_t low = below(all + 1);
    const IntervalSet values{{low, low + below(all + 1 - low)}};
    const IntervalSet found = transform.preimage(values);
    const auto masks = transform.masks(values, 1000);
    REQUIRE(masks.has_value());
    for (std::uint32_t x = 0; x <= all; ++x) {
      std::uint32_t y = x;
      for (const auto& [op, operand] : steps)
        y = applied(op, y, operand, all);
      REQUIRE(transform.of(x) == y);
      REQUIRE(found.contains(x) == values.contains(y));
      bool masked = false;
      for (const nft::Transform::Masked& block : *masks)
        masked = masked || (x & block.mask) == block.value;
      REQUIRE(masked == values.contains(y));
    }
  }
}

TEST_CASE("too many masks are refused") {
  nft::Transform transform(128);
  REQUIRE(transform.apply("&", low_ones(127)));
  CHECK_FALSE(transform.masks(IntervalSet{{1, low_ones(127) - 1}}, 10).has_value());
  CHECK_FALSE(transform.apply("%", 2));
}

}  // namespace segproof::test
