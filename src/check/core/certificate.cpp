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

}  // namespace

Box read_box(Words& words, Sets& sets) {
  Box box{};
  for (std::size_t f = 0; f < field_count; ++f) {
    if (words.take(field_names[f])) {
      box[f] = sets.of(static_cast<Field>(f), words.set(is_address(f)));
    }
  }
  if (Sets::is_empty(box)) {
    words.fail("an empty row");
  }
  return box;
}

std::size_t read_node_name(Words& words, const Network& network) {
  const auto node = network.node(words.string());
  if (!node) {
    words.fail("no such node");
  }
  return *node;
}

namespace {

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

}  // namespace

std::string box_text(Sets& sets, const Box& box) {
  std::string result;
  for (std::size_t f = 0; f < field_count; ++f) {
    if (box[f] != any_value) {
      result += ' ' + std::string(field_names[f]) + ' ' + set_text(sets, static_cast<Field>(f), box[f]);
    }
  }
  return result;
}

namespace {

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
}  // namespace

std::string describe(const Box& header, Sets& sets) {
  std::string result;
  for (std::size_t f = 0; f < field_count; ++f) {
    const Value value = sets.least(header[f]);
    result += (result.empty() ? "" : " ") + std::string(field_names[f]) + ' ' +
              (is_address(f) ? text_of(sets.family(), value) : std::to_string(static_cast<std::uint64_t>(value)));
  }
  return result;
}

std::string epoch_name(std::size_t epoch) {
  return epoch == 0 ? "now" : "before " + std::to_string(epoch);
}
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
  static constexpr std::array<std::string_view, 4> verdicts{"proved", "refuted", "vacuous", "inconclusive"};
  result.verdict = verdicts.at(verdict.one_of({verdicts.begin(), verdicts.end()}));
  verdict.leaf();
  auto next = lines.begin() + 4;
  while (result.verdict == "proved" && next != lines.end() && next->words[0] == "fallen") {
    result.fallen.push_back(*next++);
  }
  for (; next != lines.end(); ++next) {
    Words words(*next);
    if (result.verdict == "proved") {
      static_cast<void>(words.one_of({"family"}));
    }
    result.below.push_back(*next);
  }
  if (result.verdict == "vacuous" && result.below.size() != 1) {
    throw Malformed(4, "one line says why");
  }
  return result;
}

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
  return result;
}

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
    const std::vector<Place> places = read_places(words, world.network());
    words.leaf();
    for (const Place& place : places) {
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
      if (!result.proofs.empty()) {
        words.fail("what everybody can send stands first");
      }
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
      const std::size_t what = layer.one_of({"sender", "own", "answers"});
      if (has_answers || (what == 0 && !proof.own.empty())) {
        layer.fail("senders, layers and answers stand in this order");
      }
      if (what == 0) {
        const std::vector<Place> places = read_places(layer, network);
        layer.leaf();
        proof.senders.insert(proof.senders.end(), places.begin(), places.end());
        continue;
      }
      if (what == 1) {
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

}  // namespace check
