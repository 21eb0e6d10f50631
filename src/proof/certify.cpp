// SPDX-License-Identifier: Apache-2.0
#include "proof/certify.h"

#include <algorithm>
#include <map>

#include "check/core/closure.h"
#include "check/core/verdict.h"
#include "proof/doubt.h"
#include "proof/growing.h"
#include "proof/refutation.h"
#include "proof/simplify.h"

namespace segproof::proof {
namespace {

using check::Box;
using check::FlowRow;
using check::Passage;
using check::Spot;

constexpr std::size_t most_trials = 20'000'000;  // steps

// How finely what can be sent is told: each is tried when the one before proves nothing.
struct Effort {
  bool any_state = false;         // devices that know a flow know every flow
  bool any_reply = false;         // what passes by somebody else's state may be anything, anywhere
  bool anything_anywhere = true;  // everybody can send anything anywhere
  bool by_segment = false;        // senders on different segments do not help each other
};

class Certifier {
 public:
  Certifier(const check::Network& network, const check::Claim& claim, const check::Places& fallen, check::Sets& sets)
      : network_(&network),
        claim_(&claim),
        fallen_(&fallen),
        sets_(&sets),
        worlds_(check::worlds_of(network, sets)),
        memories_(worlds_.size()),
        questions_(check::questions_of(claim, worlds_[0], fallen)) {}

  // Throws what the checker throws when the rows do not prove the claim, before they are shortened.
  check::FamilyProof prove(const Effort& effort, bool is_shortened) {
    check::FamilyProof proof{sets_->family(), anyone(effort), {}};
    for (std::size_t q = 0; q < questions_.size(); ++q) {
      check::Question question = questions_[q];
      if (!effort.by_segment || question.is_joint) {
        proof.proofs.push_back(answer(question, proof, effort));
        proof.proofs.back().question = q;
        continue;
      }
      for (const std::vector<check::Place>& group : check::groups_of(questions_[q].senders, *network_)) {
        question.senders = group;
        proof.proofs.push_back(answer(question, proof, effort));
        proof.proofs.back().question = q;
        proof.proofs.back().senders = group;
      }
    }
    check::check_proof(proof, *claim_, *fallen_, *network_, *sets_);
    if (is_shortened && !questions_.empty()) {
      simplify(proof, questions_, worlds_, memories_, *sets_, most_trials);
    }
    return proof;
  }
  [[nodiscard]] bool counts_sessions() const {
    return std::all_of(questions_.begin(), questions_.end(),
                       [](const check::Question& question) { return question.traffic == check::Traffic::sessions; });
  }

 private:
  const check::Layers& anyone(const Effort& effort) {
    check::Layers& layers = anyone_[{effort.any_state, effort.anything_anywhere}];
    if (!layers.empty()) {
      return layers;
    }
    check::Layers made(worlds_.size());
    const auto none = [](std::size_t) { return std::vector<FlowRow>{}; };
    for (std::size_t e = worlds_.size(); e-- > 0;) {
      Growing growing(worlds_[e], made[e], &made[e], nullptr, e,
                      effort.any_state ? Growing::State::any : Growing::State::exact);
      RememberedSpread spread(worlds_[e], growing, steps_, memories_[e]);
      if (effort.anything_anywhere) {
        growing.fill({{check::own_role, check::own_role}});
      }
      check::send_from_everybody(worlds_[e], spread);
      growing.settle(
          spread, [&](std::size_t node) { return check::known_flows(made, e, node); }, none);
    }
    layers = std::move(made);
    return layers;
  }

  check::Proof answer(const check::Question& question, const check::FamilyProof& all, const Effort& effort) {
    check::Proof proof;
    proof.own.resize(worlds_.size());
    const check::Ranges replies{{check::foreign_role, check::related_role}};
    const auto anyone_at = [&](std::size_t e) {
      return [&all, e](std::size_t node) { return check::known_flows(all.anyone, e, node); };
    };
    for (std::size_t e = worlds_.size(); e-- > 0;) {
      Growing growing(worlds_[e], proof.own[e], &proof.own[e], &all.anyone, e, Growing::State::exact);
      RememberedSpread spread(worlds_[e], growing, steps_, memories_[e]);
      if (effort.any_reply) {
        growing.fill(replies);
      }
      check::send_all(question, worlds_[e], spread);
      growing.settle(
          spread, [&](std::size_t node) { return check::known_flows(proof.own, e, node); }, anyone_at(e));
    }
    const std::vector<std::pair<check::Place, Passage>> openings = openings_of(question, proof, all);
    Growing growing(worlds_[0], proof.answers, nullptr, nullptr, 0, Growing::State::exact);
    RememberedSpread spread(worlds_[0], growing, steps_, memories_[0]);
    bool is_first = true;
    for (const auto& [place, opening] : openings) {
      if (!check::escaping(*sets_, opening, {}).empty()) {
        if (is_first && effort.any_reply) {
          growing.fill(replies);
        }
        is_first = false;
        check::answer(question, place, opening, worlds_[0], spread);
      }
    }
    growing.settle(
        spread, [&](std::size_t node) { return check::known_flows(proof.own, 0, node); }, anyone_at(0));
    return proof;
  }

  struct Deliveries final : public check::Events {
    std::vector<std::pair<std::size_t, Passage>> delivered;
    void arrives(const Spot&, const Passage&) override {}
    void opens(std::size_t, const Passage&) override {}
    void is_delivered(std::size_t node, const Passage& packets) override { delivered.emplace_back(node, packets); }
  };

