// SPDX-License-Identifier: Apache-2.0
#include "input/nft/transform.h"

#include "base/assert.h"

namespace segproof::nft {

Bits Transform::forward(Bits bits) const {
  const Bits moved = shift_ >= 0 ? bits << static_cast<unsigned>(shift_) : bits >> static_cast<unsigned>(-shift_);
  return moved & low_ones(width_);
}

Bits Transform::backward(Bits bits) const {
  const Bits moved = shift_ >= 0 ? bits >> static_cast<unsigned>(shift_) : bits << static_cast<unsigned>(-shift_);
  return moved & low_ones(width_);
}

Bits Transform::of(Bits x) const {
  return forward(x & mask_) ^ flip_;
}

bool Transform::apply(std::string_view op, Bits operand) {
  operand &= low_ones(width_);
  if (op == "&") {
    mask_ &= backward(operand);
    flip_ &= operand;
  } else if (op == "|") {
    mask_ &= backward(~operand & low_ones(width_));
    flip_ = (flip_ & ~operand) | operand;
  } else if (op == "^") {
    flip_ ^= operand;
  } else if (op == "<<" || op == ">>") {
    if (operand >= width_) {
      mask_ = 0;
      flip_ = 0;
      return true;
    }
    const auto distance = static_cast<int>(operand);
    const bool left = op == "<<";
    flip_ =
        (left ? flip_ << static_cast<unsigned>(distance) : flip_ >> static_cast<unsigned>(distance)) & low_ones(width_);
    // Bits that leave the word are lost for good, even if a later shift comes back.
    const int both = shift_ + (left ? distance : -distance);
    Bits kept = 0;
    for (unsigned bit = 0; bit < width_; ++bit) {
      const int now = static_cast<int>(bit) + shift_;
      const int then = static_cast<int>(bit) + both;
      const auto limit = static_cast<int>(width_);
      if (now >= 0 && now < limit && then >= 0 && then < limit)
        kept |= Bits{1} << bit;
    }
    mask_ &= kept;
    shift_ = both;
    if (shift_ <= -static_cast<int>(width_) || shift_ >= static_cast<int>(width_))
      shift_ = 0;  // the mask is empty
  } else {
    return false;
  }
  return true;
}

IntervalSet Transform::preimage(const IntervalSet& values) const {
  SEGPROOF_ASSERT(width_ <= 16);
  std::vector<Interval> found;
  for (Bits x = 0; x <= low_ones(width_); ++x) {
    if (!values.contains(of(x)))
      continue;
    if (!found.empty() && found.back().high + 1 == x) {
      found.back().high = x;
    } else {
      found.push_back({x, x});
    }
  }
  return IntervalSet::of(std::move(found));
}

std::optional<std::vector<Transform::Masked>> Transform::masks(const IntervalSet& values, std::size_t most) const {
  std::vector<Masked> found;
  const Bits reach = forward(mask_);
  for (Interval rest : values.intervals()) {
    // The interval as blocks of a power of two, each at a multiple of its size.
    for (;;) {
      unsigned size = 0;
      while (size < width_ && (rest.low >> size & 1U) == 0 && (rest.low | low_ones(size + 1)) <= rest.high)
        ++size;
      const Bits fixed = low_ones(width_) & ~low_ones(size);
      const Bits wanted = (rest.low ^ flip_) & fixed;
      if ((wanted & ~reach) == 0)
        found.push_back({backward(wanted) & mask_, backward(fixed) & mask_});
      if (found.size() > most)
        return std::nullopt;
      const Bits last = rest.low | low_ones(size);
      if (last >= rest.high)
        break;
      rest.low = last + 1;
    }
  }
  return found;
}

std::optional<Transform::Masked> Transform::without_shift() const {
  if (shift_ != 0)
    return std::nullopt;
  return Masked{flip_, mask_};
}

}  // namespace segproof::nft
