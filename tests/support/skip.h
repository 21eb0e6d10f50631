// SPDX-License-Identifier: Apache-2.0
// A test that cannot run says so: skip("data", "no rule sets beside the project"). The program then exits with 77 and
// prints the reason, unless SEGPROOF_REQUIRE lists the need ("kernel,data"), which makes it a failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace segproof::test {

void skip(std::string_view need, std::string_view reason);
[[nodiscard]] bool any_skipped();

// The folder of real rule sets (SEGPROOF_DATA, else ../shared/data), without a slash at its end. When it is absent,
// calls skip("data", ...) and returns nothing.
[[nodiscard]] std::optional<std::string> data_folder();

// The seed of a random test: SEGPROOF_SEED, else `fallback`. Prints it on standard output.
[[nodiscard]] unsigned long long seed(std::string_view test, unsigned long long fallback);

}  // namespace segproof::test
