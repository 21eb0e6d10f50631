// SPDX-License-Identifier: Apache-2.0
// Claims of kind `anti-spoofed`: packets with a source outside a zone die where they enter a device.
#pragma once

#include "check/core/certificate.h"

namespace check {

// `anyone`: what everybody can send, found closed. Throws Rejected where such a packet may get past a device.
void check_anti_spoofed(const Claim& claim, const Layers& anyone, const Surroundings& world, std::size_t& steps);

}  // namespace check
