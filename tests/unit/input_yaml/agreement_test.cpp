// SPDX-License-Identifier: Apache-2.0
// The readers accept and reject the documents of tests/regress/yaml/documents.txt as they say; schemas.py beside them
// checks the same for the JSON Schemas. So readers and schemas agree.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "base/diagnostic.h"
#include "base/source.h"
#include "input/yaml/claims.h"
#include "input/yaml/policy.h"
#include "input/yaml/topology.h"
#include "input/yaml/tree.h"

using namespace segproof;
using namespace segproof::input;

namespace {

// The rendered diagnostics of one document; empty when it is accepted.
std::string faults_of(const std::string& text) {
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add("document.yaml", text);
  const yaml::FileKindAnswer answer = yaml::file_kind(file, sources, sink);
  const std::optional<yaml::Tree> tree = yaml::read_tree(file, sources, sink);
  if (answer.kind && tree) {
    switch (*answer.kind) {
      case yaml::FileKind::topology:
        static_cast<void>(yaml::read_topology(*tree, sink));
        break;
      case yaml::FileKind::policy:
        static_cast<void>(yaml::read_policy(*tree, sink));
        break;
      case yaml::FileKind::claims:
        static_cast<void>(yaml::read_claims_file(*tree, sink));
        break;
      case yaml::FileKind::rules:
        static_cast<void>(yaml::read_rules_file(*tree, {}, sink));
        break;
    }
  }
  std::string rendered;
  for (const Diagnostic& diagnostic : sink.all()) {
    rendered += diagnostic.severity == Severity::error ? render(diagnostic, sources) : "";
  }
  return rendered.empty() && !answer.kind ? "no kind" : rendered;
}

}  // namespace

TEST_CASE("readers agree with the schemas") {
  std::ifstream stream("tests/regress/yaml/documents.txt");
  REQUIRE(stream.good());
  std::string line;
  std::string head;
  std::string text;
  int count = 0;
  const auto check = [&] {
    if (head.empty()) {
      return;
    }
    CAPTURE(head);
    const std::string faults = faults_of(text);
    CAPTURE(faults);
    CHECK(faults.empty() == (head.find("=== accept ") == 0));
    ++count;
  };
  while (std::getline(stream, line)) {
    if (line.rfind("=== ", 0) == 0) {
      check();
      head = line;
      text.clear();
    } else if (!head.empty()) {
      text += line + "\n";
    }
  }
  check();
  CHECK(count >= 60);
}
