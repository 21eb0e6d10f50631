// SPDX-License-Identifier: Apache-2.0
// Claims and assumptions as written. Which keys a kind of claim takes, and which it needs, is checked here; what the
// names stand for is not.
#pragma once

#include <vector>

#include "input/yaml/section.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::input::yaml {

struct ClaimsFile {
  std::vector<Word> includes;
  std::vector<claim::Claim> claims;
  std::vector<model::Assumption> assumptions;
};

[[nodiscard]] ClaimsFile read_claims_file(const Tree& tree, DiagnosticSink& sink);

// The lists below `claims` and `assumptions`, which a policy may hold, too.
void read_claims(Faults& faults, const View& list, std::vector<claim::Claim>& claims);
void read_assumptions(Faults& faults, const View& list, std::vector<model::Assumption>& assumptions);

}  // namespace segproof::input::yaml
