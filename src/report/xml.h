// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace segproof::report {

// The text for an XML 1.0 element or a quoted attribute: controls and invalid bytes become visible escapes, characters
// that XML does not allow become U+FFFD, and the five metacharacters become entities.
[[nodiscard]] std::string xml_escape(std::string_view text);

// The same, but line breaks stay: for text that we composed of lines that were escaped already.
[[nodiscard]] std::string xml_escape_lines(std::string_view text);

}  // namespace segproof::report
