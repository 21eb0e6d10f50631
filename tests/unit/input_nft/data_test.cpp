// SPDX-License-Identifier: Apache-2.0
// Every real ruleset beside the project is read, or says why not. The counts are printed.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "read.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

std::vector<std::string> rulesets(const std::string& data) {
  std::vector<std::string> found;
  for (const char* folder : {"nftables", "nftables-github", "testsuites/nftables-shell"}) {
    const std::filesystem::path place = std::filesystem::path(data) / "firewall" / folder;
    if (!std::filesystem::exists(place))
      continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
      const std::string name = entry.path().string();
      if (entry.is_regular_file() && !name.ends_with(".t") && !name.ends_with(".md"))
        found.push_back(name);
    }
  }
  std::ranges::sort(found);
  return found;
}

bool has_code(const DiagnosticSink& sink, DiagnosticCode code) {
  return std::ranges::any_of(sink.all(), [&](const Diagnostic& fault) { return fault.code == code; });
}

}  // namespace

TEST_CASE("every ruleset at hand is read or refused with a reason") {
  const auto data = data_folder();
  if (!data)
    return;
  std::size_t whole = 0;
  std::size_t with_undecided = 0;
  std::size_t templates = 0;
  std::size_t with_includes = 0;
  std::size_t faulty = 0;
  std::size_t undecided_lines = 0;
  const std::vector<std::string> paths = rulesets(*data);
  for (const std::string& path : paths) {
    CAPTURE(path);
    auto text = RealFileSystem().read_file(path, default_file_limit);
    REQUIRE(text.ok());
    const bool says_something = text.value().find("table") != std::string::npos;
    const Read read(std::move(text).value());
    undecided_lines += read.result.undecided.size();
    if (read.result.is_template) {
      ++templates;
      CHECK(read.result.unmodelled.size() == 1);
    } else if (has_code(read.sink, DiagnosticCode::include_not_read) ||
               read.faults().find("is not read here") != std::string::npos) {
      ++with_includes;
    } else if (!read.result.unmodelled.empty()) {
      ++faulty;
    } else if (!read.result.undecided.empty()) {
      ++with_undecided;
    } else {
      ++whole;
    }
    // What is not understood is said, and in the model.
    CHECK(read.result.unmodelled.empty() == (read.sink.all().empty() && read.sink.suppressed() == 0));
    if (!read.result.unmodelled.empty() || !says_something)
      continue;
    CHECK(read.faults().empty());
  }
  MESSAGE(
      fmt::format("{} rulesets: {} read whole, {} with undecided lines ({} lines), {} with includes, {} templates, "
                  "{} with faults",
                  paths.size(), whole, with_undecided, undecided_lines, with_includes, templates, faulty));
  CHECK(whole + with_undecided >= 240);
  CHECK(faulty <= 25);
}

}  // namespace segproof::test
