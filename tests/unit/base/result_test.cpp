// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <doctest/doctest.h>

#include <memory>

#include "base/strong_id.h"
#include "death.h"

namespace segproof {

TEST_CASE("a result is a value or a failure") {
  const Result<int> good = 7;
  CHECK(good.ok());
  CHECK(good.value() == 7);
  const Result<int> bad = Failure{"cannot read `x`"};
  CHECK_FALSE(bad.ok());
  CHECK(bad.failure().message == "cannot read `x`");
}

TEST_CASE("a result of a string is not confused with its failure") {
  const Result<std::string> good = std::string("text");
  CHECK(good.value() == "text");
}

TEST_CASE("a value can be moved out") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  const std::unique_ptr<int> value = std::move(result).value();
  CHECK(*value == 3);
}

TEST_CASE("asking for what is not there fails a contract") {
  CHECK(test::run_to_death([] { static_cast<void>(Result<int>(Failure{"no"}).value()); }).exit_code == 4);
  CHECK(test::run_to_death([] { static_cast<void>(Result<int>(1).failure()); }).exit_code == 4);
}

TEST_CASE("an id is invalid until it is given an index") {
  using Id = StrongId<struct TestTag>;
  CHECK_FALSE(Id().valid());
  CHECK(Id(0).valid());
  CHECK(Id(3).index() == 3);
  CHECK(Id(1) < Id(2));
  CHECK(Id(2) == Id(2));
}

}  // namespace segproof
