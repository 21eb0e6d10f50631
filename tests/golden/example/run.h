// SPDX-License-Identifier: Apache-2.0
// One run of the shipped example: an epoch or a variant, read and verified.
#pragma once

#include <map>
#include <string>

#include "base/source.h"
#include "claim/verdict.h"

namespace segproof::test {

inline constexpr const char* example_topology = "topologies/transfer-enclave";
inline constexpr const char* example_policies = "policies/transfer-enclave";

struct Run {
  std::string faults;  // what was wrong with the input, rendered; empty if nothing was
  SourceStore sources;
  claim::Results results;
  std::string json;
};

// Reads topology and policy, and verifies with so many threads. Warnings count as faults unless the run is meant to be
// undecided.
enum class Warnings { are_faults, are_expected };
[[nodiscard]] Run verify_folders(const std::string& topology, const std::string& policy, Warnings warnings,
                                 unsigned jobs = 0);

// The same without one line: the one of `policy`/`file` that holds the text. Fails the test when there is not exactly
// one.
[[nodiscard]] Run verify_without_line(const std::string& topology, const std::string& policy, const std::string& file,
                                      const std::string& text);

// Claim id -> name of the verdict, `ID/responder` included.
[[nodiscard]] std::map<std::string, std::string> outcomes(const Run& run);

// The whole file. Fails the test when it cannot be read.
[[nodiscard]] std::string file_text(const std::string& path);

}  // namespace segproof::test
