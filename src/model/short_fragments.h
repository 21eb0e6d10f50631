// SPDX-License-Identifier: Apache-2.0
// First fragments that end before the fields that rules ask for.
#pragma once

#include <functional>

#include "model/rule.h"

namespace segproof::model {

// A first fragment may be cut before the flags of TCP. nftables takes such a packet for one that its rule does not
// match (iptables drops it), unless tracking puts packets together first: where no rule of `rules` makes Linux track a
// family, rules of nftables that ask for flags match perhaps, but for those that accept. `of_nftables` tells them.
// To be called when all rules of a host are in place.
void doubt_flags_of_short_fragments(RuleSet& rules, const std::function<bool(const Rule&)>& of_nftables);

}  // namespace segproof::model
