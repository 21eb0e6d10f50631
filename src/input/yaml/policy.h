// SPDX-License-Identifier: Apache-2.0
// A policy file as written: one epoch, which rules each node runs, routes, assumptions, claims (docs/files.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "input/yaml/claims.h"
#include "input/yaml/names.h"
#include "input/yaml/native_rules.h"
#include "input/yaml/routing.h"

namespace segproof::input::yaml {

enum class RuleFormat : std::uint8_t {
  iptables_save,
  ip6tables_save,
  native,
  nft,
  nft_json,
  cisco_asa,
  cisco_ios,
  cisco_nxos,
  ipset_save,
  cisco_routes,
};
[[nodiscard]] std::string_view rule_format_name(RuleFormat format);  // "iptables-save"

struct RuleFile {
  RuleFormat format = RuleFormat::iptables_save;
  Word file;
};

struct WrittenRules {
  Word node;
  SourceSpan origin;                  // of the value
  bool none = false;                  // it filters nothing
  std::vector<RuleFile> files;        // else these,
  std::optional<NativeRules> native;  // or this
};

struct PolicyFile {
  std::string epoch;
  SourceSpan epoch_span;
  std::string date;
  bool state_flushed = false;
  std::optional<Word> previous;
  std::vector<Word> includes;
  std::vector<WrittenRules> rules;
  std::vector<std::pair<Word, WrittenRouting>> routing;  // by node
  NameTable names;
  std::vector<model::Assumption> assumptions;
  std::vector<claim::Claim> claims;
};

[[nodiscard]] PolicyFile read_policy(const Tree& tree, DiagnosticSink& sink);

// The native rules in a file of their own.
[[nodiscard]] NativeRules read_rules_file(const Tree& tree, const NameTable& names, DiagnosticSink& sink);

enum class FileKind : std::uint8_t { topology, policy, claims, rules };
[[nodiscard]] std::string_view file_kind_name(FileKind kind);  // "topology/1"
// What the first lines say; nothing when there is no `segproof:` at the beginning of a line among them. A value that is
// not known is reported and gives nothing, too; `has_key` tells the two apart.
struct FileKindAnswer {
  bool has_key = false;
  std::optional<FileKind> kind;
};
[[nodiscard]] FileKindAnswer file_kind(FileId file, const SourceStore& sources, DiagnosticSink& sink);

}  // namespace segproof::input::yaml
