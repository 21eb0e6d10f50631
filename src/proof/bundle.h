// SPDX-License-Identifier: Apache-2.0
// The files of an evidence bundle (docs/evidence.md): what a stranger needs to check a run. Nothing here reads a clock
// or a disk; the same bundle gives the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace segproof::proof {

// A file that was read.
struct EvidenceInput {
  std::string path;    // as the network file names it
  std::string sha256;  // of its bytes as they were read
  std::string copy;    // what the bundle holds: those bytes, or a redacted copy
};

enum class Standing : std::uint8_t { proved, refuted, inconclusive, vacuous, not_evaluated };
[[nodiscard]] std::string_view standing_word(Standing standing);  // "not-evaluated"

struct EvidenceClaim {
  std::string id;
  Standing standing = Standing::not_evaluated;
  std::optional<std::string> certificate;
};

// A file or folder that the command line named.
struct EvidenceRoot {
  enum class Kind : std::uint8_t { folder, topology, policy, claims } kind = Kind::folder;
  std::string path;
};

struct Evidence {
  std::string tool;
  std::string version;
  std::string made;  // "2024-05-01T12:00:00Z", as the caller says; empty: not said
  std::string epoch;
  std::string date;
  bool is_redacted = false;
  std::vector<EvidenceRoot> roots;    // in the order of the command line
  std::vector<EvidenceInput> inputs;  // in the order of the network file
  std::vector<EvidenceClaim> claims;  // in the order of the results
  std::string network;                // the network file
  std::string results;                // results.json
  std::string secret_key;             // PEM; empty: not signed
};

using Files = std::map<std::string, std::string>;  // path within the bundle, bytes

// Every file. Fails where the key cannot be used. Precondition: fewer than 10,000 inputs and certificates each have
// four digits, more have as many as they need.
[[nodiscard]] Result<Files> evidence_files(const Evidence& evidence);

// Where the certificate of that number stands; they are numbered from 1 in the order of the claims.
[[nodiscard]] std::string certificate_name(std::size_t number);

// One line for each file but itself and its signature, by path: what `sha256sum -c` reads.
[[nodiscard]] std::string sums_text(const Files& files);

// A time as `made`: seconds since 1970, as SOURCE_DATE_EPOCH gives them, or `made` itself. Nothing where the text is
// neither, or no time up to the year 9999.
[[nodiscard]] std::optional<std::string> made_at(std::string_view time);

}  // namespace segproof::proof
