// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "claim/session.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/output.h"
#include "proof/network_text.h"

namespace segproof::cli {

ExitCode run_normalise(const ParsedLine& line, const World& world) {
  const Result<NormaliseArguments> arguments = normalise_arguments(line);
  if (!arguments) {
    complain(world.terminal, arguments.failure().message);
    return ExitCode::cannot_run;
  }
  SourceStore sources;
  const std::optional<input::Snapshot> snapshot = load(arguments.value().inputs, world, sources);
  if (!snapshot) {
    return ExitCode::cannot_run;
  }
  DiagnosticSink faults;
  claim::check(snapshot->network, snapshot->claims, faults);
  if (!passes(faults, sources, world.terminal)) {
    return ExitCode::cannot_run;
  }
  std::vector<proof::Input> inputs;
  for (const input::InputFile& file : snapshot->inputs) {
    inputs.push_back({.path = file.path, .sha256 = file.sha256});
  }
  const Result<std::size_t> delivered =
      deliver(world.terminal, arguments.value().output.file,
              proof::network_text(snapshot->network, snapshot->claims, inputs, sources));
  if (!delivered) {
    complain(world.terminal, delivered.failure().message);
    return ExitCode::cannot_run;
  }
  return ExitCode::good;
}

}  // namespace segproof::cli
