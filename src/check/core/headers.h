// SPDX-License-Identifier: Apache-2.0
// What connection tracking makes of headers: which open a flow, which answer one.
#pragma once

#include "check/core/rows.h"

namespace check {

// Headers of first packets of a flow, of packets that belong to none, and of those that are never tracked.
[[nodiscard]] std::vector<Box> first_packets(Sets& sets);
[[nodiscard]] std::vector<Box> invalid_packets(Sets& sets);
[[nodiscard]] std::vector<Box> never_tracked(Sets& sets);
// The headers of the answers to a flow, as they arrive; ICMP queries are answered by their answers.
[[nodiscard]] std::vector<Box> answers_of(Sets& sets, const FlowRow& flow);

[[nodiscard]] Value icmp_of(const Sets& sets);       // the protocol of its family
[[nodiscard]] Ranges icmp_errors(const Sets& sets);  // values of dport
// Protocols with ports; those whose flows some kernels track, and translate, without them; and the others.
[[nodiscard]] Ranges perhaps_portless();
[[nodiscard]] Ranges surely_with_ports();
[[nodiscard]] Ranges with_ports();
// Bytes of TCP flags of which FIN, SYN, RST, ACK are exactly `telling`.
void add_flag_bytes(unsigned telling, Ranges& into);

inline constexpr unsigned syn = 2, ack = 16;

}  // namespace check
