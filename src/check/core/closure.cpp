// SPDX-License-Identifier: Apache-2.0
#include "check/core/closure.h"

#include <algorithm>

#include "check/core/anti_spoofed.h"

namespace check {
namespace {

std::string name_of(const Network& network, const Spot& spot) {
  switch (spot.kind) {
    case Spot::Kind::interface:
      return network.nodes[spot.node].name + ":" + network.nodes[spot.node].interfaces[spot.number].name;
    case Spot::Kind::segment:
      return "segment " + network.segments[spot.number].name;
    case Spot::Kind::outside:
      break;
  }
  return "the outside";
}

// Rejects whatever leaves the rows of one layer, and whatever a question forbids in it.
class Closed final : public Events {
 public:
  using Flows = std::map<std::size_t, std::vector<FlowRow>>;
  // `anyone`: what everybody can send, when this is about some senders.
  Closed(const Surroundings& world, const Rows& rows, const Flows& learned, const Layers* anyone, std::size_t epoch,
         std::string layer)
      : world_(&world), rows_(&rows), learned_(&learned), anyone_(anyone), epoch_(epoch), layer_(std::move(layer)) {}

  const Question* question = nullptr;               // whose forbidden packets are looked for
  std::vector<std::pair<Place, Passage>> openings;  // those that count when they are answered

  void arrives(const Spot& spot, const Passage& packets) override {
    const auto rows = rows_->at.find(spot);
    static const std::vector<Box> none;
    const auto pieces = escaping(world_->sets(), packets, rows == rows_->at.end() ? none : rows->second);
    if (!pieces.empty()) {
      throw Rejected(layer_ + ": a packet escapes to " + name_of(world_->network(), spot) + ": " +
                     describe(header_of(pieces.front()), world_->sets()));
    }
  }
  // What senders open only because of somebody else's state need not be a flow of their own.
  void opens(std::size_t node, const Passage& packets) override {
    const auto found = learned_->find(node);
    std::vector<FlowRow> flows = found == learned_->end() ? std::vector<FlowRow>{} : found->second;
    Passage own = packets;
    std::vector<Passage> pieces;
    if (anyone_ != nullptr) {
      if (keep_own(world_->sets(), own)) {
        pieces = unknown_flows(world_->sets(), own, flows);
      }
      const std::vector<FlowRow> more = known_flows(*anyone_, epoch_, node);
      flows.insert(flows.end(), more.begin(), more.end());
    }
    if (pieces.empty()) {
      pieces = unknown_flows(world_->sets(), packets, flows);
    }
    if (!pieces.empty()) {
      throw Rejected(layer_ + ": " + world_->network().nodes[node].name +
                     " learns a flow that has no row: " + describe(header_of(pieces.front()), world_->sets()));
    }
  }
  void is_delivered(std::size_t node, const Passage& packets) override {
    if (question != nullptr) {
      Forbidden forbidden = forbidden_at_node(*question, *world_, node, packets);
      refuse(forbidden.packets, world_->network().nodes[node].name);
      for (Passage& opening : forbidden.openings) {
        openings.emplace_back(Place{Place::Kind::device, node, 0}, std::move(opening));
      }
    }
  }
  // What comes to a node that fell, whatever its rules say of it.
  void look_at(const Spot& spot, const std::vector<Box>& rows) {
    for (const Box& row : rows) {
      Forbidden forbidden = forbidden_arrival(*question, *world_, spot, row);
      refuse(forbidden.packets, world_->network().nodes[spot.node].name);
      for (Passage& opening : forbidden.openings) {
        openings.emplace_back(Place{Place::Kind::device, spot.node, 0}, std::move(opening));
      }
    }
  }
  void look_outside(const std::vector<Box>& rows) {
    for (const Box& row : rows) {
      Forbidden forbidden = forbidden_outside(*question, *world_, row);
      forbidden.packets.insert(forbidden.packets.end(), forbidden.openings.begin(), forbidden.openings.end());
      refuse(forbidden.packets, "the outside");
    }
  }
  void look_on(std::size_t segment, const std::vector<Box>& rows) {
    for (const Box& row : rows) {
      const Forbidden forbidden = forbidden_on_segment(*question, *world_, segment, row, openings);
      refuse(forbidden.packets, "segment " + world_->network().segments[segment].name);
    }
  }
  void refuse(const std::vector<Passage>& packets, const std::string& where) const {
    std::vector<Passage> left;
    for (const Passage& part : packets) {
      left = escaping(world_->sets(), part, {});
      if (!left.empty()) {
        throw Rejected(layer_ + ": a forbidden packet is delivered at " + where + ": " +
                       describe(header_of(left.front()), world_->sets()));
      }
    }
  }

