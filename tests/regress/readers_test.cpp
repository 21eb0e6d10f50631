// SPDX-License-Identifier: Apache-2.0
// What once broke a law of a reader (tests/fuzz/laws.h), and what the fuzz targets begin with: no law may be broken,
// and nothing may take long. A find of a fuzz target becomes a file in tests/regress/READER, as small as libFuzzer
// makes it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "base/file.h"
#include "fuzz/laws.h"

namespace segproof::fuzz {
namespace {

// Far more than any of them needs, sanitizers on a busy machine included.
constexpr std::chrono::seconds too_long{30};

void ask_folder(const std::string& folder, std::size_t at_least, std::string (*broken_by)(std::string_view)) {
  const RealFileSystem files;
  if (files.kind(folder) != FileKind::folder) {
    REQUIRE_MESSAGE(at_least == 0, folder);
    return;
  }
  const auto names = files.list_folder(folder);
  REQUIRE(names.ok());
  CHECK_MESSAGE(names.value().size() >= at_least, folder);
  for (const std::string& name : names.value()) {
    const std::string path = join_path(folder, name);
    const auto text = files.read_file(path, default_file_limit);
    REQUIRE_MESSAGE(text.ok(), path);
    const auto begin = std::chrono::steady_clock::now();
    const std::string broken = broken_by(text.value());
    CHECK_MESSAGE(broken.empty(), fmt::format("{}: {}", path, broken));
    CHECK_MESSAGE(std::chrono::steady_clock::now() - begin < too_long, path);
  }
}

void ask(const std::string& reader, std::size_t seeds, std::string (*broken_by)(std::string_view)) {
  ask_folder("tests/fuzz/corpus/fuzz_" + reader, seeds, broken_by);
  ask_folder("tests/regress/" + reader, 0, broken_by);
}

}  // namespace

TEST_CASE("iptables") {
  ask("iptables", 5, broken_by_iptables);
}
TEST_CASE("nft") {
  ask("nft", 5, broken_by_nft);
}
TEST_CASE("nft as JSON") {
  ask("nft_json", 3, broken_by_nft_json);
}
TEST_CASE("ipset") {
  ask("ipset", 6, broken_by_ipset);
}
TEST_CASE("hosts") {
  ask("host", 5, broken_by_host);
}
TEST_CASE("Cisco") {
  ask("cisco", 6, broken_by_cisco);
}
TEST_CASE("networks and certificates") {
  ask("check", 5, broken_by_check);
}
TEST_CASE("evidence bundles") {
  ask("bundle", 3, broken_by_bundle);
  for (const std::string name : {"proved", "refuted", "signed"}) {  // otherwise the laws ask nothing of them
    CHECK_MESSAGE(takes_bundle(RealFileSystem().read_file("tests/fuzz/corpus/fuzz_bundle/" + name, 1 << 20).value()),
                  name);
  }
}
TEST_CASE("packet sets and the walk of packets") {
  ask("filter", 12, broken_by_filter);
}

}  // namespace segproof::fuzz
