// SPDX-License-Identifier: Apache-2.0
// The manual, from the table of options. docs/man/segproof.1 and docs/cli.md are these texts.
#pragma once

#include <string>
#include <string_view>

namespace segproof::cli {

// A page of section 1, for man(7).
[[nodiscard]] std::string man_page(std::string_view version);
// The same in Markdown.
[[nodiscard]] std::string markdown_page();

}  // namespace segproof::cli
