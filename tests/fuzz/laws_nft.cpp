// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "base/file.h"
#include "input/nft/folder_includes.h"
#include "input/nft/reader.h"
#include "laws.h"

namespace segproof::fuzz {
namespace {

std::uint64_t digest(const NftResult& result, const DiagnosticSink& sink) {
  Digest digest;
  digest.add(result.rules).add(result.undecided).add(result.unmodelled).add(sink);
  for (const std::string& name : result.interfaces)
    digest.add(name);
  return digest.add(std::uint64_t{result.tracks}).add(result.lines).add(std::uint64_t{result.is_template}).value();
}

void ask(Laws& laws, const NftResult& result, const DiagnosticSink& sink, std::size_t size) {
  laws.diagnostics(sink, Laws::Errors::allowed);
  laws.rules(result.rules, size);
  laws.gaps(result.undecided);
  laws.gaps(result.unmodelled);
  laws.hold(!sink.has_errors() || !result.unmodelled.empty() || !result.undecided.empty(), "an error without a gap");
  laws.hold(result.unmodelled.empty() || !sink.all().empty(), "a gap without a message");
}

// The ruleset "etc/main.nft" and what lies beside it.
struct Ruleset {
  MemoryFileSystem files;
  std::string name = "etc/main.nft";
  std::string main;
  explicit Ruleset(std::string_view text) : main(text) {
    const std::vector<NamedText> parts = split_files(text);
    if (text.starts_with("--- ")) {
      name = join_path("etc", parts.front().name);
      main = parts.front().text;
    }
    for (const NamedText& part : parts)
      files.add(join_path("etc", part.name), part.text);
  }
};

struct Reading {
  SourceStore sources;
  DiagnosticSink sink{100};
  NftResult result;

  explicit Reading(const Ruleset& ruleset) {
    const FileId file = sources.add(ruleset.name, ruleset.main);
    std::map<std::string, FileId> known{{ruleset.name, file}};
    FolderIncludes includes(ruleset.files, sources, "etc", [&](const std::string& path) -> Result<FileId> {
      if (const auto found = known.find(path); found != known.end())
        return found->second;
      auto text = ruleset.files.read_file(path, default_file_limit);
      if (!text)
        return text.failure();
      return known.emplace(path, sources.add(path, std::move(text).value())).first->second;
    });
    result = read_nft(file, sources, &includes, sink);
  }
};

}  // namespace

std::string broken_by_nft(std::string_view text) {
  const Ruleset ruleset(text);
  const Reading first(ruleset);
  Laws laws(first.sources);
  ask(laws, first.result, first.sink, text.size());
  const Reading second(ruleset);
  laws.hold(digest(first.result, first.sink) == digest(second.result, second.sink),
            "a second reading says something else");
  return laws.broken();
}

std::string broken_by_nft_json(std::string_view text) {
  SourceStore sources;
  const FileId file = sources.add("ruleset", std::string(text));
  Laws laws(sources);
  DiagnosticSink sink(100);
  const NftResult result = read_nft_json(file, sources, sink);
  ask(laws, result, sink, text.size());
  DiagnosticSink again(100);
  const NftResult second = read_nft_json(file, sources, again);
  laws.hold(digest(result, sink) == digest(second, again), "a second reading says something else");
  return laws.broken();
}

}  // namespace segproof::fuzz