 private:
  const Surroundings* world_;
  const Rows* rows_;
  const Flows* learned_;
  const Layers* anyone_;
  std::size_t epoch_;
  std::string layer_;
};

// Every row of a layer takes one step.
template <class Own, class Anyone>
void step_all(const Rows& rows, Spread& spread, const Own& own, const Anyone& anyone) {
  for (const auto& [spot, boxes] : rows.at) {
    const std::vector<FlowRow> own_flows = spot.kind == Spot::Kind::interface ? own(spot.node) : std::vector<FlowRow>{};
    const std::vector<FlowRow> flows = spot.kind == Spot::Kind::interface ? anyone(spot.node) : std::vector<FlowRow>{};
    for (const Box& box : boxes) {
      spread.step(spot, box, own_flows, flows);
    }
  }
}

}  // namespace

std::vector<Surroundings> worlds_of(const Network& network, Sets& sets) {
  std::size_t epochs = 1;
  for (const Node& node : network.nodes) {
    epochs = network.is_flushed ? 1 : std::max(epochs, node.rules.size());
  }
  std::vector<Surroundings> result;
  for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
    result.emplace_back(network, sets, epoch);
  }
  return result;
}

std::vector<FlowRow> known_flows(const Layers& layers, std::size_t epoch, std::size_t node) {
  std::vector<FlowRow> result;
  for (std::size_t e = epoch; e < layers.size(); ++e) {
    const auto found = layers[e].flows.find(node);
    if (found != layers[e].flows.end()) {
      result.insert(result.end(), found->second.begin(), found->second.end());
    }
  }
  return result;
}

bool covers(const Claim& claim, const Surroundings& world) {
  const auto has_address = [](const auto& entry) {
    return entry.first.kind == Place::Kind::outside || entry.second.addresses != no_value;
  };
  if (claim.kind == "anti-spoofed") {
    const Places zone = places_of(world, claim.zones);
    return std::any_of(zone.begin(), zone.end(), has_address);
  }
  const Places from = places_of(world, claim.kind == "detached" ? claim.hosts : claim.from);
  const bool outwards = claim.kind == "no-direct-exfiltration" || claim.kind == "no-exfiltration";
  const Places to = claim.kind == "detached" ? Places{{Place{}, Part{}}}
                    : outwards               ? external_places(world)
                                             : places_of(world, claim.to);
  return std::any_of(from.begin(), from.end(), has_address) && std::any_of(to.begin(), to.end(), has_address);
}

bool needs(const Claim& claim, const Surroundings& world) {
  return claim.kind == "contained" || claim.kind == "no-exfiltration" || covers(claim, world);
}

namespace {

// One question about some of its senders.
class QuestionCheck {
 public:
  QuestionCheck(const Question& question, const Proof& proof, const Layers& anyone,
                const std::vector<Surroundings>& worlds, std::size_t& steps)
      : question_(&question), proof_(&proof), anyone_(&anyone), worlds_(&worlds), steps_(&steps) {}

  void run() {
    if (proof_->own.size() != worlds_->size()) {
      throw Rejected(name() + ": a layer is missing, or there is one too many");
    }
    for (std::size_t e = worlds_->size(); e-- > 0;) {
      check_own(e);
    }
    std::erase_if(openings_, [&](const auto& entry) { return escaping(world().sets(), entry.second, {}).empty(); });
    if (!openings_.empty()) {
      check_answers();
    }
  }

 private:
  void check_own(std::size_t epoch) {
    const Surroundings& there = (*worlds_)[epoch];
    const Rows& rows = proof_->own[epoch];
    Closed closed(there, rows, rows.flows, anyone_, epoch, name() + ", own " + epoch_name(epoch));
    closed.question = epoch == 0 ? question_ : nullptr;
    Spread spread(there, closed, *steps_);
    send_all(*question_, there, spread);
    step_all(
        rows, spread, [&](std::size_t node) { return known_flows(proof_->own, epoch, node); },
        [&](std::size_t node) { return known_flows(*anyone_, epoch, node); });
    for (const auto& [spot, boxes] : rows.at) {
      if (epoch == 0 && spot.kind == Spot::Kind::segment) {
        closed.look_on(spot.number, boxes);
      } else if (epoch == 0 && spot.kind == Spot::Kind::interface && question_->targets_fell) {
        closed.look_at(spot, boxes);
      } else if (epoch == 0 && spot.kind == Spot::Kind::outside) {
        closed.look_outside(boxes);
      }
    }
    openings_ = std::move(closed.openings);
  }

