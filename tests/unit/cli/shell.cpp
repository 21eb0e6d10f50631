// SPDX-License-Identifier: Apache-2.0
#include "unit/cli/shell.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "base/file.h"
#include "base/text.h"

namespace segproof::cli {

std::pair<bool, std::string> shell_output(const std::string& command) {
  std::string output;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), size);
  }
  return {pclose(pipe) == 0, std::string(trim(output))};
}

TextFile::TextFile(const std::string& text, const std::string& name)
    : path_(fmt::format("/tmp/segproof-test-{}-{}", getpid(), name)) {
  REQUIRE(write_file(path_, text).ok());
}

TextFile::~TextFile() {
  std::remove(path_.c_str());
}

}  // namespace segproof::cli
