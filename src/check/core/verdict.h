// SPDX-License-Identifier: Apache-2.0
// One certificate against one network file: what it proves, or why it proves nothing.
#pragma once

#include <string>
#include <string_view>

namespace check {

enum class Outcome : std::uint8_t { verified, rejected, not_a_certificate };

struct Result {
  Outcome outcome = Outcome::not_a_certificate;
  std::string claim, kind, from, to, verdict;  // empty where the certificate was not understood
  std::string why;                             // of what is not verified, one sentence
};

// `network_hash` is the SHA-256 of the bytes of `network`, in lower-case hexadecimal digits.
[[nodiscard]] Result check_certificate(std::string_view certificate, std::string_view network,
                                       std::string_view network_hash);

}  // namespace check
