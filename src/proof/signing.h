// SPDX-License-Identifier: Apache-2.0
// Ed25519 keys and signatures, by OpenSSL. Keys are PEM texts, as `openssl genpkey -algorithm ed25519` writes them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace segproof::proof {

struct KeyPair {
  std::string secret;  // PKCS #8
  std::string open;    // SubjectPublicKeyInfo
};

// From the system's random numbers. Fails when there are none.
[[nodiscard]] Result<KeyPair> make_key_pair();

// The signature of the bytes (64 bytes); the same key and bytes give the same one. Fails where the PEM is no Ed25519
// key, or one that needs a passphrase.
[[nodiscard]] Result<std::string> sign(std::string_view bytes, std::string_view secret_pem);

// Fails where the PEM is no public Ed25519 key.
[[nodiscard]] Result<bool> is_signed(std::string_view bytes, std::string_view signature, std::string_view open_pem);

// The public half of a secret key; the SHA-256 of a public key's DER.
[[nodiscard]] Result<std::string> open_half(std::string_view secret_pem);
[[nodiscard]] Result<std::string> key_id(std::string_view open_pem);

}  // namespace segproof::proof
