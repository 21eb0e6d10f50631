// SPDX-License-Identifier: Apache-2.0
#include "proof/signing.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <climits>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "base/sha256.h"

namespace segproof::proof {
namespace {

struct Deleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* file) const { BIO_free(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter>;
using Context = std::unique_ptr<EVP_MD_CTX, Deleter>;
using Memory = std::unique_ptr<BIO, Deleter>;

constexpr std::size_t signature_size = 64;

// A key with a passphrase is refused: nobody is there to be asked.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*nothing*/) {
  return -1;
}

Memory reader_of(std::string_view pem) {
  return pem.size() > static_cast<std::size_t>(INT_MAX)
             ? nullptr
             : Memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

bool is_ed25519(const Key& key) {
  return key != nullptr && EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519;
}

Result<Key> secret_key(std::string_view pem) {
  const Memory file = reader_of(pem);
  Key key(file == nullptr ? nullptr : PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr));
  if (!is_ed25519(key)) {
    return Failure{"this is no Ed25519 key in PEM without a passphrase"};
  }
  return key;
}

Result<Key> open_key(std::string_view pem) {
  const Memory file = reader_of(pem);
  Key key(file == nullptr ? nullptr : PEM_read_bio_PUBKEY(file.get(), nullptr, no_passphrase, nullptr));
  if (!is_ed25519(key)) {
    return Failure{"this is no public Ed25519 key in PEM"};
  }
  return key;
}

std::string contents(const Memory& file) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(file.get(), &data);  // NOLINT(google-runtime-int): OpenSSL's type
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string open_pem_of(const Key& key) {
  const Memory file(BIO_new(BIO_s_mem()));
  SEGPROOF_ASSERT(file != nullptr && PEM_write_bio_PUBKEY(file.get(), key.get()) == 1);
  return contents(file);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<KeyPair> make_key_pair() {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const Memory file(BIO_new(BIO_s_mem()));
  if (key == nullptr || file == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Failure{"OpenSSL cannot make an Ed25519 key"};
  }
  return KeyPair{.secret = contents(file), .open = open_pem_of(key)};
}

Result<std::string> sign(std::string_view bytes, std::string_view secret_pem) {
  const Result<Key> key = secret_key(secret_pem);
  if (!key) {
    return key.failure();
  }
  const Context context(EVP_MD_CTX_new());
  std::vector<unsigned char> signature(signature_size);
  std::size_t size = signature.size();
  const bool done = context != nullptr &&
                    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.value().get()) == 1 &&
                    EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(bytes), bytes.size()) == 1;
  if (!done || size != signature_size) {
    return Failure{"OpenSSL cannot sign with this key"};
  }
  return std::string(signature.begin(), signature.end());
}

Result<bool> is_signed(std::string_view bytes, std::string_view signature, std::string_view open_pem) {
  const Result<Key> key = open_key(open_pem);
  if (!key) {
    return key.failure();
  }
  const Context context(EVP_MD_CTX_new());
  return context != nullptr && signature.size() == signature_size &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.value().get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes), bytes.size()) == 1;
}

Result<std::string> open_half(std::string_view secret_pem) {
  const Result<Key> key = secret_key(secret_pem);
  if (!key) {
    return key.failure();
  }
  return open_pem_of(key.value());
}

Result<std::string> key_id(std::string_view open_pem) {
  const Result<Key> key = open_key(open_pem);
  if (!key) {
    return key.failure();
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.value().get(), &der);
  SEGPROOF_ASSERT(size > 0 && der != nullptr);
  const std::string bytes(der, der + size);
  OPENSSL_free(der);
  return sha256_hex(bytes);
}

}  // namespace segproof::proof
