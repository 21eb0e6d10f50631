// SPDX-License-Identifier: Apache-2.0
// "did you mean": the known word that is nearest to one that is not known.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace segproof {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (bytes, ASCII case
// ignored), or nothing when there are more than `limit`. O(|a| * |b|), and nothing when the lengths differ too much.
[[nodiscard]] std::optional<std::size_t> edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// The candidate nearest to `word`, if it is near enough to be a slip of the finger: at most a third of the letters
// differ. Of equally near ones the alphabetically first. Words above 100 bytes have no neighbours.
[[nodiscard]] std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string> candidates);
[[nodiscard]] std::optional<std::string> did_you_mean(std::string_view word,
                                                      std::span<const std::string_view> candidates);

// "did you mean `dmz`?", or empty: a Diagnostic's hint.
[[nodiscard]] std::string did_you_mean_hint(std::string_view word, std::span<const std::string> candidates);
[[nodiscard]] std::string did_you_mean_hint(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace segproof
