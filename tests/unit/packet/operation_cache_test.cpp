// SPDX-License-Identifier: Apache-2.0
#include "packet/operation_cache.h"

#include <doctest/doctest.h>

namespace segproof {
namespace {

TEST_CASE("results of high nodes outlast any number of results below them") {
  OperationCache cache;
  constexpr NodeId high = 1000;
  const auto kept = [&] {
    NodeId count = 0;
    for (NodeId node = 0; node < high; ++node) {
      const NodeId* found = cache.find_high(node, node + 1, 1);
      count += found != nullptr && *found == node + 2 ? 1U : 0U;
    }
    return count;
  };
  for (NodeId node = 0; node < high; ++node)
    cache.store_high(node, node + 1, 1, node + 2);
  const NodeId before = kept();  // some have pushed each other out
  CHECK(before > high / 4);
  for (NodeId node = 0; node < 1'000'000; ++node)
    cache.store(node, node + 1, 1, 0);
  CHECK(kept() == before);
}

TEST_CASE("what is remembered is what was stored, for these nodes and this operation only") {
  OperationCache cache;
  cache.store(3, 4, 1, 5);
  cache.store_high(3, 4, 1, 6);
  REQUIRE(cache.find(3, 4, 1) != nullptr);
  CHECK(*cache.find(3, 4, 1) == 5);
  REQUIRE(cache.find_high(3, 4, 1) != nullptr);
  CHECK(*cache.find_high(3, 4, 1) == 6);
  CHECK(cache.find(4, 3, 1) == nullptr);
  CHECK(cache.find(3, 4, 2) == nullptr);
  CHECK(cache.find_high(3, 5, 1) == nullptr);
}

}  // namespace
}  // namespace segproof
