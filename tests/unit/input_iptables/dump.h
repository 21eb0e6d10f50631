// SPDX-License-Identifier: Apache-2.0
// Rules as one line of text each, for tables of "text in, dump out".
#pragma once

#include <string>
#include <string_view>

#include "model/rule.h"
#include "packet/field.h"

namespace segproof::test {

// "protocol 6; destination_port 80 443 -> accept": tests in their order, then the action.
[[nodiscard]] std::string dump(const model::Rule& rule, const model::RuleSet& rules);

// Reads one rule ("-p tcp --dport 80 -j ACCEPT") in chain INPUT of table filter (or the chain and table given) and
// dumps what it became, several rules separated by " | ". A line that is not understood is "NOT UNDERSTOOD: why".
[[nodiscard]] std::string dump_rule(std::string_view rule, Family family = Family::ipv4,
                                    std::string_view table = "filter", std::string_view chain = "INPUT");

}  // namespace segproof::test
