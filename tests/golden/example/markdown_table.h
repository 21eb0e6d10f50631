// SPDX-License-Identifier: Apache-2.0
// The tables of the example's README files: what stands there is what the tests expect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace segproof::test {

using TableRow = std::vector<std::string>;

// The first table whose heading begins with `first_column`: the heading, then the rows below the dashes, cells without
// white space and backticks around them. Empty if there is none.
[[nodiscard]] std::vector<TableRow> markdown_table(std::string_view text, std::string_view first_column);

// The words of a cell that are separated by commas.
[[nodiscard]] std::vector<std::string> cell_items(std::string_view cell);

}  // namespace segproof::test
