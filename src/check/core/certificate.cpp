// SPDX-License-Identifier: Apache-2.0
#include "check/core/certificate.h"

#include <algorithm>

namespace check {
namespace {

constexpr std::array<std::string_view, field_count> field_names{"protocol", "source", "destination", "sport",
                                                                "dport",    "flags",  "fragment",    "role"};

bool is_address(std::size_t field) {
  return field == source || field == destination;
}

Box read_box(Words& words, Sets& sets) {
  Box box{};
  std::size_t next = 0;  // fields in their order, each once
  for (std::size_t f = 0; f < field_count; ++f) {
    if (words.take(field_names[f])) {
      box[f] = sets.of(static_cast<Field>(f), words.set(is_address(f)));
      next = f;
    }
  }
  static_cast<void>(next);
  if (Sets::is_empty(box)) {
    words.fail("an empty row");
  }
  return box;
}

FlowRow read_flow(Words& words, Sets& sets) {
  FlowRow flow{read_box(words, sets), {}, false};
  if (words.take("becomes")) {
    for (const Field field : {source, destination, sport, dport}) {
      if (words.take(field_names[field])) {
        flow.left[field] = sets.of(field, words.set(is_address(field)));
      }
    }
  }
  flow.is_helped = words.take("helped");
  return flow;
}

std::size_t read_node_name(Words& words, const Network& network) {
  const auto node = network.node(words.string());
  if (!node) {
    words.fail("no such node");
  }
  return *node;
}

Rows read_rows(const Line& line, const Network& network, Sets& sets) {
  Rows rows;
  for (const Line& below : line.below) {
    Words words(below);
    const std::size_t what = words.one_of({"at", "on", "outside", "flows"});
    Spot spot;
    std::size_t node = 0;
    if (what == 0) {
      spot = {Spot::Kind::interface, read_node_name(words, network), 0};
      const std::size_t most = network.nodes[spot.node].interfaces.size();
      spot.number = words.number(most == 0 ? 0 : most - 1);
      if (most == 0) {
        words.fail("no such interface");
      }
    } else if (what == 1) {
      const auto segment = network.segment(words.string());
      if (!segment) {
        words.fail("no such segment");
      }
      spot = {Spot::Kind::segment, 0, *segment};
    } else if (what == 3) {
      node = read_node_name(words, network);
    }
    words.end();
    if (what == 3 ? rows.flows.contains(node) : rows.at.contains(spot)) {
      words.fail("rows of one place stand together");
    }
    for (const Line& last : below.below) {
      Words row(last);
      static_cast<void>(row.one_of({"row"}));
      if (what == 3) {
        rows.flows[node].push_back(read_flow(row, sets));
      } else {
        rows.at[spot].push_back(read_box(row, sets));
      }
      row.leaf();
    }
  }
  return rows;
}

std::string set_text(Sets& sets, Field field, SetId set) {
  std::string result;
  for (const Range& range : sets.ranges(field, set)) {
    const auto value = [&](Value v) {
      return is_address(field) ? text_of(sets.family(), v) : std::to_string(static_cast<std::uint64_t>(v));
    };
    result += (result.empty() ? "" : ",") + value(range.low) + (range.low == range.high ? "" : "-" + value(range.high));
  }
  return result.empty() ? "none" : result;
}

std::string box_text(Sets& sets, const Box& box) {
  std::string result;
  for (std::size_t f = 0; f < field_count; ++f) {
    if (box[f] != any_value) {
      result += ' ' + std::string(field_names[f]) + ' ' + set_text(sets, static_cast<Field>(f), box[f]);
    }
  }
  return result;
}

std::string rows_text(const Rows& rows, const Network& network, Sets& sets, const std::string& indent) {
  std::string result;
  for (const auto& [spot, boxes] : rows.at) {
    result += indent;
    if (spot.kind == Spot::Kind::interface) {
      result += "at " + quoted(network.nodes[spot.node].name) + ' ' + std::to_string(spot.number) + '\n';
    } else if (spot.kind == Spot::Kind::segment) {
      result += "on " + quoted(network.segments[spot.number].name) + '\n';
    } else {
      result += "outside\n";
    }
    for (const Box& box : boxes) {
      result += indent + "  row" + box_text(sets, box) + '\n';
    }
  }
  for (const auto& [node, flows] : rows.flows) {
    result += indent + "flows " + quoted(network.nodes[node].name) + '\n';
    for (const FlowRow& flow : flows) {
      result += indent + "  row" + box_text(sets, flow.arrived);
      const bool changes =
          std::any_of(flow.left.begin(), flow.left.end(), [](const auto& set) { return set.has_value(); });
      result += changes ? " becomes" : "";
      for (const Field field : {source, destination, sport, dport}) {
        if (flow.left[field]) {
          result += ' ' + std::string(field_names[field]) + ' ' + set_text(sets, field, *flow.left[field]);
        }
      }
      result += flow.is_helped ? " helped\n" : "\n";
    }
  }
  return result;
}

std::string describe(const Passage& packets, Sets& sets) {
  const Box header = header_of(packets);
  std::string result;
  for (std::size_t f = 0; f < field_count; ++f) {
    const auto field = static_cast<Field>(f);
    const Value value = sets.least(header[f]);
    result += (result.empty() ? "" : " ") + std::string(field_names[f]) + ' ' +
              (is_address(f) ? text_of(sets.family(), value) : std::to_string(static_cast<std::uint64_t>(value)));
    static_cast<void>(field);
  }
  return result;
}

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
  Closed(const Surroundings& world, const Rows& rows, const std::map<std::size_t, std::vector<FlowRow>>& learned,
         std::string layer)
      : world_(&world), rows_(&rows), learned_(&learned), layer_(std::move(layer)) {}

