// SPDX-License-Identifier: Apache-2.0
// Random networks: a claim that the engine proves has a certificate that the checker verifies, and one that it refutes
// has none. SEGPROOF_SEED sets the first network, SEGPROOF_AGREE_ROUNDS their number.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <map>

#include "agree/naive/random_network.h"
#include "claim/session.h"
#include "proof/certify.h"
#include "proof/network_text.h"

namespace segproof::test {
namespace {

constexpr unsigned usual_rounds = 60;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

struct Count {
  unsigned certified = 0;
  unsigned unsupported = 0;
  unsigned denied = 0;  // not proved, and without certificate
  std::map<std::string, unsigned> missing;
};

bool is_unsupported(const std::string& why) {
  return why.find("has no certificate yet") != std::string::npos;
}

void check_case(const naive::RandomCase& made, Count& count) {
  const SourceStore sources;
  claim::Options options;
  options.jobs = 1;
  const claim::Results results = claim::verify(made.network, made.claims, sources, options);
  const std::string network = proof::network_text(made.network, made.claims, {}, sources);
  for (const claim::Verdict& verdict : results.verdicts) {
    if (verdict.advisory) {
      continue;
    }
    std::vector<std::string> fallen;
    for (const claim::Fallen& place : verdict.blast) {
      fallen.push_back(place.place);
    }
    const proof::Certified certified = proof::certify(network, "hash", verdict.id, fallen);
    const std::string about = fmt::format("seed {} {} {} ({}): {}", made.seed, claim::kind_name(verdict.kind),
                                          verdict.id, claim::outcome_name(verdict.outcome), certified.why);
    if (verdict.outcome != claim::Outcome::proved) {
      CHECK_MESSAGE((!certified.certificate || verdict.outcome == claim::Outcome::inconclusive), about);
      count.denied += certified.certificate ? 0U : 1U;
    } else if (certified.certificate) {
      ++count.certified;
    } else if (is_unsupported(certified.why)) {
      ++count.unsupported;
    } else {
      ++count.missing[about];
    }
  }
}

void check_all(naive::Flavour flavour) {
  Count count;
  const std::uint64_t first = number_from("SEGPROOF_SEED", 1);
  const std::uint64_t rounds = number_from("SEGPROOF_AGREE_ROUNDS", usual_rounds);
  for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
    check_case(naive::random_case(seed, flavour), count);
  }
  MESSAGE(
      fmt::format("seeds {} to {}: {} proofs certified, {} of kinds without certificates, {} verdicts without proof "
                  "had none",
                  first, first + rounds - 1, count.certified, count.unsupported, count.denied));
  for (const auto& [about, times] : count.missing) {
    FAIL_CHECK(about);
  }
  CHECK(count.certified > rounds / 10);
}

TEST_CASE("what is proved of random networks has a certificate, what is refuted has none") {
  check_all(naive::Flavour::decided);
}

TEST_CASE("so it is with undecided rules and missing configurations") {
  check_all(naive::Flavour::undecided);
}

}  // namespace
}  // namespace segproof::test
