// SPDX-License-Identifier: Apache-2.0
#include "base/assert.h"

#include <doctest/doctest.h>

#include "death.h"

namespace segproof {
namespace {

void breaks_a_contract(int value) {
  SEGPROOF_ASSERT(value > 0);
}

}  // namespace

TEST_CASE("a failed contract names function, condition and place, and exits with 4") {
  const test::Death death = test::run_to_death([] { breaks_a_contract(-1); });
  CHECK(death.exit_code == 4);
  CHECK(death.message.starts_with("segproof: internal error: breaks_a_contract: value > 0 ("));
  CHECK(death.message.find("assert_test.cpp:") != std::string::npos);
}

TEST_CASE("a kept contract costs nothing to the caller") {
  CHECK(test::run_to_death([] { breaks_a_contract(1); }).exit_code == 0);
}

TEST_CASE("an unreachable place exits with 4") {
  CHECK(test::run_to_death([] { SEGPROOF_UNREACHABLE(); }).exit_code == 4);
}

}  // namespace segproof
