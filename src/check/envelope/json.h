// SPDX-License-Identifier: Apache-2.0
// JSON in the layout in which segproof writes it: one value a line, two spaces a level, whole numbers.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace check {

// Every value by its path, as it is written: "claims\n0\nid" is "\"FTA-1\""; what begins there is "{" or "[". No key
// stands there twice, in no other spelling either. Throws Malformed for every other layout.
using Json = std::map<std::string, std::string>;
[[nodiscard]] Json read_json(std::string_view text);

}  // namespace check
