// SPDX-License-Identifier: Apache-2.0
// How a run becomes evidence (docs/evidence.md): its inputs are read a second time, from the copies that the bundle
// will hold, so that whoever has the bundle has everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/source.h"
#include "claim/verdict.h"
#include "input/snapshot.h"
#include "proof/bundle.h"

namespace segproof::api {

// A snapshot together with the texts that its places are in.
struct Reading {
  SourceStore sources;
  input::Snapshot snapshot;
};

// What a file was before it was copied: its hash by its path.
using Originals = std::map<std::string, std::string>;

// Reads copies; the hashes of the snapshot's inputs are those of the originals. A Failure that names the first fault.
[[nodiscard]] Result<std::unique_ptr<Reading>> read_copies(const input::SnapshotRequest& request,
                                                           const FileSystem& copies, const Originals& originals);

enum class Copies : std::uint8_t { whole, redacted };

// The same snapshot, read from copies of its inputs. A Failure where that gives another network: then the bundle would
// not hold what it is about. Of redacted copies, words that hold what was removed may differ.
[[nodiscard]] Result<std::unique_ptr<Reading>> read_again(const input::SnapshotRequest& request,
                                                          const input::Snapshot& snapshot, const SourceStore& sources,
                                                          Copies copies);

// The network file of a snapshot.
[[nodiscard]] std::string network_file(const input::Snapshot& snapshot, const SourceStore& sources);

// The network file that the inputs in a bundle give. A Failure where the bundle is not as it was written; its signature
// is not looked at.
[[nodiscard]] Result<std::string> network_from_bundle(const std::string& folder);

struct EvidenceRequest {
  input::SnapshotRequest inputs = {};
  Copies copies = Copies::whole;
  std::string made = {};        // "2024-05-01T12:00:00Z", or empty
  std::string secret_key = {};  // PEM, or empty
  unsigned jobs = 0;
  std::function<void(std::size_t, std::size_t)> progress = {};  // certificates done, and how many there will be at most
};

// The files of the bundle, which the checker has found to be without fault. `results` are those of `reading`, of all of
// its claims; each verdict learns where its certificate is, or why there is none.
[[nodiscard]] Result<proof::Files> evidence_of(const Reading& reading, claim::Results& results,
                                               const EvidenceRequest& request);

}  // namespace segproof::api
