// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/host_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace segproof::input::inventory {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view range_hint = "ranges are `[1:20]`, `[01:20]`, `[a:f]`, with a step `[1:20:2]`";

// One range: the values first, first + step, ... up to last.
struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t step = 1;
  std::size_t width = 0;  // digits with leading zeros; 0 without
  bool alphabetic = false;

  [[nodiscard]] std::uint64_t count() const { return (last - first) / step + 1; }
  [[nodiscard]] std::string text(std::uint64_t index) const {
    const std::uint64_t value = first + index * step;
    return alphabetic ? std::string(1, letters[value]) : fmt::format("{:0{}}", value, width);
  }
};

// A text, then a range (but for the last piece).
struct Piece {
  std::string_view text;
  std::optional<Range> range;
};

class PatternParser {
 public:
  explicit PatternParser(std::string_view pattern) : pattern_(pattern) {}

  HostExpansion run() {
    HostExpansion expansion;
    if (parse()) {
      expansion.names = expand();
    }
    expansion.fault = fault_;
    return expansion;
  }

 private:
  bool fail(DiagnosticCode code, std::string_view part, std::string message, std::string_view hint = range_hint) {
    fault_ = HostExpansion::Fault{.code = code,
                                  .offset = static_cast<std::size_t>(part.data() - pattern_.data()),
                                  .length = part.size(),
                                  .message = std::move(message),
                                  .hint = std::string(hint)};
    return false;
  }
  bool invalid(std::string_view part, std::string message) {
    return fail(DiagnosticCode::host_range_invalid, part, std::move(message));
  }

  bool parse() {
    std::size_t at = 0;
    std::uint64_t total = 1;
    while (true) {
      const std::size_t open = pattern_.find_first_of("[]", at);
      if (open == std::string_view::npos) {
        pieces_.push_back({.text = pattern_.substr(at), .range = std::nullopt});
        return true;
      }
      const std::size_t close = pattern_.find(']', open);
      if (pattern_[open] == ']' || close == std::string_view::npos) {
        return invalid(pattern_.substr(open, 1), fmt::format("the bracket of {} has no partner", quote(pattern_)));
      }
      Range range;
      const std::string_view whole = pattern_.substr(open, close - open + 1);
      if (!parse_range(whole, range)) {
        return false;
      }
      if (range.count() > largest_expansion || total * range.count() > largest_expansion) {
        return fail(DiagnosticCode::host_range_too_large, whole,
                    fmt::format("{} stands for more than {} hosts", quote(pattern_), largest_expansion),
                    "list networks as zones or segments instead");
      }
      total *= range.count();
      pieces_.push_back({.text = pattern_.substr(at, open - at), .range = range});
      at = close + 1;
    }
  }

  bool parse_range(std::string_view whole, Range& range) {
    const std::vector<std::string_view> bounds = split(whole.substr(1, whole.size() - 2), ':');
    if (bounds.size() != 2 && bounds.size() != 3) {
      return invalid(whole, fmt::format("{} is not a range of hosts", quote(whole)));
    }
    if (bounds.size() == 3) {
      const std::optional<std::uint32_t> step = parse_unsigned<std::uint32_t>(bounds[2], 1);
      if (!step) {
        return invalid(whole, fmt::format("the step of {} is not a number above 0", quote(whole)));
      }
      range.step = *step;
    }
    return parse_bounds(whole, bounds[0], bounds[1], range);
  }

  bool parse_bounds(std::string_view whole, std::string_view begin, std::string_view end, Range& range) {
    const std::string_view low = begin.empty() ? "0" : begin;
    const auto all_digits = [](std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); };
    if (low.size() == 1 && end.size() == 1 && letters.find(low) != std::string_view::npos &&
        letters.find(end) != std::string_view::npos) {
      range.alphabetic = true;
      range.first = letters.find(low);
      range.last = letters.find(end);
    } else if (!all_digits(low) || !all_digits(end)) {
      return invalid(whole, fmt::format("{} is not a range of numbers or of letters", quote(whole)));
    } else if (low.size() > 1 && low.front() == '0' && low.size() != end.size()) {
      return invalid(whole, fmt::format("the ends of {} have different lengths", quote(whole)));
    } else {
      range.width = low.size() > 1 && low.front() == '0' ? low.size() : 0;
      const std::optional<std::uint64_t> first = number(low);
      const std::optional<std::uint64_t> last = number(end);
      if (!first || !last) {
        return fail(DiagnosticCode::host_range_too_large, whole,
                    fmt::format("the numbers of {} are too large", quote(whole)));
      }
      range.first = *first;
      range.last = *last;
    }
    if (range.first > range.last) {
      return invalid(whole, fmt::format("{} goes down", quote(whole)));
    }
    return true;
  }

  // Leading zeros are the width here, never octal. Far below the largest uint64, so that sums do not overflow.
  static std::optional<std::uint64_t> number(std::string_view digits) {
    const std::size_t start = std::min(digits.find_first_not_of('0'), digits.size() - 1);
    return parse_unsigned<std::uint64_t>(digits.substr(start), 0, 1'000'000'000'000U);
  }

  std::vector<std::string> expand() const {
    std::vector<std::string> names{""};
    for (const Piece& piece : pieces_) {
      std::vector<std::string> longer;
      longer.reserve(names.size() * (piece.range ? piece.range->count() : 1));
      for (const std::string& name : names) {
        for (std::uint64_t i = 0; i < (piece.range ? piece.range->count() : 1); ++i) {
          longer.push_back(name + std::string(piece.text) + (piece.range ? piece.range->text(i) : ""));
        }
      }
      names = std::move(longer);
    }
    return names;
  }

  std::string_view pattern_;
  std::vector<Piece> pieces_;
  std::optional<HostExpansion::Fault> fault_;
};

bool is_port(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

}  // namespace

HostExpansion expand_host_pattern(std::string_view pattern) {
  // 65536 names of a megabyte each would be 64 GB: a name is bounded as DNS bounds it, with room for the brackets.
  constexpr std::size_t largest_pattern = 512;
  if (pattern.size() > largest_pattern) {
    return {.names = {},
            .fault = HostExpansion::Fault{.code = DiagnosticCode::host_range_invalid,
                                          .offset = 0,
                                          .length = pattern.size(),
                                          .message = fmt::format("the name of a host has {} bytes, the limit is {}",
                                                                 pattern.size(), largest_pattern),
                                          .hint = {}}};
  }
  return PatternParser(pattern).run();
}

std::string_view without_port(std::string_view pattern) {
  const std::size_t colon = pattern.rfind(':');
  const bool has_port = colon != std::string_view::npos && is_port(pattern.substr(colon + 1));
  if (pattern.starts_with('[')) {
    // [IPv6] or [IPv6]:port, unless it is a range: those have at most two colons, an address has a pair of them or
    // more.
    const std::size_t close = pattern.find(']');
    const std::string_view inner = pattern.substr(1, close == std::string_view::npos ? close : close - 1);
    const bool is_address = std::ranges::count(inner, ':') > 2 || inner.find("::") != std::string_view::npos;
    const std::string_view rest = close == std::string_view::npos ? "" : pattern.substr(close + 1);
    if (close != std::string_view::npos && is_address &&
        (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))))) {
      return inner;
    }
  }
  if (!has_port) {
    return pattern;
  }
  // The only colon outside of brackets; an IPv6 address without brackets has more.
  std::size_t outside = 0;
  int depth = 0;
  for (const char c : pattern) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    outside += c == ':' && depth == 0 ? 1U : 0U;
  }
  return outside == 1 ? pattern.substr(0, colon) : pattern;
}

}  // namespace segproof::input::inventory
