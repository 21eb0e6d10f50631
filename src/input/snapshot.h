// SPDX-License-Identifier: Apache-2.0
// Reads all files of one run into one network and its claims. This is the hall of the readers: it knows them all, and
// nothing else does. Files are named by the user, by other files, or found in a folder; each is read once and accounted
// for, and what is not understood becomes a Gap of the network, never nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/file.h"
#include "base/input_file.h"
#include "base/result.h"
#include "base/source.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::input {

class ReadingMemory;

struct SnapshotRequest {
  // Files or folders. Where only `topology` is given (one positional folder), it stands for all three.
  std::vector<std::string> topology;
  std::vector<std::string> policy;
  std::vector<std::string> claims;
};

// In which form the rules of a node were given.
enum class RuleForm : std::uint8_t { iptables_save, ip6tables_save, nft, nft_json, ipset_save, native, device };
struct GivenRules {
  FileId file;
  RuleForm form = RuleForm::native;
};

// The files that the configuration of one node was read from, for whoever wants to load it elsewhere.
struct NodeFiles {
  std::vector<GivenRules> rules;  // in the order in which they were read
  std::vector<FileId> host;       // the other files of its host folder: addresses, routes, routing rules, settings
};

struct Snapshot {
  model::Network network;
  std::vector<claim::Claim> claims;             // of this epoch, in the order of the files; ids are unique
  std::vector<InputFile> inputs;                // by path
  std::map<std::string, NodeFiles> node_files;  // by the node's name; a node without any is not there
  std::vector<std::string> notes;               // "claims for other epochs, not part of this run: FTA-9"
};

// A Failure when a file that the request names cannot be read. Faults in files are diagnostics: with an error among
// them the snapshot is incomplete and nothing may be verified on it. O(size of the files).
// With a `memory`, what is as it was at its last reading is taken from there: the outcome is the same.
[[nodiscard]] Result<Snapshot> load_snapshot(const SnapshotRequest& request, const FileSystem& files,
                                             SourceStore& sources, DiagnosticSink& sink,
                                             ReadingMemory* memory = nullptr);

}  // namespace segproof::input
