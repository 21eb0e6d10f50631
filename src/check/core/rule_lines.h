// SPDX-License-Identifier: Apache-2.0
// The rule sets of a network file: chains, rules, tests, actions, stages.
#pragma once

#include "check/core/network.h"

namespace check {

inline constexpr std::uint64_t most_numbered = 1U << 24U;  // chains, tables, interfaces

[[nodiscard]] Tests read_tests(const std::vector<Line>& lines);
[[nodiscard]] RuleSet read_rules(const Line& line);  // the lines below it
std::string read_place(Words& words);                // @"file":12 or @-, one word

}  // namespace check
