// SPDX-License-Identifier: Apache-2.0
// Makes a list of rows shorter without changing what it covers, or only within bounds.
#pragma once

#include <vector>

#include "packet/rows.h"

namespace segproof {

[[nodiscard]] PacketSet row_set(Space& space, const Row& row);

// Joins rows that differ in one field only, until there are none. The order is that of first appearance.
void merge_rows(std::vector<Row>& rows);

// Widens fields to everything where `may` allows it, and drops rows that the others make superfluous. Leaves long
// lists as they are: its cost is quadratic in the end.
void tighten_rows(std::vector<Row>& rows, PacketSet must, PacketSet may);

}  // namespace segproof
