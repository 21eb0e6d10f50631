// SPDX-License-Identifier: Apache-2.0
// Flows of several packets: an opener, replies to what the kernel made of it, further packets of the opener, strangers.
// The kernel's connection table against reach::Replay, which every refutation rests on.
//
//   a --- eth0 |          | eth1 --- b
//              | firewall |
//       ppp0 --|          |-- br-lan
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "constants.h"
#include "iptables_grammar.h"
#include "nft_grammar.h"
#include "oracle.h"
#include "reach/replay.h"
#include "support/skip.h"

namespace segproof::oracle {
namespace {

constexpr std::size_t sequences_per_rule_set = 40;

// The sandbox as a network: what arrives at `a` leaves by `b`, and the other way round.
model::Network network_of(model::RuleSet rules, const std::string& a, const std::string& b) {
  model::Network network;
  model::Node node;
  node.name = "fw";
  node.kind = model::NodeKind::device;
  node.forwarding = {model::Forwarding::on, model::Forwarding::on};
  node.rules = std::move(rules);
  for (const std::string& name : Sandbox::interfaces()) {
    const std::size_t i = network.interfaces.size();
    model::Interface interface;
    interface.name = name;
    interface.node = model::NodeId(0);
    interface.segment = model::SegmentId(i);
    for (const auto& entry : Sandbox::own_addresses().entries) {
      if (entry.interface == name)
        interface.addresses.push_back(entry.address);
    }
    model::Segment segment;
    segment.name = name;
    segment.external = true;
    segment.attached.emplace_back(i);
    node.interfaces.emplace_back(i);
    network.interfaces.push_back(std::move(interface));
    network.segments.push_back(std::move(segment));
  }
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    model::Routing& routing = node.routing[model::index_of(family)];
    const auto to = [&](const std::string& name) {
      const auto found = std::ranges::find(network.interfaces, name, &model::Interface::name);
      const model::InterfaceId id(static_cast<std::size_t>(found - network.interfaces.begin()));
      model::Route route;
      route.destination = make_prefix({family, 0}, 0);
      route.hops.push_back({std::nullopt, id});
      return model::RouteTable{"to " + name, {route}};
    };
    routing.tables = {{"main", {}}, to(b), to(a)};
    const auto from = [](const std::string& name, std::size_t table) {
      model::RouteRule rule;
      rule.priority = 100;
      rule.condition.tests.emplace_back(model::InterfaceTest{model::Direction::ingress, name, false, false});
      rule.table = table;
      return rule;
    };
    routing.rules = {from(a, 1), from(b, 2)};
  }
  network.nodes.push_back(std::move(node));
  return network;
}

// The packet that answers one that looked like this when it left.
Packet answer_to(const Packet& packet) {
  Packet answer = packet;
  std::swap(answer[Field::source], answer[Field::destination]);
  std::swap(answer[Field::source_port], answer[Field::destination_port]);
  if (is_icmp(packet.protocol())) {
    constexpr std::array<std::pair<unsigned, unsigned>, 6> types{
        {{8, 0}, {13, 14}, {15, 16}, {17, 18}, {128, 129}, {139, 140}}};
    for (const auto& [query, reply] : types) {
      if (packet[Field::destination_port] >> 8U == query)
        answer[Field::destination_port] = Bits{reply} * 256;
    }
    answer[Field::source_port] = 0;
  }
  if (packet.protocol() == protocol_number::tcp)
    answer[Field::tcp_flags] = tcp_flag::syn | tcp_flag::ack;
  return answer;
}

struct Count {
  std::size_t rule_sets = 0;
  std::size_t packets = 0;
  std::size_t replies = 0;  // packets that an entry of the table decided
  std::size_t unknown = 0;
  std::size_t different = 0;
};

class Sequences {
 public:
  Sequences(Oracle& oracle, const Draft& draft, Dice& dice, Count& count)
      : oracle_(oracle), draft_(draft), dice_(dice), count_(count) {}

  // What differs, or nothing.
  std::string run() {
    const auto rules = oracle_.rules_of(draft_);
    if (!rules)
      return {};
    ++count_.rule_sets;
    const std::vector<Probe> openers = random_probes(dice_, draft_, sequences_per_rule_set);
    std::uint16_t number = 0;
    for (Probe opener : openers) {
      if (opener.ingress.empty() || opener.way.empty() || opener.ingress == opener.way)
        continue;
      if (opener.packet.protocol() == protocol_number::tcp)
        opener.packet[Field::tcp_flags] = tcp_flag::syn;
      const model::Network network = network_of(rules.value(), opener.ingress, opener.way);
      std::string found = sequence(network, opener, ++number);
      if (!found.empty())
        return found;
    }
    return {};
  }

