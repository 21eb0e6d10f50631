// SPDX-License-Identifier: Apache-2.0
// The words of the files that certificates are made of (docs/certificate.md section 1), and lines of them. Everything
// that comes from an input goes through `quoted`, so that no name can end a string or a line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/source.h"
#include "packet/address.h"
#include "packet/bits.h"
#include "packet/interval_set.h"

namespace segproof::proof {

// STRING. Any bytes: what is not valid UTF-8, and what terminals would obey, hide or reorder, is escaped byte by byte.
[[nodiscard]] std::string quoted(std::string_view bytes);

[[nodiscard]] std::string decimal(Bits value);      // NUMBER
[[nodiscard]] std::string hexadecimal(Bits value);  // HEX

[[nodiscard]] std::string set_word(const IntervalSet& values);                     // SET of numbers
[[nodiscard]] std::string set_word(const IntervalSet& addresses, Family family);   // SET of addresses
[[nodiscard]] std::string ports_word(const IntervalSet& ports);                    // SET; an empty one stands for all
[[nodiscard]] std::string prefix_word(const Prefix& prefix);                       // PREFIX, always with its length
[[nodiscard]] std::string place_word(const SourceSpan& span, const SourceStore&);  // PLACE

// A file under construction.
class Page {
 public:
  // Precondition: `words` holds no line break.
  void line(std::size_t depth, std::string_view words);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace segproof::proof
