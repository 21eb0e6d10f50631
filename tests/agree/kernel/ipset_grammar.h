// SPDX-License-Identifier: Apache-2.0
// The grammar of ipset: sets for the rules of iptables to ask for, in the words of `ipset restore`.
#pragma once

#include "draft.h"
#include "iptables_grammar.h"

namespace segproof::oracle {

// Adds a few sets to the draft. Their elements talk of the same addresses and ports as the rules.
void add_random_sets(Dice& dice, Draft& draft);
// "-m set --match-set s0 src,dst"; precondition: the rule has sets.
void add_set_match(IptablesRule& rule);

}  // namespace segproof::oracle
