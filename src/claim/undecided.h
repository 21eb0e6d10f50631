// SPDX-License-Identifier: Apache-2.0
// Why something is not decided: the lines, devices and choices because of which packets may get through and need not.
#pragma once

#include <vector>

#include "claim/places.h"
#include "claim/verdict.h"
#include "claim/world.h"

namespace segproof::claim {

// Lines and devices that are undecided and that packets of these senders reach; when there are none, choices that
// nothing records. `perhaps`: the delivered packets that are in question, where they are known; broadcasts to a whole
// segment are named when they are all of them. By place, each once, at most `limit`.
[[nodiscard]] std::vector<UndecidedInput> undecided_on_the_way(const Resolved& from, World& world,
                                                               std::optional<PacketSet> perhaps = std::nullopt,
                                                               std::size_t limit = 24);

// What is cited when nothing else can be: the question itself, and that its two answers differ.
[[nodiscard]] UndecidedInput undecided_by_itself(const SourceSpan& question);

// Removes doubles and sorts by place.
void tidy(std::vector<UndecidedInput>& inputs);

}  // namespace segproof::claim
