// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <string>

#include "base/assert.h"
#include "cli/filter_command.h"
#include "cli/front.h"
#include "cli/output.h"

namespace segproof::cli {
namespace {

std::optional<std::string> given(const ParsedLine& line, std::string_view option) {
  return line.has(option) ? std::optional(line.one(option)) : std::nullopt;
}

ExitCode filter(const ParsedLine& line, const World& world) {
  const FilterAnswer answer = run_filter({.ruleset = line.one("RULESET"),
                                          .syntax = line.one("as", "iptables-save"),
                                          .packets = given(line, "packets"),
                                          .packet = given(line, "packet"),
                                          .in = line.one("in", "LOCAL"),
                                          .out = line.one("out", "LOCAL"),
                                          .host = line.one("host"),
                                          .ipset = line.one("ipset")},
                                         world.files);
  // When standard error cannot be written, there is nobody to tell.
  static_cast<void>(world.terminal.write(Stream::err, answer.messages));
  if (answer.code != ExitCode::good) {
    return answer.code;
  }
  const Result<std::size_t> delivered = deliver(world.terminal, line.one("output"), answer.lines);
  if (!delivered) {
    complain(world.terminal, delivered.failure().message);
    return ExitCode::cannot_run;
  }
  return answer.code;
}

}  // namespace

ExitCode run(std::span<const std::string> words, const World& world) {
  const std::variant<ParsedLine, ExitCode> greeted = greet(words, world.terminal);
  if (const ExitCode* code = std::get_if<ExitCode>(&greeted)) {
    return *code;
  }
  const ParsedLine& line = std::get<ParsedLine>(greeted);
  if (line.command == "verify") {
    return run_verify(line, world);
  }
  if (line.command == "confirm") {
    return run_confirm(line, world);
  }
  if (line.command == "trace") {
    return run_trace(line, world);
  }
  if (line.command == "reach") {
    return run_reach(line, world);
  }
  if (line.command == "matrix") {
    return run_matrix(line, world);
  }
  if (line.command == "blast") {
    return run_blast(line, world);
  }
  if (line.command == "inputs") {
    return run_inputs(line, world);
  }
  if (line.command == "normalise") {
    return run_normalise(line, world);
  }
  if (line.command == "keygen") {
    return run_keygen(line, world);
  }
  SEGPROOF_ASSERT(line.command == "filter");
  return filter(line, world);
}

}  // namespace segproof::cli
