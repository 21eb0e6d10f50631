// SPDX-License-Identifier: Apache-2.0
// The fast engine against the naive one: no proof may forbid a packet that the naive engine gets through, no refutation
// may stand where it gets none through. SEGPROOF_AGREE_ROUNDS sets the number of networks, SEGPROOF_SEED the first.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "agree/naive/agreement.h"
#include "agree/naive/coverage.h"
#include "agree/naive/dump.h"
#include "agree/naive/shrink.h"
#include "claim/session.h"
#include "support/skip.h"

namespace segproof::naive {
namespace {

struct Tally {
  std::map<claim::Outcome, unsigned> outcomes;
  std::map<Agreement, unsigned> agreements;
  std::map<std::pair<claim::Kind, Agreement>, unsigned> by_kind;
  unsigned wrong = 0;
};

constexpr unsigned shrunk_at_most = 4;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr unsigned usual_rounds = 15;  // sanitizers take six times as long
#else
constexpr unsigned usual_rounds = 40;
#endif

unsigned rounds(unsigned fallback) {
  const char* text = std::getenv("SEGPROOF_AGREE_ROUNDS");
  return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : fallback;
}

claim::Verdict fast_verdict(RandomCase made, claim::Claim claim) {
  SourceStore store;
  std::vector<claim::Claim> one{std::move(claim)};
  attach_sources(made.network, one, store);
  claim::Options options;
  options.jobs = 1;
  auto results = claim::verify(made.network, one, store, options);
  REQUIRE(!results.verdicts.empty());
  return results.verdicts.front();
}

bool is_wrong(Agreement agreement) {
  return agreement == Agreement::wrong_proof || agreement == Agreement::wrong_refutation;
}

std::string witness_text(const claim::Verdict& verdict) {
  std::string text;
  if (!verdict.witness) {
    return text;
  }
  for (const auto& step : verdict.witness->steps) {
    text += fmt::format("  {} {} {} -> {}\n", role_name(step.role), step.actor,
                        step.packet ? to_string(*step.packet) : "", step.delivered);
  }
  return text;
}

std::string report(const RandomCase& failing, const claim::Claim& claim, std::size_t limit) {
  const auto verdict = fast_verdict(failing, claim);
  const auto seen = opinion(failing, claim, verdict, limit);
  std::string text =
      fmt::format("seed {} {}\n{}", failing.seed, failing.flavour == Flavour::decided ? "decided" : "undecided",
                  text_of(failing.network, failing.family));
  text += text_of(claim) + '\n';
  text += fmt::format("fast: {}: {}\n{}", outcome_name(verdict.outcome), verdict.reason, witness_text(verdict));
  text +=
      fmt::format("naive: {}; safe world: {}\n", seen.in_some_world ? seen.in_some_world->story : "nothing forbidden",
                  seen.safe_world.value_or("none"));
  return text;
}

void run_case(const RandomCase& made, std::size_t limit, Tally& tally) {
  for (const auto& claim : made.claims) {
    const auto verdict = fast_verdict(made, claim);
    ++tally.outcomes[verdict.outcome];
    const auto agreement = compare(verdict.outcome, opinion(made, claim, verdict, limit));
    ++tally.agreements[agreement];
    ++tally.by_kind[{claim.kind, agreement}];
    if (agreement == Agreement::imprecise && std::getenv("SEGPROOF_AGREE_IMPRECISE") != nullptr) {
      fmt::print("imprecise: seed {}, {}: {}\n", made.seed, text_of(claim), verdict.reason);
    }
    if (!is_wrong(agreement)) {
      continue;
    }
    // Making a case small takes time: the first few are enough to work on.
    if (++tally.wrong > shrunk_at_most) {
      FAIL_CHECK(fmt::format("{}: seed {}, {}", word(agreement), made.seed, text_of(claim)));
      continue;
    }
    const auto smaller = shrink(made, [&](const RandomCase& candidate) {
      const auto again = fast_verdict(candidate, claim);
      return compare(again.outcome, opinion(candidate, claim, again, limit)) == agreement;
    });
    FAIL_CHECK(fmt::format("{}\n{}", word(agreement), report(smaller, claim, limit)));
  }
}

void print(const Tally& tally, std::string_view name) {
  for (const auto& [outcome, count] : tally.outcomes) {
    fmt::print("{}: {} {}\n", name, outcome_name(outcome), count);
  }
  for (const auto& [agreement, count] : tally.agreements) {
    fmt::print("{}: {} {}\n", name, word(agreement), count);
  }
  for (const auto& [key, count] : tally.by_kind) {
    if (key.second == Agreement::imprecise) {
      fmt::print("{}: imprecise {} {}\n", name, kind_name(key.first), count);
    }
  }
}

Tally run(std::string_view name, Flavour flavour, std::uint64_t first, unsigned count, std::size_t limit) {
  Tally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    run_case(random_case(seed, flavour), limit, tally);
  }
  print(tally, name);
  return tally;
}

// A test in which nothing is proved, or nothing refuted, would pass whatever the engines do.
void must_not_be_vacuous(Tally& tally, unsigned count) {
  CHECK(tally.outcomes[claim::Outcome::proved] > count / 4);
  CHECK(tally.outcomes[claim::Outcome::refuted] > count / 4);
  const unsigned decided = tally.agreements[Agreement::agrees] + tally.agreements[Agreement::undecided];
  CHECK(tally.agreements[Agreement::imprecise] * 8 <= decided);
}

TEST_CASE("engines agree on networks in which everything is decided") {
  const unsigned count = rounds(usual_rounds);
  auto tally = run("decided", Flavour::decided, test::seed("agree decided", 1), count, 6000);
  must_not_be_vacuous(tally, count);
}

TEST_CASE("engines agree on networks with undecided rules, missing parts and hosts that may forward") {
  const unsigned count = rounds(usual_rounds);
  auto tally = run("undecided", Flavour::undecided, test::seed("agree undecided", 100001), count, 6000);
  must_not_be_vacuous(tally, count);
  CHECK(tally.agreements[Agreement::undecided] > 0);
}

// How many networks of the two flavours exercise what, with a verdict that is not vacuous; the table with
// SEGPROOF_AGREE_COVERAGE as the number of networks.
TEST_CASE("random networks exercise what claims.md speaks of") {
  const char* wanted = std::getenv("SEGPROOF_AGREE_COVERAGE");
  const unsigned count = wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 30;
  const auto first = test::seed("agree coverage", 5000);
  std::map<std::string, unsigned> networks;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const auto made = random_case(seed, seed % 2 == 0 ? Flavour::decided : Flavour::undecided);
    std::set<std::string> here;
    for (const auto& claim : made.claims) {
      const auto outcome = fast_verdict(made, claim).outcome;
      if (outcome != claim::Outcome::vacuous && outcome != claim::Outcome::not_evaluated) {
        here.merge(features_of(made, claim));
      }
    }
    for (const auto& feature : here) {
      ++networks[feature];
    }
  }
  for (const auto& [feature, times] : networks) {
    if (wanted != nullptr) {
      fmt::print("covers: {:5} of {} {}\n", times, count, feature);
    }
  }
  CHECK(networks.size() > 40);
}

}  // namespace
}  // namespace segproof::naive
