// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace segproof::report {

// One cell of a CSV file (RFC 4180), quoted where needed. Control characters become visible escapes. A cell that a
// spreadsheet would run as a formula (it begins with = + - @) gets an apostrophe before it.
[[nodiscard]] std::string csv_cell(std::string_view text);

}  // namespace segproof::report
