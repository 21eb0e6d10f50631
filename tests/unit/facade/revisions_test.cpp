// SPDX-License-Identifier: Apache-2.0
// Two sites that no cable joins, so that a change of one cannot touch claims about the other:
//
//   office 10.1.0.0/24 --- fw1 --- servers 10.2.0.0/24        lab 10.3.0.0/24 --- fw2 --- store 10.4.0.0/24
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "claim/session.h"
#include "facade/contents.h"
#include "facade/revision_run.h"
#include "segproof/revisions.h"
#include "support/skip.h"

namespace segproof::api {
namespace {

using Files = std::map<std::string, std::string>;

constexpr const char* topology = R"(segproof: topology/1
name: sites
zones:
  office: {prefixes: [10.1.0.0/24]}
  servers: {prefixes: [10.2.0.0/24]}
  lab: {prefixes: [10.3.0.0/24]}
  store: {prefixes: [10.4.0.0/24]}
segments:
  office: {prefixes: [10.1.0.0/24]}
  servers: {prefixes: [10.2.0.0/24]}
  lab: {prefixes: [10.3.0.0/24]}
  store: {prefixes: [10.4.0.0/24]}
hosts:
  laptop1: {address: 10.1.0.20}
  web1: {address: 10.2.0.10, services: [tcp/443]}
  bench1: {address: 10.3.0.20}
  disk1: {address: 10.4.0.10, services: [tcp/22]}
devices:
  fw1:
    interfaces:
      eth0: {segment: office, addresses: [10.1.0.1/24]}
      eth1: {segment: servers, addresses: [10.2.0.1/24]}
    routes: []
    ipv6: off
  fw2:
    interfaces:
      eth0: {segment: lab, addresses: [10.3.0.1/24]}
      eth1: {segment: store, addresses: [10.4.0.1/24]}
    routes: []
    ipv6: off
)";

constexpr const char* policy = R"(segproof: policy/1
epoch: now
date: 2026-11-02
rules:
  fw1: [{format: iptables-save, file: fw1.rules}]
  fw2: [{format: iptables-save, file: fw2.rules}]
)";

constexpr const char* claims = R"(segproof: claims/1
claims:
  - {id: A-1, kind: no-new-sessions, text: a, author: me, date: 2026-01-01, from: servers, to: office}
  - {id: A-2, kind: contained, text: b, author: me, date: 2026-01-01, from: servers, to: office}
  - {id: A-3, kind: isolated, text: c, author: me, date: 2026-01-01, from: office, to: servers}
  - {id: B-1, kind: no-new-sessions, text: d, author: me, date: 2026-01-01, from: store, to: lab}
  - {id: B-2, kind: isolated-both-ways, text: e, author: me, date: 2026-01-01, from: lab, to: store}
  - {id: X-1, kind: isolated-both-ways, text: f, author: me, date: 2026-01-01, from: office, to: store}
  - {id: X-2, kind: unreferenced, text: g, author: me, date: 2026-01-01, names: [nothing], addresses: [10.9.0.1]}
)";

std::string rules(unsigned site, const std::vector<std::string>& more) {
  const unsigned inside = 1 + 2 * site;
  std::string text =
      "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" +
      fmt::format("-A FORWARD -i eth0 ! -s 10.{}.0.0/24 -j DROP\n-A FORWARD -i eth1 ! -s 10.{}.0.0/24 -j DROP\n",
                  inside, inside + 1) +
      "-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n";
  for (const std::string& rule : more) {
    text += rule + "\n";
  }
  return text + "COMMIT\n";
}

Files sites() {
  return {{"net/topology.yaml", topology},
          {"net/policy.yaml", policy},
          {"net/claims.yaml", claims},
          {"net/fw1.rules", rules(0, {})},
          {"net/fw2.rules", rules(1, {"-A FORWARD -s 10.3.0.20/32 -d 10.4.0.10/32 -p tcp --dport 22 -j ACCEPT"})}};
}

struct Answer {
  std::string text;  // all that anybody gets to see of it
  std::vector<std::string> changed;
  Spared spared;
  std::size_t judged = 0;
};