  const Question* question = nullptr;               // whose forbidden packets are looked for
  std::vector<std::pair<Place, Passage>> openings;  // those that count when they are answered

  void arrives(const Spot& spot, const Passage& packets) override {
    const auto rows = rows_->at.find(spot);
    static const std::vector<Box> none;
    const auto pieces = escaping(world_->sets(), packets, rows == rows_->at.end() ? none : rows->second);
    if (!pieces.empty()) {
      throw Rejected(layer_ + ": a packet escapes to " + name_of(world_->network(), spot) + ": " +
                     describe(pieces.front(), world_->sets()));
    }
  }
  void opens(std::size_t node, const Passage& packets) override {
    const auto flows = learned_->find(node);
    static const std::vector<FlowRow> none;
    const auto pieces = unknown_flows(world_->sets(), packets, flows == learned_->end() ? none : flows->second);
    if (!pieces.empty()) {
      throw Rejected(layer_ + ": " + world_->network().nodes[node].name +
                     " learns a flow that has no row: " + describe(pieces.front(), world_->sets()));
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
                       describe(left.front(), world_->sets()));
      }
    }
  }

 private:
  const Surroundings* world_;
  const Rows* rows_;
  const std::map<std::size_t, std::vector<FlowRow>>* learned_;
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

std::string epoch_name(std::size_t epoch) {
  return epoch == 0 ? "now" : "before " + std::to_string(epoch);
}

}  // namespace

Certificate read_certificate(const std::vector<Line>& lines) {
  if (lines.size() < 4) {
    throw Malformed(0, "not a certificate");
  }
  Certificate result;
  Words head(lines[0]);
  if (!head.take("segproof-certificate") || head.number(1) != 1) {
    head.fail("not a certificate of version 1");
  }
  head.leaf();
  Words network(lines[1]);
  static_cast<void>(network.one_of({"network"}));
  result.network = network.next();
  network.leaf();
  Words claim(lines[2]);
  static_cast<void>(claim.one_of({"claim"}));
  result.claim = claim.string();
  claim.leaf();
  Words verdict(lines[3]);
  static_cast<void>(verdict.one_of({"verdict"}));
  static_cast<void>(verdict.one_of({"proved"}));
  verdict.leaf();
  auto families = lines.begin() + 4;
  while (families != lines.end() && families->words[0] == "fallen") {
    result.fallen.push_back(*families++);
  }
  for (; families != lines.end(); ++families) {
    Words family(*families);
    static_cast<void>(family.one_of({"family"}));
    result.families.push_back(*families);
  }
  return result;
}

