// SPDX-License-Identifier: Apache-2.0
// Many claims in one session: the verdicts do not depend on how many threads share them, nor on what is forgotten
// between them.
#include "claim/session.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "network_builder.h"

namespace segproof::test {
namespace {

// Hosts on three segments behind fw, and the rules of fw: from a to h and from h to t, some of it undecided.
constexpr const char* plan_of_three = R"(
  segment a 10.1.0.0/24
  segment h 10.2.0.0/24 complete
  segment t 10.3.0.0/24 complete
  host a0 eth0=a:10.1.0.10/24
  host a1 eth0=a:10.1.0.11/24
  host h0 eth0=h:10.2.0.10/24
  host h1 eth0=h:10.2.0.11/24
  host t0 eth0=t:10.3.0.10/24
  host t1 eth0=t:10.3.0.11/24
  device fw eth0=a:10.1.0.1/24 eth1=h:10.2.0.1/24 eth2=t:10.3.0.1/24
)";
constexpr const char* rules_of_three =
    "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n"
    "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
    "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 22 -j ACCEPT\n"
    "-A FORWARD -s 10.2.0.10 -d 10.3.0.10 -p tcp --dport 5432 -j ACCEPT\n"
    "-A FORWARD -s 10.2.0.11 -d 10.3.0.11 -p udp --dport 53 -m limit --limit 3/min -j ACCEPT\n";

// Every pair of places, asked in several ways: more than two threads' worth.
std::vector<claim::Claim> many_claims() {
  const std::vector<std::string> places{"a0", "a1", "h0", "h1", "t0", "t1"};
  std::vector<claim::Claim> claims;
  for (const std::string& from : places) {
    for (const std::string& to : places) {
      if (from != to) {
        claims.push_back(isolated(from, to));
        claims.push_back(no_new(from, to));
        claims.push_back(contained(from, to));
        claims.back().responder = claim::Responder::report;
      }
    }
  }
  for (std::size_t i = 0; i < claims.size(); ++i) {
    claims[i].id = fmt::format("C{}", i);
  }
  return claims;
}

std::string all_told(const claim::Results& results) {
  std::string text = fmt::format("{} proved, {} refuted, {} inconclusive\n", results.summary.proved,
                                 results.summary.refuted, results.summary.inconclusive);
  for (const claim::Verdict& verdict : results.verdicts) {
    text += fmt::format("{}: {}\n", verdict.id, told(verdict));
  }
  return text;
}

}  // namespace

TEST_CASE("the verdicts are the same for every number of jobs, and in the order of the claims") {
  Plan plan(plan_of_three);
  plan.filter("fw", rules_of_three).assume("A-FW");
  const std::vector<claim::Claim> claims = many_claims();
  claim::Options options;
  options.jobs = 1;
  const claim::Results one = claim::verify(plan.network(), claims, plan.sources(), options);
  CHECK(one.summary.proved > 0);
  CHECK(one.summary.refuted > 0);
  CHECK(one.summary.inconclusive > 0);
  for (const unsigned jobs : {2U, 3U, 16U}) {
    CAPTURE(jobs);
    options.jobs = jobs;
    std::size_t calls = 0;
    std::size_t last = 0;
    options.progress = [&](std::size_t done, std::size_t total) {
      CHECK(total == claims.size());
      CHECK(done == last + 1);
      last = done;
      ++calls;
    };
    CHECK(all_told(claim::verify(plan.network(), claims, plan.sources(), options)) == all_told(one));
    CHECK(calls == claims.size());
  }
}

TEST_CASE("the verdicts are the same when what claims share is thrown away between them") {
  Plan plan(plan_of_three);
  plan.filter("fw", rules_of_three).assume("A-FW");
  const std::vector<claim::Claim> claims = many_claims();
  claim::Options options;
  options.jobs = 1;
  const std::string kept = all_told(claim::verify(plan.network(), claims, plan.sources(), options));
  options.most_edges = 1;
  CHECK(all_told(claim::verify(plan.network(), claims, plan.sources(), options)) == kept);
}

TEST_CASE("a session that is stopped answers every claim, with any number of jobs") {
  Plan plan(plan_of_three);
  plan.filter("fw", rules_of_three);
  const std::vector<claim::Claim> claims = many_claims();
  std::atomic<bool> cancel = true;
  for (const unsigned jobs : {1U, 2U}) {
    claim::Options options;
    options.jobs = jobs;
    options.cancel = &cancel;
    const claim::Results results = claim::verify(plan.network(), claims, plan.sources(), options);
    CHECK(results.summary.not_evaluated == claims.size());
    CHECK(results.verdicts.size() == claims.size());
  }
}

}  // namespace segproof::test
