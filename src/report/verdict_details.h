// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/source.h"
#include "claim/verdict.h"
#include "report/page.h"

namespace segproof::report {

// All that a verdict says, below its title: what was claimed and how it was read; for refuted the packets and every
// hop; for proved who denies it; for inconclusive the lines that are not decided; what the verdict leans on. Lists are
// cut after `limit` entries, and say how many are left out.
void add_verdict_details(Page& page, const claim::Verdict& verdict, const SourceStore& sources, std::size_t limit = 12);

// "FILE:LINE: [SP0301] why", and the text of the line below.
void add_undecided(Page& page, const std::vector<claim::UndecidedInput>& undecided, const SourceStore& sources,
                   std::size_t limit, std::size_t indent);

// Packets whose end the kernel and the model see differently.
void add_contradictions(Page& page, const std::vector<claim::Contradiction>& contradictions, std::size_t indent);

// Device and deciding line, by device.
void add_denials(Page& page, const std::vector<claim::Denial>& denials, const SourceStore& sources, std::size_t limit,
                 std::size_t indent);

// Who falls, after how many pivots, by whom.
void add_fallen(Page& page, const std::vector<claim::Fallen>& fallen, std::size_t limit, std::size_t indent);

}  // namespace segproof::report
