// SPDX-License-Identifier: Apache-2.0
// Claims of kind `anti-spoofed`: packets with a source outside a zone die where they enter a device.
#pragma once

#include "check/core/certificate.h"

namespace check {

// What enters a device, or a host that may pass packets on, from where the zone is.
struct Entries {
  std::vector<Spot> spots;
  SetId legitimate = no_value;  // sources
};
[[nodiscard]] Entries entries_of(const Claim& claim, const Surroundings& world);

// `anyone`: what everybody can send, found closed. Throws Rejected where such a packet may get past a device.
void check_anti_spoofed(const Claim& claim, const Layers& anyone, const Surroundings& world, std::size_t& steps);

}  // namespace check
