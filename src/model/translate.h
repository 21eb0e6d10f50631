// SPDX-License-Identifier: Apache-2.0
// What an address translation makes of the first packet of a flow. Choices that the device makes (an address of a pool,
// a port out of a range) become open fields of the flight.
#pragma once

#include "model/walk.h"

namespace segproof::model {

// Rewrites the header of `flight` and sets the bits of Field::translated that follow from it. A translation of the
// other address family changes nothing.
void translate(const Translate& action, Flight& flight, const Surroundings& world);

}  // namespace segproof::model
