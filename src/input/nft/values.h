// SPDX-License-Identifier: Apache-2.0
// The values of an expression, read as its datatype writes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "input/nft/expression.h"
#include "input/nft/headers.h"
#include "packet/interval_set.h"

namespace segproof::nft {

struct NamePattern {
  std::string name;
  bool is_prefix = false;
  friend auto operator<=>(const NamePattern&, const NamePattern&) = default;
};

struct Values {
  std::vector<Interval> pending;  // read, and not yet in `numbers`
  IntervalSet numbers;
  std::vector<NamePattern> names;       // of interfaces
  std::vector<std::string> unresolved;  // names that no list of ours knows: they may be any value
  friend auto operator<=>(const Values&, const Values&) = default;

  void settle();  // after everything was read
  [[nodiscard]] static Values all(unsigned width);
};

struct ValueFault {
  SourceSpan span;
  std::string message;
};

// A value, range, prefix, list (flags together) or combination of constants. `width` is that of the values in bits.
class ValueReader {
 public:
  ValueReader(Datatype type, unsigned width) : type_(type), width_(width) {}

  // Adds to `values`, which are to be settled afterwards; a fault when the text is no value of that type.
  [[nodiscard]] std::optional<ValueFault> read(const Expression& expression, Values& values) const;
  // A single number, for masks and shifts; nothing when it is none.
  [[nodiscard]] std::optional<Bits> number(const Expression& expression) const;

 private:
  [[nodiscard]] std::optional<Bits> word(const std::string& text) const;
  [[nodiscard]] std::optional<Interval> prefix(const Expression& expression) const;
  [[nodiscard]] std::optional<Interval> range(const Expression& expression) const;
  [[nodiscard]] bool may_be_name(const std::string& text) const;

  Datatype type_;
  unsigned width_;
};

// Decimal, hexadecimal with 0x, octal with 0.
[[nodiscard]] std::optional<Bits> parse_integer(std::string_view text);
// "eth0", "wg*", "odd\*".
[[nodiscard]] NamePattern interface_pattern(std::string_view text);

}  // namespace segproof::nft
