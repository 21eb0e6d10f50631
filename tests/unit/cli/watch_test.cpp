// SPDX-License-Identifier: Apache-2.0
#include "cli/watch.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/watched_files.h"

namespace segproof::cli {
namespace {

constexpr const char* topology = R"(segproof: topology/1
name: shop
zones:
  office: {prefixes: [10.1.0.0/24]}
  servers: {prefixes: [10.2.0.0/24]}
segments:
  office: {prefixes: [10.1.0.0/24]}
  servers: {prefixes: [10.2.0.0/24]}
devices:
  fw1:
    interfaces:
      eth0: {segment: office, addresses: [10.1.0.1/24]}
      eth1: {segment: servers, addresses: [10.2.0.1/24]}
    routes: []
    ipv6: off
)";
constexpr const char* policy =
    "segproof: policy/1\nepoch: now\ndate: 2026-11-02\nrules:\n  fw1: [{format: iptables-save, file: fw1.rules}]\n";
constexpr const char* claims =
    "segproof: claims/1\nclaims:\n  - {id: N-1, kind: isolated, text: t, author: me, date: 2026-01-01, from: servers, "
    "to: office}\n";
constexpr const char* closed = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";
constexpr const char* open =
    "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -p tcp --dport 22 -j "
    "ACCEPT\nCOMMIT\n";

// A watch over a folder in memory. Whenever it has waited twice without seeing a change, the next step changes files;
// after the last one it ends.
struct Session {
  MemoryFileSystem files{{{"net/topology.yaml", topology},
                          {"net/policy.yaml", policy},
                          {"net/claims.yaml", claims},
                          {"net/fw1.rules", closed}}};
  MemoryTerminal terminal;
  std::vector<std::function<void()>> steps;

  ExitCode run(std::vector<std::string> only = {}) {
    VerifyArguments arguments;
    arguments.inputs.folder = "net";
    arguments.jobs = 1;
    arguments.watches = true;
    arguments.only = std::move(only);
    std::size_t next = 0;
    unsigned waited = 0;
    const auto wait = [&](std::chrono::milliseconds) {
      if (++waited < 3) {
        return true;
      }
      waited = 0;
      if (next == steps.size()) {
        return false;
      }
      steps[next++]();
      return true;
    };
    return watch(arguments, {.terminal = terminal, .files = files, .wait = wait});
  }
};

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("each change is verified, and what it changed is said") {
  Session session;
  session.steps = {[&] { session.files.add("net/fw1.rules", open); },
                   [&] { session.files.add("net/fw1.rules", closed); }};
  CHECK(session.run() == ExitCode::good);
  CHECK(count(session.terminal.out, "1 claim: 1 proved") == 2);
  CHECK(count(session.terminal.out, "1 claim: 1 refuted") == 1);
  CHECK(session.terminal.err.find("changed: `net/fw1.rules`; 1 claim judged, 0 kept") != std::string::npos);
  CHECK(session.terminal.err.find("N-1: was proved, is refuted") != std::string::npos);
  CHECK(session.terminal.err.find("N-1: was refuted, is proved") != std::string::npos);
}

TEST_CASE("a broken file leaves the old verdicts, and they are said to be old") {
  Session session;
  session.steps = {[&] { session.files.add("net/policy.yaml", "segproof: policy/1\nrules: [\n"); },
                   [&] { session.files.add("net/policy.yaml", policy); }};
  CHECK(session.run() == ExitCode::good);
  CHECK(count(session.terminal.out, "1 claim: 1 proved") == 1);
  CHECK(count(session.terminal.err, "the verdicts above are old") == 1);
  CHECK(count(session.terminal.err, "the files are again as they were") == 1);
}

TEST_CASE("a watch may begin before there is anything to verify") {
  Session session;
  session.files.add("net/claims.yaml", "segproof: claims/1\nclaims: []\n");
  session.steps = {[&] { session.files.add("net/claims.yaml", claims); }};
  CHECK(session.run() == ExitCode::good);
  CHECK(count(session.terminal.err, "nothing was verified so far") == 1);
  CHECK(count(session.terminal.out, "1 claim: 1 proved") == 1);
}

TEST_CASE("a claim that nobody has is waited for, and nothing verified is exit code 2") {
  Session session;
  CHECK(session.run({"N-2"}) == ExitCode::cannot_run);
  CHECK(session.terminal.err.find("no claim of this run has the id `N-2`") != std::string::npos);
}

TEST_CASE("a file that comes into the folder is a change") {
  Session session;
  session.steps = {[&] { session.files.add("net/more.yaml", "segproof: claims/1\nclaims: []\n"); }};
  CHECK(session.run() == ExitCode::good);
  CHECK(session.terminal.err.find("changed: `net/more.yaml`") != std::string::npos);
}

TEST_CASE("who no longer reads the answers ends the watch") {
  Session session;
  session.terminal.fate = Written::closed;
  session.steps = {[] { FAIL("it waits"); }};
  CHECK(session.run() == ExitCode::good);
}

TEST_CASE("watched files know what was asked of them") {
  MemoryFileSystem memory({{"a/x", "1"}, {"a/own", "2"}});
  WatchedFiles files(memory, "a/own");
  CHECK(!files.have_changed());
  CHECK(files.read_file("a/x", 100).value() == "1");
  CHECK(files.kind("a/missing") == FileKind::missing);
  CHECK(files.read_file("a/own", 100).ok());
  CHECK(!files.have_changed());
  const std::string before = files.signature();
  memory.add("a/own", "3");
  CHECK(!files.have_changed());
  memory.add("a/x", "4");
  CHECK(files.have_changed());
  CHECK(files.signature() != before);
  files.forget();
  CHECK(!files.have_changed());
  CHECK(files.kind("b") == FileKind::missing);
  memory.add("b", "");
  CHECK(files.have_changed());
}

}  // namespace segproof::cli
