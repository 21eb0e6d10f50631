// SPDX-License-Identifier: Apache-2.0
// A configuration as a tree of statements: sub-modes by indentation or by what only stands in them, banners and
// certificates as one statement each, comments left out. A statement keeps the line that it comes from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "model/device_configuration.h"

namespace segproof::cisco {

inline constexpr std::size_t no_statement = static_cast<std::size_t>(-1);

struct Statement {
  std::string_view text;  // trimmed
  std::uint32_t line = 0;
  std::uint32_t column = 1;
  std::size_t parent = no_statement;
  std::size_t end = 0;  // one past the last statement below this one
};

// What is wrong with the text itself, before any statement has a meaning.
struct TextFault {
  std::uint32_t line = 0;
  std::string message;
};

struct Statements {
  std::vector<Statement> all;
  std::vector<model::LineUse> uses;  // by line number - 1: blank, or unmodelled until somebody takes the statement
  std::vector<TextFault> faults;

  [[nodiscard]] const Statement& operator[](std::size_t index) const { return all[index]; }
  // Calls visit(index) for each statement directly below `parent`, or for each at the top.
  template <class Visit>
  void for_each_below(std::size_t parent, Visit visit) const {
    const std::size_t end = parent == no_statement ? all.size() : all[parent].end;
    for (std::size_t i = parent == no_statement ? 0 : parent + 1; i < end; i = all[i].end)
      visit(i);
  }
};

// Linear in the text. Lines that hold a NUL byte or are longer than 64 KiB become faults.
[[nodiscard]] Statements read_statements(FileId file, const SourceStore& sources);

}  // namespace segproof::cisco
