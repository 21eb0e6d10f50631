// SPDX-License-Identifier: Apache-2.0
// Questions to a snapshot. Equal questions get equal answers, whatever the number of threads.
#pragma once

#include <string>
#include <vector>

#include "segproof/packet_set.h"
#include "segproof/snapshot.h"
#include "segproof/verdict.h"

namespace segproof::api {

struct VerifyOptions {
  std::vector<std::string> only = {};  // ids of claims; empty: all. Ids that no claim has are left out.
  unsigned jobs = 0;                   // threads; 0: as many as the machine has
};

[[nodiscard]] Results verify(const Snapshot& snapshot, const VerifyOptions& options = {});

struct ReachQuestion {
  std::vector<std::string> from = {};  // zones, hosts, prefixes, "device:NAME"
  std::vector<std::string> to = {};
  bool new_only = false;  // only packets that open a session
};

struct ReachAnswer {
  bool understood = false;  // false: a name resolves to nothing, and `reason` says which
  bool is_certain = false;  // true: `packets` is empty, or some of it surely passes
  std::string reason = {};
  PacketSet packets = {};  // all that may pass, as delivered: the over-approximation
};

[[nodiscard]] ReachAnswer reach(const Snapshot& snapshot, const ReachQuestion& question);

}  // namespace segproof::api
