// SPDX-License-Identifier: Apache-2.0
// What every fuzz target needs: a broken law, and a broken contract of our own, end the process in a way that libFuzzer
// notices and keeps the input of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace segproof::fuzz {

// Nothing when `broken` is empty.
void stop_on(const std::string& broken);

[[nodiscard]] inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace segproof::fuzz
