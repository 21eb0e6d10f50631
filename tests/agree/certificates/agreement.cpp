// SPDX-License-Identifier: Apache-2.0
#include "agreement.h"

#include <fmt/format.h>

#include "claim/session.h"
#include "proof/certify.h"
#include "proof/network_text.h"

namespace segproof::test {
namespace {

std::vector<std::string> fallen_of(const claim::Verdict& verdict) {
  std::vector<std::string> result;
  for (const claim::Fallen& place : verdict.blast) {
    result.push_back(place.place);
  }
  return result;
}

claim::Results verdicts_of(const model::Network& network, const std::vector<claim::Claim>& claims,
                           const SourceStore& sources) {
  claim::Options options;
  options.jobs = 1;
  return claim::verify(network, claims, sources, options);
}

}  // namespace

void compare(const model::Network& network, const std::vector<claim::Claim>& claims, const SourceStore& sources,
             const std::string& about, Tally& tally) {
  const std::string text = proof::network_text(network, claims, {}, sources);
  for (const claim::Verdict& verdict : verdicts_of(network, claims, sources).verdicts) {
    if (verdict.advisory) {
      continue;
    }
    const proof::Certified nobody = proof::certify_vacuous(text, "hash", verdict.id);
    if (nobody.certificate && verdict.outcome != claim::Outcome::vacuous) {
      tally.refuted.push_back(fmt::format("{}: {} is not vacuous, and certified as such", about, verdict.id));
    }
    tally.vacuous += nobody.certificate ? 1U : 0U;
    const proof::Certified certified = proof::certify(text, "hash", verdict.id, fallen_of(verdict));
    if (verdict.outcome == claim::Outcome::refuted) {
      const proof::Certified told = proof::certify(text, "hash", verdict);
      if (told.certificate) {
        ++tally.told;
        tally.told_bytes += told.certificate->size();
      } else {
        tally.untold.push_back(fmt::format("{}: {} {} is refuted: {}: {}", about, claim::kind_name(verdict.kind),
                                           verdict.id, verdict.reason, told.why));
      }
    }
    const std::string what =
        fmt::format("{}: {} {} is {}: {}", about, claim::kind_name(verdict.kind), verdict.id,
                    claim::outcome_name(verdict.outcome), certified.certificate ? "certified" : certified.why);
    if (verdict.outcome == claim::Outcome::proved) {
      if (certified.certificate) {
        ++tally.certified;
        tally.bytes += certified.certificate->size();
      } else if (certified.why.find("has no certificate yet") != std::string::npos) {
        ++tally.of_other_kinds;
      } else {
        tally.missing.push_back(what);
      }
    } else if (!certified.certificate) {
      ++tally.denied;
    } else if (verdict.outcome == claim::Outcome::inconclusive) {
      ++tally.beyond;
    } else {
      tally.refuted.push_back(what);
    }
  }
}

std::vector<Certificate> certificates_of(const model::Network& network, const std::vector<claim::Claim>& claims,
                                         const SourceStore& sources, std::string& network_text) {
  std::vector<Certificate> result;
  network_text = proof::network_text(network, claims, {}, sources);
  for (const claim::Verdict& verdict : verdicts_of(network, claims, sources).verdicts) {
    if (verdict.outcome == claim::Outcome::proved && !verdict.advisory) {
      proof::Certified certified = proof::certify(network_text, "hash", verdict.id, fallen_of(verdict));
      if (certified.certificate) {
        result.push_back({verdict.id, std::move(*certified.certificate)});
      }
    }
  }
  return result;
}

}  // namespace segproof::test
