// SPDX-License-Identifier: Apache-2.0
// Host patterns of Ansible: `web[01:20]`, `db[a:c]`, `rack[1:2]-node[0:9:3]`, and the port that may follow
// (`web1:2222`, `[2001:db8::1]:22`). Expansion is bounded before anything is built.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic_code.h"

namespace segproof::input::inventory {

inline constexpr std::size_t largest_expansion = 65536;

// What a pattern stands for, or what is wrong with it and where (offset and length within the pattern).
struct HostExpansion {
  struct Fault {
    DiagnosticCode code;
    std::size_t offset;
    std::size_t length;
    std::string message;
    std::string hint;
  };
  std::vector<std::string> names;  // the first range varies slowest, as in Ansible
  std::optional<Fault> fault;      // then `names` is empty
};

// The pattern without a port. Precondition: none; garbage is a fault.
[[nodiscard]] HostExpansion expand_host_pattern(std::string_view pattern);

// The pattern without `:PORT` and without the brackets around an IPv6 address.
[[nodiscard]] std::string_view without_port(std::string_view pattern);

}  // namespace segproof::input::inventory
