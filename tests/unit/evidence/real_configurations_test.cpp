// SPDX-License-Identifier: Apache-2.0
// Real configurations in redacted bundles: no secret of any kind that we know survives in any file, the network file is
// the same, and both hashes are there.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "check/envelope/bundle.h"
#include "facade/copied_files.h"
#include "small_network.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

void find_files(const std::string& folder, std::vector<std::string>& found) {
  const RealFileSystem files;
  const auto names = files.list_folder(folder);
  for (const std::string& name : names.ok() ? names.value() : std::vector<std::string>()) {
    const std::string path = join_path(folder, name);
    if (files.kind(path) == FileKind::folder) {
      find_files(path, found);
    } else {
      found.push_back(path);
    }
  }
}

// The format that a file most likely is in; empty: none that is looked at here.
std::string format_of(const std::string& text) {
  const auto has_line = [&](std::string_view start) {
    return text.starts_with(start) || text.find("\n" + std::string(start)) != std::string::npos;
  };
  if (has_line("*filter") && has_line("COMMIT")) {
    return "iptables-save";
  }
  if (has_line("table ip") || has_line("table inet")) {
    return "nft";
  }
  if (has_line("ASA Version") || has_line("PIX Version") || has_line(": Saved")) {
    return "cisco-asa";
  }
  return has_line("hostname ") || has_line("ip access-list ") ? "cisco-ios" : "";
}

// What stands behind the words that Cisco uses for secrets, found by other means than the redactor's.
std::set<std::string> secrets_in(const std::string& text) {
  static const std::regex forms(
      "(?:^|\\n)[ ]*(?:enable (?:password|secret)(?: [05789])? |enable (?:password|secret) level \\d+ \\d |passwd |"
      "username \\S+ (?:privilege \\d+ )?(?:password|secret)(?: [05789])? |"
      "snmp-server community |tacacs-server key(?: 7)? |radius-server key(?: 7)? |"
      "(?:ip ospf )?authentication-key(?: 7)? |"
      "\\s*neighbor \\S+ password(?: 7)? |key-string(?: 7)? |crypto isakmp key(?: 6)? |"
      "pre-shared-key |password(?: [057])? )([^\\s\"]+)");
  std::set<std::string> result;
  for (std::sregex_iterator match(text.begin(), text.end(), forms), end; match != end; ++match) {
    const std::string secret = (*match)[1];
    if (secret.size() >= 4) {
      result.insert(secret);
    }
  }
  static const std::regex hashes(R"(\$[1568y9]\$[^\s$]+\$[^\s"']+)");
  for (std::sregex_iterator match(text.begin(), text.end(), hashes), end; match != end; ++match) {
    result.insert(match->str());
  }
  return result;
}

// Words that a configuration also uses for something else are no secrets that could be told apart.
bool stands_elsewhere(const std::string& text, const std::string& secret) {
  std::size_t count = 0;
  for (const std::string_view word : split_words(text)) {
    count += word == secret ? 1U : 0U;
  }
  return count > 8;
}

// What is planted beside the real lines, in the words of each syntax.
std::string with_planted(const std::string& text, const std::string& format) {
  if (format == "iptables-save") {
    return "# root:hunter2\n" + text + (text.ends_with('\n') ? "" : "\n") + "# hunter2\n";
  }
  if (format == "nft") {
    return "# hunter2\n" + text + "\n# psk hunter2\n";
  }
  return text + (text.ends_with('\n') ? "" : "\n") +
         "! hunter2\nenable secret 5 $1$abcd$hunter2\nsnmp-server community hunter2 RO\n"
         "username bob password 0 hunter2\ntacacs-server key 7 hunter2\n";
}

std::map<std::string, std::string> network_with(const std::string& configuration, const std::string& format) {
  return {{"topology.yaml",
           "segproof: topology/1\nname: x\nsegments:\n  lan: {prefixes: [10.99.0.0/24]}\nhosts:\n  "
           "h1: {address: 10.99.0.10}\ndevices:\n  fw1: {interfaces: {}}\n"},
          {"policy.yaml",
           fmt::format("segproof: policy/1\nepoch: now\ndate: 2024-01-01\nrules:\n  fw1:\n    - {{format: {}, file: "
                       "device}}\n",
                       format)},
          {"claims.yaml", "segproof: claims/1\nclaims:\n  - {id: C-1, kind: isolated, from: h1, to: device:fw1}\n"},
          {"device", configuration}};
}

TEST_CASE("no secret of a real configuration gets into a redacted bundle") {
  const auto data = data_folder();
  if (!data) {
    return;
  }
  std::vector<std::string> paths;
  find_files(*data + "/firewall", paths);
  const RealFileSystem disk;
  std::size_t bundles = 0;
  std::size_t found_secrets = 0;
  std::map<std::string, std::size_t> by_format;
  for (const std::string& path : paths) {
    const auto read = disk.read_file(path, 200'000);
    const std::string format = read.ok() ? format_of(read.value()) : "";
    if (format.empty() || first_invalid_utf8(read.value())) {
      continue;
    }
    CAPTURE(path);
    CAPTURE(format);
    const std::string text = with_planted(read.value(), format);
    const auto files = network_with(text, format);
    api::CopiedFiles copies;
    for (const auto& [name, bytes] : files) {
      copies.add(name, bytes);
    }
    SourceStore sources;
    DiagnosticSink sink;
    const input::SnapshotRequest request{.topology = {"."}, .policy = {}, .claims = {}};
    const auto snapshot = input::load_snapshot(request, copies, sources, sink);
    if (!snapshot || sink.has_errors()) {
      continue;  // not of that format after all
    }
    const auto reading = api::read_again(request, snapshot.value(), sources, api::Copies::redacted);
    REQUIRE_MESSAGE(reading.ok(), reading.failure().message);
    claim::Results results;  // of no claim: what is looked at are inputs, network file and accounts
    claim::Verdict verdict;
    verdict.id = "C-1";
    verdict.from = "h1";
    verdict.to = "device:fw1";
    results.verdicts = {verdict};
    results.summary.not_evaluated = 1;
    results.inputs = reading.value()->snapshot.inputs;
    const auto bundle =
        api::evidence_of(*reading.value(), results, {.inputs = request, .copies = api::Copies::redacted});
    REQUIRE_MESSAGE(bundle.ok(), bundle.failure().message);
    const check::Manifest manifest = check::check_bundle(bundle.value(), std::nullopt);
    CHECK(manifest.inputs[1].second == "device");
    CHECK(manifest.inputs[1].first == sha256_hex(text));
    CHECK(bundle.value().at("manifest").find(sha256_hex(bundle.value().at("inputs/0002"))) != std::string::npos);
    CHECK(bundle.value().at("inputs/0002") != text);
    const std::set<std::string> secrets = secrets_in(text);
    for (const auto& file : bundle.value()) {
      const std::string& name = file.first;
      const std::string& bytes = file.second;
      CAPTURE(name);
      CHECK(bytes.find("hunter2") == std::string::npos);
      for (const std::string& secret : secrets) {
        if (bytes.find(secret) != std::string::npos && !stands_elsewhere(text, secret)) {
          FAIL_CHECK(fmt::format("{} holds {}", name, secret));
        }
      }
    }
    ++bundles;
    found_secrets += secrets.size();
    ++by_format[format];
  }
  for (const auto& [format, count] : by_format) {
    MESSAGE(format, ": ", count);
  }
  MESSAGE(bundles, " bundles, ", found_secrets, " secrets looked for");
  CHECK(bundles >= 100);
  CHECK(found_secrets >= 100);
}

}  // namespace
}  // namespace segproof::test
