// SPDX-License-Identifier: Apache-2.0
// What segproof says about the files that it read.
#pragma once

#include <cstddef>
#include <string>

namespace segproof::api {

// A place in a file as the caller named it. Lines and columns count from 1, columns in bytes; line 0: the whole file,
// or no place at all when the path is empty.
struct Location {
  std::string path;
  std::size_t line = 0;
  std::size_t column = 0;
};

enum class Severity { note, warning, error };

struct Diagnostic {
  std::string code;  // "SP0213"; never changes its meaning (docs/diagnostics)
  Severity severity = Severity::error;
  Location location;
  std::string message;  // lower case, no full stop
  std::string hint;     // may be empty
  std::string text;     // all of it, with the line and a caret below it, as the program prints it
};

}  // namespace segproof::api
