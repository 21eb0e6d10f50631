// SPDX-License-Identifier: Apache-2.0
// segproof-check CERTIFICATE... --network FILE [--require proved]
// Exit codes: 0 every certificate verified, 1 one was rejected, 2 one is no certificate, 3 all verify but one says
// something else than what is required.
#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "check/core/verdict.h"

namespace {

constexpr std::size_t largest = std::size_t{1} << 30U;

std::optional<std::string> contents(const char* path) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) {
    return std::nullopt;
  }
  std::string result;
  std::array<char, 65536> buffer{};
  std::size_t read = 0;
  while ((read = std::fread(buffer.data(), 1, buffer.size(), file)) > 0 && result.size() <= largest) {
    result.append(buffer.data(), read);
  }
  const bool is_whole = std::ferror(file) == 0 && std::feof(file) != 0 && result.size() <= largest;
  std::fclose(file);
  return is_whole ? std::optional(std::move(result)) : std::nullopt;
}

std::string sha256(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  constexpr std::string_view hex = "0123456789abcdef";
  std::string result;
  for (unsigned i = 0; i < length; ++i) {
    result += hex[digest.at(i) >> 4U];
    result += hex[digest.at(i) & 15U];
  }
  return result;
}

// Names come from files: nothing in them reaches the terminal but what can be seen.
std::string visible(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte >= 0x7f ? '?' : c;
  }
  return result;
}

int usage() {
  std::fputs("usage: segproof-check CERTIFICATE... --network FILE [--require proved]\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<const char*> certificates;
  const char* network_path = nullptr;
  bool requires_proved = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--network" && i + 1 < argc) {
      network_path = argv[++i];
    } else if (word == "--require" && i + 1 < argc && std::string(argv[i + 1]) == "proved") {
      requires_proved = true;
      ++i;
    } else if (word.starts_with("-")) {
      return usage();
    } else {
      certificates.push_back(argv[i]);
    }
  }
  if (certificates.empty() || network_path == nullptr) {
    return usage();
  }
  const auto network = contents(network_path);
  if (!network) {
    std::fprintf(stderr, "segproof-check: %s cannot be read\n", network_path);
    return 2;
  }
  const std::string hash = sha256(*network);
  bool one_rejected = false;
  bool one_is_none = false;
  bool one_not_proved = false;
  for (const char* path : certificates) {
    const auto text = contents(path);
    const check::Result result =
        text ? check::check_certificate(*text, *network, hash)
             : check::Result{check::Outcome::not_a_certificate, "", "", "", "", "", "it cannot be read"};
    const std::string about = visible(result.claim + " " + result.kind + " from " + result.from + " to " + result.to);
    switch (result.outcome) {
      case check::Outcome::verified:
        std::printf("verified: %s: %s\n", about.c_str(), result.verdict.c_str());
        one_not_proved = one_not_proved || result.verdict != "proved";
        break;
      case check::Outcome::rejected:
        std::printf("rejected: %s: %s\n", about.c_str(), visible(result.why).c_str());
        one_rejected = true;
        break;
      case check::Outcome::not_a_certificate:
        std::printf("not a certificate: %s: %s\n", visible(path).c_str(), visible(result.why).c_str());
        one_is_none = true;
        break;
    }
  }
  return one_is_none ? 2 : one_rejected ? 1 : requires_proved && one_not_proved ? 3 : 0;
}
