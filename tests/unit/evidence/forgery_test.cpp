// SPDX-License-Identifier: Apache-2.0
// Whoever makes a bundle can list any bytes. Its files must still say the same: no claim, verdict, input or epoch can
// be another one in one of them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "base/sha256.h"
#include "check/core/question.h"
#include "check/core/verdict.h"
#include "check/envelope/bundle.h"
#include "proof/signing.h"
#include "proof/statement.h"
#include "small_network.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// The same change of one file, with all hashes of it made anew.
proof::Files forged(const proof::Files& files, const std::string& name, const std::string& from,
                    const std::string& to) {
  proof::Files result = files;
  REQUIRE_MESSAGE(files.at(name).find(from) != std::string::npos, fmt::format("{} does not hold {}", name, from));
  replace_all(result[name], from, to);
  if (name != "manifest") {
    replace_all(result["manifest"], sha256_hex(files.at(name)), sha256_hex(result.at(name)));
  }
  result["SHA256SUMS"] = proof::sums_text(result);
  return result;
}

std::string complaint(const proof::Files& files, const std::optional<std::string>& key = std::nullopt) {
  try {
    static_cast<void>(check::check_bundle(files, key));
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

struct Forgery {
  const char* file;
  const char* from;
  const char* to;
};

// Each changes what one file says, in a way that the file alone may say.
constexpr Forgery forgeries[] = {
    {"manifest", "segproof-evidence 1", "segproof-evidence 2"},
    {"manifest", "tool \"segproof\"", "tool \"segproov\""},
    {"manifest", "epoch \"now\"", "epoch \"old\""},
    {"manifest", "date \"2026-11-02\"", "date \"2026-11-03\""},
    {"manifest", "claim \"NET-2\" refuted ", "claim \"NET-2\" proved "},
    {"manifest", "claim \"NET-2\" refuted ", "claim \"NET-2\" "},
    {"manifest", "claim \"NET-3\" vacuous ", "claim \"NET-3\" proved "},
    {"manifest", "claim \"NET-1\"", "claim \"NET-9\""},
    {"manifest", "claim \"NET-1\"", "claim \"\\x4eET-1\""},
    {"manifest", "\"fw1.rules\"", "\"fw2.rules\""},
    {"manifest", "inputs whole", "inputs partly"},
    {"manifest", "inputs whole\n", ""},
    {"manifest", "read folder \".\"", "read nothing \".\""},
    {"manifest", "read folder \".\"", "read folder \".\" "},
    {"manifest", "network ", "network  "},
    {"manifest", "\nverify ", "\nextra "},
    {"results.json", "\"segproof/result/1\"", "\"segproof/result/2\""},
    {"results.json", "\"verdict\": \"refuted\"", "\"verdict\": \"proved\""},
    {"results.json", "\"verdict\": \"refuted\"", "\"verdict\": \"inconclusive\""},
    {"results.json", "\"id\": \"NET-1\"", "\"id\": \"NET-9\""},
    {"results.json", "\"kind\": \"no-new-sessions\"", "\"kind\": \"isolated\""},
    {"results.json", "\"from\": \"servers\"", "\"from\": \"internet\""},
    {"results.json", "\"to\": \"office\"", "\"to\": null"},
    {"results.json", "\"certificate\": \"certificates/0001.cert\"", "\"certificate\": \"certificates/0002.cert\""},
    {"results.json", "\"certificate\": \"certificates/0001.cert\"", "\"certificate\": null"},
    {"results.json", "\"refuted\": 1", "\"refuted\": 0"},
    {"results.json", "\"proved\": 2", "\"proved\": 4"},
    {"results.json", "\"advisory\": false", "\"advisory\": true"},
    {"results.json", "\"path\": \"fw1.rules\"", "\"path\": \"fw2.rules\""},
    {"results.json", "\"version\": \"", "\"version\": \"9"},
    {"results.json", "      \"verdict\": \"refuted\"",
     "      \"verdict\": \"refuted\",\n      \"verdict\": \"proved\""},
    {"results.json", "      \"verdict\": \"refuted\"",
     "      \"verdict\": \"refuted\",\n      \"v\\u0065rdict\": \"proved\""},
    {"results.json", "{\n  \"schema\"", "{\n  \"claims\": [],\n  \"schema\""},
    {"results.json", "\n}\n", "\n}\n{\n}\n"},
    {"results.json", "\n}\n", "\n}"},
    {"statement.json", "\"FAILED\"", "\"PASSED\""},
    {"statement.json", "\"NET-2\"", "\"NET-1\""},
    {"statement.json", "\"network.txt\"", "\"network.tyt\""},
    {"statement.json", "\"warnedTests\"", "\"otherTests\""},
    {"network.txt", "epoch \"now\"", "epoch \"old\""},
    {"network.txt", "\"fw1.rules\"\n", "\"fw2.rules\"\n"},
    {"network.txt", "claim \"NET-3\"", "claim \"NET-5\""},
    {"network.txt", "claim \"NET-1\" no-new-sessions", "claim \"NET-1\" isolated"},
    {"network.txt", "  from \"servers\"\n", "  from \"office\"\n"},
    {"network.txt", "segproof-network 1", "segproof-network 2"},
};

TEST_CASE("what one file says and another does not is rejected, whatever the hashes") {
  const proof::Files files = evidence_about(small_network()).files;
  for (const Forgery& forgery : forgeries) {
    const std::string why = complaint(forged(files, forgery.file, forgery.from, forgery.to));
    CHECK_MESSAGE(!why.empty(), fmt::format("{}: {} -> {}", forgery.file, forgery.from, forgery.to));
  }
}

TEST_CASE("a changed network or certificate leaves nothing verified") {
  const proof::Files files = evidence_about(small_network()).files;
  // A rule that lets everything through: the statement is about another network file, and so is each certificate.
  proof::Files changed = forged(files, "network.txt", "policy drop", "policy accept");
  CHECK_FALSE(complaint(changed).empty());
  const std::string hash = sha256_hex(changed.at("network.txt"));
  CHECK(check::check_certificate(changed.at("certificates/0001.cert"), changed.at("network.txt"), hash).outcome ==
        check::Outcome::rejected);
  // Even with the hash that it asks for.
  replace_all(changed["certificates/0001.cert"], sha256_hex(files.at("network.txt")), hash);
  CHECK(check::check_certificate(changed.at("certificates/0001.cert"), changed.at("network.txt"), hash).outcome !=
        check::Outcome::verified);
}

// A few random changes of one text.
void damage(std::string& text, std::mt19937_64& dice) {
  const std::string marks = "{}[]\",:\\ \n0u";
  for (std::size_t changes = 1 + dice() % 3; changes > 0 && !text.empty(); --changes) {
    const std::size_t at = dice() % text.size();
    switch (dice() % 5) {
      case 0:
        text[at] = static_cast<char>(dice() % 256);
        break;
      case 1:
        text.erase(at, 1 + dice() % 20);
        break;
      case 2:
        text.insert(at, text.substr(dice() % text.size(), 1 + dice() % 40));
        break;
      case 3:
        text[at] = marks[dice() % marks.size()];
        break;
      default:
        text.resize(at);
        break;
    }
  }
}

TEST_CASE("whatever is damaged in one file, with sums made anew: the claims are the same, or the bundle is rejected") {
  const proof::Files files = evidence_about(small_network()).files;
  const std::vector<check::Manifest::Claim> claims = check::check_bundle(files, std::nullopt).claims;
  std::vector<std::string> names;
  for (const auto& file : files) {
    if (file.first != "SHA256SUMS") {
      names.push_back(file.first);
    }
  }
  std::mt19937_64 dice(seed("damaged bundles", 20261122));
  std::size_t rejected = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string& name = names[dice() % names.size()];
    proof::Files changed = files;
    damage(changed[name], dice);
    if (name != "manifest") {
      replace_all(changed["manifest"], sha256_hex(files.at(name)), sha256_hex(changed.at(name)));
    }
    changed["SHA256SUMS"] = proof::sums_text(changed);
    try {
      const std::vector<check::Manifest::Claim> said = check::check_bundle(changed, std::nullopt).claims;
      const bool same = std::ranges::equal(said, claims, [](const auto& a, const auto& b) {
        return std::tie(a.id, a.verdict, a.certificate, a.kind, a.from, a.to) ==
               std::tie(b.id, b.verdict, b.certificate, b.kind, b.from, b.to);
      });
      CHECK_MESSAGE(same, fmt::format("round {}: {}", round, name));
    } catch (const check::Rejected&) {
      ++rejected;
    }
  }
  CHECK(rejected > 1000);
}

TEST_CASE("an envelope holds the statement that is there, signed by the key") {
  const proof::KeyPair keys = proof::make_key_pair().value();
  const proof::KeyPair others = proof::make_key_pair().value();
  const proof::Files files = evidence_about(small_network(), {.secret_key = keys.secret}).files;
  const auto with_envelope = [&](const std::string& envelope) {
    proof::Files changed = files;
    changed["statement.dsse.json"] = envelope;
    replace_all(changed["manifest"], sha256_hex(files.at("statement.dsse.json")), sha256_hex(envelope));
    changed["SHA256SUMS"] = proof::sums_text(changed);
    changed["SHA256SUMS.sig"] = proof::sign(changed["SHA256SUMS"], keys.secret).value();
    return complaint(changed, keys.open);
  };
  const std::string& statement = files.at("statement.json");
  CHECK(with_envelope(proof::envelope_json(statement, keys.secret).value()).empty());
  CHECK_FALSE(with_envelope(proof::envelope_json(statement, others.secret).value()).empty());
  CHECK_FALSE(with_envelope(proof::envelope_json(statement + "\n", keys.secret).value()).empty());
  std::string other_type = files.at("statement.dsse.json");
  replace_all(other_type, "in-toto+json", "in-tutu+json");
  CHECK_FALSE(with_envelope(other_type).empty());
  CHECK_FALSE(with_envelope("{}\n").empty());
  std::string two = files.at("statement.dsse.json");
  replace_all(two, "\n    }\n  ]", "\n    },\n    {\n      \"keyid\": \"\",\n      \"sig\": \"\"\n    }\n  ]");
  CHECK_FALSE(with_envelope(two).empty());
}

}  // namespace
}  // namespace segproof::test
