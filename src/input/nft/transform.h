// SPDX-License-Identifier: Apache-2.0
// Bit operations on what a rule looks at: `meta mark & 0xff00 >> 8` as one mask, one shift, one exclusive or. Every
// chain of
// &, |, ^, << and >> with constants has that form.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "packet/interval_set.h"

namespace segproof::nft {

// y = shift(x & mask) ^ flip.
class Transform {
 public:
  explicit Transform(unsigned width) : width_(width), mask_(low_ones(width)) {}

  // False for an unknown operator.
  [[nodiscard]] bool apply(std::string_view op, Bits operand);
  [[nodiscard]] bool is_identity() const { return mask_ == low_ones(width_) && flip_ == 0 && shift_ == 0; }

  [[nodiscard]] Bits of(Bits x) const;
  // All x with of(x) in `values`. Precondition: width at most 16.
  [[nodiscard]] IntervalSet preimage(const IntervalSet& values) const;

  // x & mask == value.
  struct Masked {
    Bits value = 0;
    Bits mask = 0;
  };
  // The x with of(x) in `values`, as alternatives; nothing when there would be more than `most`.
  [[nodiscard]] std::optional<std::vector<Masked>> masks(const IntervalSet& values, std::size_t most) const;

  // What is left of a bit operation on a mark: of(x) as (x & keep) ^ flip; nothing when it shifts.
  [[nodiscard]] std::optional<Masked> without_shift() const;

 private:
  [[nodiscard]] Bits forward(Bits bits) const;
  [[nodiscard]] Bits backward(Bits bits) const;

  unsigned width_;
  Bits mask_;
  Bits flip_ = 0;
  int shift_ = 0;  // to the left
};

}  // namespace segproof::nft
