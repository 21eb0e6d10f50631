// SPDX-License-Identifier: Apache-2.0
// A rule set that was read, compiled into packet sets and walked packet by packet: neither may know better.
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/text.h"
#include "input/cisco/reader.h"
#include "input/iptables/reader.h"
#include "input/nft/reader.h"
#include "laws.h"
#include "model/single_packet.h"
#include "reach/stage_program.h"

namespace segproof::fuzz {
namespace {

using model::Fate;
using reach::End;

// Beyond it compiling takes longer than a fuzzer waits; large rule sets are what benchmarks and hostile tests are for.
constexpr std::size_t most_weight = 3000;
constexpr std::size_t most_interfaces = 4;
constexpr int probes_per_stage = 24;

struct Question {
  std::string syntax;
  model::SinglePacket packet;
};

// "nft eth0 eth1 tcp 10.0.0.1:40000 > 10.1.0.1:22"; LOCAL is no interface.
std::optional<Question> parse_question(std::string_view line) {
  Question question;
  const auto next = [&line] {
    line = trim(line);
    const std::string_view word = line.substr(0, std::min(line.find(' '), line.size()));
    line.remove_prefix(word.size());
    return std::string(word);
  };
  question.syntax = next();
  question.packet.ingress = next();
  question.packet.egress = next();
  for (std::string* name : {&question.packet.ingress, &question.packet.egress}) {
    if (*name == "LOCAL")
      name->clear();
  }
  const std::optional<Packet> packet = parse_packet(trim(line));
  if (!packet || (question.packet.ingress.empty() && question.packet.egress.empty()))
    return std::nullopt;
  question.packet.packet = *packet;
  return question;
}

std::optional<model::RuleSet> read_rules(const std::string& syntax, FileId file, const SourceStore& sources,
                                         DiagnosticSink& sink) {
  if (syntax == "iptables-save")
    return read_iptables_save(file, sources, Family::ipv4, sink).rules;
  if (syntax == "ip6tables-save")
    return read_iptables_save(file, sources, Family::ipv6, sink).rules;
  if (syntax == "nft")
    return read_nft(file, sources, nullptr, sink).rules;
  if (syntax == "nft-json")
    return read_nft_json(file, sources, sink).rules;
  if (const auto dialect = find_cisco_dialect(syntax))
    return read_cisco(file, sources, *dialect, sink).rules;
  return std::nullopt;
}

// Values that the rules name, and their neighbours: where a packet set and a walk would part.
class Constants {
 public:
  Constants(const model::RuleSet& rules, Family family) : family_(family), values_(field_count) {
    for (const model::Chain& chain : rules.chains) {
      for (const model::Rule& rule : chain.rules)
        take(rule.condition);
    }
  }
  [[nodiscard]] const std::set<std::string>& interfaces() const { return interfaces_; }

  Bits draw(Field field, std::mt19937_64& random) const {
    const auto& known = values_[static_cast<std::size_t>(field)];
    const Bits max = field_max(field, family_);
    if (known.empty() || random() % 4 == 0)
      return (Bits{random()} << 64U | random()) & max;
    return known[random() % known.size()] & max;
  }

 private:
  void take(const model::Condition& condition) {
    for (const model::Test& test : condition.tests) {
      if (const auto* field = std::get_if<model::FieldTest>(&test)) {
        for (const Interval& interval : field->values.intervals())
          add(field->field, {interval.low - 1, interval.low, interval.high, interval.high + 1});
      } else if (const auto* masked = std::get_if<model::MaskTest>(&test)) {
        add(masked->field, {masked->value, masked->value | ~masked->mask, masked->value ^ 1U});
      } else if (const auto* interface = std::get_if<model::InterfaceTest>(&test)) {
        if (interfaces_.size() < most_interfaces && !interface->name.empty())
          interfaces_.insert(interface->name);
      } else if (const auto* any = std::get_if<model::AnyTest>(&test)) {
        for (const model::Condition& alternative : any->alternatives)
          take(alternative);
      }
    }
  }
  void add(Field field, std::initializer_list<Bits> values) {
    auto& known = values_[static_cast<std::size_t>(field)];
    if (known.size() < 256)
      known.insert(known.end(), values);
  }