namespace {

// The places of `node STRING`: all interfaces of a host.
std::vector<Place> read_places(Words& words, const Network& network) {
  std::vector<Place> result;
  const std::size_t what = words.one_of({"node", "unlisted", "outside"});
  if (what == 0) {
    const std::size_t node = read_node_name(words, network);
    if (network.nodes[node].is_device) {
      result.push_back({Place::Kind::device, node, 0});
    }
    for (std::size_t i = 0; i < network.nodes[node].interfaces.size() && !network.nodes[node].is_device; ++i) {
      result.push_back({Place::Kind::interface, node, i});
    }
  } else if (what == 1) {
    const auto segment = network.segment(words.string());
    if (!segment) {
      words.fail("no such segment");
    }
    result.push_back({Place::Kind::unlisted, 0, *segment});
  } else {
    result.emplace_back();
  }
  words.leaf();
  return result;
}

}  // namespace

std::string text_of(const Place& place, const Network& network) {
  return place.kind == Place::Kind::outside    ? "outside"
         : place.kind == Place::Kind::unlisted ? "unlisted " + quoted(network.segments[place.number].name)
                                               : "node " + quoted(network.nodes[place.node].name);
}

Places read_fallen(const Certificate& certificate, const Surroundings& world) {
  const Places everywhere = all_places(world);
  Places result;
  for (const Line& line : certificate.fallen) {
    Words words(line);
    static_cast<void>(words.one_of({"fallen"}));
    for (const Place& place : read_places(words, world.network())) {
      const auto known = everywhere.find(place);
      result.emplace(place, known == everywhere.end() ? Part{} : known->second);
    }
  }
  return result;
}

FamilyProof read_proof(const Line& line, const Network& network, Sets& sets) {
  Words head(line);
  static_cast<void>(head.one_of({"family"}));
  FamilyProof result{head.one_of({"4", "6"}) == 0 ? Family::ipv4 : Family::ipv6, {}, {}};
  head.end();
  const auto read_epoch = [](Words& words, std::size_t expected) {
    const std::size_t epoch = words.take("now") ? 0 : (static_cast<void>(words.one_of({"before"})), words.number(1000));
    if (epoch != expected) {
      words.fail("epochs stand in their order");
    }
    words.end();
  };
  for (const Line& below : line.below) {
    Words words(below);
    if (words.one_of({"anyone", "question"}) == 0) {
      read_epoch(words, result.anyone.size());
      result.anyone.push_back(read_rows(below, network, sets));
      continue;
    }
    Proof& proof = result.proofs.emplace_back();
    proof.question = words.number(1000);
    words.end();
    bool has_answers = false;
    for (const Line& part : below.below) {
      Words layer(part);
      const std::size_t what = layer.one_of({"own", "answers", "sender"});
      if (what == 2) {
        for (const Place& place : read_places(layer, network)) {
          proof.senders.push_back(place);
        }
        continue;
      }
      if (what == 0 && !has_answers) {
        read_epoch(layer, proof.own.size());
        proof.own.push_back(read_rows(part, network, sets));
      } else {
        has_answers = true;
        layer.end();
        proof.answers = read_rows(part, network, sets);
      }
    }
  }
  return result;
}

std::string text_of(const FamilyProof& proof, const Network& network, Sets& sets) {
  std::string result = proof.family == Family::ipv4 ? "family 4\n" : "family 6\n";
  for (std::size_t e = 0; e < proof.anyone.size(); ++e) {
    result += "  anyone " + epoch_name(e) + '\n' + rows_text(proof.anyone[e], network, sets, "    ");
  }
  for (const Proof& one : proof.proofs) {
    result += "  question " + std::to_string(one.question) + '\n';
    std::string last;
    for (const Place& place : one.senders) {
      const std::string text = "    sender " + text_of(place, network) + '\n';
      result += text == last ? "" : text;
      last = text;
    }
    for (std::size_t e = 0; e < one.own.size(); ++e) {
      result += "    own " + epoch_name(e) + '\n' + rows_text(one.own[e], network, sets, "      ");
    }
    if (!one.answers.at.empty()) {
      result += "    answers\n" + rows_text(one.answers, network, sets, "      ");
    }
  }
  return result;
}

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
    Closed closed(there, rows, rows.flows, name() + ", own " + epoch_name(epoch));
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
    Closed closed(world(), proof_->answers, proof_->own[0].flows, name() + ", answers");
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
    Closed closed(worlds[e], proof.anyone[e], proof.anyone[e].flows, "anyone " + epoch_name(e));
    Spread spread(worlds[e], closed, steps);
    send_from_everybody(worlds[e], spread);
    step_all(
        proof.anyone[e], spread, [&](std::size_t node) { return known_flows(proof.anyone, e, node); }, none);
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
