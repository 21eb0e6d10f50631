// SPDX-License-Identifier: Apache-2.0
// A line as iptables-restore cuts it into words: white space separates, double quotes hold it together, a backslash
// inside quotes takes the next character as it is, and a closing quote ends the word.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace segproof::iptables {

struct Word {
  std::string_view text;
  std::uint32_t column = 0;  // from 1
  bool quoted = false;       // a quoted word is never an option or a negation
};

// Words of one line. The views point into the line or into the object itself, which must outlive them.
class Words {
 public:
  explicit Words(std::string_view line);
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] const Word& operator[](std::size_t index) const { return words_[index]; }
  // A quote was opened and not closed: the line is cut off.
  [[nodiscard]] bool unterminated() const { return unterminated_; }

 private:
  std::size_t read_word(std::string_view line, std::size_t at);
  std::vector<Word> words_;
  std::deque<std::string> unescaped_;
  bool unterminated_ = false;
};

}  // namespace segproof::iptables
