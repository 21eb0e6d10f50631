// SPDX-License-Identifier: Apache-2.0
#include "proof/bundle.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/sha256.h"
#include "proof/signing.h"
#include "text_tree.h"

namespace segproof::test {
namespace {

using namespace proof;

Evidence evidence() {
  return {.tool = "segproof",
          .version = "0.1.0",
          .made = "2024-05-01T12:00:00Z",
          .epoch = "e1",
          .date = "2024-05-01",
          .is_redacted = true,
          .roots = {{EvidenceRoot::Kind::topology, "net"}, {EvidenceRoot::Kind::policy, "p\n\"q"}},
          .inputs = {{"fw.rules", std::string(64, 'a'), "*filter\nCOMMIT\n"}, {"t\nx", std::string(64, 'b'), ""}},
          .claims = {{"C-1", Standing::proved, "certificate one\n"},
                     {"C-2", Standing::not_evaluated, {}},
                     {"C \"3\"\n", Standing::refuted, "certificate three\n"}},
          .network = "segproof-network 1\n",
          .results = "{}\n",
          .secret_key = {}};
}

TEST_CASE("the manifest says what each file is") {
  const Files files = evidence_files(evidence()).value();
  const auto hash = [&](const std::string& name) { return sha256_hex(files.at(name)); };
  const std::string expected = fmt::format(
      "segproof-evidence 1\n"
      "tool \"segproof\" \"0.1.0\"\n"
      "made \"2024-05-01T12:00:00Z\"\n"
      "epoch \"e1\" date \"2024-05-01\"\n"
      "read topology \"net\"\n"
      "read policy \"p\\x0a\\\"q\"\n"
      "inputs redacted\n"
      "input {} \"fw.rules\" {} 1\n"
      "input {} \"t\\x0ax\" {} 2\n"
      "network {}\n"
      "results {}\n"
      "statement {}\n"
      "verify {}\n"
      "claim \"C-1\" proved {} 1\n"
      "claim \"C-2\" not-evaluated none\n"
      "claim \"C \\\"3\\\"\\x0a\" refuted {} 2\n",
      std::string(64, 'a'), hash("inputs/0001"), std::string(64, 'b'), hash("inputs/0002"), hash("network.txt"),
      hash("results.json"), hash("statement.json"), hash("VERIFY.md"), hash("certificates/0001.cert"),
      hash("certificates/0002.cert"));
  CHECK(files.at("manifest") == expected);
  CHECK_NOTHROW(static_cast<void>(read_tree(files.at("manifest"))));
  CHECK(files.at("certificates/0002.cert") == "certificate three\n");
  CHECK(files.at("inputs/0001") == "*filter\nCOMMIT\n");
}

TEST_CASE("the sums cover every file, and any flipped bit shows") {
  const Files files = evidence_files(evidence()).value();
  CHECK(files.at("SHA256SUMS") == sums_text(files));
  CHECK(std::ranges::count(files.at("SHA256SUMS"), '\n') == static_cast<std::ptrdiff_t>(files.size()) - 1);
  for (const auto& [name, bytes] : files) {
    if (name == "SHA256SUMS" || bytes.empty()) {
      continue;
    }
    Files changed = files;
    changed[name].back() = static_cast<char>(changed[name].back() ^ 1);
    CHECK(sums_text(changed) != files.at("SHA256SUMS"));
  }
  Files more = files;
  more["extra"] = "";
  CHECK(sums_text(more) != files.at("SHA256SUMS"));
}

TEST_CASE("two runs give the same bytes, signed or not") {
  CHECK(evidence_files(evidence()).value() == evidence_files(evidence()).value());
  const KeyPair keys = make_key_pair().value();
  Evidence with_key = evidence();
  with_key.secret_key = keys.secret;
  const Files files = evidence_files(with_key).value();
  CHECK(files == evidence_files(with_key).value());
  CHECK(is_signed(files.at("SHA256SUMS"), files.at("SHA256SUMS.sig"), keys.open).value());
  CHECK(files.at("manifest").find("\nenvelope " + sha256_hex(files.at("statement.dsse.json")) + "\n") !=
        std::string::npos);
  CHECK(files.at("SHA256SUMS").find("SHA256SUMS") == std::string::npos);
  for (const auto& [name, bytes] : files) {
    CHECK(bytes.find("PRIVATE KEY") == std::string::npos);
  }
  with_key.secret_key = "no key";
  CHECK_FALSE(evidence_files(with_key).ok());
}

TEST_CASE("the statement counts claims by what they are") {
  const Files files = evidence_files(evidence()).value();
  CHECK(files.at("statement.json") == fmt::format(R"({{
  "_type": "https://in-toto.io/Statement/v1",
  "subject": [
    {{
      "name": "network.txt",
      "digest": {{
        "sha256": "{}"
      }}
    }}
  ],
  "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
  "predicate": {{
    "result": "FAILED",
    "configuration": [
      {{
        "name": "fw.rules",
        "digest": {{
          "sha256": "{}"
        }}
      }},
      {{
        "name": "t\nx",
        "digest": {{
          "sha256": "{}"
        }}
      }}
    ],
    "passedTests": [
      "C-1"
    ],
    "warnedTests": [
      "C-2"
    ],
    "failedTests": [
      "C \"3\"\n"
    ]
  }}
}}
)",
                                                  sha256_hex(evidence().network), std::string(64, 'a'),
                                                  std::string(64, 'b')));
  Evidence other = evidence();
  other.claims = {{"C-1", Standing::proved, {}}};
  CHECK(evidence_files(other).value().at("statement.json").find("\"PASSED\"") != std::string::npos);
  other.claims.push_back({"C-2", Standing::vacuous, {}});
  CHECK(evidence_files(other).value().at("statement.json").find("\"WARNED\"") != std::string::npos);
  other.claims.clear();
  CHECK(evidence_files(other).value().at("statement.json").find("\"WARNED\"") != std::string::npos);
}

TEST_CASE("times come from seconds, and from nowhere else") {
  CHECK(made_at("0") == "1970-01-01T00:00:00Z");
  CHECK(made_at("951782400") == "2000-02-29T00:00:00Z");
  CHECK(made_at("1709251199") == "2024-02-29T23:59:59Z");
  CHECK(made_at("4107542400") == "2100-03-01T00:00:00Z");
  CHECK(made_at("253402300799") == "9999-12-31T23:59:59Z");
  for (const char* wrong : {"", "-1", "1.5", "253402300800", "010", "now"}) {
    CHECK_FALSE(made_at(wrong).has_value());
  }
}

}  // namespace
}  // namespace segproof::test
