// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/file.h"
#include "claim/session.h"
#include "input/snapshot.h"
#include "report/json.h"

namespace segproof::test {

namespace {

// The disk, but for one line of one file.
class WithoutLine final : public FileSystem {
 public:
  WithoutLine(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}
  [[nodiscard]] FileKind kind(const std::string& path) const override { return disk_.kind(path); }
  [[nodiscard]] Result<std::vector<std::string>> list_folder(const std::string& path) const override {
    return disk_.list_folder(path);
  }
  [[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit) const override {
    Result<std::string> whole = disk_.read_file(path, limit);
    if (path != path_ || !whole) {
      return whole;
    }
    std::string text = whole.value();
    const std::size_t found = text.find(text_);
    REQUIRE_MESSAGE(found != std::string::npos, text_);
    REQUIRE_MESSAGE(text.find(text_, found + 1) == std::string::npos, text_);
    const std::size_t start = text.rfind('\n', found) + 1;
    text.erase(start, text.find('\n', found) + 1 - start);
    return text;
  }

 private:
  RealFileSystem disk_;
  std::string path_;
  std::string text_;
};

void read_and_verify(Run& run, const std::string& topology, const std::string& policy, Warnings warnings, unsigned jobs,
                     const FileSystem& files) {
  DiagnosticSink sink;
  const Result<input::Snapshot> snapshot =
      input::load_snapshot({.topology = {topology}, .policy = {policy}, .claims = {}}, files, run.sources, sink);
  if (!snapshot) {
    run.faults = snapshot.failure().message;
    return;
  }
  for (const Diagnostic& diagnostic : sink.all()) {
    const bool counts = diagnostic.severity == Severity::error ||
                        (diagnostic.severity == Severity::warning && warnings == Warnings::are_faults);
    if (counts) {
      run.faults += render(diagnostic, run.sources) + "\n";
    }
  }
  if (sink.has_errors()) {
    return;
  }
  claim::Options options;
  options.jobs = jobs;
  run.results = claim::verify(snapshot.value().network, snapshot.value().claims, run.sources, options);
  run.json = report::verify_json(run.results, run.sources);
}

}  // namespace

Run verify_folders(const std::string& topology, const std::string& policy, Warnings warnings, unsigned jobs) {
  Run run;
  read_and_verify(run, topology, policy, warnings, jobs, RealFileSystem());
  return run;
}

Run verify_without_line(const std::string& topology, const std::string& policy, const std::string& file,
                        const std::string& text) {
  Run run;
  read_and_verify(run, topology, policy, Warnings::are_faults, 0, WithoutLine(join_path(policy, file), text));
  return run;
}

std::map<std::string, std::string> outcomes(const Run& run) {
  std::map<std::string, std::string> all;
  for (const claim::Verdict& verdict : run.results.verdicts) {
    all[verdict.id] = claim::outcome_name(verdict.outcome);
  }
  return all;
}

std::string file_text(const std::string& path) {
  const Result<std::string> text = RealFileSystem().read_file(path, default_file_limit);
  REQUIRE_MESSAGE(text.ok(), path);
  return text.value();
}

}  // namespace segproof::test
