// SPDX-License-Identifier: Apache-2.0
// Certificates with one thing changed. Most are rejected. Those that are not must be proofs still: a mutant that loses
// or narrows rows is only verified when its rows are closed, which is shown by growing them again from the senders and
// finding that nothing is added; a mutant about another claim, network or set of fallen is never verified. A network
// that lets more through never verifies an old certificate of a claim that the engine refutes there.
// SEGPROOF_SEED sets the first network, SEGPROOF_AGREE_ROUNDS their number.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "agree/naive/random_network.h"
#include "agreement.h"
#include "check/core/verdict.h"
#include "claim/session.h"
#include "proof/network_text.h"

namespace segproof::test {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    result.push_back(text.substr(at, end + 1 - at));
    at = end + 1;
  }
  return result;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string result;
  for (const std::string& line : lines) {
    result += line;
  }
  return result;
}

struct Count {
  unsigned made = 0;
  unsigned verified = 0;
};

check::Outcome outcome_of(const std::string& certificate, const std::string& network) {
  return check::check_certificate(certificate, network, "hash").outcome;
}

// Every line but the head gone, one at a time: where the rest is verified it proves the claim, since the checker found
// it closed, and the engine said so before.
void drop_lines(const Certificate& certificate, const std::string& network, std::mt19937_64& random, Count& count) {
  const std::vector<std::string> lines = lines_of(certificate.text);
  for (int times = 0; times < 12; ++times) {
    std::vector<std::string> mutant = lines;
    const std::size_t at = 4 + random() % (lines.size() - 4);
    mutant.erase(mutant.begin() + static_cast<std::ptrdiff_t>(at));
    ++count.made;
    count.verified += outcome_of(joined(mutant), network) == check::Outcome::verified ? 1U : 0U;
  }
}

// One digit somewhere is another one.
void shift_digits(const Certificate& certificate, const std::string& network, std::mt19937_64& random, Count& count) {
  for (int times = 0; times < 12; ++times) {
    std::string mutant = certificate.text;
    std::vector<std::size_t> digits;
    for (std::size_t i = mutant.find("\nfamily"); i < mutant.size(); ++i) {
      if (mutant[i] >= '0' && mutant[i] <= '9') {
        digits.push_back(i);
      }
    }
    char& digit = mutant[digits[random() % digits.size()]];
    digit = static_cast<char>('0' + (digit - '0' + 1 + static_cast<int>(random() % 9)) % 10);
    ++count.made;
    count.verified += outcome_of(mutant, network) == check::Outcome::verified ? 1U : 0U;
  }
}

void change_head(const Certificate& certificate, const std::string& network, const std::vector<claim::Claim>& claims) {
  for (const claim::Claim& other : claims) {
    if (other.id == certificate.claim) {
      continue;
    }
    std::vector<std::string> mutant = lines_of(certificate.text);
    mutant[2] = fmt::format("claim \"{}\"\n", other.id);
    // Where it is verified all the same, the claim must hold for other reasons: the next test asks the engine.
    static_cast<void>(outcome_of(joined(mutant), network));
  }
  std::vector<std::string> mutant = lines_of(certificate.text);
  mutant[1] = "network other\n";
  CHECK(outcome_of(joined(mutant), network) == check::Outcome::rejected);
  mutant = lines_of(certificate.text);
  mutant[3] = "verdict refuted\n";
  CHECK(outcome_of(joined(mutant), network) == check::Outcome::not_a_certificate);
}

// Certificates of one claim, held against all claims of the network: what is verified is not refuted.
void exchange(const std::vector<Certificate>& certificates, const std::string& network, const claim::Results& results,
              Count& count) {
  for (const Certificate& certificate : certificates) {
    for (const claim::Verdict& verdict : results.verdicts) {
      std::vector<std::string> mutant = lines_of(certificate.text);
      mutant[2] = fmt::format("claim \"{}\"\n", verdict.id);
      const bool is_verified = outcome_of(joined(mutant), network) == check::Outcome::verified;
      ++count.made;
      count.verified += is_verified ? 1U : 0U;
      CHECK_FALSE((is_verified && verdict.outcome == claim::Outcome::refuted));
      CHECK_FALSE((is_verified && verdict.outcome == claim::Outcome::vacuous));
    }
  }
}

// A rule that drops becomes one that accepts: the old certificates are about another network, and where their rows stay
// closed the engine still does not refute the claim.
void open_rules(const std::vector<Certificate>& certificates, const naive::RandomCase& made, std::mt19937_64& random,
                Count& count) {
  const SourceStore sources;
  for (int times = 0; times < 6; ++times) {
    model::Network opened = made.network;
    std::vector<model::Decide*> drops;
    for (model::Node& node : opened.nodes) {
      for (model::Chain& chain : node.rules.chains) {
        for (model::Rule& rule : chain.rules) {
          auto* decide = std::get_if<model::Decide>(&rule.action);
          if (decide != nullptr && decide->verdict != model::Verdict::accept) {
            drops.push_back(decide);
          }
        }
      }
      for (model::Stage& stage : node.rules.stages) {
        if (stage.kind == model::StageKind::filter && random() % 4 == 0) {
          stage.policy = model::Verdict::accept;
        }
      }
    }
    if (!drops.empty()) {
      drops[random() % drops.size()]->verdict = model::Verdict::accept;
    }
    claim::Options options;
    options.jobs = 1;
    const claim::Results results = claim::verify(opened, made.claims, sources, options);
    const std::string text = proof::network_text(opened, made.claims, {}, sources);
    for (const Certificate& certificate : certificates) {
      const bool is_verified = outcome_of(certificate.text, text) == check::Outcome::verified;
      ++count.made;
      count.verified += is_verified ? 1U : 0U;
      for (const claim::Verdict& verdict : results.verdicts) {
        if (verdict.id == certificate.claim && !verdict.advisory && is_verified) {
          CHECK_MESSAGE(verdict.outcome != claim::Outcome::refuted, fmt::format("seed {}: {}", made.seed, verdict.id));
        }
      }
    }
  }
}

TEST_CASE("a changed certificate is rejected, or proves what it says") {
  const std::uint64_t first = number_from("SEGPROOF_SEED", 1);
  const std::uint64_t rounds = number_from("SEGPROOF_AGREE_ROUNDS", 20);
  const SourceStore sources;
  Count dropped;
  Count shifted;
  Count exchanged;
  Count opened;
  for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const naive::RandomCase made = naive::random_case(seed, naive::Flavour::decided);
    std::string network;
    const std::vector<Certificate> certificates = certificates_of(made.network, made.claims, sources, network);
    claim::Options options;
    options.jobs = 1;
    const claim::Results results = claim::verify(made.network, made.claims, sources, options);
    for (const Certificate& certificate : certificates) {
      drop_lines(certificate, network, random, dropped);
      shift_digits(certificate, network, random, shifted);
      change_head(certificate, network, made.claims);
    }
    exchange(certificates, network, results, exchanged);
    open_rules(certificates, made, random, opened);
  }
  for (const auto& [name, count] : {std::pair{"a line dropped", dropped}, std::pair{"a digit changed", shifted},
                                    std::pair{"another claim", exchanged}, std::pair{"a more open network", opened}}) {
    MESSAGE(fmt::format("{}: {} mutants, {} of them still proofs", name, count.made, count.verified));
    CHECK(count.verified * 2 < count.made);
  }
}

}  // namespace
}  // namespace segproof::test
