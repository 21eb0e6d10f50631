// SPDX-License-Identifier: Apache-2.0
// An index that knows what it indexes: StrongId<struct HostTag> cannot be passed where a zone is meant.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace segproof {

template <class Tag>
class StrongId {
 public:
  constexpr StrongId() = default;  // the invalid id
  constexpr explicit StrongId(std::size_t index) : value_(static_cast<std::uint32_t>(index)) {}

  [[nodiscard]] constexpr std::size_t index() const { return value_; }
  [[nodiscard]] constexpr bool valid() const { return value_ != invalid_value; }
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  static constexpr std::uint32_t invalid_value = 0xffffffffU;
  std::uint32_t value_ = invalid_value;
};

}  // namespace segproof

template <class Tag>
struct std::hash<segproof::StrongId<Tag>> {
  std::size_t operator()(segproof::StrongId<Tag> id) const noexcept { return id.index(); }
};
