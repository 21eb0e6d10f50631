// SPDX-License-Identifier: Apache-2.0
// One network and its claims: what the engine says of them against what the checker says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/source.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::test {

struct Tally {
  unsigned certified = 0;
  unsigned of_other_kinds = 0;       // proved, of a kind that has no certificate yet
  unsigned vacuous = 0;              // certified as such
  unsigned denied = 0;               // not proved, and without certificate
  unsigned beyond = 0;               // inconclusive for the engine, and the checker proves it
  unsigned told = 0;                 // refuted, with a certificate
  std::size_t told_bytes = 0;        // of these certificates
  std::vector<std::string> untold;   // refuted, and the certifier does not succeed
  std::vector<std::string> missing;  // proved, and the certifier does not succeed
  std::vector<std::string> refuted;  // refuted, and the checker proves it: one of them is wrong
  std::size_t bytes = 0;             // of all certificates
};

// `about` stands before each complaint.
void compare(const model::Network& network, const std::vector<claim::Claim>& claims, const SourceStore& sources,
             const std::string& about, Tally& tally);

// The certificate of a claim that was proved; empty when there is none.
struct Certificate {
  std::string claim;
  std::string text;
};
[[nodiscard]] std::vector<Certificate> certificates_of(const model::Network& network,
                                                       const std::vector<claim::Claim>& claims,
                                                       const SourceStore& sources, std::string& network_text);

}  // namespace segproof::test
