// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/terminal.h"

namespace segproof::cli {

// Writes a file so that readers see the old content or all of the new: into a temporary file beside it, then renamed.
// Links are followed; what is no regular file (a pipe, a device) is written directly. Interrupts wait meanwhile.
// Returns the number of bytes.
[[nodiscard]] Result<std::size_t> write_atomically(const std::string& path, std::string_view bytes);

// The answer to its file, or to standard output when `file` is empty. A reader that closed the pipe had enough: no
// failure. Returns the number of bytes.
[[nodiscard]] Result<std::size_t> deliver(Terminal& terminal, const std::string& file, std::string_view answer);

// "segproof: error: MESSAGE" on standard error, escaped.
void complain(Terminal& terminal, std::string_view message);

// "segproof: note: MESSAGE", likewise.
void remark(Terminal& terminal, std::string_view message);

}  // namespace segproof::cli
