// SPDX-License-Identifier: Apache-2.0
// What became of each line of a file that was read: the question of every auditor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"

namespace segproof {

// How one line of the input was taken.
enum class LineUse : std::uint8_t {
  blank,       // empty lines and comments
  modelled,    // has its meaning in the model
  irrelevant,  // cannot change which packets pass
  undecided,   // understood, but its meaning depends on what no configuration says
  unmodelled,  // not understood: may do anything
};

[[nodiscard]] std::string_view line_use_name(LineUse use);

// Why a line, or for line 0 the whole file, is undecided or unmodelled.
struct LineNote {
  LineUse use = LineUse::undecided;
  SourceSpan span;
  DiagnosticCode code = DiagnosticCode::rule_undecided;
  std::string why;
  friend bool operator==(const LineNote&, const LineNote&) = default;
};

// Lines from `first` to `last`, both of them.
struct LineRun {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  friend bool operator==(const LineRun&, const LineRun&) = default;
};

struct LineAccount {
  std::vector<LineUse> uses;    // by line number - 1
  std::vector<LineNote> notes;  // by place

  [[nodiscard]] std::size_t count(LineUse use) const;
  // The lines that are taken so.
  [[nodiscard]] std::vector<LineRun> runs(LineUse use) const;
};

// Whether an empty line or a comment of most formats: its first sign is `#`, or `;` in front of anything.
[[nodiscard]] bool is_blank_or_comment(std::string_view line);

}  // namespace segproof
