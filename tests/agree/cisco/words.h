// SPDX-License-Identifier: Apache-2.0
// Lines as words, and the words that Cisco has for protocols, ports and kinds of ICMP, as far as the second reading
// needs them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace segproof::agree {

using Words = std::vector<std::string>;
[[nodiscard]] Words cut(const std::string& line);
[[nodiscard]] std::optional<std::uint32_t> dotted(const std::string& text);  // 10.0.0.1
[[nodiscard]] bool is_number(const std::string& text);

[[nodiscard]] const std::map<std::string, int>& protocols();  // -1: all
[[nodiscard]] const std::map<std::string, int>& port_names();
[[nodiscard]] const std::map<std::string, std::pair<int, int>>& icmp_names();  // type and code, -1: any code

}  // namespace segproof::agree