Answer ask(RevisionRun& run, claim::Options options = {}) {
  Reading reading;
  DiagnosticSink sink;
  Answer answer;
  const std::optional<Failure> failure = run.read(reading, sink);
  for (const segproof::Diagnostic& diagnostic : sink.all()) {
    answer.text += render(diagnostic, reading.sources);
  }
  if (failure) {
    answer.text += failure->message;
    return answer;
  }
  options.jobs = 1;
  const VerifiedRevision& done = run.verify(std::move(reading), options);
  const Results shown = facade_results(done.results, done.reading.snapshot.claims, done.reading.sources);
  answer.text += shown.json + shown.text;
  answer.changed = done.changed;
  answer.spared = done.spared;
  answer.judged = done.claims_judged;
  return answer;
}

class Dice {
 public:
  explicit Dice(unsigned long long seed) : random_(seed) {}
  [[nodiscard]] unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

 private:
  std::mt19937_64 random_;
};

std::string some_rule(Dice& dice, unsigned site) {
  static const std::vector<std::string> targets = {"ACCEPT", "ACCEPT", "DROP", "REJECT", "LOG"};
  static const std::vector<std::string> odd = {"-A FORWARD -m limit --limit 3/min -j ACCEPT",
                                               "-A FORWARD -m nobody-knows-this -j ACCEPT",
                                               "-A FORWARD -p tcp -j NO_SUCH_CHAIN"};
  if (dice.below(8) == 0) {
    return odd[dice.below(static_cast<unsigned>(odd.size()))];
  }
  const unsigned from = 1 + 2 * site + dice.below(2);
  const unsigned to = from % 2 == 1 ? from + 1 : from - 1;
  return fmt::format("-A FORWARD -s 10.{}.0.{}/32 -d 10.{}.0.0/24 -p tcp --dport {} -j {}", from, 10 * dice.below(3),
                     to, 1 + dice.below(500), targets[dice.below(static_cast<unsigned>(targets.size()))]);
}

// Puts a line into a text at random.
std::string with_line(const std::string& text, const std::string& line, Dice& dice) {
  const auto lines = static_cast<unsigned>(std::ranges::count(text, '\n'));
  std::size_t at = 0;
  for (unsigned skipped = dice.below(lines + 1); skipped > 0; --skipped) {
    at = text.find('\n', at) + 1;
  }
  return text.substr(0, at) + line + "\n" + text.substr(at);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

// One change of the files, most of them small.
void edit(Files& files, Dice& dice) {
  const unsigned site = dice.below(2);
  const std::string path = site == 0 ? "net/fw1.rules" : "net/fw2.rules";
  const std::string before = files[path];
  switch (dice.below(12)) {
    case 0:
    case 1:
    case 2: {
      std::vector<std::string> more;
      for (unsigned left = dice.below(4); left > 0; --left) {
        more.push_back(some_rule(dice, site));
      }
      files[path] = rules(site, more);
      return;
    }
    case 3:
      files[path] = with_line(before, "# " + std::to_string(dice.below(9)), dice);
      return;
    case 4:
      files[path] = with_line(before, "this is no rule", dice);
      return;
    case 5:
      files["net/claims.yaml"] = with_line(files["net/claims.yaml"], "# moved", dice);
      return;
    case 6:
      files["net/claims.yaml"] = replaced(files["net/claims.yaml"], "from: servers", "from: web1");
      return;
    case 7:
      files["net/claims.yaml"] +=
          fmt::format("  - {{id: N-{}, kind: isolated, text: n, author: me, date: 2026-01-01, from: lab, to: store}}\n",
                      dice.below(1000000));
      return;
    case 8:
      files["net/topology.yaml"] = dice.below(2) == 0 ? topology : replaced(topology, "10.2.0.10", "10.2.0.11");
      return;
    case 9:
      files["net/policy.yaml"] = dice.below(4) != 0 ? std::string(policy) : std::string(policy) + "broken: [\n";
      return;
    case 10:
      files["net/claims.yaml"] = claims;
      return;
    case 11:
      files[path] = before + "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n";
      return;
  }
}

void put(const Files& files, MemoryFileSystem& system) {
  for (const auto& [path, text] : files) {
    system.add(path, text);
  }
}

}  // namespace

