// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/text.h"
#include "claim/session.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/output.h"
#include "facade/evidence_run.h"

namespace segproof::cli {
namespace {

std::optional<std::string> network_of_files(const InputArguments& inputs, const World& world) {
  SourceStore sources;
  const std::optional<input::Snapshot> snapshot = load(inputs, world, sources);
  if (!snapshot) {
    return std::nullopt;
  }
  DiagnosticSink faults;
  claim::check(snapshot->network, snapshot->claims, faults);
  if (!passes(faults, sources, world.terminal)) {
    return std::nullopt;
  }
  return api::network_file(*snapshot, sources);
}

std::optional<std::string> network_of_bundle(const std::string& folder, Terminal& terminal) {
  Result<std::string> network = api::network_from_bundle(folder);
  if (!network) {
    complain(terminal, fmt::format("{} is no evidence to read from: {}", quote(folder), network.failure().message));
    return std::nullopt;
  }
  return std::move(network).value();
}

}  // namespace

ExitCode run_normalise(const ParsedLine& line, const World& world) {
  const Result<NormaliseArguments> arguments = normalise_arguments(line);
  if (!arguments) {
    complain(world.terminal, arguments.failure().message);
    return ExitCode::cannot_run;
  }
  const std::string& bundle = arguments.value().evidence;
  const std::optional<std::string> network =
      bundle.empty() ? network_of_files(arguments.value().inputs, world) : network_of_bundle(bundle, world.terminal);
  if (!network) {
    return ExitCode::cannot_run;
  }
  const Result<std::size_t> delivered = deliver(world.terminal, arguments.value().output.file, *network);
  if (!delivered) {
    complain(world.terminal, delivered.failure().message);
    return ExitCode::cannot_run;
  }
  return ExitCode::good;
}

}  // namespace segproof::cli
