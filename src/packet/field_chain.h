// SPDX-License-Identifier: Apache-2.0
// Diagrams over the digits of one field: packets whose field is in a set go on to `inside`, the others to `outside`.
// Preconditions: both lie on levels below the field. Cost: proportional to the intervals, not to the values.
#pragma once

#include "packet/interval_set.h"
#include "packet/node_store.h"

namespace segproof {

// Values above the field's largest are cut off.
[[nodiscard]] NodeId interval_chain(NodeStore& store, Field field, const IntervalSet& values, NodeId inside,
                                    NodeId outside);
// inside where (field & mask) == (value & mask). The mask need not be contiguous.
[[nodiscard]] NodeId masked_chain(NodeStore& store, Field field, Bits value, Bits mask, NodeId inside, NodeId outside);

}  // namespace segproof
