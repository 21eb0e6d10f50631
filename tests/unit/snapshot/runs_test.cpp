// SPDX-License-Identifier: Apache-2.0
// Whole runs: the files of tests/regress/yaml/runs hold several files each ("--- PATH") and, after "===", the messages
// and the network that come of reading the folder `net`. SEGPROOF_UPDATE=1 writes that part anew.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "unit/snapshot/dump.h"

using namespace segproof;
using namespace segproof::test;

namespace {

struct Run {
  std::string given;  // everything before the expected part
  std::map<std::string, std::string> files;
  std::string expected;
};

Run read_run(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  Run run;
  std::string line;
  std::string* target = nullptr;
  while (std::getline(stream, line)) {
    if (target == &run.expected) {
      run.expected += line + "\n";
      continue;
    }
    run.given += line + "\n";
    if (line.rfind("--- ", 0) == 0) {
      target = &run.files[line.substr(4)];
    } else if (line == "===") {
      target = &run.expected;
    } else if (target != nullptr) {
      *target += line + "\n";
    }
  }
  return run;
}

std::string outcome(const Loaded& loaded) {
  std::string text = loaded.messages() + "---\n" + dump_network(loaded.snapshot.network, loaded.sources);
  for (const claim::Claim& claim : loaded.snapshot.claims) {
    text += fmt::format("claim {} {}\n", claim.id, claim::kind_name(claim.kind));
  }
  for (const InputFile& file : loaded.snapshot.inputs) {
    CHECK(file.account.uses.size() == file.lines);
    text += fmt::format("read {} as {}: {} lines, {} undecided, {} unmodelled\n", file.path, file.format, file.lines,
                        file.account.count(LineUse::undecided), file.account.count(LineUse::unmodelled));
  }
  for (const std::string& note : loaded.snapshot.notes) {
    text += "note: " + note + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("whole runs") {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/regress/yaml/runs")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  REQUIRE(paths.size() >= 10);
  for (const std::filesystem::path& path : paths) {
    CAPTURE(path);
    const Run run = read_run(path);
    const std::string found = outcome(load(run.files));
    if (std::getenv("SEGPROOF_UPDATE") != nullptr) {
      std::ofstream(path, std::ios::binary) << run.given << found;
    }
    CHECK(found == run.expected);
    CHECK(outcome(load(run.files)) == found);  // the same bytes again
  }
}

TEST_CASE("what the request names must be there") {
  const std::map<std::string, std::string> files = {{"t.yaml", "segproof: topology/1\nname: a\n"},
                                                    {"note.txt", "hello\n"}};
  CHECK(load(files, {.topology = {"missing"}, .policy = {}, .claims = {}}).failure ==
        "cannot read `missing`: it does not exist");
  CHECK(load(files, {.topology = {"t.yaml"}, .policy = {}, .claims = {}}).messages() ==
        "segproof: error: no file begins with `segproof: policy/1` [SP0234]\n");
  CHECK(load(files, {.topology = {"t.yaml"}, .policy = {"note.txt"}, .claims = {}}).messages() ==
        "note.txt: error: no line begins with `segproof:`, so this is none of segproof's files [SP0212]\n");
}
