// SPDX-License-Identifier: Apache-2.0
// The text of network files and certificates (docs/certificate.md, section 1): lines as a tree, words of a line.
// Whatever is not exactly as described throws Malformed.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "check/core/sets.h"

namespace check {

class Malformed : public std::runtime_error {
 public:
  Malformed(std::size_t line, const std::string& what);
};

struct Line {
  std::size_t number = 0;
  std::vector<std::string_view> words;
  std::vector<Line> below;
};

// The lines of depth 0. `text` must outlive the result. Depth at most 64, lines at most 16 MiB.
[[nodiscard]] std::vector<Line> read_lines(std::string_view text);

struct Address {
  Family family = Family::ipv4;
  Value value = 0;
};
struct Prefix {
  Address address;  // as written
  unsigned length = 0;
  [[nodiscard]] Range range() const;  // of all its addresses
};
[[nodiscard]] unsigned width_of(Family family);

// The words of one line, taken one after the other.
class Words {
 public:
  explicit Words(const Line& line) : line_(&line) {}

  [[nodiscard]] bool is_done() const { return at_ == line_->words.size(); }
  [[nodiscard]] bool take(std::string_view word);  // true, and gone, when it is the next one
  [[nodiscard]] std::string_view next();
  [[nodiscard]] std::string string();
  [[nodiscard]] std::uint64_t number(std::uint64_t most);
  [[nodiscard]] std::int64_t signed_number();
  [[nodiscard]] Value hexadecimal();
  [[nodiscard]] Address address();
  [[nodiscard]] Prefix prefix();
  [[nodiscard]] Ranges set(bool of_addresses);  // ascending, not touching
  // The position of the next word among these.
  [[nodiscard]] std::size_t one_of(const std::vector<std::string_view>& names);
  void end() const;   // nothing is left on the line
  void leaf() const;  // nor below it
  [[noreturn]] void fail(const std::string& what) const;

 private:
  const Line* line_;
  std::size_t at_ = 0;
};

// How often a line may stand in its place.
struct Expected {
  enum class Times : std::uint8_t { once, perhaps, any } times = Times::any;
  std::vector<std::string_view> words;  // that it may begin with
};
// Throws Malformed unless the lines begin with these words, in this order; `parent` is named where one is missing.
void check_order(const std::vector<Line>& lines, const std::vector<Expected>& expected, std::size_t parent);

[[nodiscard]] std::string text_of(Family family, Value address);
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace check