 private:
  std::string sequence(const model::Network& network, const Probe& opener, std::uint16_t number) {
    reach::Replay replay(network, draft_.family);
    Probe back = opener;  // towards the opener
    std::swap(back.ingress, back.way);
    std::string story;
    bool answered = false;
    Probe next = opener;
    for (int step = 0; step < 4; ++step) {
      const auto seen = one_packet(replay, network, next, number, story);
      if (!story_ends_well_)
        return story;
      if (step == 0 && (!seen || seen->interface != opener.way))
        return {};
      if (step == 0)
        back.packet = answer_to(seen->packet);
      const bool reply = step == 0 ? dice_.percent(85) : dice_.percent(50);
      next = reply ? back : opener;
      // As far as it goes a handshake: the first answer is SYN with ACK.
      if (next.packet.protocol() == protocol_number::tcp && answered)
        next.packet[Field::tcp_flags] = tcp_flag::ack;
      answered = answered || reply;
      // Linux tracks DCCP without its ports since 6.16: there are no strangers.
      if (dice_.percent(8) && step > 0 && has_ports(next.packet.protocol()) &&
          next.packet.protocol() != protocol_number::dccp)
        next.packet[Field::destination_port] ^= 1;  // a stranger
    }
    return {};
  }

  std::optional<KernelAnswer> one_packet(reach::Replay& replay, const model::Network& network, const Probe& probe,
                                         std::uint16_t number, std::string& story) {
    const KernelAnswer kernel = oracle_.ask(draft_, probe, number, false);
    const auto at = std::ranges::find(network.interfaces, probe.ingress, &model::Interface::name);
    const auto paths =
        replay.send_to(model::InterfaceId(static_cast<std::size_t>(at - network.interfaces.begin())), probe.packet);
    ++count_.packets;
    story_ends_well_ = true;
    story += fmt::format("  {}\n", text_of(probe));
    if (paths.size() != 1 || paths.front().fate == reach::ReplayFate::undecided || is_turned(probe, kernel)) {
      ++count_.unknown;
      return std::nullopt;
    }
    const reach::ReplayPath& path = paths.front();
    count_.replies += path.used_state ? 1 : 0;
    const bool here = path.node.valid();
    const bool passes = here || !path.crossed.empty();
    const bool same_place = !passes || here == kernel.interface.empty();
    if (passes == (kernel.fate == model::Fate::accept) && same_place &&
        (!passes || headers_agree(path.last, kernel.packet)))
      return passes ? std::optional(kernel) : std::nullopt;
    story_ends_well_ = false;
    story +=
        fmt::format("  segproof: {} {} ({})\n  kernel: {} {}\n", passes ? "passes" : "stops", to_string(path.last),
                    path.reason, kernel.fate == model::Fate::accept ? "passes" : "stops", to_string(kernel.packet));
    return std::nullopt;
  }

  // Routing, not netfilter, ends the way of a packet whose new addresses nobody routes.
  static bool is_turned(const Probe& probe, const KernelAnswer& kernel) {
    return kernel.fate != model::Fate::accept && !is_plain(probe.packet.destination());
  }

  static bool headers_agree(const Packet& a, const Packet& b) {
    const bool ports = has_ports(a.protocol());
    return a.source() == b.source() && a.destination() == b.destination() &&
           (!ports || (a[Field::source_port] == b[Field::source_port] &&
                       a[Field::destination_port] == b[Field::destination_port]));
  }

  Oracle& oracle_;
  const Draft& draft_;
  Dice& dice_;
  Count& count_;
  bool story_ends_well_ = true;
};

}  // namespace

TEST_CASE("flows do in the replay what they do in the kernel") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const std::uint64_t start = test::seed("agree_kernel flows", 1);
  const auto end = std::chrono::steady_clock::now() + test_seconds() / 4;
  Count count;
  std::uint64_t seed = start;
  while (std::chrono::steady_clock::now() < end && count.different < 5) {
    Dice dice(seed);
    const Family family = seed / 16 % 2 == 0 ? Family::ipv4 : Family::ipv6;
    const Draft draft = seed / 32 % 3 == 2 ? random_nft(dice, family) : random_iptables(dice, Backend::legacy, family);
    // What the kernel chooses of a header, the replay cannot know of the replies.
    if (!draft.sees_zones() && !draft.any(&DraftRule::asks_length) && !draft.any(&DraftRule::chooses)) {
      const std::string found = Sequences(*oracle, draft, dice, count).run();
      if (!found.empty()) {
        ++count.different;
        MESSAGE(fmt::format("seed {}: {}\n{}{}", seed, name_of(draft.backend), found, render(draft).text));
      }
    }
    ++seed;
  }
  fmt::print(
      "agree_kernel flows: seeds {} to {}: {} rule sets, {} packets, {} by the connection table, {} undecided, {} "
      "differ\n",
      start, seed - 1, count.rule_sets, count.packets, count.replies, count.unknown, count.different);
  CHECK(count.different == 0);
  CHECK((count.replies > 0 || count.rule_sets == 0));
}

}  // namespace segproof::oracle
