// SPDX-License-Identifier: Apache-2.0
// Real rule sets: every line is understood, but for the known few that iptables itself refuses.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "input/iptables/reader.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file())
      found.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

TEST_CASE("real rule sets are understood line by line") {
  const auto data = data_folder();
  if (!data)
    return;
  std::size_t files = 0;
  std::size_t lines = 0;
  std::size_t undecided = 0;
  std::size_t unmodelled = 0;
  for (const char* folder : {"/firewall/iptables", "/firewall/iptables-expected"}) {
    for (const std::string& path : files_below(*data + folder)) {
      auto text = RealFileSystem().read_file(path, default_file_limit);
      REQUIRE(text.ok());
      if (!looks_like_iptables_save(text.value()))
        continue;
      const bool ipv6 = path.find("v6") != std::string::npos || path.find("ip6") != std::string::npos;
      SourceStore sources;
      const FileId file = sources.add(path, std::move(text).value());
      DiagnosticSink sink;
      const IptablesResult read = read_iptables_save(file, sources, ipv6 ? Family::ipv6 : Family::ipv4, sink);
      CHECK(!model::flaw(read.rules).has_value());
      ++files;
      lines += read.lines;
      undecided += read.undecided.size();
      unmodelled += read.unmodelled.size();
      for (const model::Gap& gap : read.unmodelled) {
        CHECK(gap.span.file == file);
        CHECK(gap.span.line <= read.lines);
      }
    }
  }
  if (files == 0)
    return skip("data", "no real rule sets beside the project");
  fmt::print("real rule sets: {} files, {} lines, {} undecided, {} not understood\n", files, lines, undecided,
             unmodelled);
  // Placeholders, notes of people, ebtables tables and the printout of another parser: none of them loads.
  CHECK(unmodelled <= 60);
}

}  // namespace segproof::test
