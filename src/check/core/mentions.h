// SPDX-License-Identifier: Apache-2.0
// Claims of kind `unreferenced`: rules whose operands lie within the addresses that nothing shall mention any more.
#pragma once

#include "check/core/certificate.h"

namespace check {

// A rule as node and place of origin; of one line perhaps several.
using Mention = std::pair<std::size_t, std::string>;
[[nodiscard]] std::vector<Mention> mentions_of(const Claim& claim, const Network& network);
// `mention STRING PLACE`: throws Rejected where no such rule mentions an address of the claim, Malformed otherwise.
void check_mentions(const std::vector<Line>& lines, const Claim& claim, const Network& network);

}  // namespace check