  void check_answers() {
    if (proof_->own[0].at.contains(Spot{})) {
      throw Rejected(name() + ": what leaves the model comes back, and a handshake completes");
    }
    Closed closed(world(), proof_->answers, proof_->own[0].flows, anyone_, 0, name() + ", answers");
    Spread spread(world(), closed, *steps_);
    for (const auto& [place, opening] : openings_) {
      answer(*question_, place, opening, world(), spread);
    }
    step_all(
        proof_->answers, spread, [&](std::size_t node) { return known_flows(proof_->own, 0, node); },
        [&](std::size_t node) { return known_flows(*anyone_, 0, node); });
    for (const auto& [spot, rows] : proof_->answers.at) {
      for (const Box& row : rows) {
        if (spot.kind == Spot::Kind::outside || completes(*question_, world(), spot, row)) {
          throw Rejected(name() + ": an answer comes back to " + name_of(world().network(), spot));
        }
      }
    }
  }

  [[nodiscard]] std::string name() const { return "question " + std::to_string(proof_->question); }
  [[nodiscard]] const Surroundings& world() const { return worlds_->front(); }

  const Question* question_;
  const Proof* proof_;
  const Layers* anyone_;
  const std::vector<Surroundings>* worlds_;
  std::size_t* steps_;
  std::vector<std::pair<Place, Passage>> openings_;
};

// The senders of the question that a proof is about; a host with all its interfaces.
std::vector<Place> senders_of(const Proof& proof, const Question& question) {
  if (proof.senders.empty()) {
    return question.senders;
  }
  if (question.is_joint) {
    throw Rejected("the fallen help each other: they are no parts");
  }
  std::vector<Place> result;
  for (const Place& place : proof.senders) {
    if (std::find(question.senders.begin(), question.senders.end(), place) != question.senders.end()) {
      result.push_back(place);
    }
  }
  return result;
}

}  // namespace

void check_proof(const FamilyProof& proof, const Claim& claim, const Places& fallen, const Network& network,
                 Sets& sets) {
  std::size_t steps = all_steps;
  const std::vector<Surroundings> worlds = worlds_of(network, sets);
  const std::vector<Question> questions = questions_of(claim, worlds[0], fallen);
  if (proof.anyone.size() != worlds.size()) {
    throw Rejected("a layer is missing, or there is one too many");
  }
  for (std::size_t e = 0; e < worlds.size(); ++e) {
    const auto none = [](std::size_t) { return std::vector<FlowRow>{}; };
    Closed closed(worlds[e], proof.anyone[e], proof.anyone[e].flows, nullptr, e, "anyone " + epoch_name(e));
    Spread spread(worlds[e], closed, steps);
    send_from_everybody(worlds[e], spread);
    step_all(
        proof.anyone[e], spread, [&](std::size_t node) { return known_flows(proof.anyone, e, node); }, none);
  }
  if (claim.kind == "anti-spoofed") {
    check_anti_spoofed(claim, proof.anyone, worlds[0], steps);
  }
  std::vector<std::vector<Place>> asked(questions.size());
  for (const Proof& one : proof.proofs) {
    if (one.question >= questions.size()) {
      throw Rejected("the claim asks no such question");
    }
    Question question = questions[one.question];
    question.senders = senders_of(one, question);
    asked[one.question].insert(asked[one.question].end(), question.senders.begin(), question.senders.end());
    QuestionCheck(question, one, proof.anyone, worlds, steps).run();
  }
  for (std::size_t q = 0; q < questions.size(); ++q) {
    for (const Place& place : questions[q].senders) {
      if (std::find(asked[q].begin(), asked[q].end(), place) == asked[q].end()) {
        throw Rejected("question " + std::to_string(q) + ": nothing is said of " + name_of(network, place));
      }
    }
  }
}

}  // namespace check
