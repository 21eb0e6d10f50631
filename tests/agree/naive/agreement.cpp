// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/agreement.h"

#include <array>
#include <set>

#include "agree/naive/universe.h"

namespace segproof::naive {

namespace {

void add_packets_of(const claim::Verdict& verdict, Family family, std::vector<Probe>& universe) {
  if (!verdict.witness) {
    return;
  }
  std::set<Probe> all(universe.begin(), universe.end());
  for (const auto& step : verdict.witness->steps) {
    if (step.packet && step.packet->family == family) {
      all.insert(from_packet(*step.packet));
    }
  }
  universe.assign(all.begin(), all.end());
}

}  // namespace

Opinion opinion(const RandomCase& made, const claim::Claim& claim, const claim::Verdict& verdict,
                std::size_t universe_limit) {
  UniverseLimits limits;
  limits.packets = universe_limit;
  limits.seed = made.seed;
  limits.broadcasts = made.flavour == Flavour::undecided && made.seed % 4 == 0;
  auto universe = universe_of(made.network, {&claim, 1}, made.family, limits);
  add_packets_of(verdict, made.family, universe);
  Setting setting;
  setting.spoofing = claim.spoofing;
  setting.trust_source_host = claim.trust_source_host;
  Opinion opinion;
  opinion.in_some_world = Judge(made.network, made.family, universe, setting).forbidden(claim);
  if (!opinion.in_some_world) {
    opinion.safe_world = "every";
    return opinion;
  }
  struct Named {
    const char* name;
    World world;
  };
  const std::array worlds{Named{"no", {World::Kind::no, 0}}, Named{"yes", {World::Kind::yes, 0}},
                          Named{"mixed", {World::Kind::mixed, made.seed}}};
  for (const auto& [name, world] : worlds) {
    setting.world = world;
    if (!Judge(made.network, made.family, universe, setting).forbidden(claim)) {
      opinion.safe_world = name;
      break;
    }
  }
  return opinion;
}

Agreement compare(claim::Outcome outcome, const Opinion& opinion) {
  switch (outcome) {
    case claim::Outcome::proved:
      return opinion.in_some_world ? Agreement::wrong_proof : Agreement::agrees;
    case claim::Outcome::refuted:
      return opinion.safe_world ? Agreement::wrong_refutation : Agreement::agrees;
    case claim::Outcome::inconclusive:
      return opinion.in_some_world && opinion.safe_world ? Agreement::undecided : Agreement::imprecise;
    case claim::Outcome::vacuous:
    case claim::Outcome::not_evaluated:
      break;
  }
  return Agreement::not_compared;
}

std::string_view word(Agreement agreement) {
  switch (agreement) {
    case Agreement::agrees:
      return "agrees";
    case Agreement::wrong_proof:
      return "WRONG PROOF";
    case Agreement::wrong_refutation:
      return "WRONG REFUTATION";
    case Agreement::imprecise:
      return "imprecise";
    case Agreement::undecided:
      return "undecided";
    case Agreement::not_compared:
      return "not compared";
  }
  return "";
}

}  // namespace segproof::naive
