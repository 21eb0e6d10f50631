// SPDX-License-Identifier: Apache-2.0
// The example's register: every claim says who claims what since when, and leans on assumptions that somebody owns.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <set>
#include <string>

#include "base/diagnostic.h"
#include "base/file.h"
#include "input/snapshot.h"
#include "run.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

TEST_CASE("every claim has wording, author and date, and every assumption a text and an owner") {
  for (const char* epoch : {"e0", "e1", "e2", "e3", "e4", "e5", "e6"}) {
    CAPTURE(epoch);
    SourceStore sources;
    DiagnosticSink sink;
    const RealFileSystem files;
    const Result<input::Snapshot> snapshot = input::load_snapshot(
        {.topology = {example_topology}, .policy = {fmt::format("{}/{}", example_policies, epoch)}, .claims = {}},
        files, sources, sink);
    REQUIRE(snapshot.ok());
    std::set<std::string> registered;
    for (const model::Assumption& assumption : snapshot.value().network.assumptions) {
      CHECK_FALSE(assumption.text.empty());
      CHECK_FALSE(assumption.owner.empty());
      registered.insert(assumption.id);
    }
    CHECK_FALSE(snapshot.value().claims.empty());
    for (const claim::Claim& claim : snapshot.value().claims) {
      CAPTURE(claim.id);
      CHECK_FALSE(claim.text.empty());
      CHECK_FALSE(claim.author.empty());
      CHECK(claim.date.size() == 10);
      for (const std::string& id : claim.assumptions) {
        CHECK(registered.contains(id));
      }
    }
  }
}

TEST_CASE("every file of the examples validates against its schema") {
  if (std::system("python3 -W ignore -c 'import jsonschema, yaml' > /dev/null 2>&1") != 0) {  // NOLINT: fixed commands
    skip("jsonschema", "python3 has no modules jsonschema and yaml: the examples were not validated");
    return;
  }
  CHECK(std::system("python3 -W ignore tests/golden/example/validate_schemas.py") == 0);  // NOLINT
}

}  // namespace
}  // namespace segproof::test
