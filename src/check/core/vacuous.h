// SPDX-License-Identifier: Apache-2.0
// Certificates that a claim says nothing: a name in it means nobody, or somebody is on both of its sides.
#pragma once

#include "check/core/certificate.h"

namespace check {

// Throws Rejected where the line does not show it, Malformed where it is none of docs/certificate.md, section 5.
void check_vacuous(const Line& line, const Claim& claim, const Network& network);
// Rejects where two sides have a place in common.
void check_sides(const Claim& claim, const Network& network);

}  // namespace check
