// SPDX-License-Identifier: Apache-2.0
#include "proof/certify.h"

#include <algorithm>
#include <deque>
#include <set>

#include "check/core/certificate.h"
#include "check/core/verdict.h"

namespace segproof::proof {
namespace {

using check::Box;
using check::FlowRow;
using check::Passage;
using check::Rows;
using check::Spot;

constexpr std::size_t most_rows = 50'000;

// Adds whatever leaves the rows of one layer.
class Growing final : public check::Events {
 public:
  Growing(const check::Surroundings& world, Rows& rows, Rows* learning)
      : world_(&world), rows_(&rows), learning_(learning) {}

  void arrives(const Spot& spot, const Passage& packets) override {
    std::vector<Box>& rows = rows_->at[spot];
    for (const Passage& piece : check::escaping(world_->sets(), packets, rows)) {
      const Box row = check::header_of(piece);
      std::erase_if(rows, [&](const Box& old) { return world_->sets().within(old, row); });
      rows.push_back(row);
      waiting_.emplace_back(spot, row);
      if (++count_ > most_rows) {
        throw check::TooLarge();
      }
    }
  }
  void opens(std::size_t node, const Passage& packets) override {
    if (learning_ == nullptr) {
      return;
    }
    std::vector<FlowRow>& flows = learning_->flows[node];
    for (const Passage& piece : check::unknown_flows(world_->sets(), packets, flows)) {
      FlowRow flow{piece.box, {}, piece.is_helped};
      flow.arrived[check::role] = check::any_value;
      flow.arrived[check::flags] = check::any_value;
      for (const check::Field field : {check::source, check::destination, check::sport, check::dport}) {
        flow.left[field] = piece.now[field];
      }
      flows.push_back(flow);
      again_.insert(node);
      if (++count_ > most_rows) {
        throw check::TooLarge();
      }
    }
  }
  void is_delivered(std::size_t, const Passage&) override {}

  // Steps until nothing leads out.
  template <class Own, class Anyone>
  void settle(check::Spread& spread, const Own& own, const Anyone& anyone) {
    while (!waiting_.empty() || !again_.empty()) {
      if (waiting_.empty()) {  // known flows change what happens to old arrivals, too
        for (const auto& [spot, boxes] : rows_->at) {
          if (spot.kind == Spot::Kind::interface && again_.contains(spot.node)) {
            for (const Box& box : boxes) {
              waiting_.emplace_back(spot, box);
            }
          }
        }
        again_.clear();
        continue;
      }
      const auto [spot, box] = waiting_.front();
      waiting_.pop_front();
      const bool is_node = spot.kind == Spot::Kind::interface;
      spread.step(spot, box, is_node ? own(spot.node) : std::vector<FlowRow>{},
                  is_node ? anyone(spot.node) : std::vector<FlowRow>{});
    }
  }
  void wait_for(const Spot& spot, const Box& box) { waiting_.emplace_back(spot, box); }

 private:
  const check::Surroundings* world_;
  Rows* rows_;
  Rows* learning_;
  std::deque<std::pair<Spot, Box>> waiting_;
  std::set<std::size_t> again_;
  std::size_t count_ = 0;
};

// Anything may be anywhere: the shortest rows for what everybody can send.
void fill(const check::Surroundings& world, Rows& rows, Growing& growing) {
  const auto& network = world.network();
  Box anything{};
  anything[check::role] = world.sets().single(check::role, check::own_role);
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    for (std::size_t i = 0; i < network.nodes[n].interfaces.size(); ++i) {
      const Spot spot{Spot::Kind::interface, n, i};
      rows.at[spot] = {anything};
      growing.wait_for(spot, anything);
    }
  }
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    rows.at[{Spot::Kind::segment, 0, s}] = {anything};
  }
}

// How finely what can be sent is told: each is tried when the one before proves nothing.
struct Effort {
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
        questions_(check::questions_of(claim, worlds_[0], fallen)) {}

