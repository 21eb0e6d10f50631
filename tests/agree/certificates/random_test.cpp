// SPDX-License-Identifier: Apache-2.0
// Random networks: a claim that the engine proves has a certificate that the checker verifies, and one that it refutes
// has none. SEGPROOF_SEED sets the first network, SEGPROOF_AGREE_ROUNDS their number.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>

#include "agree/naive/random_network.h"
#include "agreement.h"

namespace segproof::test {
namespace {

constexpr unsigned usual_rounds = 60;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

void check_all(naive::Flavour flavour) {
  Tally tally;
  const std::uint64_t first = number_from("SEGPROOF_SEED", 1);
  const std::uint64_t rounds = number_from("SEGPROOF_AGREE_ROUNDS", usual_rounds);
  const SourceStore sources;
  for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
    const naive::RandomCase made = naive::random_case(seed, flavour);
    compare(made.network, made.claims, sources, fmt::format("seed {}", seed), tally);
  }
  MESSAGE(
      fmt::format("seeds {} to {}: {} proofs certified, {} of kinds without certificates; without proof: {} have no "
                  "certificate, {} have one and are inconclusive",
                  first, first + rounds - 1, tally.certified, tally.of_other_kinds, tally.denied, tally.beyond));
  for (const std::string& what : tally.missing) {
    FAIL_CHECK(what);
  }
  for (const std::string& what : tally.refuted) {
    FAIL_CHECK(what);
  }
  CHECK((rounds < usual_rounds || tally.certified > rounds / 2));
}

TEST_CASE("what is proved of random networks has a certificate, what is refuted has none") {
  check_all(naive::Flavour::decided);
}

TEST_CASE("so it is with undecided rules and missing configurations") {
  check_all(naive::Flavour::undecided);
}

}  // namespace
}  // namespace segproof::test
