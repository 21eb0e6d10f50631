// SPDX-License-Identifier: Apache-2.0
// All YAML of a run as written, each file of its kind, and the other files that were found beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "input/snapshot.h"
#include "input/snapshot_files.h"
#include "input/yaml/claims.h"
#include "input/yaml/policy.h"
#include "input/yaml/topology.h"

namespace segproof::input {

enum class FoundIn : std::uint8_t { topology, policy, claims };

// A file of a folder that is none of our YAML, or native rules that nothing has named so far.
struct FoundFile {
  FileId file;
  FoundIn where = FoundIn::topology;
  bool is_native = false;
};

struct Written {
  std::vector<yaml::TopologyFile> topologies;
  std::vector<yaml::PolicyFile> policies;
  std::vector<std::string> policy_paths;  // of `policies`
  std::vector<yaml::ClaimsFile> claims;
  std::vector<FoundFile> found;
  bool is_incomplete = false;  // a file with names in it could not be read, which is reported
};

// Reads what the request names, folders without their subfolders, and what `include` names.
[[nodiscard]] Result<Written> read_written(const SnapshotRequest& request, InputFiles& files);

// The policies and found files of one path (the epoch before), without their includes.
[[nodiscard]] Result<Written> read_epoch(const std::string& path, InputFiles& files);

}  // namespace segproof::input
