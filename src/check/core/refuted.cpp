// SPDX-License-Identifier: Apache-2.0
#include "check/core/refuted.h"

#include <algorithm>

#include "check/core/anti_spoofed.h"
#include "check/core/closure.h"
#include "check/core/containment.h"
#include "check/core/rule_lines.h"

namespace check {
namespace {

constexpr std::size_t most_steps = 200, most_courses = 64, most_supposed = 64;

// Sources that no node takes from a wire.
SetId never_a_source(Sets& sets) {
  const Value high = Value{0xff} << 120U;
  return sets.family() == Family::ipv4
             ? sets.of(source, {{0, 0xffffffU}, {0x7f000000U, 0x7fffffffU}, {0xe0000000U, 0xffffffffU}})
             : sets.of(source, {{0, 1}, {high, ~Value{0}}});
}

std::set<Place> body_of(const Place& place, const Network& network) {
  if (place.kind != Place::Kind::interface &&
      (place.kind != Place::Kind::device || network.nodes[place.node].is_device)) {
    return {place};
  }
  std::set<Place> result;
  for (std::size_t i = 0; i < network.nodes[place.node].interfaces.size(); ++i) {
    result.insert({Place::Kind::interface, place.node, i});
  }
  return result;
}

Places known(const std::set<Place>& places, const Surroundings& world) {
  Places result = all_places(world);
  std::erase_if(result, [&](const auto& entry) { return !places.contains(entry.first); });
  return result;
}

bool is_node(const Place& place) {
  return place.kind == Place::Kind::interface || place.kind == Place::Kind::device;
}

}  // namespace

Refutation::Refutation(const Network& network, const Claim& claim)
    : network_(&network),
      claim_(&claim),
      is_of_compromise_(claim.kind == "contained" || claim.kind == "no-exfiltration"),
      work_(all_steps) {
  check_kind(claim, true);
  for (OneFamily& one : families_) {
    one.world = std::make_unique<Surroundings>(network, one.sets, 0);
  }
  if (is_of_compromise_) {
    for (const auto& [place, part] : places_of(world(Family::ipv4), claim.from)) {
      state.fallen.merge(body_of(place, network));
    }
  }
}

// One packet as there are packets, under an address that the sender may take.
void Refutation::check_packet(const Step& step) {
  Sets& sets = this->sets(step.family);
  for (std::size_t f = 0; f < field_count; ++f) {
    if (step.packet[f] != sets.single(static_cast<Field>(f), sets.least(step.packet[f]))) {
      throw Rejected("a step is about one packet");
    }
  }
  const auto is_zero = [&](Field field) { return sets.least(step.packet[field]) == 0; };
  const bool is_icmp = sets.least(step.packet[protocol]) == icmp_of(sets);
  const bool has_ports = sets.within(step.packet[protocol], sets.of(protocol, with_ports()));
  const bool is_piece = !is_zero(fragment);
  if (!is_zero(role) || (!has_ports && !is_zero(sport)) || (!has_ports && !is_icmp && !is_zero(dport)) ||
      (sets.least(step.packet[protocol]) != 6 && !is_zero(flags)) ||
      (is_piece && (sets.least(step.packet[fragment]) != 1 || !is_zero(sport) || !is_zero(dport) || !is_zero(flags)))) {
    throw Rejected("there is no such packet");
  }
  const Surroundings& here = world(step.family);
  const Places everywhere = all_places(here);
  const auto sender = everywhere.find(step.sender);
  const bool is_honest = sender != everywhere.end() && sets.within(step.packet[source], sender->second.addresses);
  const bool is_free = claim_->spoofing == "any" || network_->segments[step.frame.segment].is_external;
  if (sets.within(step.packet[source], never_a_source(sets)) || (!is_free && !is_honest)) {
    throw Rejected("the sender does not send under this address");
  }
}

void Refutation::check_sender(const Step& step) const {
  const std::vector<std::size_t> wires = segments_of(step.sender, *network_);
  const bool is_sender = all_places(world(step.family)).contains(step.sender);
  if (!is_sender || std::find(wires.begin(), wires.end(), step.frame.segment) == wires.end()) {
    throw Rejected(name_of(*network_, step.sender) + " sends nothing there");
  }
}

// With state that somebody else made, a packet passes as a reply.
bool Refutation::is_own(const Place& maker, const Place& sender) const {
  return maker == sender || (is_node(maker) && is_node(sender) && maker.node == sender.node) ||
         (state.fallen.contains(maker) && state.fallen.contains(sender));
}

// Who answers knows what was asked: where a node chose a port or an address, the answer is to each choice.
Box Refutation::header_for(const Step& step, const Course& course) {
  Box header = step.packet;
  if (!course.asked) {
    return header;
  }
  Sets& sets = this->sets(step.family);
  const Box& asked = *course.asked;
  const std::pair<Field, Field> turned[] = {
      {source, destination}, {destination, source}, {sport, dport}, {dport, sport}};
  const bool has_ports = sets.least(step.packet[protocol]) != icmp_of(sets);
  const bool answers =
      step.packet[protocol] == asked[protocol] &&
      std::all_of(std::begin(turned), std::end(turned), [&](const auto& pair) {
        return (pair.first > destination && !has_ports) || sets.within(step.packet[pair.first], asked[pair.second]);
      });
  for (const auto& [to, from] : turned) {
    if (answers && (to <= destination || has_ports)) {
      header[to] = asked[from];
    }
  }
  return header;
}

std::set<std::size_t> Refutation::fallen_nodes() const {
  std::set<std::size_t> result;
  for (const Place& place : state.fallen) {
    if (is_node(place)) {
      result.insert(place.node);
    }
  }
  return result;
}

// A node that opens something knows it itself.
void Refutation::learn_own(const Step& step, Tables& tables, const Box& header) const {
  const Surroundings& here = world(step.family);
  if (!is_node(step.sender) || !here.facts(step.sender.node).tracks || state.fallen.contains(step.sender)) {
    return;
  }
  for (const std::vector<Rule>& chain : here.rules(step.sender.node).chains) {
    for (const Rule& rule : chain) {
      if (rule.action.kind == Action::Kind::untrack || rule.action.kind == Action::Kind::translate) {
        throw Rejected("what " + name_of(*network_, step.sender) + " opens itself may be translated or not tracked");
      }
    }
  }
  Connection made;
  made.flow.arrived = header;
  for (const Field field : {flags, fragment, role}) {
    made.flow.arrived[field] = any_value;
  }
  made.maker = state.makers.size() - 1;
  made.mark = 0;
  made.translated = {false, false};
  tables[step.sender.node].push_back(made);
}

Taken Refutation::take(const Step& step) {
  if (state.is_broken || state.makers.size() >= most_steps) {
    throw Rejected("a step after the claim is broken, or too many of them");
  }
  check_packet(step);
  if (claim_->kind == "anti-spoofed") {
    return enter(step);
  }
  check_sender(step);
  state.makers.push_back(step.sender);
  Taken taken;
  std::vector<Ending> endings;
  for (Course& course : state.courses[static_cast<std::size_t>(step.family)]) {
    for (auto& [node, table] : course.tables) {
      for (Connection& connection : table) {
        connection.is_own = is_own(state.makers[connection.maker], step.sender);
      }
    }
    const Box header = header_for(step, course);
    if (step.does == Step::Does::opens) {
      learn_own(step, course.tables, header);
    }
    Replay replay(world(step.family), state.makers.size() - 1, work_);
    replay.supposed = step.supposed;
    replay.may_end = step.does == Step::Does::opens;
    replay.fallen = fallen_nodes();
    replay.send(step.frame, header, course.tables);
    taken.passed.insert(taken.passed.end(), replay.passed.begin(), replay.passed.end());
    endings.insert(endings.end(), replay.endings.begin(), replay.endings.end());
    if (step.does == Step::Does::breaks) {
      check_way(replay);
    }
  }
  taken.end = endings.front().place;
  for (const Ending& ending : endings) {
    if (ending.place != *taken.end || ending.place.kind == Place::Kind::outside) {
      taken.end.reset();
      break;
    }
  }
  std::vector<Course>& courses = state.courses[static_cast<std::size_t>(step.family)];
  courses.clear();
  for (const Ending& ending : endings) {
    courses.push_back({ending.tables, std::nullopt});
    if (step.does == Step::Does::opens && ending.place.kind != Place::Kind::outside) {
      courses.back().asked = ending.packets.box;
    }
  }
  if (courses.size() > most_courses) {
    throw TooLarge();
  }
  if (step.does != Step::Does::opens) {
    if (!taken.end) {
      throw Rejected("it may be delivered here or there");
    }
    decide(step, endings, taken);
  }
  return taken;
}

// Somebody on a segment of the zone sends a packet under a foreign address, and the first node lets it in.
Taken Refutation::enter(const Step& step) {
  const Surroundings& here = world(step.family);
  const Entries entries = entries_of(*claim_, here);
  const std::pair into = step.frame.receiver.value_or(std::pair<std::size_t, std::size_t>());
  const bool is_entry = std::find(entries.spots.begin(), entries.spots.end(),
                                  Spot{Spot::Kind::interface, into.first, into.second}) != entries.spots.end();
  const Place sender{Place::Kind::unlisted, 0, step.frame.segment};
  if (!step.frame.receiver || !is_entry || step.sender != sender || step.does != Step::Does::breaks ||
      !covers(*claim_, here) || here.sets().meet(step.packet[source], entries.legitimate) != no_value) {
    throw Rejected("the claim is not about such a packet there");
  }
  Replay replay(here, 0, work_);
  replay.supposed = step.supposed;
  for (std::size_t s = 0; s < network_->segments.size(); ++s) {
    replay.watched.push_back(s);
  }
  replay.send(step.frame, step.packet, {});
  const bool is_device = network_->nodes[into.first].is_device;
  for (const Ending& ending : replay.endings) {  // what is for itself counts for a device
    if (ending.place.kind != Place::Kind::outside && !is_device) {
      throw Rejected("a host takes it for itself");
    }
  }
  state.is_broken = true;
  return {replay.passed, std::nullopt, {}};
}

// Of `via`: the packet that arrives goes through nothing that the claim names.
void Refutation::check_way(const Replay& replay) const {
  if (claim_->kind != "via") {
    return;
  }
  const auto passes = [&](const Place& place) {
    return place.kind == Place::Kind::unlisted
               ? std::find(replay.crossed.begin(), replay.crossed.end(), place.number) != replay.crossed.end()
               : is_node(place) && std::any_of(replay.passed.begin(), replay.passed.end(),
                                               [&](const PassedNode& passed) { return passed.node == place.node; });
  };
  for (const auto& [place, part] : places_of(world(Family::ipv4), claim_->through)) {
    if (passes(place)) {
      throw Rejected("it goes through " + name_of(*network_, place));
    }
  }
}

void Refutation::decide(const Step& step, const std::vector<Ending>& endings, Taken& taken) {
  const Surroundings& here = world(step.family);
  if (is_of_compromise_) {
    fell(step, *taken.end, endings, taken);
    return;
  }
  if (step.does != Step::Does::breaks) {
    throw Rejected("nobody falls in a claim of this kind");
  }
  if (covers(*claim_, here)) {
    for (const Question& question : questions_of(*claim_, here, {})) {
      if (is_forbidden(question, step, endings, taken)) {
        state.is_broken = true;
        return;
      }
    }
  }
  throw Rejected("the claim forbids no such packet from " + name_of(*network_, step.sender) + " to " +
                 name_of(*network_, *taken.end));
}

bool Refutation::is_forbidden(const Question& question, const Step& step, const std::vector<Ending>& endings,
                              Taken& taken) {
  const Surroundings& here = world(step.family);
  const auto& senders = question.senders;
  if (std::find(senders.begin(), senders.end(), step.sender) == senders.end()) {
    return false;
  }
  if (question.devices_are_themselves && step.sender.kind == Place::Kind::device &&
      !here.sets().within(step.packet[source], here.facts(step.sender.node).own)) {
    return false;
  }
  Question mine = question;
  mine.senders = {step.sender};
  for (const Ending& ending : endings) {
    if (surely_forbidden(mine, here, ending.place, ending.packets) == Forbids::nothing) {
      return false;
    }
  }
  for (const Ending& ending : endings) {
    if (surely_forbidden(mine, here, ending.place, ending.packets) == Forbids::openings) {
      answer(mine, step, ending, taken);
    }
  }
  return true;
}

// The handshake completes: by one of the ways that are told. Which one may depend on the way that the packet came.
void Refutation::answer(const Question& question, const Step& step, const Ending& ending, Taken& taken) {
  if (step.answers.empty()) {
    throw Unanswered("nothing shows that the session is answered");
  }
  taken.answers.resize(step.answers.size());
  for (std::size_t i = 0; i < step.answers.size(); ++i) {
    try {
      const std::vector<PassedNode> passed = back(question, step, ending, step.answers[i]);
      taken.answers[i].insert(taken.answers[i].end(), passed.begin(), passed.end());
      return;
    } catch (const Rejected&) {
      if (i + 1 == step.answers.size()) {
        throw;
      }
    }
  }
}

// The answer, from the address that was asked, is back on a segment of the sender.
std::vector<PassedNode> Refutation::back(const Question& question, const Step& step, const Ending& ending,
                                         const Frame& frame) {
  const Surroundings& here = world(step.family);
  Sets& sets = here.sets();
  const std::vector<std::size_t> wires = segments_of(ending.place, *network_);
  const bool is_routed = is_node(ending.place) && network_->nodes[ending.place.node].is_device;
  if (is_routed && !state.fallen.contains({Place::Kind::device, ending.place.node, 0})) {
    throw Rejected("what a device answers goes by its own rules and routes, and these are not looked at");
  }
  if (std::find(wires.begin(), wires.end(), frame.segment) == wires.end()) {
    throw Rejected(name_of(*network_, ending.place) + " answers nothing there");
  }
  const Box& asked = ending.packets.box;
  Box header = asked;
  header[source] = asked[destination];
  header[destination] = asked[source];
  header[sport] = asked[dport];
  header[dport] = asked[sport];
  header[flags] = sets.single(flags, syn | ack);
  header[role] = sets.single(role, own_role);
  Replay replay(here, state.makers.size() - 1, work_);
  replay.supposed = step.supposed;
  replay.one_way_is_enough = true;
  replay.fallen = fallen_nodes();
  Tables tables = ending.tables;
  const bool is_device = step.sender.kind == Place::Kind::device;
  if (is_device) {  // it must take the answer itself
    learn_own(step, tables, step.packet);
  } else {
    replay.watched = segments_of(sending(question, step.sender), *network_);
  }
  replay.send(frame, header, tables);
  for (const Ending& end : replay.endings) {
    if (is_device ? end.place != step.sender : end.place.kind != Place::Kind::outside) {
      throw Rejected("the answer goes to " + name_of(*network_, end.place));
    }
  }
  return replay.passed;
}

// At the levels that ask for services a host falls by a session to one of them; where nobody knows or nobody looked, by
// any.
bool Refutation::listens(const Place& place, const Step& step, const std::vector<Ending>& endings) {
  const bool is_vulnerable = claim_->pivot == "vulnerable";
  if (!is_node(place) || network_->nodes[place.node].is_device || (!is_vulnerable && claim_->pivot != "listening")) {
    return true;
  }
  const Node& node = network_->nodes[place.node];
  Sets& sets = this->sets(step.family);
  return std::all_of(endings.begin(), endings.end(), [&](const Ending& ending) {
    const Box header = header_of(ending.packets);
    const auto is_for = [&](const Service& service) {
      return sets.within(header[protocol], sets.single(protocol, service.protocol)) &&
             sets.within(header[dport], sets.of(dport, service.ports));
    };
    const bool is_known = std::any_of(node.services.begin(), node.services.end(), [&](const Service& service) {
      return (service.is_vulnerable || !is_vulnerable) && is_for(service);
    });
    const bool was_scanned = std::any_of(node.scanned.begin(), node.scanned.end(), [&](const Service& range) {
      return sets.meet(header[protocol], sets.single(protocol, range.protocol)) != no_value &&
             sets.meet(header[dport], sets.of(dport, range.ports)) != no_value;
    });
    return is_known || (!is_vulnerable && (!node.services_known || (!node.scanned.empty() && !was_scanned)));
  });
}

// A session to somebody who stands makes him fall; so does one that he opens to the fallen.
void Refutation::fell(const Step& step, const Place& end, const std::vector<Ending>& endings, Taken& taken) {
  const Surroundings& here = world(step.family);
  const std::vector<Question> questions = containment(*claim_, here, known(state.fallen, here));
  const bool reaches = listens(end, step, endings) && is_forbidden(questions.front(), step, endings, taken);
  if (!reaches && (questions.size() < 2 || !is_forbidden(questions[1], step, endings, taken))) {
    throw Rejected(name_of(*network_, end) + " does not fall by it, nor " + name_of(*network_, step.sender));
  }
  const std::set<Place> hit = body_of(reaches ? end : step.sender, *network_);
  const bool outwards = claim_->kind == "no-exfiltration";
  const Places targets = outwards ? external_places(here) : places_of(here, claim_->to);
  for (const Place& place : hit) {
    const auto target = targets.find(place);
    const bool is_meant =
        target != targets.end() &&
        (target->second.is_whole || (reaches && std::all_of(endings.begin(), endings.end(), [&](const Ending& ending) {
                                       return here.sets().within(header_of(ending.packets)[destination],
                                                                 target->second.addresses);
                                     })));
    state.is_broken = state.is_broken || is_meant;
  }
  state.felled += step.does == Step::Does::fells ? 1 : 0;
  if (state.is_broken != (step.does == Step::Does::breaks) || (claim_->hops && state.felled > *claim_->hops)) {
    throw Rejected("it breaks the claim, or does not, unlike it is told");
  }
  state.fallen.insert(hit.begin(), hit.end());
}

namespace {

Frame read_frame(Words& words, const Network& network) {
  Frame result;
  static_cast<void>(words.one_of({"on"}));
  const auto segment = network.segment(words.string());
  if (!segment) {
    words.fail("no such segment");
  }
  result.segment = *segment;
  if (words.take("to")) {
    const std::size_t node = read_node_name(words, network);
    result.receiver = {node, words.number(network.nodes[node].interfaces.size())};
    if (result.receiver->second == network.nodes[node].interfaces.size()) {
      words.fail("no such interface");
    }
  }
  words.end();
  return result;
}

std::vector<PassedNode> read_passed(const std::vector<Line>& lines, const Network& network, std::size_t& next) {
  std::vector<PassedNode> result;
  for (; next < lines.size() && lines[next].words[0] == "hop"; ++next) {
    Words words(lines[next]);
    static_cast<void>(words.take("hop"));
    PassedNode& passed = result.emplace_back();
    passed.node = read_node_name(words, network);
    passed.in = words.number(most_numbered);
    passed.is_lost = words.take("lost");
    if (!passed.is_lost && !words.take("delivered")) {
      passed.out = words.number(most_numbered);
    }
    words.leaf();
  }
  return result;
}

Supposed read_supposed(const Line& line, const Network& network, Sets& sets) {
  Words words(line);
  static_cast<void>(words.take("suppose"));
  Supposed result;
  const std::size_t what = words.one_of({"rule", "forwards", "chooses", "passes"});
  result.node = read_node_name(words, network);
  if (what == 0) {
    result.origin = read_place(words);
    result.how = static_cast<Supposed::How>(words.one_of({"holds", "fails", "accepts", "continues"}));
  } else {
    result.how = static_cast<Supposed::How>(what + 3);
  }
  if (result.how == Supposed::How::passes) {
    result.in = words.number(most_numbered);
    result.changed = words.take("becomes") ? read_box(words, sets) : result.changed;
    const SetId from = result.changed[source];
    const auto is_kept = [&](Field field) { return result.changed[field] == any_value; };
    if (!is_kept(protocol) || !is_kept(flags) || !is_kept(fragment) || !is_kept(role) ||
        (from != any_value && sets.meet(from, never_a_source(sets)) != no_value)) {
      words.fail("a device changes addresses and ports, to those that there are");
    }
    result.frame = read_frame(words, network);
  }
  words.leaf();
  return result;
}

// Takes a step but for one of the suppositions, which are counted from the first step on.
void check_step(const Line& line, const Network& network, Refutation& refutation, std::size_t& count,
                std::size_t left_out) {
  Words words(line);
  static_cast<void>(words.one_of({"step"}));
  Step step;
  step.family = words.one_of({"4", "6"}) == 0 ? Family::ipv4 : Family::ipv6;
  step.does = static_cast<Step::Does>(words.one_of({"opens", "fells", "breaks"}));
  const std::vector<Place> places = read_places(words, network);
  step.frame = read_frame(words, network);
  for (const Place& place : places) {  // of a host the interface there
    const auto wires = segments_of(place, network);
    const bool is_there = std::find(wires.begin(), wires.end(), step.frame.segment) != wires.end();
    step.sender = is_there || &place == &places.front() ? place : step.sender;
  }
  check_order(line.below,
              {{Expected::Times::once, {"packet"}},
               {Expected::Times::any, {"suppose"}},
               {Expected::Times::any, {"hop"}},
               {Expected::Times::perhaps, {"end"}},
               {Expected::Times::any, {"answer"}}},
              line.number);
  Words packet(line.below.front());
  static_cast<void>(packet.take("packet"));
  step.packet = read_box(packet, refutation.sets(step.family));
  if (step.packet[role] != any_value) {
    packet.fail("a packet that is sent has no role");
  }
  step.packet[role] = refutation.sets(step.family).single(role, own_role);
  packet.leaf();
  std::size_t next = 1;
  for (; next < line.below.size() && line.below[next].words[0] == "suppose"; ++next) {
    const Supposed supposed = read_supposed(line.below[next], network, refutation.sets(step.family));
    if (count++ != left_out) {
      step.supposed.push_back(supposed);
    }
  }
  Taken told;
  told.passed = read_passed(line.below, network, next);
  if (next < line.below.size() && line.below[next].words[0] == "end") {
    Words end(line.below[next++]);
    static_cast<void>(end.take("end"));
    told.end = read_places(end, network).front();
    end.leaf();
  }
  for (; next < line.below.size(); ++next) {
    Words answer(line.below[next]);
    static_cast<void>(answer.take("answer"));
    step.answers.push_back(read_frame(answer, network));
    std::size_t hop = 0;
    told.answers.push_back(read_passed(line.below[next].below, network, hop));
    if (hop < line.below[next].below.size()) {
      answer.fail("an answer has nothing but hops");
    }
  }
  const Taken taken = refutation.take(step);
  const bool same_end = taken.end.has_value() == told.end.has_value() &&
                        (!taken.end || text_of(*taken.end, network) == text_of(*told.end, network));
  if (taken.passed != told.passed || taken.answers != told.answers || !same_end) {
    throw Rejected("a packet of " + name_of(network, step.sender) + " goes another way than it is told");
  }
}

// Returns how many suppositions there are.
std::size_t check_steps(const std::vector<Line>& lines, const Claim& claim, const Network& network,
                        std::size_t left_out = most_supposed) {
  Refutation refutation(network, claim);
  std::size_t count = 0;
  for (const Line& line : lines) {
    check_step(line, network, refutation, count, left_out);
  }
  if (!refutation.state.is_broken) {
    throw Rejected("the claim is not broken by these steps");
  }
  return count;
}

}  // namespace

void check_refuted(const std::vector<Line>& lines, const Claim& claim, const Network& network) {
  if (check_steps(lines, claim, network) != 0) {
    throw Rejected("what is only supposed refutes nothing");
  }
}

void check_inconclusive(const std::vector<Line>& lines, const Claim& claim, const Network& network) {
  const std::size_t count = check_steps(lines, claim, network);
  if (count == 0 || count > most_supposed) {
    throw Rejected("nothing is undecided on the way, or too much");
  }
  for (std::size_t i = 0; i < count; ++i) {
    try {
      static_cast<void>(check_steps(lines, claim, network, i));
    } catch (const Rejected&) {  // it must be so
      continue;
    }
    throw Rejected("the claim is broken whether supposition " + std::to_string(i) + " comes out so or not");
  }
}

}  // namespace check
