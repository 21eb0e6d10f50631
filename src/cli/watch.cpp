// SPDX-License-Identifier: Apache-2.0
#include "cli/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/text.h"
#include "cli/load.h"
#include "cli/outcome.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/watched_files.h"
#include "facade/revision_run.h"

namespace segproof::cli {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds between_looks = 250ms;
constexpr std::size_t most_named = 5;  // files in a message

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string some_of(const std::vector<std::string>& paths) {
  std::string text;
  for (std::size_t i = 0; i < std::min(paths.size(), most_named); ++i) {
    text += (i == 0 ? "" : ", ") + quote(paths[i]);
  }
  return paths.size() > most_named ? fmt::format("{} and {} more", text, paths.size() - most_named) : text;
}

class Watch {
 public:
  Watch(const VerifyArguments& arguments, const World& world)
      : arguments_(arguments),
        world_(world),
        files_(world.files, arguments.output.file),
        run_(snapshot_request(arguments.inputs), files_) {}

  ExitCode run() {
    bool goes_on = look();
    remark(world_.terminal, "watching; every change is verified, Ctrl-C ends it");
    while (goes_on && wait_for_change()) {
      goes_on = look();
    }
    return run_.last() == nullptr ? ExitCode::cannot_run : exit_code_of(run_.last()->results.verdicts);
  }

 private:
  [[nodiscard]] bool wait() const {
    if (world_.wait) {
      return world_.wait(between_looks);
    }
    std::this_thread::sleep_for(between_looks);
    return true;
  }

  // Until something has changed and stays as it is: whoever writes files may write several, or one in pieces.
  [[nodiscard]] bool wait_for_change() const {
    while (!files_.have_changed()) {
      if (!wait()) {
        return false;
      }
    }
    std::string before;
    for (std::string now = files_.signature(); now != before; now = files_.signature()) {
      before = std::move(now);
      if (!wait()) {
        return false;
      }
    }
    return true;
  }

  // One revision. False: nobody reads the answers any more, or they cannot be written.
  [[nodiscard]] bool look() {
    files_.forget();
    api::Reading reading;
    DiagnosticSink sink;
    const std::optional<Failure> failure = run_.read(reading, sink);
    print(sink, reading.sources, world_.terminal);
    if (failure) {
      return stay_with_the_old(failure->message);
    }
    if (reading.snapshot.claims.empty()) {
      return stay_with_the_old("there are no claims to verify; a claims file begins with `segproof: claims/1`");
    }
    Result<std::vector<std::string>> only = checked_ids(reading.snapshot.claims, arguments_.only);
    if (!only) {
      return stay_with_the_old(only.failure().message);
    }
    const std::map<std::string, claim::Outcome> before = outcomes();
    const bool is_first = run_.last() == nullptr;
    const api::VerifiedRevision& revision = verify(std::move(reading), std::move(only).value());
    if (!is_first && revision.changed.empty()) {
      if (std::exchange(is_old_, false)) {
        remark(world_.terminal, "the files are again as they were: the verdicts above hold");
      }
      return true;
    }
    is_old_ = false;
    if (!is_first) {
      tell(revision, before);
    }
    return deliver_answer(revision);
  }

  const api::VerifiedRevision& verify(api::Reading reading, std::vector<std::string> only) {
    Progress progress(world_.terminal);
    claim::Options options;
    options.jobs = arguments_.jobs;
    options.only = std::move(only);
    options.progress = [&progress](std::size_t done, std::size_t total) { progress.set(done, total); };
    return run_.verify(std::move(reading), options);
  }

  [[nodiscard]] std::map<std::string, claim::Outcome> outcomes() const {
    std::map<std::string, claim::Outcome> result;
    if (run_.last() != nullptr) {
      for (const claim::Verdict& verdict : run_.last()->results.verdicts) {
        result.emplace(verdict.id, verdict.outcome);
      }
    }
    return result;
  }

  bool stay_with_the_old(const std::string& why) {
    complain(world_.terminal, why);
    remark(world_.terminal, run_.last() == nullptr
                                ? "nothing was verified so far; waiting for the next change"
                                : "the verdicts above are old: they are of the files before this change");
    is_old_ = true;
    return true;
  }

  void tell(const api::VerifiedRevision& revision, const std::map<std::string, claim::Outcome>& before) const {
    remark(world_.terminal,
           fmt::format("changed: {}; {} judged, {} kept; not done again: {}, {}", some_of(revision.changed),
                       counted(revision.claims_judged, "claim", "claims"), revision.spared.claims,
                       counted(revision.spared.readings, "file read", "files read"),
                       counted(revision.spared.rule_sets, "node compiled", "nodes compiled")));
    for (const claim::Verdict& verdict : revision.results.verdicts) {
      const auto known = before.find(verdict.id);
      if (known == before.end()) {
        remark(world_.terminal, fmt::format("{}: new, {}", verdict.id, claim::outcome_name(verdict.outcome)));
      } else if (known->second != verdict.outcome) {
        remark(world_.terminal, fmt::format("{}: was {}, is {}", verdict.id, claim::outcome_name(known->second),
                                            claim::outcome_name(verdict.outcome)));
      }
    }
  }

  [[nodiscard]] bool deliver_answer(const api::VerifiedRevision& revision) const {
    const OutputArguments& output = arguments_.output;
    const bool to_stdout = output.file.empty() || output.file == "-";
    const report::TextStyle style =
        to_stdout ? style_for(world_.terminal, Stream::out, output.colour) : style_for_file(output.colour);
    const std::string answer = written(revision.results, revision.reading.sources, output.format, style);
    if (to_stdout) {
      const Written fate = world_.terminal.write(Stream::out, answer);
      if (fate == Written::failed) {
        complain(world_.terminal, "cannot write to standard output");
      }
      return fate == Written::all;
    }
    const Result<std::size_t> delivered = deliver(world_.terminal, output.file, answer);
    if (!delivered) {
      complain(world_.terminal, delivered.failure().message);
    }
    return delivered.ok();
  }

  const VerifyArguments& arguments_;
  const World& world_;
  WatchedFiles files_;
  api::RevisionRun run_;
  bool is_old_ = false;  // the last verdicts are not of the files as they are
};

}  // namespace

ExitCode watch(const VerifyArguments& arguments, const World& world) {
  return Watch(arguments, world).run();
}

}  // namespace segproof::cli
