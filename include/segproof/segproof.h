// SPDX-License-Identifier: Apache-2.0
// The front door: everything that the library promises. Names stand in `segproof::api`; whatever else the library's
// archive holds is not promised.
//
//   auto loaded = segproof::api::load({.topology = {"my-network"}});
//   if (loaded.snapshot) {
//     for (const auto& verdict : segproof::api::verify(*loaded.snapshot).verdicts) { ... }
//   }
#pragma once

#include "segproof/claim.h"
#include "segproof/diagnostic.h"
#include "segproof/evidence.h"
#include "segproof/packet_set.h"
#include "segproof/revisions.h"
#include "segproof/snapshot.h"
#include "segproof/verdict.h"
#include "segproof/verify.h"
#include "segproof/version.h"
