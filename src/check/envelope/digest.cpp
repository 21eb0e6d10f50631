// SPDX-License-Identifier: Apache-2.0
#include "check/envelope/digest.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace check {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
  constexpr std::string_view hex = "0123456789abcdef";
  std::string result;
  for (unsigned i = 0; i < length; ++i) {
    result += {hex[digest.at(i) >> 4U], hex[digest.at(i) & 15U]};
  }
  return result;
}

std::string base64(std::string_view bytes) {
  std::basic_string<unsigned char> digits((bytes.size() + 2) / 3 * 4 + 1, 0);
  const int size = EVP_EncodeBlock(digits.data(), bytes_of(bytes), static_cast<int>(bytes.size()));
  return {digits.begin(), digits.begin() + size};
}

bool is_signed(std::string_view bytes, std::string_view signature, std::string_view key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_mem_buf(bytes_of(key), static_cast<int>(key.size())),
                                                       BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> known(
      PEM_read_bio_PUBKEY(file.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return known != nullptr && EVP_PKEY_get_id(known.get()) == EVP_PKEY_ED25519 && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, known.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes), bytes.size()) == 1;
}

std::string signature_in(std::string_view text) {
  std::array<unsigned char, 66> bytes{};
  const bool is_whole = text.size() == 88 && EVP_DecodeBlock(bytes.data(), bytes_of(text), 88) == 66;
  return is_whole ? std::string(bytes.begin(), bytes.end() - 2) : std::string();
}

}  // namespace check
