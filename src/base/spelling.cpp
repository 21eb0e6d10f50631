// SPDX-License-Identifier: Apache-2.0
#include "base/spelling.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace segproof {
namespace {

constexpr std::size_t longest_word = 100;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <class Text>
std::optional<std::string> nearest(std::string_view word, std::span<const Text> candidates) {
  if (word.empty() || word.size() > longest_word) {
    return std::nullopt;
  }
  std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  std::optional<std::string_view> best;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > longest_word) {
      continue;
    }
    const std::optional<std::size_t> distance = edit_distance(word, candidate, limit);
    // A replacement of every letter is no slip of the finger ("a" for "b").
    if (!distance || *distance >= std::max(word.size(), candidate.size())) {
      continue;
    }
    if (!best || *distance < limit || candidate < *best) {
      best = candidate;
    }
    limit = std::min(limit, *distance);
  }
  return best ? std::optional(std::string(*best)) : std::nullopt;
}

template <class Text>
std::string hint(std::string_view word, std::span<const Text> candidates) {
  const std::optional<std::string> found = nearest(word, candidates);
  return found ? fmt::format("did you mean {}?", quote(*found)) : std::string();
}

}  // namespace

std::optional<std::size_t> edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size()) {
    std::swap(a, b);
  }
  if (b.size() - a.size() > limit) {
    return std::nullopt;
  }
  // Three rows of the optimal string alignment table; row[j] is the distance of the first i bytes of b to j of a.
  std::vector<std::size_t> before(a.size() + 1);
  std::vector<std::size_t> above(a.size() + 1);
  std::vector<std::size_t> row(a.size() + 1);
  for (std::size_t j = 0; j <= a.size(); ++j) {
    above[j] = j;
  }
  for (std::size_t i = 1; i <= b.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= a.size(); ++j) {
      const bool same = lower(b[i - 1]) == lower(a[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(b[i - 1]) == lower(a[j - 2]) && lower(b[i - 2]) == lower(a[j - 1]);
      if (swapped) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[a.size()] <= limit ? std::optional(above[a.size()]) : std::nullopt;
}

std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  return nearest(word, candidates);
}

std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  return nearest(word, candidates);
}

std::string did_you_mean_hint(std::string_view word, std::span<const std::string> candidates) {
  return hint(word, candidates);
}

std::string did_you_mean_hint(std::string_view word, std::span<const std::string_view> candidates) {
  return hint(word, candidates);
}

}  // namespace segproof
