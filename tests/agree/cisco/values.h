// SPDX-License-Identifier: Apache-2.0
// Ports, prefixes and ICMP types as lines of a configuration write them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "agree/cisco/text.h"
#include "agree/cisco/words.h"

namespace segproof::agree {

[[nodiscard]] std::optional<int> port_of(const std::string& word);
// 10.0.0.0/8
[[nodiscard]] std::optional<Masked> prefix_of(const std::string& word);

enum class OnePort { yes, no };  // whether `eq` takes one port only
// An operator and its ports, if one stands at `at`; false when they are not known here.
[[nodiscard]] bool read_ports(const Words& w, std::size_t& at, OnePort one, Ports& into);
// A type by name or number, and a code.
[[nodiscard]] bool read_icmp(const Words& w, std::size_t& at, Kind& kind);

}  // namespace segproof::agree
