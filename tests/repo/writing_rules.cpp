// SPDX-License-Identifier: Apache-2.0
#include "writing_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "source_text.h"

namespace segproof::repo {
namespace {

constexpr std::ptrdiff_t most_lines = 600;

bool is_script(std::string_view path) {
  return has_extension(path, ".sh") || has_extension(path, ".py") || path == ".ci/run";
}

bool is_code(std::string_view path) {
  return is_cxx(path) || is_script(path) || has_extension(path, ".cmake") || has_extension(path, ".in") ||
         is_build_list(path);
}

}  // namespace

Complaints missing_spdx(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!is_code(path)) {
      continue;
    }
    std::string_view rest = text;
    if (rest.starts_with("#!")) {
      rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
    }
    const std::string_view first = rest.substr(0, rest.find('\n'));
    const std::string_view wanted = is_cxx(path) || path == "cmake/version.h.in"
                                        ? "// SPDX-License-Identifier: Apache-2.0"
                                        : "# SPDX-License-Identifier: Apache-2.0";
    if (first != wanted) {
      complaints.push_back(fmt::format("{}:1: does not begin with {}", path, quote(wanted)));
    }
  }
  return complaints;
}

Complaints long_files(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    const auto lines = std::ranges::count(text, '\n');
    if (is_code(path) && lines > most_lines) {
      complaints.push_back(fmt::format("{}:{}: has {} lines, {} is the most", path, most_lines + 1, lines, most_lines));
    }
  }
  return complaints;
}

Complaints long_checker(const Tree& tree) {
  constexpr std::string_view decision = "docs/decisions/0007-certificates.md";
  struct Part {
    std::string_view folder;
    std::ptrdiff_t most;
  };
  Complaints complaints;
  for (const Part& part : {Part{"src/check/core", 7150}, Part{"src/check/envelope", 500}}) {
    std::ptrdiff_t lines = 0;
    for (const auto& [path, text] : tree) {
      lines += is_below(path, part.folder) ? std::ranges::count(text, '\n') : 0;
    }
    if (lines > part.most) {
      complaints.push_back(fmt::format("{}: has {} lines, {} is the most", part.folder, lines, part.most));
    }
    const std::string said = part.most < 1000
                                 ? fmt::format("at most {} lines", part.most)
                                 : fmt::format("at most {},{:03} lines", part.most / 1000, part.most % 1000);
    const auto page = tree.find(std::string(decision));
    if (lines > 0 && (page == tree.end() || page->second.find(said) == std::string::npos)) {
      complaints.push_back(fmt::format("{}: does not say {} of {}", decision, quote(said), part.folder));
    }
  }
  return complaints;
}

Complaints unguarded_headers(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (has_extension(path, ".h") && text.find("\n#pragma once\n") == std::string::npos) {
      complaints.push_back(fmt::format("{}:1: header without `#pragma once`", path));
    }
  }
  return complaints;
}

Complaints enum_switches_with_default(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!is_cxx(path)) {
      continue;
    }
    for (const std::size_t line : defaults_of_enum_switches(text)) {
      complaints.push_back(fmt::format("{}:{}: `default` in a switch over an enum class", path, line));
    }
  }
  return complaints;
}

Complaints private_traces(const Tree& tree) {
  // In two halves, because this file is checked as well.
  const std::vector<std::string> traces = {std::string("/wo") + "rk/",        std::string("/ro") + "ot/",
                                           std::string("clau") + "de",        std::string("anthro") + "pic",
                                           std::string("chat") + "gpt",       std::string("copi") + "lot",
                                           std::string("co-authored") + "-by"};
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    const std::string lower = to_lower(text);
    for (const std::string& trace : traces) {
      if (const std::size_t at = lower.find(trace); at != std::string::npos) {
        complaints.push_back(fmt::format("{}:{}: contains {}", path, line_at(text, at), quote(trace)));
      }
    }
  }
  return complaints;
}

}  // namespace segproof::repo
