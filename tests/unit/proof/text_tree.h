// SPDX-License-Identifier: Apache-2.0
// The text of the network file as a tree of lines with words, read from docs/certificate.md section 1 alone: it shares
// nothing with the writer but the numbers of packet/. Whatever is not exactly as described throws NotTheGrammar.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "packet/address.h"

namespace segproof::test {

struct NotTheGrammar : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct TextLine {
  std::size_t number = 0;
  std::vector<std::string> words;  // a string with its quotation marks
  std::vector<TextLine> below;
};

// The lines of level 0.
[[nodiscard]] std::vector<TextLine> read_tree(std::string_view text);

struct WrittenPlace {
  std::optional<std::string> path;  // nothing: nothing wrote it
  std::uint32_t line = 0;
};

// The words of a line, one after the other.
class LineWords {
 public:
  explicit LineWords(const TextLine& line) : line_(line) {}

  [[noreturn]] void fail(std::string_view wanted) const;
  [[nodiscard]] bool at_end() const { return next_ == line_.words.size(); }
  [[nodiscard]] bool has(std::string_view word);  // and takes it
  void must(std::string_view word);
  [[nodiscard]] std::string word();
  [[nodiscard]] std::size_t one_of(const std::vector<std::string_view>& words);  // its index

  [[nodiscard]] std::string string();
  [[nodiscard]] std::vector<std::string> strings();  // "a","b"
  [[nodiscard]] std::string interface_name(bool& is_prefix);
  [[nodiscard]] Bits number(Bits most);
  [[nodiscard]] Bits hexadecimal();
  [[nodiscard]] Address address();
  [[nodiscard]] InterfaceAddress interface_address();
  [[nodiscard]] Prefix prefix();
  [[nodiscard]] Family family();
  [[nodiscard]] IntervalSet set(std::optional<Family> addresses_of);
  [[nodiscard]] WrittenPlace place();
  void end() const;   // nothing follows on the line
  void leaf() const;  // nor below it

 private:
  const TextLine& line_;
  std::size_t next_ = 0;
};

// Parts of words.
[[nodiscard]] std::optional<Bits> read_number(std::string_view text, Bits most);
[[nodiscard]] std::optional<std::string> read_string(std::string_view word);
[[nodiscard]] std::optional<IntervalSet> read_set(std::string_view word, std::optional<Family> addresses_of);
[[nodiscard]] std::optional<Prefix> read_prefix(std::string_view word);

}  // namespace segproof::test
