// SPDX-License-Identifier: Apache-2.0
// A command line with types: what each command was asked to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "claim/claim.h"
#include "claim/matrix.h"
#include "claim/session.h"
#include "cli/parser.h"
#include "packet/packet.h"

namespace segproof::cli {

// What is read. Either the folder, or topology and policy.
struct InputArguments {
  std::string folder;
  std::vector<std::string> topology;
  std::vector<std::string> policy;
  std::vector<std::string> claims;
};

enum class Format : std::uint8_t { text, json, junit, sarif, csv };
enum class ColourChoice : std::uint8_t { automatic, always, never };

struct OutputArguments {
  Format format = Format::text;
  std::string file;  // empty: standard output
  ColourChoice colour = ColourChoice::automatic;
};

// A bundle for those who check.
struct EvidenceArguments {
  std::string folder;
  bool is_redacted = false;
  std::string key_file;  // empty: not signed
  std::string made;      // "2024-05-01T12:00:00Z"; empty: as SOURCE_DATE_EPOCH says
};

struct VerifyArguments {
  InputArguments inputs;
  OutputArguments output;
  std::vector<std::string> only;
  unsigned jobs = 0;  // 0: as many as the machine has
  std::optional<EvidenceArguments> evidence;
  bool watches = false;
};

struct ConfirmArguments {
  VerifyArguments verify;
  std::uint64_t seed = 1;
  std::size_t probes = 200;
};

struct TraceArguments {
  InputArguments inputs;
  OutputArguments output;
  claim::TraceQuestion question;
};

struct ReachArguments {
  InputArguments inputs;
  OutputArguments output;
  claim::ReachQuestion question;
};

struct MatrixArguments {
  InputArguments inputs;
  OutputArguments output;
  claim::MatrixBetween between = claim::MatrixBetween::zones;
};

struct BlastArguments {
  InputArguments inputs;
  OutputArguments output;
  claim::BlastQuestion question;
};

struct InputsArguments {
  InputArguments inputs;
  OutputArguments output;
};

struct NormaliseArguments {
  InputArguments inputs;
  std::string evidence;  // a bundle that holds them; empty: none
  OutputArguments output;
};

// Precondition: `line` came from parse_line and names the command. A failure is a message for the user.
[[nodiscard]] Result<VerifyArguments> verify_arguments(const ParsedLine& line);
[[nodiscard]] Result<ConfirmArguments> confirm_arguments(const ParsedLine& line);
[[nodiscard]] Result<TraceArguments> trace_arguments(const ParsedLine& line);
[[nodiscard]] Result<ReachArguments> reach_arguments(const ParsedLine& line);
[[nodiscard]] Result<MatrixArguments> matrix_arguments(const ParsedLine& line);
[[nodiscard]] Result<BlastArguments> blast_arguments(const ParsedLine& line);
[[nodiscard]] Result<InputsArguments> inputs_arguments(const ParsedLine& line);
[[nodiscard]] Result<NormaliseArguments> normalise_arguments(const ParsedLine& line);

[[nodiscard]] OutputArguments output_arguments(const ParsedLine& line);

}  // namespace segproof::cli
