// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "claim/verdict.h"
#include "input/snapshot.h"

namespace segproof::api {

// Adds to results of a snapshot what was read, and what is to be said about reading it.
void add_accounts(const input::Snapshot& snapshot, claim::Results& results);

}  // namespace segproof::api
