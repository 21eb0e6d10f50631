// SPDX-License-Identifier: Apache-2.0
// The words of one statement, taken one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace segproof::cisco {

class Words {
 public:
  explicit Words(std::string_view text) : words_(split_words(text)) {}

  [[nodiscard]] bool done() const { return next_ >= words_.size(); }
  [[nodiscard]] std::size_t left() const { return words_.size() - next_; }
  // The word `ahead` places on; empty when there is none.
  [[nodiscard]] std::string_view peek(std::size_t ahead = 0) const {
    return next_ + ahead < words_.size() ? words_[next_ + ahead] : std::string_view();
  }
  // The next word; empty at the end.
  std::string_view take() { return done() ? std::string_view() : words_[next_++]; }
  // Takes the next word if it is this one.
  bool take_if(std::string_view word) {
    if (peek() != word || done())
      return false;
    ++next_;
    return true;
  }
  void skip(std::size_t count) { next_ = std::min(next_ + count, words_.size()); }
  [[nodiscard]] std::size_t position() const { return next_; }
  void go_back_to(std::size_t position) { next_ = position; }
  // What is left, as written but for white space.
  [[nodiscard]] std::string rest() const {
    std::string text;
    for (std::size_t i = next_; i < words_.size(); ++i)
      text += (i > next_ ? " " : "") + std::string(words_[i]);
    return text;
  }

 private:
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
};

}  // namespace segproof::cisco
