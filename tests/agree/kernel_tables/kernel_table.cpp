// SPDX-License-Identifier: Apache-2.0
#include "kernel_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "base/file.h"
#include "base/text.h"

namespace segproof::test {
namespace {

// The parts of "SRC>DST:SPORT>DPORT".
std::vector<std::string_view> parts(std::string_view header) {
  std::vector<std::string_view> found;
  for (const std::string_view half : split(header, ':')) {
    for (const std::string_view part : split(half, '>'))
      found.push_back(part);
  }
  return found;
}

}  // namespace

std::vector<KernelTable> kernel_tables(const std::string& folder, const std::vector<std::string>& backends) {
  std::vector<KernelTable> found;
  const auto index = RealFileSystem().read_file(folder + "/INDEX.md", default_file_limit);
  if (!index)
    return found;
  for (const std::string_view line : split(index.value(), '\n')) {
    const auto cells = split(line, '|');
    if (cells.size() < 5 || !trim(cells[1]).ends_with(".tsv.gz"))
      continue;
    const std::string backend(trim(cells[3]));
    if (std::ranges::find(backends, backend) == backends.end())
      continue;
    const std::string name(trim(cells[1]));
    const std::string stem = name.substr(0, name.size() - std::string_view(".tsv.gz").size());
    found.push_back({folder + "/" + name, folder + "/" + stem + ".rules", backend});
  }
  return found;
}

std::string unpack(const std::string& path) {
  std::string text;
  if (path.find('\'') != std::string::npos)
    return text;
  const std::string command = "gzip -dc '" + path + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe)
    return text;
  std::array<char, 65536> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    text.append(buffer.data(), count);
  }
  return text;
}

bool headers_agree(const std::string& ours, const std::string& theirs) {
  if (ours == "*" || theirs == "*")
    return true;
  const auto a = parts(ours);
  const auto b = parts(theirs);
  return std::ranges::equal(a, b,
                            [](std::string_view x, std::string_view y) { return x == "*" || y == "*" || x == y; });
}

}  // namespace segproof::test
