// SPDX-License-Identifier: Apache-2.0
// The networks of tests/regress/proofs: each once had a wrong verdict, or is one step from having it.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <map>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "segproof/segproof.h"

namespace segproof::test {
namespace {

constexpr const char* folder = "tests/regress/proofs";

std::map<std::string, std::string> expected_in(const std::string& path) {
  const auto text = RealFileSystem().read_file(path, default_file_limit);
  REQUIRE_MESSAGE(text.ok(), path);
  std::map<std::string, std::string> result;
  for (const std::string_view line : split(text.value(), '\n')) {
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) {
      result.emplace(line.substr(0, space), line.substr(space + 1));
    }
  }
  return result;
}

bool is_as_expected(const std::string& expected, api::Outcome outcome) {
  return expected == "unproved" ? outcome != api::Outcome::proved : expected == name(outcome);
}

}  // namespace

TEST_CASE("no small network is proved wrongly again") {
  const auto names = RealFileSystem().list_folder(folder);
  REQUIRE(names.ok());
  std::size_t networks = 0;
  for (const std::string& name_of_network : names.value()) {
    const std::string path = join_path(folder, name_of_network);
    if (RealFileSystem().kind(path) != FileKind::folder) {
      continue;
    }
    CAPTURE(name_of_network);
    ++networks;
    const auto expected = expected_in(join_path(path, "expected.md"));
    const api::Loaded loaded =
        api::load({.topology = {join_path(path, "topology.yaml")}, .policy = {join_path(path, "policy.yaml")}});
    REQUIRE_MESSAGE(loaded.snapshot.has_value(), loaded.failure);
    const api::Results results = api::verify(*loaded.snapshot);
    CHECK(results.verdicts.size() == expected.size());
    for (const api::Verdict& verdict : results.verdicts) {
      REQUIRE(expected.contains(verdict.claim.id));
      const std::string& wanted = expected.at(verdict.claim.id);
      CHECK_MESSAGE(is_as_expected(wanted, verdict.outcome),
                    fmt::format("{} is {}, not {}", verdict.claim.id, name(verdict.outcome), wanted));
    }
  }
  CHECK(networks >= 10);
}

}  // namespace segproof::test
