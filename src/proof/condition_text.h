// SPDX-License-Identifier: Apache-2.0
// What a rule asks of a packet, as lines of the network file (TEST in docs/certificate.md section 2).
#pragma once

#include <cstddef>

#include "model/condition.h"
#include "proof/words.h"

namespace segproof::proof {

// One line for each test, in their order; alternatives below theirs. No line for "any packet". What nothing decides
// (a rate, a length, a clock) is `unknown`: the words of it, without content of packets that a configuration may hold.
void write_tests(const model::Condition& condition, std::size_t depth, Page& page);

}  // namespace segproof::proof
