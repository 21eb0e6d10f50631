// SPDX-License-Identifier: Apache-2.0
// Ten thousand changed certificates of small random networks. The checker rejects each, or it is a proof still: the
// claim that it names holds for every packet that the naive engine can try, and every packet that comes to a place is
// in a row of that place. SEGPROOF_SEED sets the first network, SEGPROOF_MUTANTS the number of mutants.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "agreement.h"
#include "base/sha256.h"
#include "check/core/verdict.h"
#include "exhaustive.h"
#include "mutation.h"
#include "proof/network_text.h"

namespace segproof::test {
namespace {

constexpr std::size_t most_packets = 30'000;
constexpr std::size_t most_devices = 6;
constexpr std::size_t most_rules = 12;
constexpr unsigned for_each_certificate = 60;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

bool is_small(const model::Network& network) {
  const auto devices = std::ranges::count_if(
      network.nodes, [](const model::Node& node) { return node.kind == model::NodeKind::device; });
  return devices <= static_cast<std::ptrdiff_t>(most_devices) &&
         std::ranges::all_of(network.nodes, [](const model::Node& node) {
           std::size_t rules = 0;
           for (const model::Chain& chain : node.rules.chains) {
             rules += chain.rules.size();
           }
           return rules <= most_rules;
         });
}

// The claims, and stronger ones about more senders or targets, for which their certificates are presented.
std::vector<claim::Claim> with_stronger(const std::vector<claim::Claim>& claims) {
  std::vector<claim::Claim> result = claims;
  for (const claim::Claim& one : claims) {
    for (const claim::Claim& other : claims) {
      claim::Claim more = one;
      more.id += "+" + other.id;
      if (&one == &other) {
        more.services.clear();  // nothing is allowed, or all services count
        more.except.clear();
      } else {
        more.from.insert(more.from.end(), other.from.begin(), other.from.end());
        more.hosts.insert(more.hosts.end(), other.hosts.begin(), other.hosts.end());
      }
      result.push_back(std::move(more));
    }
  }
  return result;
}

struct Count {
  std::array<unsigned, change_count> made{};
  std::array<unsigned, change_count> verified{};
  unsigned all = 0;
  unsigned networks = 0;
  unsigned certificates = 0;
  unsigned shown_wrong = 0;  // of those rejected with a row less or a narrower one: a packet comes where no row is
};

// One network: its certificates are true, and of their mutants those that are verified.
void try_network(const naive::RandomCase& made, std::uint64_t wanted, std::mt19937_64& random, Count& count) {
  if (!is_small(made.network)) {
    return;
  }
  const SourceStore sources;
  const std::vector<claim::Claim> claims = with_stronger(made.claims);
  Exhaustive truth(made, claims, most_packets);
  if (!truth.is_complete()) {
    return;
  }
  const std::string text = proof::network_text(made.network, claims, {}, sources);
  const check::Network network = check::read_network(text);
  std::string narrow_text;
  const std::vector<Certificate> certificates = certificates_of(made.network, made.claims, sources, narrow_text);
  ++count.networks;
  for (const Certificate& certificate : certificates) {
    const auto outcome_of = [&](const std::string& mutant, std::string_view what) {
      const check::Result result = check::check_certificate(mutant, text, "hash");
      if (result.outcome != check::Outcome::verified) {
        return result.outcome;
      }
      const auto claim = std::ranges::find(claims, result.claim, &claim::Claim::id);
      REQUIRE(claim != claims.end());
      const auto& forbidden = truth.forbidden(*claim);
      CHECK_MESSAGE(!forbidden, fmt::format("seed {}: {}: {} is verified, and there is a {}\n{}", made.seed, what,
                                            result.claim, forbidden.value_or(""), mutant));
      const auto lost = truth.lost(*claim, mutant, network);
      CHECK_MESSAGE(!lost, fmt::format("seed {}: {}: {} is verified without a row for packets {}\n{}", made.seed, what,
                                       result.claim, lost.value_or(""), mutant));
      return result.outcome;
    };
    CHECK_MESSAGE(outcome_of(certificate.text, "as written") == check::Outcome::verified,
                  fmt::format("seed {}: {}", made.seed, certificate.claim));
    ++count.certificates;
    for (unsigned times = 0; times < for_each_certificate && count.all < wanted; ++times) {
      const std::size_t which = times % change_count;
      const auto change = static_cast<Change>(which);
      if (const auto mutant = mutant_of(certificate.text, network, change, random)) {
        ++count.all;
        ++count.made[which];
        const check::Outcome outcome = outcome_of(*mutant, name_of(change));
        count.verified[which] += outcome == check::Outcome::verified ? 1U : 0U;
        const bool has_less = change == Change::row_dropped || change == Change::row_narrowed;
        if (has_less && outcome == check::Outcome::rejected) {
          const claim::Claim& claim = *std::ranges::find(claims, certificate.claim, &claim::Claim::id);
          count.shown_wrong += truth.lost(claim, *mutant, network) ? 1U : 0U;
        }
      }
    }
  }
}

TEST_CASE("changed certificates are rejected, or exhaustion shows that they are proofs still") {
  const std::uint64_t wanted = number_from("SEGPROOF_MUTANTS", 1500);
  Count count;
  for (std::uint64_t seed = number_from("SEGPROOF_SEED", 1); count.all < wanted; ++seed) {
    std::mt19937_64 random(seed);
    const auto flavour = seed % 2 == 0 ? naive::Flavour::decided : naive::Flavour::undecided;
    try_network(naive::random_case(seed, flavour), wanted, random, count);
  }
  MESSAGE(fmt::format("{} mutants of {} certificates of {} networks", count.all, count.certificates, count.networks));
  MESSAGE(fmt::format("{} of those with less that are rejected have no row for a packet", count.shown_wrong));
  CHECK((wanted < 1000 || count.shown_wrong > 20));
  for (std::size_t i = 0; i < change_count; ++i) {
    const auto change = static_cast<Change>(i);
    MESSAGE(fmt::format("{}: {} mutants, {} of them proofs still", name_of(change), count.made[i], count.verified[i]));
    const bool is_rare = change == Change::sender_removed;  // hardly a proof here is about some of the senders
    CHECK((wanted < 1000 || is_rare || count.made[i] > 0));
    if (change == Change::hash_changed || change == Change::fallen_removed) {
      CHECK(count.verified[i] == 0);
    }
  }
}

TEST_CASE("a certificate is about one network file to the byte") {
  const SourceStore sources;
  const std::uint64_t first = number_from("SEGPROOF_SEED", 1);
  unsigned made_count = 0;
  for (std::uint64_t seed = first; seed < first + 12; ++seed) {
    std::mt19937_64 random(seed);
    const naive::RandomCase made = naive::random_case(seed, naive::Flavour::decided);
    std::string text;
    for (const Certificate& written : certificates_of(made.network, made.claims, sources, text)) {
      const std::string hash = sha256_hex(text);
      std::string certificate = written.text;
      certificate.replace(certificate.find("network hash"), 12, "network " + hash);
      CHECK(check::check_certificate(certificate, text, hash).outcome == check::Outcome::verified);
      for (int times = 0; times < 20; ++times) {
        std::string mutant = text;
        const std::size_t at = random() % mutant.size();
        if (times % 2 == 0) {
          mutant[at] = static_cast<char>(mutant[at] ^ (1 << random() % 7));
        } else {  // a line is gone
          const std::size_t from = mutant.rfind('\n', at) + 1;
          mutant.erase(from, mutant.find('\n', at) + 1 - from);
        }
        if (mutant == text) {
          continue;
        }
        ++made_count;
        CHECK(check::check_certificate(certificate, mutant, sha256_hex(mutant)).outcome == check::Outcome::rejected);
      }
    }
  }
  MESSAGE(fmt::format("{} mutants of network files", made_count));
  CHECK(made_count > 100);
}

}  // namespace
}  // namespace segproof::test
