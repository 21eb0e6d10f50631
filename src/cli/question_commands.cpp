// SPDX-License-Identifier: Apache-2.0
// trace, reach, matrix, blast and inputs: one question each.
#include <string>
#include <utility>

#include "base/assert.h"
#include "claim/session.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "report/answers.h"
#include "report/inputs.h"
#include "report/matrix.h"

namespace segproof::cli {
namespace {

struct Answer {
  std::string text;
  ExitCode code = ExitCode::good;
};

ExitCode fail(const World& world, const Failure& failure) {
  complain(world.terminal, failure.message);
  return ExitCode::cannot_run;
}

// What they have in common: typed arguments, the snapshot, the question, the answer written once.
template <class Arguments, class Ask>
ExitCode run_question(const Result<Arguments>& arguments, const World& world, const Ask& ask) {
  if (!arguments) {
    return fail(world, arguments.failure());
  }
  SourceStore sources;
  const std::optional<input::Snapshot> snapshot = load(arguments.value().inputs, world, sources);
  if (!snapshot) {
    return ExitCode::cannot_run;
  }
  const OutputArguments& output = arguments.value().output;
  const report::TextStyle style =
      output.file.empty() ? style_for(world.terminal, Stream::out, output.colour) : style_for_file(output.colour);
  const Result<Answer> answer = [&] {
    const Progress progress(world.terminal);
    return ask(arguments.value(), *snapshot, sources, style);
  }();
  if (!answer) {
    return fail(world, answer.failure());
  }
  const Result<std::size_t> delivered = deliver(world.terminal, output.file, answer.value().text);
  return delivered ? answer.value().code : fail(world, delivered.failure());
}

ExitCode code_of(claim::Reachability state) {
  switch (state) {
    case claim::Reachability::nothing:
      return ExitCode::good;
    case claim::Reachability::something:
      return ExitCode::refuted;
    case claim::Reachability::undecided:
      return ExitCode::undecided;
  }
  SEGPROOF_UNREACHABLE();
}

}  // namespace

ExitCode run_trace(const ParsedLine& line, const World& world) {
  return run_question(trace_arguments(line), world,
                      [](const TraceArguments& arguments, const input::Snapshot& snapshot, const SourceStore& sources,
                         const report::TextStyle& style) -> Result<Answer> {
                        const Result<claim::TraceAnswer> answer =
                            claim::trace(snapshot.network, sources, arguments.question);
                        if (!answer) {
                          return answer.failure();
                        }
                        return Answer{.text = arguments.output.format == Format::json
                                                  ? report::trace_json(answer.value(), sources)
                                                  : report::trace_text(answer.value(), sources, style)};
                      });
}

ExitCode run_reach(const ParsedLine& line, const World& world) {
  return run_question(reach_arguments(line), world,
                      [](const ReachArguments& arguments, const input::Snapshot& snapshot, const SourceStore& sources,
                         const report::TextStyle& style) -> Result<Answer> {
                        const Result<claim::ReachAnswer> answer =
                            claim::reach(snapshot.network, sources, arguments.question);
                        if (!answer) {
                          return answer.failure();
                        }
                        return Answer{.text = arguments.output.format == Format::json
                                                  ? report::reach_json(answer.value(), sources)
                                                  : report::reach_text(answer.value(), sources, style),
                                      .code = code_of(answer.value().state)};
                      });
}

ExitCode run_matrix(const ParsedLine& line, const World& world) {
  return run_question(matrix_arguments(line), world,
                      [](const MatrixArguments& arguments, const input::Snapshot& snapshot, const SourceStore& sources,
                         const report::TextStyle& style) -> Result<Answer> {
                        const claim::Matrix matrix = claim::matrix(snapshot.network, sources, arguments.between);
                        switch (arguments.output.format) {
                          case Format::json:
                            return Answer{.text = report::matrix_json(matrix, sources)};
                          case Format::csv:
                            return Answer{.text = report::matrix_csv(matrix)};
                          case Format::text:
                          case Format::junit:
                          case Format::sarif:
                            break;
                        }
                        return Answer{.text = report::matrix_text(matrix, sources, style)};
                      });
}

ExitCode run_blast(const ParsedLine& line, const World& world) {
  return run_question(blast_arguments(line), world,
                      [](const BlastArguments& arguments, const input::Snapshot& snapshot, const SourceStore& sources,
                         const report::TextStyle& style) -> Result<Answer> {
                        const Result<claim::BlastAnswer> answer =
                            claim::blast(snapshot.network, sources, arguments.question);
                        if (!answer) {
                          return answer.failure();
                        }
                        return Answer{.text = arguments.output.format == Format::json
                                                  ? report::blast_json(answer.value(), sources)
                                                  : report::blast_text(answer.value(), sources, style)};
                      });
}

ExitCode run_inputs(const ParsedLine& line, const World& world) {
  return run_question(inputs_arguments(line), world,
                      [](const InputsArguments& arguments, const input::Snapshot& snapshot, const SourceStore& sources,
                         const report::TextStyle& style) -> Result<Answer> {
                        return Answer{.text = arguments.output.format == Format::json
                                                  ? report::inputs_json(snapshot.inputs, sources)
                                                  : report::inputs_text(snapshot.inputs, sources, style)};
                      });
}

}  // namespace segproof::cli
