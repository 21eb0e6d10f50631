// SPDX-License-Identifier: Apache-2.0
// The lines that the iptables project itself tests its extensions with ("rule;expected;OK"): what it accepts, we
// understand.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "input/iptables/reader.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

struct Count {
  std::size_t accepted = 0;
  std::size_t understood = 0;
  std::size_t refused = 0;
  std::size_t refused_too = 0;
};

// The number of lines that are not understood when `rule` stands alone in its table.
std::size_t unmodelled(const std::string& table, const std::string& chain, std::string_view rule, Family family) {
  SourceStore sources;
  const std::string text = fmt::format("*{}\n:{} ACCEPT [0:0]\n-A {} {}\nCOMMIT\n", table, chain, chain, rule);
  const FileId file = sources.add("line", text);
  DiagnosticSink sink;
  const IptablesResult read = read_iptables_save(file, sources, family, sink);
  CHECK(!model::flaw(read.rules).has_value());
  return read.unmodelled.size();
}

void one_file(const std::string& path, Family family, Count& count) {
  const auto text = RealFileSystem().read_file(path, default_file_limit);
  REQUIRE(text.ok());
  std::vector<std::string> chains{"INPUT"};
  std::string table = "filter";
  for (std::string_view line : split(text.value(), '\n')) {
    line = trim(line);
    if (line.empty() || line.front() == '#' || line.front() == '@' || line.front() == '%')
      continue;
    if (line.front() == ':') {
      chains.clear();
      for (const std::string_view chain : split(line.substr(1), ','))
        chains.emplace_back(chain);
    } else if (line.front() == '*') {
      table = split(line.substr(1), ',').front();
    } else {
      const auto parts = split(line, ';');
      if (parts.size() < 3)
        continue;
      const std::size_t wrong = unmodelled(table, chains.front(), parts[0], family);
      if (trim(parts[2]) != "OK") {
        ++count.refused;
        if (wrong > 0)
          ++count.refused_too;
        continue;
      }
      ++count.accepted;
      if (wrong == 0) {
        ++count.understood;
      } else {
        MESSAGE(fmt::format("{}: {} {}: {}", file_name(path), table, chains.front(), parts[0]));
      }
    }
  }
}

}  // namespace

TEST_CASE("the lines that iptables accepts are understood") {
  const auto data = data_folder();
  if (!data)
    return;
  const std::string folder = *data + "/firewall/testsuites/iptables-ext/iptables-1.8.11";
  const RealFileSystem disk;
  if (disk.kind(folder) != FileKind::folder)
    return skip("data", "no lines of the iptables test suite");
  const auto names = disk.list_folder(folder);
  REQUIRE(names.ok());
  Count count;
  for (const std::string& name : names.value()) {
    if (name.find("libxt_") != std::string::npos) {
      one_file(join_path(folder, name), Family::ipv4, count);
    } else if (name.find("libipt_") != std::string::npos) {
      one_file(join_path(folder, name), Family::ipv4, count);
    } else if (name.find("libip6t_") != std::string::npos) {
      one_file(join_path(folder, name), Family::ipv6, count);
    }
  }
  fmt::print("iptables-ext: {} lines accepted by iptables, {} understood; {} refused, of which {} are not understood\n",
             count.accepted, count.understood, count.refused, count.refused_too);
  CHECK(count.accepted > 0);
  CHECK(count.understood == count.accepted);
}

}  // namespace segproof::test
