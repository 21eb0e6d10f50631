// SPDX-License-Identifier: Apache-2.0
// Malformed, contradictory and hostile YAML: each file under tests/regress/yaml/hostile is read as part of a small run,
// and must give exactly the diagnostics that stand beside it. SEGPROOF_UPDATE=1 writes them anew.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/snapshot/dump.h"

using namespace segproof;
using namespace segproof::test;

namespace {

const std::filesystem::path folder = "tests/regress/yaml/hostile";

std::string slurp(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// What a run needs beside the file under test.
std::map<std::string, std::string> companions(const std::string& text) {
  std::map<std::string, std::string> files;
  if (text.find("segproof: topolog") == std::string::npos) {
    files["net/topology.yaml"] =
        "segproof: topology/1\nname: a\nsegments: {s: {prefixes: [10.0.0.0/8]}}\n"
        "devices: {fw: {interfaces: {eth0: {addresses: [10.0.0.1/8]}}, routes: [], ipv6: off}}\n";
  }
  if (text.find("segproof: policy") == std::string::npos) {
    files["net/policy.yaml"] = "segproof: policy/1\nepoch: e0\ndate: 2020-12-01\n";
  }
  return files;
}

}  // namespace

TEST_CASE("hostile YAML gives the diagnostics beside it") {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  REQUIRE(paths.size() >= 30);
  for (const std::filesystem::path& path : paths) {
    CAPTURE(path);
    const std::string text = slurp(path);
    std::map<std::string, std::string> files = companions(text);
    files["net/" + path.filename().string()] = text;
    const Loaded loaded = load(files);
    CHECK(loaded.failure == "");
    CHECK(loaded.sink.has_errors());
    std::filesystem::path expected = path;
    expected.replace_extension(".txt");
    if (std::getenv("SEGPROOF_UPDATE") != nullptr) {
      std::ofstream(expected, std::ios::binary) << loaded.diagnostics();
    }
    CHECK(loaded.diagnostics() == slurp(expected));
  }
}

TEST_CASE("bytes that no file should have") {
  const std::map<std::string, std::string> policy = {
      {"net/policy.yaml", "segproof: policy/1\nepoch: e0\ndate: 2020-12-01\n"}};
  const auto read = [&](const std::string& text) {
    std::map<std::string, std::string> files = policy;
    files["net/t.yaml"] = text;
    return load(files).messages();
  };
  const std::string head = "segproof: topology/1\nname: a\n";
  CHECK(read(head + std::string("zones: {a\0b: {}}\n", 18)) ==
        "net/t.yaml:3:10: error: the file contains a NUL byte [SP0104]\n");
  CHECK(read(head + "zones: {a\xff: {}}\n") == "net/t.yaml:3:10: error: byte 0xff is not valid UTF-8 [SP0105]\n");
  // One line of 100 MB, a quoted value over many lines, and many values: each is refused at its limit.
  CHECK(read(head + "description: " + std::string(std::size_t{100} << 20U, 'x') + "\n").find("SP010") !=
        std::string::npos);
  std::string folded = head + "description: \"\n";
  for (int i = 0; i < 2000; ++i) {
    folded += "  " + std::string(100, 'y') + "\n";
  }
  CHECK(read(folded + "\"\n").find("a value of more than 65536 bytes [SP0203]") != std::string::npos);
  CHECK(read(head + "zones: " + std::string(200'000, '[') + "\n").find("[SP02") != std::string::npos);
  CHECK(read(head + "zones: " + std::string(200'000, '{') + "\n").find("[SP02") != std::string::npos);
  // A hostile number of faults in one file is cut.
  std::string keys = head;
  for (int i = 0; i < 5000; ++i) {
    keys += "key" + std::to_string(i) + ": x\n";
  }
  const std::string messages = read(keys);
  CHECK(std::count(messages.begin(), messages.end(), '\n') <= 1100);
}