  Family family_;
  std::vector<std::vector<Bits>> values_;
  std::set<std::string> interfaces_;
};

// The rules on one device with an interface for each name, 10.N.0.1/24 and 2001:db8:N::1/64 on it.
model::Network network_of(model::RuleSet rules, const std::set<std::string>& names) {
  model::Network network;
  model::Node node;
  node.name = "fw";
  node.kind = model::NodeKind::device;
  node.forwarding = {model::Forwarding::on, model::Forwarding::on};
  node.rules = std::move(rules);
  for (const std::string& name : names) {
    const std::size_t n = network.interfaces.size();
    model::Interface interface;
    interface.name = name;
    interface.node = model::NodeId(0);
    interface.segment = model::SegmentId(n);
    model::Segment segment;
    segment.name = fmt::format("s{}", n);
    for (const std::string& address : {fmt::format("10.{}.0.1/24", n + 1), fmt::format("2001:db8:{}::1/64", n + 1)}) {
      interface.addresses.push_back(*parse_interface_address(address));
      segment.prefixes.push_back(interface.addresses.back().prefix);
    }
    segment.attached.emplace_back(n);
    node.interfaces.emplace_back(n);
    network.segments.push_back(std::move(segment));
    network.interfaces.push_back(std::move(interface));
  }
  for (model::Routing& routing : node.routing)
    routing.tables.push_back({"main", {}});
  network.nodes.push_back(std::move(node));
  return network;
}

// One of the worlds that the configuration leaves possible: everything undecided has an answer.
class PossibleWorld final : public model::Surroundings {
 public:
  PossibleWorld(const reach::NodeFacts& facts, std::uint64_t seed) : facts_(facts), seed_(seed) {}

