// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/text.h"
#include "proof/bundle.h"

namespace segproof::cli {
namespace {

constexpr unsigned most_jobs = 1024;
constexpr unsigned most_hops = 1000000;
constexpr unsigned most_probes = 50000;
constexpr unsigned most_seed = 0xffffffffU;

Result<InputArguments> input_arguments(const ParsedLine& line) {
  InputArguments inputs{.folder = line.one("FOLDER"),
                        .topology = line.all("topology"),
                        .policy = line.all("policy"),
                        .claims = line.all("claims")};
  if (line.has("FOLDER")) {
    if (inputs.folder.empty()) {
      return Failure{"FOLDER is empty; `.` is the current folder"};
    }
    if (line.has("topology") || line.has("policy") || line.has("claims")) {
      return Failure{
          fmt::format("FOLDER {} stands for --topology, --policy and --claims; give it or them", quote(inputs.folder))};
    }
    return inputs;
  }
  if (!line.has("topology")) {  // without a policy, its folders are asked for one, or for configurations alone
    return Failure{fmt::format("`{}` needs --topology, or one FOLDER that holds everything", line.command)};
  }
  std::size_t from_input = 0;
  for (const std::vector<std::string>* paths : {&inputs.topology, &inputs.policy, &inputs.claims}) {
    from_input += static_cast<std::size_t>(std::ranges::count(*paths, "-"));
  }
  if (from_input > 1) {
    return Failure{"`-` (standard input) can be read once only"};
  }
  return inputs;
}

std::optional<std::string> missing(const ParsedLine& line, std::string_view option) {
  if (!line.has(option)) {
    return fmt::format("`{}` needs --{}", line.command, option);
  }
  const std::vector<std::string> values = line.all(option);
  if (std::ranges::any_of(values, [](const std::string& value) { return trim(value).empty(); })) {
    return fmt::format("`--{}` is empty", option);
  }
  return std::nullopt;
}

bool reads_standard_input(const InputArguments& inputs) {
  return inputs.folder == "-" || std::ranges::any_of(std::array{&inputs.topology, &inputs.policy, &inputs.claims},
                                                     [](const std::vector<std::string>* paths) {
                                                       return std::ranges::find(*paths, "-") != paths->end();
                                                     });
}

std::vector<claim::Name> names_of(const std::vector<std::string>& texts) {
  std::vector<claim::Name> names;
  for (const std::string& text : texts) {
    names.push_back({.text = text, .span = {}});
  }
  return names;
}

// The parts that every command with a network has in common.
template <class Arguments>
Result<Arguments> common(const ParsedLine& line) {
  Result<InputArguments> inputs = input_arguments(line);
  if (!inputs) {
    return inputs.failure();
  }
  Arguments arguments;
  arguments.inputs = std::move(inputs).value();
  arguments.output = output_arguments(line);
  return arguments;
}

Format format_of(std::string_view text) {
  constexpr std::array formats = {std::pair{"text", Format::text}, std::pair{"json", Format::json},
                                  std::pair{"junit", Format::junit}, std::pair{"sarif", Format::sarif},
                                  std::pair{"csv", Format::csv}};
  for (const auto& [name, format] : formats) {
    if (text == name) {
      return format;
    }
  }
  SEGPROOF_UNREACHABLE();  // the parser has checked the choices
}

// Those of `--evidence`, and nothing where it is not given.
Result<std::optional<EvidenceArguments>> evidence_arguments(const ParsedLine& line) {
  if (!line.has("evidence")) {
    for (const char* option : {"redact", "sign", "at"}) {
      if (line.has(option)) {
        return Failure{fmt::format("`--{}` says how --evidence is written; give it, too", option)};
      }
    }
    return std::optional<EvidenceArguments>();
  }
  if (line.has("only")) {
    return Failure{"evidence is about all claims; give --evidence without --only"};
  }
  for (const char* option : {"evidence", "sign", "at"}) {
    if (line.has(option) && line.one(option).empty()) {
      return Failure{fmt::format("`--{}` is empty", option)};
    }
  }
  EvidenceArguments evidence{
      .folder = line.one("evidence"), .is_redacted = line.has("redact"), .key_file = line.one("sign"), .made = {}};
  if (line.has("at")) {
    const std::optional<std::string> made = proof::made_at(line.one("at"));
    if (!made) {
      return Failure{fmt::format("`--at` takes a time such as 2024-05-01T12:00:00Z or seconds since 1970, not {}",
                                 quote(line.one("at")))};
    }
    evidence.made = *made;
  }
  return std::optional(evidence);
}

Failure no_number(std::string_view option, std::string_view text, unsigned least, unsigned most) {
  return {fmt::format("`--{}` takes a number from {} to {}, not {}", option, least, most, quote(text))};
}

}  // namespace

OutputArguments output_arguments(const ParsedLine& line) {
  const std::string colour = line.one("color", "auto");
  return {.format = format_of(line.one("format", "text")),
          .file = line.one("output"),
          .colour = colour == "always"  ? ColourChoice::always
                    : colour == "never" ? ColourChoice::never
                                        : ColourChoice::automatic};
}

Result<VerifyArguments> verify_arguments(const ParsedLine& line) {
  Result<VerifyArguments> arguments = common<VerifyArguments>(line);
  if (!arguments) {
    return arguments;
  }
  VerifyArguments& verify = arguments.value();
  verify.only = line.all("only");
  if (line.has("jobs")) {
    const std::optional<unsigned> jobs = parse_unsigned<unsigned>(line.one("jobs"), 1, most_jobs);
    if (!jobs) {
      return no_number("jobs", line.one("jobs"), 1, most_jobs);
    }
    verify.jobs = *jobs;
  }
  Result<std::optional<EvidenceArguments>> evidence = evidence_arguments(line);
  if (!evidence) {
    return evidence.failure();
  }
  verify.evidence = std::move(evidence).value();
  verify.watches = line.has("watch");
  if (verify.watches && verify.evidence) {
    return Failure{"--watch and --evidence do not go together: evidence is of one revision"};
  }
  if (verify.watches && reads_standard_input(verify.inputs)) {
    return Failure{"--watch needs files that can be read again, and `-` cannot"};
  }
  return arguments;
}

Result<ConfirmArguments> confirm_arguments(const ParsedLine& line) {
  Result<VerifyArguments> verify = verify_arguments(line);
  if (!verify) {
    return verify.failure();
  }
  ConfirmArguments arguments;
  arguments.verify = std::move(verify).value();
  if (line.has("seed")) {
    const std::optional<unsigned> seed = parse_unsigned<unsigned>(line.one("seed"), 0, most_seed);
    if (!seed) {
      return no_number("seed", line.one("seed"), 0, most_seed);
    }
    arguments.seed = *seed;
  }
  if (line.has("probes")) {
    const std::optional<unsigned> probes = parse_unsigned<unsigned>(line.one("probes"), 1, most_probes);
    if (!probes) {
      return no_number("probes", line.one("probes"), 1, most_probes);
    }
    arguments.probes = *probes;
  }
  return arguments;
}

Result<TraceArguments> trace_arguments(const ParsedLine& line) {
  for (const char* needed : {"from", "packet"}) {
    if (std::optional<std::string> reason = missing(line, needed)) {
      return Failure{*std::move(reason)};
    }
  }
  Result<TraceArguments> arguments = common<TraceArguments>(line);
  if (!arguments) {
    return arguments;
  }
  const Result<Packet> packet = read_packet(line.one("packet"));
  if (!packet) {
    return packet.failure();
  }
  arguments.value().question = {.from = line.one("from"), .packet = packet.value()};
  return arguments;
}

Result<ReachArguments> reach_arguments(const ParsedLine& line) {
  for (const char* needed : {"from", "to"}) {
    if (std::optional<std::string> reason = missing(line, needed)) {
      return Failure{*std::move(reason)};
    }
  }
  Result<ReachArguments> arguments = common<ReachArguments>(line);
  if (!arguments) {
    return arguments;
  }
  claim::ReachQuestion& question = arguments.value().question;
  question.from = names_of(line.all("from"));
  question.to = names_of(line.all("to"));
  question.sessions = line.has("new-only") ? claim::Sessions::new_only : claim::Sessions::all;
  question.spoofing = claim::parse_spoofing(line.one("spoofing", "any")).value_or(claim::Spoofing::any);
  if (line.has("service")) {
    question.service = claim::parse_service(line.one("service"));
    if (!question.service) {
      return Failure{fmt::format("{} is not a service; write one as tcp/443, udp/53, icmp or tcp/8000-8100",
                                 quote(line.one("service")))};
    }
  }
  return arguments;
}

Result<MatrixArguments> matrix_arguments(const ParsedLine& line) {
  Result<MatrixArguments> arguments = common<MatrixArguments>(line);
  if (arguments && line.one("between", "zones") == "hosts") {
    arguments.value().between = claim::MatrixBetween::hosts;
  }
  return arguments;
}

Result<InputsArguments> inputs_arguments(const ParsedLine& line) {
  return common<InputsArguments>(line);
}

Result<BlastArguments> blast_arguments(const ParsedLine& line) {
  if (std::optional<std::string> reason = missing(line, "from")) {
    return Failure{*std::move(reason)};
  }
  Result<BlastArguments> arguments = common<BlastArguments>(line);
  if (!arguments) {
    return arguments;
  }
  claim::BlastQuestion& question = arguments.value().question;
  question.from = {.text = line.one("from"), .span = {}};
  question.pivot = claim::parse_pivot(line.one("pivot", "worst-case")).value_or(claim::Pivot::worst_case);
  if (line.has("hops")) {
    question.hops = parse_unsigned<unsigned>(line.one("hops"), 0, most_hops);
    if (!question.hops) {
      return no_number("hops", line.one("hops"), 0, most_hops);
    }
  }
  return arguments;
}

Result<NormaliseArguments> normalise_arguments(const ParsedLine& line) {
  if (!line.has("evidence")) {
    return common<NormaliseArguments>(line);
  }
  for (const char* option : {"FOLDER", "topology", "policy", "claims"}) {
    if (line.has(option)) {
      return Failure{"--evidence names a bundle that holds its inputs; give it alone"};
    }
  }
  if (line.one("evidence").empty()) {
    return Failure{"`--evidence` is empty"};
  }
  return NormaliseArguments{.inputs = {}, .evidence = line.one("evidence"), .output = output_arguments(line)};
}

}  // namespace segproof::cli
