// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <optional>

#include "cli/commands.h"
#include "cli/outcome.h"
#include "cli/output.h"
#include "cli/verification.h"
#include "confirm/confirm.h"

namespace segproof::cli {

ExitCode run_confirm(const ParsedLine& line, const World& world) {
  const Result<ConfirmArguments> arguments = confirm_arguments(line);
  if (!arguments) {
    complain(world.terminal, arguments.failure().message);
    return ExitCode::cannot_run;
  }
  SourceStore sources;
  std::optional<Verification> done = verified(arguments.value().verify, world, sources);
  if (!done) {
    return ExitCode::cannot_run;
  }
  const Result<bool> asked = confirm::confirm(
      done->snapshot, sources, {.seed = arguments.value().seed, .probes = arguments.value().probes}, done->results);
  if (!asked) {
    complain(world.terminal, asked.failure().message);
    return ExitCode::cannot_run;
  }
  if (!deliver_results(done->results, sources, arguments.value().verify.output, world.terminal)) {
    return ExitCode::cannot_run;
  }
  const ExitCode code = confirmed_exit_code(done->results);
  if (code == ExitCode::fault) {
    complain(world.terminal,
             fmt::format("the kernel contradicts the model in {} of {} packets: no verdict of this run is to be relied "
                         "on; please report it with the network",
                         done->results.confirmation->differences, done->results.confirmation->probes));
  }
  return code;
}

}  // namespace segproof::cli
