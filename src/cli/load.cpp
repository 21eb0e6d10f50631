// SPDX-License-Identifier: Apache-2.0
#include "cli/load.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/diagnostic.h"
#include "cli/output.h"

namespace segproof::cli {
namespace {

bool complained(const DiagnosticSink& sink, Terminal& terminal) {
  if (sink.has_errors()) {
    complain(terminal, "the input has errors, so nothing was looked at");
  }
  return sink.has_errors();
}

}  // namespace

void print(const DiagnosticSink& sink, const SourceStore& sources, Terminal& terminal) {
  std::string text;
  for (const Diagnostic& diagnostic : sink.all()) {
    text += render(diagnostic, sources);
  }
  if (sink.suppressed() > 0) {
    text += fmt::format("segproof: {} more diagnostics are not shown\n", sink.suppressed());
  }
  // When standard error cannot be written, there is nobody to tell; the exit code stays.
  static_cast<void>(terminal.write(Stream::err, text));
}

bool passes(const DiagnosticSink& sink, const SourceStore& sources, Terminal& terminal) {
  print(sink, sources, terminal);
  return !complained(sink, terminal);
}

input::SnapshotRequest snapshot_request(const InputArguments& arguments) {
  if (!arguments.folder.empty()) {
    return {.topology = {arguments.folder}, .policy = {}, .claims = {}};
  }
  return {.topology = arguments.topology, .policy = arguments.policy, .claims = arguments.claims};
}

std::optional<input::Snapshot> load(const InputArguments& arguments, const World& world, SourceStore& sources) {
  DiagnosticSink sink;
  Result<input::Snapshot> snapshot = input::load_snapshot(snapshot_request(arguments), world.files, sources, sink);
  print(sink, sources, world.terminal);
  if (!snapshot) {
    complain(world.terminal, snapshot.failure().message);
    return std::nullopt;
  }
  if (complained(sink, world.terminal)) {
    return std::nullopt;
  }
  return std::move(snapshot).value();
}

}  // namespace segproof::cli