TEST_CASE("after any change the answer is that of a fresh run") {
  Dice dice(test::seed("revisions", 20261122));
  Files files = sites();
  MemoryFileSystem system;
  put(files, system);
  RevisionRun run({.topology = {"net"}, .policy = {}, .claims = {}}, system);
  std::size_t kept = 0;
  std::size_t usable = 0;
  for (int step = 0; step < 120; ++step) {
    const Answer answer = ask(run);
    RevisionRun fresh({.topology = {"net"}, .policy = {}, .claims = {}}, system);
    const Answer expected = ask(fresh);
    CAPTURE(step);
    REQUIRE(answer.text == expected.text);
    kept += answer.spared.claims;
    usable += expected.judged > 0 ? 1 : 0;
    for (unsigned edits = 1 + dice.below(2); edits > 0; --edits) {
      edit(files, dice);
    }
    put(files, system);
  }
  CHECK(usable > 30);
  CHECK(kept > usable);
}

TEST_CASE("a change of one site leaves the claims about the other alone") {
  Files files = sites();
  MemoryFileSystem system;
  put(files, system);
  RevisionRun run({.topology = {"net"}, .policy = {}, .claims = {}}, system);
  const Answer first = ask(run);
  CHECK(first.judged == 7);
  CHECK(first.changed.empty());

  const Answer same = ask(run);
  CHECK(same.text == first.text);
  CHECK(same.judged == 0);
  CHECK(same.changed.empty());
  CHECK(same.spared.rule_sets == 2);

  files["net/fw2.rules"] = rules(1, {"-A FORWARD -s 10.4.0.10/32 -d 10.3.0.0/24 -j ACCEPT"});
  put(files, system);
  const Answer second = ask(run);
  CHECK(second.changed == std::vector<std::string>{"net/fw2.rules"});
  CHECK(second.spared.claims == 2);     // A-1 and A-2; A-3 is not proved, and only proofs are kept
  CHECK(second.spared.rule_sets == 1);  // of fw1
  CHECK(second.spared.readings == 4);
  CHECK(second.text.find("\"B-1\"") != std::string::npos);
  CHECK(second.text != first.text);

  files["net/claims.yaml"] = replaced(claims, "to: office}", "to: laptop1}");
  put(files, system);
  const Answer third = ask(run);
  CHECK(third.changed == std::vector<std::string>{"net/claims.yaml"});
  CHECK(third.judged == 1);
}

TEST_CASE("files that cannot be used change nothing, and are compared with once they can") {
  Files files = sites();
  MemoryFileSystem system;
  put(files, system);
  RevisionRun run({.topology = {"net"}, .policy = {}, .claims = {}}, system);
  const Answer first = ask(run);
  files["net/topology.yaml"] = "segproof: topology/1\nzones: [\n";
  put(files, system);
  const Answer broken = ask(run);
  CHECK(broken.judged == 0);
  CHECK(broken.text.find("error") != std::string::npos);
  REQUIRE(run.last() != nullptr);
  CHECK(run.last()->results.verdicts.size() >= 7);
  put(sites(), system);
  const Answer mended = ask(run);
  CHECK(mended.text == first.text);
  CHECK(mended.judged == 0);
  CHECK(mended.changed.empty());
}

TEST_CASE("the front door gives the same revisions") {
  Revisions revisions({.topology = {"topologies/transfer-enclave"}, .policy = {"policies/transfer-enclave/e0"}},
                      {.only = {"FTA-2"}});
  const Revision first = revisions.next();
  REQUIRE(first.results.has_value());
  CHECK(first.failure.empty());
  CHECK(first.claims_judged == 1);
  CHECK(first.results->exit_code == 0);
  Revisions moved = std::move(revisions);
  const Revision second = moved.next();
  REQUIRE(second.results.has_value());
  CHECK(second.claims_judged == 0);
  CHECK(second.changed.empty());
  CHECK(second.results->json == first.results->json);

  Revisions nowhere({.topology = {"no-such-folder"}});
  const Revision none = nowhere.next();
  CHECK(!none.results.has_value());
  CHECK(none.failure.find("no-such-folder") != std::string::npos);
}

}  // namespace segproof::api
