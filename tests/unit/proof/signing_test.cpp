// SPDX-License-Identifier: Apache-2.0
#include "proof/signing.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "base/sha256.h"
#include "proof/statement.h"

namespace segproof::test {
namespace {

using namespace proof;

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string pem(std::string_view what, const std::string& der) {
  return fmt::format("-----BEGIN {0}-----\n{1}\n-----END {0}-----\n", what, base64(der));
}

// The first two test vectors of RFC 8032, section 7.1.
struct Vector {
  const char* seed;
  const char* open;
  const char* message;
  const char* signature;
};
constexpr Vector vectors[] = {{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                               "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                               "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e397"
                               "01cf9b46bd25bf5f0595bbe2465"
                               "5141438e7a100b"},
                              {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                               "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                               "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f361"
                               "3d0f11d8c387b2eaeb4302aeeb0"
                               "0d291612bb0c00"}};

TEST_CASE("signatures are those of RFC 8032") {
  for (const Vector& v : vectors) {
    const std::string secret = pem("PRIVATE KEY", from_hex("302e020100300506032b657004220420") + from_hex(v.seed));
    const std::string open_der = from_hex("302a300506032b6570032100") + from_hex(v.open);
    const std::string open = pem("PUBLIC KEY", open_der);
    const auto signature = sign(from_hex(v.message), secret);
    REQUIRE(signature.ok());
    CHECK(signature.value() == from_hex(v.signature));
    CHECK(is_signed(from_hex(v.message), signature.value(), open).value());
    CHECK(open_half(secret).value() == open);
    CHECK(key_id(open).value() == sha256_hex(open_der));
  }
}

TEST_CASE("a new key signs, and nothing else passes for it") {
  const auto first = make_key_pair();
  const auto second = make_key_pair();
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first.value().secret != second.value().secret);
  CHECK(first.value().secret.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  CHECK(open_half(first.value().secret).value() == first.value().open);
  const auto signature = sign("abc", first.value().secret);
  REQUIRE(signature.ok());
  CHECK(is_signed("abc", signature.value(), first.value().open).value());
  CHECK_FALSE(is_signed("abd", signature.value(), first.value().open).value());
  CHECK_FALSE(is_signed("abc", signature.value(), second.value().open).value());
  CHECK_FALSE(is_signed("abc", signature.value().substr(1), first.value().open).value());
  for (std::size_t i = 0; i < signature.value().size(); ++i) {
    std::string wrong = signature.value();
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    CHECK_FALSE(is_signed("abc", wrong, first.value().open).value());
  }
}

TEST_CASE("what is no key is refused") {
  const auto pair = make_key_pair();
  REQUIRE(pair.ok());
  // An RSA key and an encrypted one are no keys for us; nor is a public key where a secret one is asked for.
  for (const std::string& text :
       {std::string(), std::string("key"), pair.value().open,
        pem("PRIVATE KEY", from_hex("302e020100300506032b656e04220420") + from_hex(vectors[0].seed)),  // X25519
        pem("ENCRYPTED PRIVATE KEY", "abc")}) {
    CHECK_FALSE(sign("abc", text).ok());
    CHECK_FALSE(open_half(text).ok());
  }
  CHECK_FALSE(is_signed("abc", std::string(64, 'x'), pair.value().secret).ok());
  CHECK_FALSE(key_id("").ok());
}

TEST_CASE("base64 and what DSSE signs") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe\xfd") == "//79");
  // The example of the DSSE specification.
  CHECK(pre_authentication("http://example.com/HelloWorld", "hello world") ==
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

}  // namespace
}  // namespace segproof::test
