// SPDX-License-Identifier: Apache-2.0
// Every shipped example is read back from its copies, whole and redacted, to the same network file.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/file.h"
#include "facade/evidence_run.h"

namespace segproof::test {
namespace {

// Without the strings that redaction may change: why lines are not understood, and what a match was.
std::string without_quotations(const std::string& network) {
  std::string result;
  for (std::size_t at = 0; at < network.size();) {
    const std::size_t end = network.find('\n', at);
    const std::string line = network.substr(at, end - at);
    const std::size_t word = line.find_first_not_of(' ');
    const bool quotes = line.compare(word, 4, "gap ") == 0 || line.compare(word, 8, "unknown ") == 0;
    result += (quotes ? line.substr(0, line.rfind(" \"")) : line) + '\n';
    at = end + 1;
  }
  return result;
}

std::vector<std::string> epochs_of(const std::string& example) {
  const RealFileSystem disk;
  std::vector<std::string> folders;
  for (const std::string& folder : {example, example + "/variants"}) {
    const auto names = disk.list_folder(folder);
    for (const std::string& name : names.ok() ? names.value() : std::vector<std::string>()) {
      const std::string path = join_path(folder, name);
      if (disk.kind(path) == FileKind::folder && name != "variants") {
        folders.push_back(path);
      }
    }
  }
  return folders;
}

TEST_CASE("every example gives its network file again from what a bundle holds") {
  const RealFileSystem disk;
  std::size_t networks = 0;
  for (const std::string example : {"docker-published-port", "notrack-hole", "transfer-enclave"}) {
    for (const std::string& epoch : epochs_of("policies/" + example)) {
      CAPTURE(epoch);
      const std::string own = epoch + "/topology";
      const input::SnapshotRequest request{
          .topology = {disk.kind(own) == FileKind::folder ? own : "topologies/" + example},
          .policy = {epoch},
          .claims = {}};
      SourceStore sources;
      DiagnosticSink sink;
      const auto snapshot = input::load_snapshot(request, disk, sources, sink);
      REQUIRE(snapshot.ok());
      REQUIRE_FALSE(sink.has_errors());
      const std::string network = api::network_file(snapshot.value(), sources);
      const auto whole = api::read_again(request, snapshot.value(), sources, api::Copies::whole);
      REQUIRE_MESSAGE(whole.ok(), whole.failure().message);
      CHECK(api::network_file(whole.value()->snapshot, whole.value()->sources) == network);
      const auto redacted = api::read_again(request, snapshot.value(), sources, api::Copies::redacted);
      REQUIRE_MESSAGE(redacted.ok(), redacted.failure().message);
      const std::string again = api::network_file(redacted.value()->snapshot, redacted.value()->sources);
      CHECK(without_quotations(again) == without_quotations(network));
      ++networks;
    }
  }
  CHECK(networks >= 28);
}

}  // namespace
}  // namespace segproof::test
