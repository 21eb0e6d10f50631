// SPDX-License-Identifier: Apache-2.0
// The chance of the program, for made-up rules and packets.
#pragma once

#include "confirm/dice.h"

namespace segproof::oracle {

using confirm::Dice;

}  // namespace segproof::oracle
