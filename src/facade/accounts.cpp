// SPDX-License-Identifier: Apache-2.0
#include "facade/accounts.h"

namespace segproof::api {

void add_accounts(const input::Snapshot& snapshot, claim::Results& results) {
  results.inputs = snapshot.inputs;
  results.notes.insert(results.notes.begin(), snapshot.notes.begin(), snapshot.notes.end());
}

}  // namespace segproof::api
