// SPDX-License-Identifier: Apache-2.0
// Every real rule set at hand that this kernel loads is understood line by line; docs/linux-undecided.md lists what
// stays undecided, with counts, and is compared here. SEGPROOF_UPDATE=1 writes it anew.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "input/iptables/reader.h"
#include "input/nft/reader.h"
#include "kernel_rules.h"
#include "sandbox.h"
#include "support/skip.h"

namespace segproof::oracle {
namespace {

constexpr const char* page = "docs/linux-undecided.md";

std::vector<std::string> files_below(const std::string& data) {
  std::vector<std::string> found;
  for (const char* folder : {"batfish-example-network", "iptables", "iptables-expected", "iptables-fwbuilder",
                             "kernel-verdicts", "nftables", "nftables-github", "shorewall", "testsuites"}) {
    const std::filesystem::path place = std::filesystem::path(data) / "firewall" / folder;
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place, error)) {
      const std::string name = entry.path().string();
      const bool is_text = !name.ends_with(".gz") && !name.ends_with(".md") && !name.ends_with(".tsv");
      if (entry.is_regular_file() && is_text)
        found.push_back(name);
    }
  }
  std::ranges::sort(found);
  return found;
}

// "packet content" of "packet content: tcp --tcp-option 5"; "target NFQUEUE" of "target: NFQUEUE --queue-num 1".
std::string kind_of(std::string why) {
  for (const std::string_view word : {"target: ", "statement: "}) {
    if (why.starts_with(word))
      return fmt::format("{} `{}`", word.substr(0, word.size() - 2), split_words(why.substr(word.size())).front());
  }
  why = why.substr(0, why.find_first_of(":(@"));
  // Names of the file's own are not for this page.
  return std::string(trim(why));
}

struct Kind {
  std::size_t lines = 0;
  std::set<std::string> files;
};

struct Count {
  std::size_t files = 0;
  std::size_t loaded = 0;
  std::size_t lines = 0;
  std::size_t understood = 0;  // files without an undecided line
  std::size_t includes = 0;    // lines that include files which are not at hand
  std::map<std::string, Kind> kinds;
};

// What the kernel loads and segproof does not understand.
void read(const std::string& path, Backend backend, Family family, Count& count) {
  auto text = RealFileSystem().read_file(path, default_file_limit);
  REQUIRE(text.ok());
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add(path, std::move(text).value());
  std::vector<model::Gap> undecided;
  std::vector<model::Gap> unmodelled;
  const auto take = [&](auto result) {
    count.lines += result.lines;
    undecided = std::move(result.undecided);
    unmodelled = std::move(result.unmodelled);
  };
  if (backend == Backend::nft) {
    take(read_nft(file, sources, nullptr, sink));
  } else {
    take(read_iptables_save(file, sources, family, sink));
  }
  ++count.loaded;
  count.understood += undecided.empty() ? std::size_t{1} : std::size_t{0};
  for (const model::Gap& gap : undecided) {
    Kind& kind = count.kinds[kind_of(gap.why)];
    ++kind.lines;
    kind.files.insert(path);
  }
  for (const model::Gap& gap : unmodelled) {
    if (gap.why.ends_with("is not read here")) {
      ++count.includes;  // of files that are not at hand: nft loads what matches, here nothing
      continue;
    }
    CHECK_MESSAGE(false, fmt::format("{}:{}: {}\n{}", path, gap.span.line, gap.why,
                                     sources.line(file, std::max(gap.span.line, 1U))));
  }
}

std::string table_of(const std::map<std::string, Kind>& kinds) {
  std::vector<std::pair<std::string, const Kind*>> sorted;
  for (const auto& [name, kind] : kinds)
    sorted.emplace_back(name, &kind);
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second->lines > b.second->lines; });
  std::string text = "| why | lines | files |\n|---|---|---|\n";
  for (const auto& [name, kind] : sorted)
    text += fmt::format("| {} | {} | {} |\n", name, kind->lines, kind->files.size());
  return text;
}

std::string page_of(const Count& iptables, const Count& nft) {
  return fmt::format(
      "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
      "<!-- Written by tests/agree/kernel/rulesets_test.cpp (SEGPROOF_UPDATE=1), which compares it. -->\n"
      "# What stays undecided in real rule sets\n\n"
      "Counted in the rule sets that were gathered beside the project (many of them twice: as they were found, and as "
      "they "
      "were loaded), as far\nas the Linux kernel at hand loads them. Every line of them is understood, but for {} that "
      "include files which are not at hand. These depend on\nwhat no configuration says: their rules may match or not, "
      "and "
      "a verdict that leans on one names it ([SP0301](diagnostics/SP0301.md)).\n\n"
      "## iptables\n\n"
      "{} of {} files load; {} lines; {} files without an undecided one.\n\n{}\n"
      "## nftables\n\n"
      "{} of {} files load; {} lines; {} files without an undecided one.\n\n{}",
      iptables.includes + nft.includes, iptables.loaded, iptables.files, iptables.lines, iptables.understood,
      table_of(iptables.kinds), nft.loaded, nft.files, nft.lines, nft.understood, table_of(nft.kinds));
}

}  // namespace

TEST_CASE("what the kernel loads of the rule sets at hand is understood, and the page of undecided lines is right") {
  const auto data = test::data_folder();
  if (!data)
    return;
  const auto sandbox = Sandbox::create();
  if (!sandbox) {
    test::skip("kernel", sandbox.failure().message);
    return;
  }
  KernelRules kernel;
  Count iptables;
  Count nft;
  for (const std::string& path : files_below(*data)) {
    CAPTURE(path);
    auto text = RealFileSystem().read_file(path, default_file_limit);
    REQUIRE(text.ok());
    if (looks_like_iptables_save(text.value())) {
      ++iptables.files;
      for (const Family family : {Family::ipv4, Family::ipv6}) {
        if (kernel.load(Backend::legacy, family, text.value()).empty()) {
          read(path, Backend::legacy, family, iptables);
          break;
        }
      }
    } else if (looks_like_nft(text.value())) {
      ++nft.files;
      if (kernel.load(Backend::nft, Family::ipv4, text.value()).empty())
        read(path, Backend::nft, Family::ipv4, nft);
    }
  }
  const std::string expected = page_of(iptables, nft);
  MESSAGE(fmt::format("{} of {} iptables files and {} of {} nft files load", iptables.loaded, iptables.files,
                      nft.loaded, nft.files));
  if (std::getenv("SEGPROOF_UPDATE") != nullptr)
    std::ofstream(page, std::ios::binary) << expected;
  const auto written = RealFileSystem().read_file(page, default_file_limit);
  REQUIRE(written.ok());
  CHECK(written.value() == expected);
  CHECK(iptables.loaded > 100);
  CHECK(nft.loaded > 50);
}

}  // namespace segproof::oracle
