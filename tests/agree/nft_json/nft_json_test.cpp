// SPDX-License-Identifier: Apache-2.0
// `nft list ruleset` and `nft -j list ruleset` of one ruleset mean the same. Both are written by the nft of this
// machine, in a network namespace of its own, for every ruleset at hand that it loads.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "input/nft/reader.h"
#include "support/skip.h"
#include "unit/input_iptables/dump.h"

namespace segproof::test {
namespace {

class Workplace {
 public:
  Workplace() {
    std::string pattern = (std::filesystem::temp_directory_path() / "segproof-nft-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path(std::string_view name) const { return join_path(folder_, name); }

  // The listings of a ruleset; false when nft does not load it.
  [[nodiscard]] bool list(const std::string& ruleset) const {
    return std::system(
               fmt::format("cd \"$(dirname '{0}')\" && unshare -n sh -c \"nft -f '{0}' && nft list ruleset > {1} && "
                           "nft -j list ruleset > {2}\" > {3} 2>&1",
                           ruleset, path("text"), path("json"), path("log"))
                   .c_str()) == 0;
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    const auto read = RealFileSystem().read_file(path(name), default_file_limit);
    return read.ok() ? read.value() : std::string();
  }

 private:
  std::string folder_;
};

// What stands in parentheses behind `?kind` and `anything` are words for messages, which differ.
std::string without_words(const std::string& line) {
  std::string kept;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    depth += line[i] == '(' ? 1U : 0U;
    if (depth == 0) {
      kept += line[i];
    }
    depth -= line[i] == ')' && depth > 0 ? 1U : 0U;
  }
  return kept;
}

std::string dump_all(const model::RuleSet& rules) {
  std::string text;
  for (const model::Stage& stage : rules.stages) {
    text += fmt::format("stage {} {} {} {} {} {}{}", model::hook_name(stage.hook), static_cast<int>(stage.kind),
                        stage.order, stage.label, model::verdict_name(stage.policy), stage.ipv4, stage.ipv6);
    text += stage.kind == model::StageKind::track ? "\n" : fmt::format(" {}\n", rules.chain(stage.chain).name);
  }
  for (const model::Chain& chain : rules.chains) {
    text += fmt::format("chain {}\n", chain.name);
    for (const model::Rule& rule : chain.rules) {
      text += "  " + without_words(dump(rule, rules)) + "\n";
    }
  }
  return text;
}

std::string first_difference(const std::string& a, const std::string& b) {
  const auto left = split(a, '\n');
  const auto right = split(b, '\n');
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const std::string_view one = i < left.size() ? left[i] : "(end)";
    const std::string_view other = i < right.size() ? right[i] : "(end)";
    if (one != other) {
      return fmt::format("text: {}\n      JSON: {}", one, other);
    }
  }
  return {};
}

std::vector<std::string> rulesets(const std::string& data) {
  std::vector<std::string> found;
  for (const char* folder : {"nftables", "nftables-github", "testsuites"}) {
    const std::filesystem::path place = std::filesystem::path(data) / "firewall" / folder;
    if (!std::filesystem::exists(place)) {
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
      const std::string name = entry.path().string();
      const bool plain = name.find('\'') == std::string::npos && name.find('"') == std::string::npos;
      if (entry.is_regular_file() && plain && (name.ends_with(".nft") || name.find("nftables") != std::string::npos)) {
        found.push_back(name);
      }
    }
  }
  std::ranges::sort(found);
  return found;
}

// What nft 1.0.6 leaves out of its JSON: which flag a table has, the devices of a chain, chains without a name. Maps of
// helpers differ in words only.
bool says_more_than_json(std::string_view text) {
  return std::ranges::any_of(std::array{"dormant", "jump {", "goto {", " device", "ct helper set"},
                             [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool can_run() {
  if (std::system("unshare -n nft list ruleset > /dev/null 2>&1") == 0) {
    return true;
  }
  skip("kernel", "`unshare -n nft list ruleset` does not run here");
  return false;
}

}  // namespace

TEST_CASE("text and JSON of a listing mean the same") {
  const auto data = data_folder();
  if (!data || !can_run()) {
    return;
  }
  const Workplace place;
  std::size_t loaded = 0;
  std::size_t rules = 0;
  std::size_t text_only = 0;
  const std::vector<std::string> paths = rulesets(*data);
  for (const std::string& path : paths) {
    CAPTURE(path);
    if (!place.list(path)) {
      continue;
    }
    SourceStore sources;
    DiagnosticSink sink;
    const FileId text_file = sources.add("text", place.text("text"));
    const FileId json_file = sources.add("json", place.text("json"));
    const NftResult text = read_nft(text_file, sources, nullptr, sink);
    const NftResult json = read_nft_json(json_file, sources, sink);
    if (says_more_than_json(place.text("text"))) {
      ++text_only;
      continue;
    }
    ++loaded;
    for (const model::Chain& chain : text.rules.chains) {
      rules += chain.rules.size();
    }
    CHECK_MESSAGE(dump_all(text.rules) == dump_all(json.rules),
                  first_difference(dump_all(text.rules), dump_all(json.rules)));
    CHECK(text.tracks == json.tracks);
    CHECK(text.interfaces == json.interfaces);
  }
  MESSAGE(loaded << " of " << paths.size() << " rulesets load and compare, with " << rules << " rules of the model; "
                 << text_only << " load and say in text what JSON leaves out");
  CHECK(loaded > 20);
}

}  // namespace segproof::test
