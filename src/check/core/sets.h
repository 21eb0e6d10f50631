// SPDX-License-Identifier: Apache-2.0
// Sets of numbers, and boxes: one set for each field of a header. A set is named by a number; equal sets have equal
// numbers, so that results are kept. Set 0 is every value of a field, set 1 holds nothing.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace check {

__extension__ typedef unsigned __int128 Value;

enum class Family : std::uint8_t { ipv4, ipv6 };

enum Field : std::uint8_t { protocol, source, destination, sport, dport, flags, fragment, role };
inline constexpr std::size_t field_count = 8;

struct Range {
  Value low = 0;
  Value high = 0;
  friend bool operator==(const Range&, const Range&) = default;
  friend bool operator<(const Range& a, const Range& b) { return a.low != b.low ? a.low < b.low : a.high < b.high; }
};
using Ranges = std::vector<Range>;

using SetId = std::uint32_t;
inline constexpr SetId any_value = 0;
inline constexpr SetId no_value = 1;

using Box = std::array<SetId, field_count>;  // all any_value: every header

// The sets of one family. Not for several threads.
class Sets {
 public:
  explicit Sets(Family family);

  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] Value last(Field field) const;  // the largest value that the field has
  // Ranges in any order; what lies above the last value of the field is cut off.
  [[nodiscard]] SetId of(Field field, Ranges ranges);
  [[nodiscard]] SetId single(Field field, Value value);
  [[nodiscard]] SetId meet(SetId a, SetId b);
  [[nodiscard]] SetId join(Field field, SetId a, SetId b);
  [[nodiscard]] SetId without(Field field, SetId a, SetId b);  // what of a is not in b
  [[nodiscard]] bool within(SetId a, SetId b) { return meet(a, b) == a; }
  [[nodiscard]] Ranges ranges(Field field, SetId set) const;
  [[nodiscard]] Value least(SetId set) const;  // of a set that is not empty

  [[nodiscard]] Box meet(const Box& a, const Box& b);
  [[nodiscard]] bool within(const Box& a, const Box& b);
  [[nodiscard]] static bool is_empty(const Box& box);
  // What of `box` is not in `hole`, as disjoint boxes.
  void cut(const Box& box, const Box& hole, std::vector<Box>& pieces);

 private:
  [[nodiscard]] SetId keep(Ranges ranges);

  Family family_;
  std::vector<Ranges> sets_;
  std::map<Ranges, SetId> known_;
  std::unordered_map<std::uint64_t, SetId> meets_, complements_;  // what was computed before
  std::array<std::unordered_map<std::uint64_t, SetId>, field_count> joins_;
  std::array<std::map<Value, SetId>, field_count> singles_;
};

}  // namespace check
