// SPDX-License-Identifier: Apache-2.0
// What a Cisco configuration would tell that is no business of whoever checks a proof: one line after the other,
// because a banner goes on over several.
#pragma once

#include <string>
#include <string_view>

namespace segproof::proof {

class CiscoRedactor {
 public:
  // `has_delimiters`: a banner stands between two equal characters (IOS, NX-OS), not alone on its line (ASA).
  explicit CiscoRedactor(bool has_delimiters) : has_delimiters_(has_delimiters) {}

  // The next line, without its end.
  [[nodiscard]] std::string line(std::string_view text);

 private:
  [[nodiscard]] std::string banner(std::string_view text, std::size_t content);

  bool has_delimiters_;
  std::string delimiter_;  // of the banner that has begun; empty: none
};

}  // namespace segproof::proof
