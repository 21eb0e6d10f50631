// SPDX-License-Identifier: Apache-2.0
#include "catalogue_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "source_text.h"

namespace segproof::repo {
namespace {

constexpr std::string_view pages_folder = "docs/diagnostics";
constexpr std::string_view cases_folder = "tests/golden/diagnostics";
constexpr std::size_t page_width = 120;

// "SP0213". Not code_text(), which knows the real catalogue only.
std::string code_name(const CatalogueEntry& entry) {
  return fmt::format("SP{:04}", static_cast<unsigned>(entry.code));
}

std::string page_path(const CatalogueEntry& entry) {
  return fmt::format("{}/{}.md", pages_folder, code_name(entry));
}

std::optional<std::string> case_file(const Tree& tree, std::string_view folder, std::string_view name) {
  const auto found = tree.find(fmt::format("{}/{}/{}", cases_folder, folder, name));
  return found == tree.end() ? std::nullopt : std::optional(found->second);
}

std::string_view exit_meaning(std::string_view exit) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> meanings = {
      {{"exit 0", "exit code 0"},
       {"exit 1", "exit code 1 (a claim is refuted)"},
       {"exit 2", "exit code 2 (nothing was verified)"},
       {"exit 3", "exit code 3 (a claim is not decided)"}}};
  const auto found = std::ranges::find(meanings, exit, &std::pair<std::string_view, std::string_view>::first);
  return found == meanings.end() ? exit : found->second;
}

// The case in this folder: the command, what it says, and its exit code. Nothing when there is none.
std::string example_text(const Tree& tree, std::string_view folder) {
  const std::optional<std::string> expected = case_file(tree, folder, "expected");
  const std::optional<std::string> command = case_file(tree, folder, "command");
  if (!expected || !command) {
    return {};
  }
  const std::vector<std::string_view> lines = split(*command, '\n');
  const std::string_view exit = lines.size() > 1 ? lines[1] : std::string_view();
  return fmt::format("\n`segproof {}` in [`{}`](../../{}/{}), {}:\n\n```\n{}```\n", lines[0], folder, cases_folder,
                     folder, exit_meaning(exit), *expected);
}

// "SP0213", "SP0213-filter": the cases of a code, the one without a suffix first.
std::vector<std::string> folders_of(const Tree& tree, const CatalogueEntry& entry) {
  std::vector<std::string> folders;
  for (const auto& [path, text] : tree) {
    const std::string_view folder = folder_of(path);
    if (is_below(path, cases_folder) && path.ends_with("/command")) {
      const std::string_view name = folder.substr(cases_folder.size() + 1);
      if (name == code_name(entry) || name.starts_with(code_name(entry) + "-")) {
        folders.emplace_back(name);
      }
    }
  }
  std::ranges::sort(folders);
  return folders;
}

std::string page_text(const CatalogueEntry& entry, const Tree& tree) {
  std::string page = fmt::format("# {}: {}\n\n", code_name(entry), entry.summary);
  for (const std::string& line : wrap(entry.explanation, page_width)) {
    page += line + "\n";
  }
  for (const std::string& folder : folders_of(tree, entry)) {
    page += example_text(tree, folder);
  }
  return page + fmt::format("\nIts name in the source is `{}`.\n", entry.name);
}

}  // namespace

Tree catalogue_pages(Catalogue catalogue, const Tree& tree) {
  Tree pages;
  std::string index =
      "# Diagnostics\n\nWhat segproof says about the files it reads. These pages are generated from\n"
      "`src/base/diagnostic_catalogue.def` and `tests/golden/diagnostics`: run `SEGPROOF_UPDATE=1 ctest -R "
      "'^repo$'`.\n\n"
      "| code | meaning |\n|---|---|\n";
  for (const CatalogueEntry& entry : catalogue) {
    pages[page_path(entry)] = page_text(entry, tree);
    index += fmt::format("| [{0}]({0}.md) | {1} |\n", code_name(entry), entry.summary);
  }
  pages[fmt::format("{}/README.md", pages_folder)] = index;
  return pages;
}

Complaints outdated_pages(Catalogue catalogue, const Tree& tree) {
  Complaints complaints;
  const Tree pages = catalogue_pages(catalogue, tree);
  for (const auto& [path, text] : pages) {
    const auto found = tree.find(path);
    if (found == tree.end()) {
      complaints.push_back(fmt::format("{}:1: the page is missing; run with SEGPROOF_UPDATE=1", path));
    } else if (found->second != text) {
      complaints.push_back(fmt::format("{}:1: the page is not what is generated; run with SEGPROOF_UPDATE=1", path));
    }
  }
  for (const auto& [path, text] : tree) {
    if (is_below(path, pages_folder) && !pages.contains(path)) {
      complaints.push_back(fmt::format("{}:1: no code of the catalogue has this page", path));
    }
  }
  return complaints;
}

bool has_golden_cases(const Tree& tree) {
  return std::ranges::any_of(
      tree, [](const auto& file) { return is_below(file.first, cases_folder) && file.first.ends_with("/expected"); });
}

Complaints missing_golden_cases(Catalogue catalogue, const Tree& tree) {
  Complaints complaints;
  for (const CatalogueEntry& entry : catalogue) {
    const std::string folder = fmt::format("{}/{}", cases_folder, code_name(entry));
    const std::optional<std::string> expected = case_file(tree, code_name(entry), "expected");
    if (!expected || !case_file(tree, code_name(entry), "command")) {
      complaints.push_back(fmt::format("{}: {} has no golden case", folder, entry.name));
    } else if (expected->find("[" + code_name(entry) + "]") == std::string::npos) {
      complaints.push_back(fmt::format("{}/expected:1: does not show [{}]", folder, code_name(entry)));
    }
  }
  return complaints;
}

Complaints unused_codes(Catalogue catalogue, const Tree& tree) {
  std::string code;
  for (const auto& [path, text] : tree) {
    if (is_below(path, "src") && is_cxx(path) && !has_extension(path, ".def")) {
      code += code_only(text);
    }
  }
  Complaints complaints;
  for (const CatalogueEntry& entry : catalogue) {
    const std::string name = fmt::format("::{}", entry.name);
    std::size_t at = code.find(name);
    const auto goes_on = [&] {
      const char next = at + name.size() < code.size() ? code[at + name.size()] : ' ';
      return next == '_' || is_digit(next) || (next >= 'a' && next <= 'z');
    };
    while (at != std::string::npos && goes_on()) {
      at = code.find(name, at + 1);
    }
    if (at == std::string::npos) {
      complaints.push_back(
          fmt::format("src/base/diagnostic_catalogue.def:1: nothing reports {} ({})", code_name(entry), entry.name));
    }
  }
  return complaints;
}

}  // namespace segproof::repo
