// SPDX-License-Identifier: Apache-2.0
// Two segments and a firewall between them:
//
//   office 10.1.0.0/24 --- eth0 fw1 eth1 --- servers 10.2.0.0/24
//     laptop1 .20                              web1 .10   db1 .11
//
// NET-1 is proved, NET-2 refuted (ssh from the laptop), NET-3 speaks of nothing, NET-4 is proved.
#pragma once

#include <map>
#include <string>

#include "facade/evidence_run.h"

namespace segproof::test {

inline constexpr const char* planted_secret = "hunter2";

// Path, text. The rules and the topology hold the planted secret in comments.
[[nodiscard]] std::map<std::string, std::string> small_network();

struct Written {
  claim::Results results;
  proof::Files files;
};

// The evidence about these files, all of them in the current folder.
[[nodiscard]] Written evidence_about(const std::map<std::string, std::string>& files,
                                     const api::EvidenceRequest& request = {});

}  // namespace segproof::test
