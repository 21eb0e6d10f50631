// SPDX-License-Identifier: Apache-2.0
// An evidence bundle (docs/evidence.md): every byte is what it was, and all of its files say the same.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "check/folder.h"

namespace check {

struct Manifest {
  struct Claim {
    std::string id, verdict;
    std::string certificate;     // its file; empty: none
    std::string kind, from, to;  // as the network file says
  };
  std::string tool, version, made, epoch, date;
  std::vector<std::pair<std::string, std::string>> roots;  // what the command line named: kind, path
  bool is_redacted = false;
  std::vector<std::pair<std::string, std::string>> inputs;  // hash and path of what was read
  std::vector<Claim> claims;
};
// The copy of the first input is numbered("inputs/", 1).
[[nodiscard]] std::string numbered(const std::string& folder, std::size_t number);

// Throws Rejected, and names the file, unless nothing is wrong. With a public key (PEM), SHA256SUMS and the statement
// must be signed by it.
[[nodiscard]] Manifest check_bundle(const Files& files, const std::optional<std::string>& key);

}  // namespace check
