// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace segproof::cli {
namespace {

ParsedLine parsed(const std::vector<std::string>& words) {
  Result<ParsedLine> line = parse_line(words);
  REQUIRE(line.ok());
  return std::move(line).value();
}

template <class T>
std::string reason(const Result<T>& result) {
  return result ? "" : result.failure().message;
}

TEST_CASE("verify: what is read, how it is written") {
  const Result<VerifyArguments> folder = verify_arguments(parsed({"verify", "."}));
  REQUIRE(folder.ok());
  CHECK(folder.value().inputs.folder == ".");
  CHECK(folder.value().output.format == Format::text);
  CHECK(folder.value().jobs == 0);
  const Result<VerifyArguments> all = verify_arguments(parsed(
      {"verify", "-t", "a", "-p", "b", "-c", "c", "--format", "sarif", "-o", "x", "--jobs", "2", "--color", "never"}));
  REQUIRE(all.ok());
  CHECK(all.value().inputs.claims == std::vector<std::string>{"c"});
  CHECK(all.value().output.format == Format::sarif);
  CHECK(all.value().output.file == "x");
  CHECK(all.value().output.colour == ColourChoice::never);
  CHECK(all.value().jobs == 2);
}

TEST_CASE("what confirm asks for besides") {
  const Result<ConfirmArguments> plain = confirm_arguments(parsed({"confirm", "."}));
  REQUIRE(plain.ok());
  CHECK(plain.value().seed == 1);
  CHECK(plain.value().probes == 200);
  CHECK(plain.value().verify.inputs.folder == ".");
  const Result<ConfirmArguments> all = confirm_arguments(
      parsed({"confirm", ".", "--seed", "0", "--probes", "50000", "--only", "A", "--format", "json"}));
  REQUIRE(all.ok());
  CHECK(all.value().seed == 0);
  CHECK(all.value().probes == 50000);
  CHECK(all.value().verify.only == std::vector<std::string>{"A"});
  CHECK(all.value().verify.output.format == Format::json);
  CHECK(reason(confirm_arguments(parsed({"confirm", ".", "--probes", "0"}))) ==
        "`--probes` takes a number from 1 to 50000, not `0`");
  CHECK(reason(confirm_arguments(parsed({"confirm", ".", "--seed", "x"}))) ==
        "`--seed` takes a number from 0 to 4294967295, not `x`");
}

TEST_CASE("faults of use") {
  CHECK(reason(verify_arguments(parsed({"verify"}))) ==
        "`verify` needs --topology, or one FOLDER that holds everything");
  CHECK(verify_arguments(parsed({"verify", "-t", "a"})).ok());
  CHECK(reason(verify_arguments(parsed({"verify", ".", "-p", "a"}))) ==
        "FOLDER `.` stands for --topology, --policy and --claims; give it or them");
  CHECK(reason(verify_arguments(parsed({"verify", ""}))) == "FOLDER is empty; `.` is the current folder");
  CHECK(reason(verify_arguments(parsed({"verify", "-t", "-", "-p", "-"}))) ==
        "`-` (standard input) can be read once only");
  for (const char* jobs : {"0", "-1", "many", "1025", "01", "99999999999999999999"}) {
    CHECK(reason(verify_arguments(parsed({"verify", ".", std::string("--jobs=") + jobs})))
              .starts_with("`--jobs` takes a number from 1 to 1024, not "));
  }
  CHECK(reason(trace_arguments(parsed({"trace", "."}))) == "`trace` needs --from");
  CHECK(reason(trace_arguments(parsed({"trace", ".", "--from", "a"}))) == "`trace` needs --packet");
  CHECK(reason(trace_arguments(parsed({"trace", ".", "--from", "a", "--packet", "x"})))
            .starts_with("`x` is not a packet: `x` is not a protocol; write one as "));
  CHECK(reason(reach_arguments(parsed({"reach", ".", "--from", "a"}))) == "`reach` needs --to");
  CHECK(reason(reach_arguments(parsed({"reach", ".", "--from", "a", "--to", " "}))) == "`--to` is empty");
  CHECK(reason(reach_arguments(parsed({"reach", ".", "--from", "a", "--to", "b", "--service", "tcp/x"})))
            .starts_with("`tcp/x` is not a service"));
  CHECK(reason(blast_arguments(parsed({"blast", "."}))) == "`blast` needs --from");
  CHECK(reason(blast_arguments(parsed({"blast", ".", "--from", "a", "--hops", "x"})))
            .starts_with("`--hops` takes a number"));
}

TEST_CASE("questions") {
  const Result<TraceArguments> trace =
      trace_arguments(parsed({"trace", ".", "--from", "web1", "--packet", "tcp 10.0.0.1:40000 > 10.0.0.2:443"}));
  REQUIRE(trace.ok());
  CHECK(trace.value().question.from == "web1");
  CHECK(to_string(trace.value().question.packet) == "tcp 10.0.0.1:40000 > 10.0.0.2:443 [syn]");
  const Result<ReachArguments> reach =
      reach_arguments(parsed({"reach", ".", "--from", "a", "b", "--to", "device:fw", "--service", "tcp/443",
                              "--new-only", "--spoofing", "segment"}));
  REQUIRE(reach.ok());
  CHECK(reach.value().question.from.size() == 2);
  CHECK(reach.value().question.to.front().text == "device:fw");
  CHECK(reach.value().question.service.has_value());
  CHECK(reach.value().question.sessions == claim::Sessions::new_only);
  CHECK(reach.value().question.spoofing == claim::Spoofing::segment);
  const Result<BlastArguments> blast =
      blast_arguments(parsed({"blast", ".", "--from", "a", "--hops", "2", "--pivot", "paranoid"}));
  REQUIRE(blast.ok());
  CHECK(blast.value().question.hops == 2U);
  CHECK(blast.value().question.pivot == claim::Pivot::paranoid);
  CHECK(matrix_arguments(parsed({"matrix", ".", "--between", "hosts"})).value().between == claim::MatrixBetween::hosts);
  CHECK(matrix_arguments(parsed({"matrix", ".", "--format", "csv"})).value().output.format == Format::csv);
}

}  // namespace
}  // namespace segproof::cli
