// SPDX-License-Identifier: Apache-2.0
// Steps of certificates: who may be meant by a name, how a packet may be handed over, and the text of a step.
#pragma once

#include <string>
#include <vector>

#include "check/core/refuted.h"
#include "packet/packet.h"

namespace segproof::proof {

// The places that verdicts call so: `fta01`, `gate:eth1`, `device:fw`, `unlisted@lan`, an external segment.
[[nodiscard]] std::vector<check::Place> places_called(const std::string& name, const check::Surroundings& world);
// Every way to hand over a packet that a place sends: to the link, to each interface there.
[[nodiscard]] std::vector<check::Frame> frames_of(const check::Place& place, const check::Network& network);
[[nodiscard]] check::Box box_of(const Packet& packet, check::Sets& sets);
// A step that went so, as the lines of a certificate.
[[nodiscard]] std::string step_text(const check::Step& step, const check::Taken& taken, check::Refutation& refutation,
                                    const check::Network& network);

}  // namespace segproof::proof
