// SPDX-License-Identifier: Apache-2.0
// All Cisco configurations beside the project are read, and few of their lines are not understood.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/source.h"
#include "input/cisco/reader.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> configurations(const fs::path& data) {
  std::vector<fs::path> found;
  for (const char* folder : {"cisco", "cisco-batfish-unit", "cisco-fwbuilder", "batfish-example-network"}) {
    if (!fs::exists(data / folder))
      continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(data / folder)) {
      const fs::path& path = entry.path();
      if (entry.is_regular_file() && path.extension() != ".json" && path.extension() != ".iptables")
        found.push_back(path);
    }
  }
  std::ranges::sort(found);
  return found;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Count {
  std::size_t modelled = 0, irrelevant = 0, undecided = 0, unmodelled = 0;
  void add(model::LineUse use) {
    switch (use) {
      case model::LineUse::blank:
        break;
      case model::LineUse::modelled:
        ++modelled;
        break;
      case model::LineUse::irrelevant:
        ++irrelevant;
        break;
      case model::LineUse::undecided:
        ++undecided;
        break;
      case model::LineUse::unmodelled:
        ++unmodelled;
        break;
    }
  }
};

}  // namespace

TEST_CASE("all configurations are read, with less than 1 % of what matters not understood") {
  const std::optional<std::string> data = data_folder();
  if (!data)
    return;
  const std::vector<fs::path> files = configurations(fs::path(*data) / "firewall");
  REQUIRE(files.size() >= 70);
  Count all;
  std::size_t read = 0;
  std::string lines =
      "# SPDX-License-Identifier: Apache-2.0\n# file: dialect, then lines modelled, irrelevant, undecided, unmodelled "
      "and where\n";
  for (const fs::path& path : files) {
    SourceStore sources;
    DiagnosticSink sink;
    const FileId file = sources.add(path.filename().string(), text_of(path));
    const auto dialect = recognise_cisco(sources.text(file)).value_or(CiscoDialect::ios);
    const model::DeviceConfiguration device = read_cisco(file, sources, dialect, sink);
    CHECK_FALSE(model::flaw(device.rules));
    CHECK(device.lines.size() == sources.line_count(file));
    Count count;
    for (const model::LineUse use : device.lines) {
      count.add(use);
      all.add(use);
    }
    ++read;
    lines +=
        fmt::format("{}: {} {} {} {} {}", fs::relative(path, fs::path(*data) / "firewall").string(),
                    cisco_dialect_name(dialect), count.modelled, count.irrelevant, count.undecided, count.unmodelled);
    for (const model::Gap& gap : device.unmodelled)
      lines += fmt::format(" @{}", gap.span.line);
    lines += "\n";
    if (std::getenv("SEGPROOF_SHOW_ACCOUNT") != nullptr) {
      fmt::print("{} {}: {} modelled, {} irrelevant, {} undecided, {} unmodelled\n", path.filename().string(),
                 cisco_dialect_name(dialect), count.modelled, count.irrelevant, count.undecided, count.unmodelled);
      for (const model::Gap& gap : device.unmodelled)
        fmt::print("    {}: {}   [{}]\n", gap.span.line, gap.why, sources.line(file, gap.span.line));
    }
  }
  const std::size_t matters = all.modelled + all.undecided + all.unmodelled;
  fmt::print("{} files: {} lines modelled, {} irrelevant, {} undecided, {} unmodelled ({:.2f} % of {} that matter)\n",
             read, all.modelled, all.irrelevant, all.undecided, all.unmodelled,
             100.0 * static_cast<double>(all.unmodelled) / static_cast<double>(matters), matters);
  CHECK(all.unmodelled * 100 < matters);
  // The account of every file; SEGPROOF_UPDATE_GOLDEN=1 writes it anew.
  const fs::path golden = "tests/golden/cisco/account.txt";
  if (std::getenv("SEGPROOF_UPDATE_GOLDEN") != nullptr) {
    fs::create_directories(golden.parent_path());
    std::ofstream(golden, std::ios::binary) << lines;
  }
  CHECK(lines == text_of(golden));
}

}  // namespace segproof::test
