// SPDX-License-Identifier: Apache-2.0
// Laws of what a scan tells: never more knowledge than the counts support, and joining two scans only widens services.
#include "input/inventory/nmap_ports.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <utility>

#include "support/skip.h"

namespace segproof::input::inventory {
namespace {

constexpr unsigned ports_end = 12;
constexpr std::uint8_t tcp = 6;

// What is known of each port, port by port.
enum class Fact { unknown, closed, may_listen, open };
using Facts = std::map<unsigned, Fact>;

Facts facts_of(const PortKnowledge& knowledge) {
  Facts facts;
  const auto known = knowledge.known.find(tcp);
  for (unsigned port = 0; port < ports_end; ++port) {
    facts[port] = known != knowledge.known.end() && known->second.contains(port) ? Fact::closed : Fact::unknown;
    for (const ListedService& service : knowledge.services) {
      if (service.ports.contains(port)) {
        REQUIRE(facts[port] != Fact::unknown);  // services lie within what is known
        facts[port] = service.certain ? Fact::open : std::max(facts[port], Fact::may_listen);
      }
    }
  }
  return facts;
}

SeenPort seen(unsigned port, PortState state) {
  return {.protocol = tcp, .port = static_cast<std::uint16_t>(port), .state = state, .name = {}, .span = {}};
}

CountedPorts counted(PortState state, std::uint64_t count) {
  return {.state = state, .count = count, .exact = false, .ports = {}, .span = {}};
}

// A scan of some ports, reported as nmap does: some one by one, the others counted by state.
struct Scan {
  PortSets scanned;
  HostPorts host;
  Facts truth;
  bool counts_fit = true;
};

Scan random_scan(std::mt19937_64& random) {
  Scan scan;
  std::map<PortState, std::uint64_t> rest;
  for (unsigned port = 0; port < ports_end; ++port) {
    scan.truth[port] = Fact::unknown;
    if (random() % 3 == 0) {
      continue;
    }
    scan.scanned[tcp] = scan.scanned[tcp] | IntervalSet::single(port);
    const auto state = static_cast<PortState>(random() % 3);
    scan.truth[port] = state == PortState::open     ? Fact::open
                       : state == PortState::closed ? Fact::closed
                                                    : Fact::may_listen;
    if (state == PortState::open || random() % 2 == 0) {
      scan.host.seen.push_back(seen(port, state));
    } else {
      ++rest[state];
    }
  }
  for (const auto& [state, count] : rest) {
    const bool lie = random() % 8 == 0;
    scan.counts_fit = scan.counts_fit && !lie;
    scan.host.counted.push_back(counted(state, lie ? count - 1 : count));
  }
  return scan;
}

TEST_CASE("a scan never tells more than is true") {
  std::mt19937_64 random(test::seed("nmap ports", 20261121));
  for (int round = 0; round < 3000; ++round) {
    const Scan scan = random_scan(random);
    const PortKnowledge knowledge = conclude(scan.host, scan.scanned);
    const Facts facts = facts_of(knowledge);
    for (unsigned port = 0; port < ports_end; ++port) {
      const Fact truth = scan.truth.at(port);
      const Fact fact = facts.at(port);
      if (fact == Fact::closed) {
        CHECK(truth == Fact::closed);  // the only direction in which an error could hide a service
      }
      if (fact == Fact::open || truth == Fact::open) {
        CHECK(fact == truth);  // open ports are always named
      }
    }
    if (scan.counts_fit) {
      CHECK(knowledge.complete);
    }
  }
}

TEST_CASE("joining scans is symmetric and hides nothing") {
  std::mt19937_64 random(test::seed("nmap joins", 20261122));
  for (int round = 0; round < 3000; ++round) {
    const Scan first = random_scan(random);
    const Scan second = random_scan(random);
    const PortKnowledge a = conclude(first.host, first.scanned);
    const PortKnowledge b = conclude(second.host, second.scanned);
    PortSets disagreed;
    PortSets disagreed_too;
    const Facts joined = facts_of(join(a, b, disagreed));
    CHECK(joined == facts_of(join(b, a, disagreed_too)));
    CHECK(disagreed == disagreed_too);
    const Facts facts_a = facts_of(a);
    const Facts facts_b = facts_of(b);
    for (unsigned port = 0; port < ports_end; ++port) {
      const std::pair both{facts_a.at(port), facts_b.at(port)};
      const auto [low, high] = std::minmax(both.first, both.second);
      const Fact expected = high == Fact::unknown                           ? Fact::unknown
                            : low == Fact::closed && high == Fact::open     ? Fact::may_listen
                            : low == Fact::may_listen && high == Fact::open ? Fact::open
                                                                            : high;
      CHECK(joined.at(port) == expected);
      const bool disagree = low == Fact::closed && high == Fact::open;
      CHECK((disagreed.contains(tcp) && disagreed.at(tcp).contains(port)) == disagree);
    }
  }
}

TEST_CASE("ports of several states without numbers") {
  const PortSets scanned{{tcp, IntervalSet::range(0, 9)}};
  const HostPorts host{.seen = {seen(3, PortState::open)},
                       .counted = {counted(PortState::closed, 5), counted(PortState::may_listen, 4)}};
  const PortKnowledge knowledge = conclude(host, scanned);
  CHECK(knowledge.complete);
  REQUIRE(knowledge.services.size() == 2);
  CHECK(knowledge.services[0].ports == IntervalSet{{0, 2}, {4, 9}});
  CHECK_FALSE(knowledge.services[0].certain);
  CHECK(knowledge.services[1].ports == IntervalSet::single(3));
  CHECK(knowledge.services[1].certain);
}

}  // namespace
}  // namespace segproof::input::inventory
