// SPDX-License-Identifier: Apache-2.0
// When the table `security` is asked: iptables gives it the priority 50, iptables-nft 150 (asked of version 1.8.9). In
// INPUT that is before and after the translation of sources.
#pragma once

#include "input/iptables/findings.h"
#include "input/iptables/program.h"
#include "model/rule.h"

namespace segproof::iptables {

// Takes rules whose table `security` stands at 50. Where the program is not known and it matters, each of its rules is
// perhaps asked at either place.
void place_table_security(model::RuleSet& rules, Program program, Findings& findings);

}  // namespace segproof::iptables
