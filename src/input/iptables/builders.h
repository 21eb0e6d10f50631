// SPDX-License-Identifier: Apache-2.0
// The builders that the catalogue names: each turns one match into tests, or one target into an action. What the kernel
// or iptables would refuse becomes a fault of the draft; what no configuration decides becomes an UnknownTest.
#pragma once

#include "input/iptables/catalogue.h"

namespace segproof::iptables {

// Ports, types and flags (port_matches.cpp).
void match_tcp(const ExtensionUse& use, RuleDraft& draft);
void match_udp(const ExtensionUse& use, RuleDraft& draft);
void match_sctp(const ExtensionUse& use, RuleDraft& draft);
void match_dccp(const ExtensionUse& use, RuleDraft& draft);
void match_multiport(const ExtensionUse& use, RuleDraft& draft);
void match_icmp(const ExtensionUse& use, RuleDraft& draft);
void match_icmp6(const ExtensionUse& use, RuleDraft& draft);
void match_extension_protocol(const ExtensionUse& use, RuleDraft& draft);  // esp, ah, ipcomp, mh

// Connections and marks (track_matches.cpp).
void match_state(const ExtensionUse& use, RuleDraft& draft);
void match_conntrack(const ExtensionUse& use, RuleDraft& draft);
void match_mark(const ExtensionUse& use, RuleDraft& draft);
void match_connmark(const ExtensionUse& use, RuleDraft& draft);
void match_tracked_unknown(const ExtensionUse& use, RuleDraft& draft);  // connbytes, connlimit, connlabel, helper

// Addresses, lengths, header bits and surroundings (header_matches.cpp).
void match_addrtype(const ExtensionUse& use, RuleDraft& draft);
void match_iprange(const ExtensionUse& use, RuleDraft& draft);
void match_length(const ExtensionUse& use, RuleDraft& draft);
void match_ttl(const ExtensionUse& use, RuleDraft& draft);
void match_hl(const ExtensionUse& use, RuleDraft& draft);
void match_tos(const ExtensionUse& use, RuleDraft& draft);
void match_dscp(const ExtensionUse& use, RuleDraft& draft);
void match_ecn(const ExtensionUse& use, RuleDraft& draft);
void match_pkttype(const ExtensionUse& use, RuleDraft& draft);
void match_owner(const ExtensionUse& use, RuleDraft& draft);
void match_physdev(const ExtensionUse& use, RuleDraft& draft);
void match_policy(const ExtensionUse& use, RuleDraft& draft);
void match_recent(const ExtensionUse& use, RuleDraft& draft);
void match_set(const ExtensionUse& use, RuleDraft& draft);  // set_match.cpp
void match_comment(const ExtensionUse& use, RuleDraft& draft);

// Targets (targets.cpp).
model::Action target_accept(const ExtensionUse& use, RuleDraft& draft);
model::Action target_drop(const ExtensionUse& use, RuleDraft& draft);
model::Action target_return(const ExtensionUse& use, RuleDraft& draft);
model::Action target_reject(const ExtensionUse& use, RuleDraft& draft);
model::Action target_mark(const ExtensionUse& use, RuleDraft& draft);
model::Action target_connmark(const ExtensionUse& use, RuleDraft& draft);
model::Action target_notrack(const ExtensionUse& use, RuleDraft& draft);
model::Action target_ct(const ExtensionUse& use, RuleDraft& draft);
model::Action target_flow_offload(const ExtensionUse& use, RuleDraft& draft);
model::Action target_tee(const ExtensionUse& use, RuleDraft& draft);
model::Action target_set(const ExtensionUse& use, RuleDraft& draft);
model::Action target_traffic_class(const ExtensionUse& use, RuleDraft& draft);  // TOS, DSCP, ECN
model::Action target_hop_limit(const ExtensionUse& use, RuleDraft& draft);      // TTL, HL
model::Action target_anything(const ExtensionUse& use, RuleDraft& draft);       // NFQUEUE, TPROXY, SYNPROXY, ...

// Address translation (nat_targets.cpp).
model::Action target_dnat(const ExtensionUse& use, RuleDraft& draft);
model::Action target_snat(const ExtensionUse& use, RuleDraft& draft);
model::Action target_masquerade(const ExtensionUse& use, RuleDraft& draft);
model::Action target_redirect(const ExtensionUse& use, RuleDraft& draft);
model::Action target_netmap(const ExtensionUse& use, RuleDraft& draft);

}  // namespace segproof::iptables
