// SPDX-License-Identifier: Apache-2.0
// Packets on their way, for people: steps, hops, deciding lines.
#pragma once

#include <span>

#include "base/source.h"
#include "claim/verdict.h"
#include "report/page.h"

namespace segproof::report {

// Every hop in order: device, interfaces, stage, action; below it the deciding line and the header if it changed.
void add_hops(Page& page, std::span<const claim::Hop> hops, const SourceStore& sources, std::size_t indent);

// Every step with its packet and all its hops; before them the chain of pivots if there is more than one step.
void add_witness(Page& page, const claim::Witness& witness, const SourceStore& sources, std::size_t indent);

// "FILE:LINE  TEXT"; a rule of no file is called a default.
[[nodiscard]] Pieces rule_pieces(const claim::RuleRef& rule, const SourceStore& sources);

}  // namespace segproof::report