  std::vector<std::pair<check::Place, Passage>> openings_of(const check::Question& question, const check::Proof& proof,
                                                            const check::FamilyProof& all) {
    std::vector<std::pair<check::Place, Passage>> result;
    Deliveries deliveries;
    RememberedSpread spread(worlds_[0], deliveries, steps_, memories_[0]);
    for (const auto& [spot, boxes] : proof.own[0].at) {
      for (const Box& box : boxes) {
        if (spot.kind == Spot::Kind::segment) {
          static_cast<void>(check::forbidden_on_segment(question, worlds_[0], spot.number, box, result));
        } else if (spot.kind == Spot::Kind::interface) {
          if (question.targets_fell) {
            for (const Passage& opening : check::forbidden_arrival(question, worlds_[0], spot, box).openings) {
              result.emplace_back(check::Place{check::Place::Kind::device, spot.node, 0}, opening);
            }
          }
          spread.step(spot, box, check::known_flows(proof.own, 0, spot.node),
                      check::known_flows(all.anyone, 0, spot.node));
        }
      }
    }
    for (const auto& [node, packets] : deliveries.delivered) {
      for (const Passage& opening : check::forbidden_at_node(question, worlds_[0], node, packets).openings) {
        result.emplace_back(check::Place{check::Place::Kind::device, node, 0}, opening);
      }
    }
    return result;
  }

  const check::Network* network_;
  const check::Claim* claim_;
  const check::Places* fallen_;
  check::Sets* sets_;
  std::vector<check::Surroundings> worlds_;
  std::vector<Memory> memories_;
  std::vector<check::Question> questions_;
  std::map<std::pair<bool, bool>, check::Layers> anyone_;
  std::size_t steps_ = check::all_steps;
};

constexpr Effort efforts[] = {{true, true, true, false},    {true, true, true, true},    {false, true, true, false},
                              {false, true, true, true},    {false, false, true, false}, {false, false, true, true},
                              {false, false, false, false}, {false, false, false, true}};

std::string proof_of(Certifier& certifier, const check::Network& network, check::Sets& sets, bool is_shortened) {
  std::string first;
  for (const Effort& effort : efforts) {
    if (effort.any_reply && !certifier.counts_sessions()) {
      continue;
    }
    try {
      return check::text_of(certifier.prove(effort, is_shortened), network, sets);
    } catch (const check::Rejected& why) {
      first = why.what();
    }
  }
  throw check::Rejected(first);
}

check::Places places_called(const std::vector<std::string>& names, const check::Surroundings& world) {
  check::Places result;
  for (const auto& [place, part] : check::all_places(world)) {
    if (std::find(names.begin(), names.end(), printed_name(world.network(), place)) != names.end()) {
      result.emplace(place, part);
    }
  }
  return result;
}

// Who falls, and what proves the claim in each family.
std::string body_of(const check::Network& network, const check::Claim& claim,
                    const std::vector<std::string>& fallen_names, bool is_shortened) {
  std::string result;
  for (const check::Family family : {check::Family::ipv4, check::Family::ipv6}) {
    check::Sets sets(family);
    const check::Surroundings world(network, sets, 0);
    const check::Places fallen = places_called(fallen_names, world);
    std::string last;
    for (const auto& [place, part] : fallen) {
      const std::string line = "fallen " + check::text_of(place, network) + '\n';
      result += family == check::Family::ipv4 && line != last ? line : "";
      last = line;
    }
    if (check::needs(claim, world)) {
      Certifier certifier(network, claim, fallen, sets);
      result += proof_of(certifier, network, sets, is_shortened);
    }
  }
  return result;
}

}  // namespace

Certified certify_vacuous(std::string_view text, std::string_view sha256, std::string_view id) {
  return certified(text, id, [&](const check::Network&, const check::Claim& claim) {
    std::vector<std::string> reasons;
    for (const auto* names : {&claim.from, &claim.to, &claim.through, &claim.zones, &claim.hosts}) {
      for (const std::string& name : *names) {
        reasons.push_back("nothing " + check::quoted(name));
      }
    }
    reasons.insert(reasons.end(), {"both", "apart"});
    Certified result;
    for (const std::string& reason : reasons) {
      result = checked(head_of(sha256, id, "vacuous") + reason + '\n', text, sha256);
      if (result.certificate) {
        break;
      }
    }
    return result;
  });
}

Certified certify(std::string_view text, std::string_view sha256, const claim::Verdict& verdict) {
  switch (verdict.outcome) {
    case claim::Outcome::proved: {
      std::vector<std::string> fallen;
      for (const claim::Fallen& place : verdict.blast) {
        fallen.push_back(place.place);
      }
      return certify(text, sha256, verdict.id, fallen);
    }
    case claim::Outcome::vacuous:
      return certify_vacuous(text, sha256, verdict.id);
    case claim::Outcome::refuted:
      return certify_refuted(text, sha256, verdict);
    case claim::Outcome::inconclusive:
      return certify_inconclusive(text, sha256, verdict);
    case claim::Outcome::not_evaluated:
      break;
  }
  return {std::nullopt, "the claim was not evaluated"};
}

Certified certify(std::string_view text, std::string_view sha256, std::string_view id,
                  const std::vector<std::string>& fallen_names) {
  return certified(text, id, [&](const check::Network& network, const check::Claim& claim) {
    check::check_kind(claim, false);
    Certified result;
    for (const bool is_shortened : {true, false}) {
      result =
          checked(head_of(sha256, id, "proved") + body_of(network, claim, fallen_names, is_shortened), text, sha256);
      if (result.certificate) {
        break;
      }
    }
    return result;
  });
}

Certified certify_alike(std::string_view text, std::string_view sha256, std::string_view id, std::string_view other_id,
                        std::string_view other) {
  return checked(head_of(sha256, id, "proved") + std::string(other.substr(head_of(sha256, other_id, "proved").size())),
                 text, sha256);
}

}  // namespace segproof::proof
