// SPDX-License-Identifier: Apache-2.0
// The networks of tests/regress/proofs: each once had a wrong verdict, or is one step from having it.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
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

// "proved with A-OWN" or "proved without A-OWN": what the proof leans on, or must not lean on.
bool is_as_expected(const std::string& expected, const api::Verdict& verdict) {
  const auto words = split_words(expected);
  const bool outcome =
      words.front() == "unproved" ? verdict.outcome != api::Outcome::proved : words.front() == name(verdict.outcome);
  if (words.size() != 3) {
    return outcome;
  }
  const bool leans = std::ranges::find(verdict.assumptions, words[2]) != verdict.assumptions.end();
  return outcome && leans == (words[1] == "with");
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
    const std::string topology = join_path(path, "topology.yaml");
    const bool has_topology = RealFileSystem().kind(topology) == FileKind::file;
    const api::Loaded loaded = has_topology
                                   ? api::load({.topology = {topology}, .policy = {join_path(path, "policy.yaml")}})
                                   : api::load({.topology = {path}, .policy = {}});  // the folder stands for everything
    REQUIRE_MESSAGE(loaded.snapshot.has_value(), loaded.failure);
    const api::Results results = api::verify(*loaded.snapshot);
    CHECK(results.verdicts.size() == expected.size());
    for (const api::Verdict& verdict : results.verdicts) {
      REQUIRE(expected.contains(verdict.claim.id));
      const std::string& wanted = expected.at(verdict.claim.id);
      CHECK_MESSAGE(is_as_expected(wanted, verdict),
                    fmt::format("{} is {}, not {}", verdict.claim.id, name(verdict.outcome), wanted));
    }
  }
  CHECK(networks >= 10);
}

}  // namespace segproof::test
