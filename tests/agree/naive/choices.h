// SPDX-License-Identifier: Apache-2.0
// Every "may be either" of a walk is one call of pick(); running the walk again after advance() takes the next
// combination, until all have been taken. A fixed world answers some of the questions once and for all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace segproof::naive {

class Choices {
 public:
  // One of 0 .. count-1; over all runs, each of them.
  [[nodiscard]] std::size_t pick(std::size_t count) {
    if (count <= 1) {
      return 0;
    }
    if (position_ == digits_.size()) {
      digits_.push_back({0, count});
    }
    return digits_[position_++].value;
  }

  // Prepares the next run. False: all combinations were taken.
  [[nodiscard]] bool advance() {
    position_ = 0;
    while (!digits_.empty()) {
      if (++digits_.back().value < digits_.back().count) {
        return true;
      }
      digits_.pop_back();
    }
    return false;
  }

 private:
  struct Digit {
    std::size_t value;
    std::size_t count;
  };
  std::vector<Digit> digits_;
  std::size_t position_ = 0;
};

// How the things that a configuration does not decide come out.
struct World {
  enum class Kind : std::uint8_t {
    every,  // the union of all answers: what a proof must exclude
    no,     // one world: every undecided test fails, the first of every choice
    yes,    // one world: every undecided test holds, the last of every choice
    mixed,  // one world: by the seed, the same question always the same answer
  } kind = Kind::every;
  std::uint64_t seed = 0;

  // What may be, is: only in the union of all worlds.
  [[nodiscard]] bool is_union() const { return kind == Kind::every; }

  // One of 0 .. count-1, for the question `key`.
  [[nodiscard]] std::size_t settle(Choices& choices, std::size_t count, std::uint64_t key) const {
    if (count <= 1) {
      return 0;
    }
    switch (kind) {
      case Kind::every:
        return choices.pick(count);
      case Kind::no:
        return 0;
      case Kind::yes:
        return count - 1;
      case Kind::mixed:
        break;
    }
    std::uint64_t h = (key + seed * 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL;
    h ^= h >> 29U;
    h *= 0x94d049bb133111ebULL;
    h ^= h >> 32U;
    return h % count;
  }
};

}  // namespace segproof::naive
