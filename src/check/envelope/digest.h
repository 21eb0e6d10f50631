// SPDX-License-Identifier: Apache-2.0
// Hashes and signatures, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace check {

[[nodiscard]] std::string sha256(std::string_view bytes);  // 64 lower-case hexadecimal digits
[[nodiscard]] std::string base64(std::string_view bytes);
// Whether this is the Ed25519 signature of the bytes by that public key (PEM).
[[nodiscard]] bool is_signed(std::string_view bytes, std::string_view signature, std::string_view key);
// The 64 bytes of a signature in base64. Empty where it is anything else.
[[nodiscard]] std::string signature_in(std::string_view text);

}  // namespace check
