// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "cli/commands.h"
#include "cli/outcome.h"
#include "cli/output.h"
#include "cli/verification.h"

namespace segproof::cli {

ExitCode run_verify(const ParsedLine& line, const World& world) {
  const Result<VerifyArguments> arguments = verify_arguments(line);
  if (!arguments) {
    complain(world.terminal, arguments.failure().message);
    return ExitCode::cannot_run;
  }
  SourceStore sources;
  const std::optional<Verification> done = verified(arguments.value(), world, sources);
  if (!done || !deliver_results(done->results, sources, arguments.value().output, world.terminal)) {
    return ExitCode::cannot_run;
  }
  return exit_code_of(done->results.verdicts);
}

}  // namespace segproof::cli