  [[nodiscard]] std::optional<model::AddressType> type_of(const Address& address,
                                                          const std::string& limit) const override {
    using enum model::AddressType;
    const bool own = facts_.of_type(local, nullptr).contains(address.bits);
    if (own && !limit.empty()) {
      for (const model::InterfaceId id : facts_.node().interfaces) {
        if (facts_.network->interface(id).name == limit && facts_.addresses_on(id).contains(address.bits))
          return local;
      }
      return std::nullopt;
    }
    for (const model::AddressType type :
         {local, broadcast, multicast, unspecified, unreachable, blackhole, prohibit, unicast}) {
      if (facts_.of_type(type, nullptr).contains(address.bits))
        return type;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Bits> measure(model::Measure measure, const model::Flight&) const override {
    return Digest().add(seed_).add(static_cast<std::uint64_t>(measure)).value() % 256;
  }
  [[nodiscard]] model::Truth holds(const model::UnknownTest& test) const override {
    const std::uint64_t hash = Digest().add(seed_).add(test.text).add(static_cast<std::uint64_t>(test.kind)).value();
    return (hash >> 7U & 1U) != 0 ? model::Truth::yes : model::Truth::no;
  }
  [[nodiscard]] IntervalSet addresses_of(const std::string& interface, Family) const override {
    for (const model::InterfaceId id : facts_.node().interfaces) {
      if (facts_.network->interface(id).name == interface)
        return facts_.addresses_on(id);
    }
    return {};
  }

 private:
  const reach::NodeFacts& facts_;
  std::uint64_t seed_;
};

// One stage, compiled, and the packets that are walked through it.
class StageCheck {
 public:
  StageCheck(Laws& laws, const model::Network& network, const model::Stage& stage, const reach::NodeFacts& facts,
             const reach::HeaderSets& headers)
      : laws_(laws),
        rules_(network.nodes.front().rules),
        stage_(stage),
        facts_(facts),
        headers_(headers),
        program_(reach::compile_stage(rules_, stage, facts, headers)) {}

  void conserves() {
    laws_.hold(program_.conserves(), "a stage loses packets, or sends some two ways for certain");
    const reach::StageProgram slow = reach::compile_stage_rule_by_rule(rules_, stage_, facts_, headers_);
    for (const End end : {End::accept, End::drop, End::translate, End::scramble}) {
      laws_.hold(program_.may(end) == slow.may(end), "merged rules are other rules");
    }
  }

  void probe(const Constants& constants, std::uint64_t seed, const model::SinglePacket& given) {
    std::mt19937_64 random(seed);
    for (int n = 0; n < probes_per_stage; ++n) {
      Packet packet = given.packet;
      if (n > 0) {
        for (const Field field : {Field::fragment, Field::protocol, Field::destination, Field::source,
                                  Field::destination_port, Field::source_port, Field::tcp_flags}) {
          if (random() % 3 != 0)
            packet[field] = constants.draw(field, random);
        }
        packet[Field::fragment] = random() % 8 == 0 ? 1 : 0;
      }
      packet[Field::state] = random() % track_state_count;
      packet[Field::translated] = stage_.kind == model::StageKind::translate ? 0 : random() % 4;
      packet[Field::ingress] = random() % (facts_.node().interfaces.size() + 1);
      packet[Field::egress] = random() % (facts_.hops.size() + 1);
      packet[Field::mark] = random() % facts_.marks.values().size();
      packet[Field::connection_mark] = random() % facts_.connection_marks.values().size();
      walk(packet, random());
    }
  }

 private:
  [[nodiscard]] model::Flight flight_of(const Packet& packet) const {
    model::Flight flight;
    flight.packet = packet;
    const auto at = [&](Field field) { return static_cast<std::size_t>(packet[field]); };
    if (at(Field::ingress) > 0)
      flight.ingress = facts_.network->interface(facts_.node().interfaces[at(Field::ingress) - 1]).name;
    if (at(Field::egress) > 0)
      flight.egress = facts_.network->interface(facts_.hops[at(Field::egress) - 1].interface).name;
    flight.mark = facts_.marks.values()[at(Field::mark)];
    flight.connection_mark = facts_.connection_marks.values()[at(Field::connection_mark)];
    return flight;
  }

  void walk(const Packet& packet, std::uint64_t seed) {
    model::Flight flight = flight_of(packet);
    const model::StageResult result = model::walk_stage(rules_, stage_, flight, PossibleWorld(facts_, seed));
    const model::Rule* by = result.decided_by.rule;
    if (result.fate == Fate::unknown) {
      const bool anything = by != nullptr && std::holds_alternative<model::Anything>(by->action);
      for (const End end : {End::accept, End::drop, End::scramble})
        laws_.hold(!anything || program_.may(end).contains(packet), "the engine knows what a walk does not know");
      return;
    }
    const bool dropped = result.fate != Fate::accept;
    const bool translated = by != nullptr && std::holds_alternative<model::Translate>(by->action);
    const End end = dropped ? End::drop : translated ? End::translate : End::accept;
    laws_.hold(program_.may(end).contains(packet), dropped ? "a dropped packet is no dropped packet of the engine"
                                                           : "an accepted packet is no accepted packet of the engine");
    for (const reach::Outcome& outcome : program_.outcomes) {
      const bool drops = outcome.end == End::drop;
      laws_.hold(drops == dropped || outcome.end == End::scramble || !outcome.must.contains(packet),
                 "what the engine is sure of does not happen");
    }
    if (!dropped && flight.marks_certain)
      laws_.hold(becomes(packet, flight, end), "a header or a mark after the stage that the engine does not know");
  }

  // The packet as the walk left it is among what the program makes of it.
  [[nodiscard]] bool becomes(const Packet& packet, const model::Flight& after, End end) const {
    const PacketSet only = headers_.space().only(packet);
    const Packet expected = as_index(after, packet);
    for (const reach::Outcome& outcome : program_.outcomes) {
      if (outcome.end != end)
        continue;
      PacketSet made = only & outcome.may;
      if (end == End::translate)
        made = reach::image(program_.rewrites[outcome.rewrite], made, headers_, reach::Approximation::over);
      if (reach::after_effect(made, outcome.effect, facts_, headers_).contains(expected))
        return true;
    }
    return false;
  }

  // Open fields take their least value; Field::translated is given by whoever applies the rewrite.
  [[nodiscard]] Packet as_index(const model::Flight& after, const Packet& before) const {
    Packet packet = after.packet;
    for (std::size_t field = 0; field < field_count; ++field) {
      if (after.open[field])
        packet.values[field] = after.open[field]->min();
    }
    packet[Field::translated] = before[Field::translated];
    const auto index = [](const std::vector<std::uint32_t>& values, std::uint32_t value) {
      return static_cast<Bits>(std::ranges::find(values, value) - values.begin());
    };
    packet[Field::mark] = facts_.marks.exact() ? index(facts_.marks.values(), after.mark) : before[Field::mark];
    packet[Field::connection_mark] = facts_.connection_marks.exact()
                                         ? index(facts_.connection_marks.values(), after.connection_mark)
                                         : before[Field::connection_mark];
    if (after.untracked)
      packet[Field::state] = static_cast<Bits>(TrackState::untracked);
    return packet;
  }

  Laws& laws_;
  const model::RuleSet& rules_;
  const model::Stage& stage_;
  const reach::NodeFacts& facts_;
  const reach::HeaderSets& headers_;
  reach::StageProgram program_;
};

void ask_stages(Laws& laws, const model::Network& network, const Constants& constants, const Question& question,
                std::uint64_t seed) {
  const model::RuleSet& rules = network.nodes.front().rules;
  const Family family = question.packet.packet.family;
  Space space(family, {.edges = std::size_t{1} << 20U});
  const reach::HeaderSets headers(space);
  const reach::NodeFacts facts(network, model::NodeId(0), family);
  for (const model::Stage& stage : rules.stages) {
    const bool seen = family == Family::ipv4 ? stage.ipv4 : stage.ipv6;
    if (stage.kind == model::StageKind::track || !seen)
      continue;
    StageCheck check(laws, network, stage, facts, headers);
    check.conserves();
    check.probe(constants, seed, question.packet);
  }
}

}  // namespace

std::string broken_by_filter(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::optional<Question> question = parse_question(text.substr(0, end));
  if (!question)
    return {};
  SourceStore sources;
  DiagnosticSink sink(100);
  const FileId file = sources.add("rules", std::string(text.substr(std::min(end + 1, text.size()))));
  std::optional<model::RuleSet> rules = read_rules(question->syntax, file, sources, sink);
  if (!rules)
    return {};
  Laws laws(sources);
  laws.rules(*rules, text.size());
  if (!laws.broken().empty())
    return laws.broken();
  const model::Judgement judged = model::judge(*rules, question->packet);
  laws.hold(judged.fate == Fate::accept || !judged.reason.empty(), "a packet that ends without a reason");
  if (weight(*rules) > most_weight)
    return laws.broken();
  const Constants constants(*rules, question->packet.packet.family);
  std::set<std::string> names = constants.interfaces();
  for (const std::string& name : {question->packet.ingress, question->packet.egress}) {
    if (!name.empty())
      names.insert(name);
  }
  const model::Network network = network_of(std::move(*rules), names);
  try {
    ask_stages(laws, network, constants, *question, Digest().add(text).value());
  } catch (const SpaceExhausted&) {
    // A bounded answer, too: whoever asks says "resource limit".
  }
  return laws.broken();
}

}  // namespace segproof::fuzz