  // Throws what the checker throws when the rows do not prove the claim.
  check::FamilyProof prove(const Effort& effort) {
    check::FamilyProof proof{sets_->family(), {}, {}};
    const auto none = [](std::size_t) { return std::vector<FlowRow>{}; };
    proof.anyone.resize(worlds_.size());
    for (std::size_t e = worlds_.size(); e-- > 0;) {
      Growing growing(worlds_[e], proof.anyone[e], &proof.anyone[e]);
      check::Spread spread(worlds_[e], growing, steps_);
      if (effort.anything_anywhere) {
        fill(worlds_[e], proof.anyone[e], growing);
      }
      check::send_from_everybody(worlds_[e], spread);
      growing.settle(
          spread, [&](std::size_t node) { return check::known_flows(proof.anyone, e, node); }, none);
    }
    for (std::size_t q = 0; q < questions_.size(); ++q) {
      check::Question question = questions_[q];
      if (!effort.by_segment || question.is_joint) {
        proof.proofs.push_back(answer(question, proof));
        proof.proofs.back().question = q;
        continue;
      }
      for (const std::vector<check::Place>& group : check::groups_of(questions_[q].senders, *network_)) {
        question.senders = group;
        proof.proofs.push_back(answer(question, proof));
        proof.proofs.back().question = q;
        proof.proofs.back().senders = group;
      }
    }
    check::check_proof(proof, *claim_, *fallen_, *network_, *sets_);
    return proof;
  }

 private:
  check::Proof answer(const check::Question& question, const check::FamilyProof& all) {
    check::Proof proof;
    proof.own.resize(worlds_.size());
    const auto anyone_at = [&](std::size_t e) {
      return [&all, e](std::size_t node) { return check::known_flows(all.anyone, e, node); };
    };
    for (std::size_t e = worlds_.size(); e-- > 0;) {
      Growing growing(worlds_[e], proof.own[e], &proof.own[e]);
      check::Spread spread(worlds_[e], growing, steps_);
      check::send_all(question, worlds_[e], spread);
      growing.settle(
          spread, [&](std::size_t node) { return check::known_flows(proof.own, e, node); }, anyone_at(e));
    }
    const std::vector<std::pair<check::Place, Passage>> openings = openings_of(question, proof, all);
    Growing growing(worlds_[0], proof.answers, nullptr);
    check::Spread spread(worlds_[0], growing, steps_);
    for (const auto& [place, opening] : openings) {
      if (!check::escaping(*sets_, opening, {}).empty()) {
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
    check::Spread spread(worlds_[0], deliveries, steps_);
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
  std::vector<check::Question> questions_;
  std::size_t steps_ = check::all_steps;
};

constexpr Effort efforts[] = {{true, false}, {true, true}, {false, false}, {false, true}};

std::string proof_of(Certifier& certifier, const check::Network& network, check::Sets& sets) {
  std::string first;
  for (const Effort& effort : efforts) {
    try {
      return check::text_of(certifier.prove(effort), network, sets);
    } catch (const check::Rejected& why) {
      first = why.what();
    }
  }
  throw check::Rejected(first);
}

// As verdicts print places: `fta01`, `device:fw`, `unlisted@lan`, an external segment.
check::Places places_called(const std::vector<std::string>& names, const check::Surroundings& world) {
  check::Places result;
  for (const auto& [place, part] : check::all_places(world)) {
    const bool is_external =
        place.kind == check::Place::Kind::unlisted && world.network().segments[place.number].is_external;
    const std::string name =
        is_external ? world.network().segments[place.number].name : check::name_of(world.network(), place);
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      result.emplace(place, part);
    }
  }
  return result;
}

}  // namespace

Certified certify(std::string_view text, std::string_view sha256, std::string_view id,
                  const std::vector<std::string>& fallen_names) {
  try {
    const check::Network network = check::read_network(text);
    const auto claim = std::find_if(network.claims.begin(), network.claims.end(),
                                    [&](const check::Claim& other) { return other.id == id; });
    if (claim == network.claims.end()) {
      return {std::nullopt, "the network file has no such claim"};
    }
    std::string result = "segproof-certificate 1\nnetwork " + std::string(sha256) + "\nclaim " + check::quoted(id) +
                         "\nverdict proved\n";
    bool is_first = true;
    for (const check::Family family : {check::Family::ipv4, check::Family::ipv6}) {
      check::Sets sets(family);
      const check::Surroundings world(network, sets, 0);
      const check::Places fallen = places_called(fallen_names, world);
      std::string last;
      for (const auto& [place, part] : fallen) {
        const std::string line = "fallen " + check::text_of(place, network) + '\n';
        result += is_first && line != last ? line : "";
        last = line;
      }
      is_first = false;
      if (check::needs(*claim, world)) {
        Certifier certifier(network, *claim, fallen, sets);
        result += proof_of(certifier, network, sets);
      }
    }
    const check::Result checked = check::check_certificate(result, text, sha256);
    return checked.outcome == check::Outcome::verified ? Certified{std::move(result), ""}
                                                       : Certified{std::nullopt, checked.why};
  } catch (const std::runtime_error& error) {
    return {std::nullopt, error.what()};
  }
}

}  // namespace segproof::proof
