// SPDX-License-Identifier: Apache-2.0
#include "cases.h"

#include <doctest/doctest.h>

#include "base/file.h"
#include "base/text.h"

namespace segproof::test {
namespace {

std::string resolve(std::string_view written) {
  std::string text;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] != '\\' || i + 1 == written.size()) {
      text += written[i];
      continue;
    }
    const char kind = written[++i];
    if (kind == 'x') {
      text += static_cast<char>(parse_hex<unsigned>("0x" + std::string(written.substr(i + 1, 2))).value());
      i += 2;
    } else if (kind == 'z') {
      break;
    } else {
      text += kind;
    }
  }
  return text;
}

}  // namespace

std::vector<Case> load_cases(const std::string& path) {
  const Result<std::string> file = RealFileSystem().read_file(path, default_file_limit);
  REQUIRE_MESSAGE(file.ok(), path);
  std::vector<Case> cases;
  bool output = false;
  std::string_view rest = file.value();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
    if (line.starts_with("### ")) {
      cases.push_back({.name = std::string(trim(line.substr(4))), .written = {}, .input = {}, .expected = {}});
      output = false;
    } else if (line == "---\n") {
      output = true;
    } else if (!cases.empty()) {
      (output ? cases.back().expected : cases.back().written) += line;
    }
  }
  for (Case& one : cases) {
    one.input = resolve(one.written);
  }
  return cases;
}

void save_cases(const std::string& path, std::string_view heading, const std::vector<Case>& cases) {
  std::string text(heading);
  for (const Case& one : cases) {
    text += "### " + one.name + "\n" + one.written + "---\n" + one.expected;
  }
  REQUIRE(write_file(path, text).ok());
}

}  // namespace segproof::test
