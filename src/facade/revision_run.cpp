// SPDX-License-Identifier: Apache-2.0
#include "facade/revision_run.h"

#include <algorithm>
#include <map>
#include <set>

#include "claim/session.h"
#include "facade/accounts.h"
#include "facade/contents.h"

namespace segproof::api {
namespace {

struct Differences {
  std::vector<std::string> paths;  // sorted
  bool is_everything = false;      // files have other numbers, or nobody knows what a file has to do with
  std::vector<std::string> nodes;  // whose files changed
};

// The nodes whose configuration was read from the file, in either snapshot.
std::set<std::string> nodes_of(FileId file, const input::Snapshot& before, const input::Snapshot& now) {
  std::set<std::string> nodes;
  for (const input::Snapshot* snapshot : {&before, &now}) {
    for (const auto& [name, files] : snapshot->node_files) {
      const bool has_rules = std::ranges::find(files.rules, file, &input::GivenRules::file) != files.rules.end();
      if (has_rules || std::ranges::find(files.host, file) != files.host.end()) {
        nodes.insert(name);
      }
    }
  }
  return nodes;
}

Differences differences(const input::Snapshot& before, const input::Snapshot& now) {
  constexpr std::string_view of_claims = "claims/1";
  std::map<std::string, const InputFile*> old_files;
  for (const InputFile& file : before.inputs) {
    old_files.emplace(file.path, &file);
  }
  Differences result;
  std::set<std::string> nodes;
  for (const InputFile& file : now.inputs) {
    const auto found = old_files.find(file.path);
    if (found == old_files.end()) {
      result.paths.push_back(file.path);
      result.is_everything = true;
      continue;
    }
    const InputFile& old_file = *found->second;
    result.is_everything = result.is_everything || old_file.file != file.file;
    if (old_file.sha256 != file.sha256) {
      result.paths.push_back(file.path);
      const std::set<std::string> concerned = nodes_of(file.file, before, now);
      nodes.insert(concerned.begin(), concerned.end());
      const bool only_claims = old_file.format == of_claims && file.format == of_claims;
      result.is_everything = result.is_everything || (concerned.empty() && !only_claims);
    }
    old_files.erase(found);
  }
  for (const auto& [path, file] : old_files) {  // gone
    result.paths.push_back(path);
    result.is_everything = true;
  }
  std::ranges::sort(result.paths);
  result.nodes.assign(nodes.begin(), nodes.end());
  return result;
}

}  // namespace

std::optional<Failure> RevisionRun::read(Reading& reading, DiagnosticSink& sink) {
  Result<input::Snapshot> snapshot = input::load_snapshot(request_, *files_, reading.sources, sink, &memory_);
  if (!snapshot) {
    return snapshot.failure();
  }
  if (!sink.has_errors()) {
    claim::check(snapshot.value().network, snapshot.value().claims, sink);
  }
  if (sink.has_errors()) {
    return Failure{"the input has errors, so nothing was looked at"};
  }
  reading.snapshot = std::move(snapshot).value();
  return std::nullopt;
}

const VerifiedRevision& RevisionRun::verify(Reading reading, const claim::Options& options) {
  auto next = std::make_unique<VerifiedRevision>();
  next->reading = std::move(reading);
  const input::Snapshot& now = next->reading.snapshot;
  continuation_.earlier.reset();
  if (last_) {
    Differences found = differences(last_->reading.snapshot, now);
    next->changed = std::move(found.paths);
    if (!found.is_everything && only_ == options.only) {
      const input::Snapshot& before = last_->reading.snapshot;
      continuation_.earlier = claim::Earlier{&before.network, before.claims, &last_->results, std::move(found.nodes)};
    }
  }
  next->results = claim::verify_again(now.network, now.claims, next->reading.sources, options, continuation_);
  add_accounts(now, next->results);
  next->spared = {memory_.known(), continuation_.rule_sets_known, continuation_.claims_kept};
  next->claims_judged = continuation_.claims_judged;
  only_ = options.only;
  last_ = std::move(next);
  continuation_.earlier.reset();
  return *last_;
}

}  // namespace segproof::api
