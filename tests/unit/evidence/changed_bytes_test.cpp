// SPDX-License-Identifier: Apache-2.0
// One changed byte anywhere, a file more or less, another name: the bundle is rejected, and the file is named.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "check/envelope/bundle.h"
#include "proof/signing.h"
#include "small_network.h"

namespace segproof::test {
namespace {

// Why it is rejected; empty: it is not.
std::string complaint(const proof::Files& files, const std::optional<std::string>& key) {
  try {
    static_cast<void>(check::check_bundle(files, key));
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

bool names(const std::string& text, const std::string& file) {
  return text.find(file) != std::string::npos;
}

struct Signed {
  proof::KeyPair keys = proof::make_key_pair().value();
  proof::Files files = evidence_about(small_network(), {.secret_key = keys.secret}).files;
};

TEST_CASE("one flipped bit anywhere rejects and is named") {
  const Signed bundle;
  REQUIRE(complaint(bundle.files, bundle.keys.open).empty());
  std::size_t flips = 0;
  for (const auto& [name, bytes] : bundle.files) {
    // Every byte of small files; of large ones the first and last thousand and a sample between.
    for (std::size_t at = 0; at < bytes.size(); at += at < 1000 || at + 1000 > bytes.size() ? 1U : 37U) {
      for (const int bit : {1, 128}) {
        proof::Files changed = bundle.files;
        changed[name][at] = static_cast<char>(changed[name][at] ^ bit);
        const std::string why = complaint(changed, bundle.keys.open);
        if (!names(why, name)) {
          FAIL_CHECK(fmt::format("byte {} of {}: {}", at, name, why));
        }
        ++flips;
      }
    }
  }
  MESSAGE(flips, " flips");
  CHECK(flips > 10000);
}

TEST_CASE("without a key every file but the signature is guarded against accidents") {
  const proof::Files files = evidence_about(small_network()).files;
  for (const auto& [name, bytes] : files) {
    for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 100) {
      proof::Files changed = files;
      changed[name][at] = static_cast<char>(changed[name][at] ^ 16);
      CHECK(names(complaint(changed, std::nullopt), name));
    }
  }
}

TEST_CASE("shorter, longer, empty, missing, renamed, exchanged") {
  const Signed bundle;
  for (const auto& file : bundle.files) {
    const std::string& name = file.first;
    CAPTURE(name);
    const auto rejects = [&](const proof::Files& changed) {
      for (const auto& key : {std::optional(bundle.keys.open), std::optional<std::string>()}) {
        const std::string why = complaint(changed, key);
        // Without a key nobody can say whose the signature is.
        CHECK((names(why, name) || (!key && name == "SHA256SUMS.sig" && changed.contains(name))));
      }
    };
    std::vector<proof::Files> changes(6, bundle.files);
    changes[0][name].pop_back();
    changes[1][name] += '\n';
    changes[2][name] = "";
    changes[3].erase(name);
    changes[4].erase(name);
    changes[4][name + "x"] = file.second;
    changes[5][name] = bundle.files.at(name == "network.txt" ? "results.json" : "network.txt");
    for (const proof::Files& changed : changes) {
      rejects(changed);
    }
  }
  for (const std::string& extra :
       std::vector<std::string>{"extra", "inputs/0099", "inputs/1", "certificates/0099.cert", "zzz/zzz"}) {
    proof::Files changed = bundle.files;
    changed[extra] = "x";
    CHECK(names(complaint(changed, bundle.keys.open), extra));
    // Listed, but not by the manifest.
    const proof::Files files = evidence_about(small_network()).files;
    changed = files;
    changed[extra] = "x";
    changed["SHA256SUMS"] = proof::sums_text(changed);
    CHECK(names(complaint(changed, std::nullopt), extra));
  }
}

TEST_CASE("the list of sums has one form") {
  const proof::Files files = evidence_about(small_network()).files;
  const std::string& sums = files.at("SHA256SUMS");
  const std::size_t second = sums.find('\n') + 1;
  for (const std::string& text :
       {sums.substr(second) + sums.substr(0, second), sums + sums.substr(0, second), sums.substr(0, second) + sums,
        sums + "\n", "\n" + sums, sums.substr(0, sums.size() - 1), sums + std::string(64, '0') + "  gone\n",
        std::string("\n")}) {
    proof::Files changed = files;
    changed["SHA256SUMS"] = text;
    CHECK(names(complaint(changed, std::nullopt), "SHA256SUMS"));
  }
}

}  // namespace
}  // namespace segproof::test
