// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <span>

#include "base/assert.h"

namespace segproof {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  SEGPROOF_ASSERT(done == 1 && size == 32);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(std::size_t{2} * size);
  for (const unsigned char byte : std::span(digest).first(size)) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 0x0fU];
  }
  return hex;
}

}  // namespace segproof
