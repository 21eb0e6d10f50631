// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_written.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "input/yaml/tree.h"

namespace segproof::input {
namespace {

enum class Includes : std::uint8_t { follow, leave };

class Collector {
 public:
  Collector(InputFiles& files, Includes includes) : files_(files), includes_(includes) {}

  // Nothing, or why a path that the user named cannot be read.
  [[nodiscard]] std::optional<Failure> add_path(const std::string& path, FoundIn where) {
    if (files_.system().kind(path) != FileKind::folder) {
      const Result<FileId> file = files_.read(path);
      if (!file) {
        return file.failure();
      }
      add_file(file.value(), where, Origin::named);
      return std::nullopt;
    }
    const Result<std::vector<std::string>> paths = files_.paths_in(path);
    if (!paths) {
      return paths.failure();
    }
    for (const std::string& entry : paths.value()) {
      const Result<FileId> file = files_.read(entry);
      if (!file) {
        return file.failure();
      }
      add_file(file.value(), where, Origin::found);
    }
    return std::nullopt;
  }

  [[nodiscard]] Written take() { return std::move(written_); }

 private:
  enum class Origin : std::uint8_t { named, found };

  void add_file(FileId file, FoundIn where, Origin origin) {
    if (!done_.insert(file).second) {
      return;
    }
    const SourceStore& sources = files_.sources();
    const yaml::FileKindAnswer answer = yaml::file_kind(file, sources, files_.sink());
    if (!answer.kind) {
      if (answer.has_key) {
        written_.is_incomplete = true;  // reported
        return;
      }
      if (origin == Origin::named) {
        written_.is_incomplete = true;
        files_.sink().add({.code = DiagnosticCode::unknown_file_kind,
                           .span = {.file = file},
                           .message = "no line begins with `segproof:`, so this is none of segproof's files",
                           .hint = "begin it with `segproof: topology/1`, `policy/1` or `claims/1`, or name the file "
                                   "under `rules` or `inventories`"});
        return;
      }
      written_.found.push_back({.file = file, .where = where, .is_native = false});
      return;
    }
    if (*answer.kind == yaml::FileKind::rules) {
      written_.found.push_back({.file = file, .where = where, .is_native = true});
      return;
    }
    files_.take_format(file, yaml::file_kind_name(*answer.kind));
    const auto tree = files_.once<std::optional<yaml::Tree>>(
        file, "yaml", [&](DiagnosticSink& sink) { return yaml::read_tree(file, sources, sink); });
    if (*tree) {
      add_tree(**tree, *answer.kind, where);
    } else {
      written_.is_incomplete = true;
    }
  }

  void add_tree(const yaml::Tree& tree, yaml::FileKind kind, FoundIn where) {
    DiagnosticSink& sink = files_.sink();
    std::vector<yaml::Word> includes;
    switch (kind) {
      case yaml::FileKind::topology:
        written_.topologies.push_back(yaml::read_topology(tree, sink));
        includes = written_.topologies.back().includes;
        break;
      case yaml::FileKind::policy:
        written_.policies.push_back(yaml::read_policy(tree, sink));
        written_.policy_paths.emplace_back(files_.sources().path(tree.file()));
        includes = written_.policies.back().includes;
        break;
      case yaml::FileKind::claims:
        written_.claims.push_back(yaml::read_claims_file(tree, sink));
        includes = written_.claims.back().includes;
        break;
      case yaml::FileKind::rules:
        break;
    }
    if (includes_ == Includes::follow) {
      for (const yaml::Word& include : includes) {
        follow(include, kind, where);
      }
    }
  }

  // A topology includes topologies; policies and claims files include claims files.
  void follow(const yaml::Word& include, yaml::FileKind kind, FoundIn where) {
    const std::optional<FileId> file = files_.read_named(include);
    if (!file) {
      written_.is_incomplete = true;
      return;
    }
    const yaml::FileKind wanted = kind == yaml::FileKind::topology ? kind : yaml::FileKind::claims;
    DiagnosticSink silent;
    const yaml::FileKindAnswer answer = yaml::file_kind(*file, files_.sources(), silent);
    if (answer.kind && *answer.kind != wanted) {
      written_.is_incomplete = true;
      files_.sink().add(
          {.code = DiagnosticCode::unknown_file_kind,
           .span = include.span,
           .message = fmt::format("{} is a `{}`, and only a `{}` can be included here", quote(include.text),
                                  yaml::file_kind_name(*answer.kind), yaml::file_kind_name(wanted))});
      return;
    }
    add_file(*file, where, Origin::named);
  }

  InputFiles& files_;
  Includes includes_;
  std::set<FileId> done_;
  Written written_;
};

}  // namespace

Result<Written> read_written(const SnapshotRequest& request, InputFiles& files) {
  Collector collector(files, Includes::follow);
  const bool one_for_all = request.policy.empty() && request.claims.empty();
  const auto add = [&](const std::vector<std::string>& paths, FoundIn where) -> std::optional<Failure> {
    for (const std::string& path : paths) {
      if (std::optional<Failure> failure = collector.add_path(path, where)) {
        return failure;
      }
    }
    return std::nullopt;
  };
  std::optional<Failure> failure = add(request.topology, one_for_all ? FoundIn::policy : FoundIn::topology);
  if (!failure) {
    failure = add(request.policy, FoundIn::policy);
  }
  if (!failure) {
    failure = add(request.claims, FoundIn::claims);
  }
  if (failure) {
    return *failure;
  }
  return collector.take();
}

Result<Written> read_epoch(const std::string& path, InputFiles& files) {
  Collector collector(files, Includes::leave);
  if (const std::optional<Failure> failure = collector.add_path(path, FoundIn::policy)) {
    return *failure;
  }
  return collector.take();
}

}  // namespace segproof::input
