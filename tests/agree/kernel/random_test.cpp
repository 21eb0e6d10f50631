// SPDX-License-Identifier: Apache-2.0
// Made-up rule sets, in the kernel and in segproof, for as long as SEGPROOF_KERNEL_SECONDS says.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>

#include "iptables_grammar.h"
#include "nft_grammar.h"
#include "oracle.h"
#include "support/skip.h"

namespace segproof::oracle {
namespace {

struct Kind {
  Backend backend;
  Family family;
};

constexpr std::size_t block = 16;       // rule sets of one kind in a row
constexpr std::size_t chapter = 1024;   // rule sets to a line of what was done so far
constexpr std::size_t listings_of = 4;  // of so many rule sets of nft one is read back from its listings

// A seed says it all: what kind of rule set, its rules, and the packets. The legacy tables are loaded and asked several
// times faster.
Kind kind_of(std::uint64_t seed) {
  static const std::vector<Kind> kinds{{Backend::legacy, Family::ipv4}, {Backend::legacy, Family::ipv6},
                                       {Backend::legacy, Family::ipv4}, {Backend::iptables_nft, Family::ipv4},
                                       {Backend::legacy, Family::ipv6}, {Backend::iptables_nft, Family::ipv6},
                                       {Backend::nft, Family::ipv4},    {Backend::nft, Family::ipv6}};
  return kinds[seed / block % kinds.size()];
}

// SEGPROOF_KERNEL_ONLY=nft, =iptables-nft or =legacy: the seeds of others are passed by.
bool is_wanted(std::uint64_t seed) {
  const char* only = std::getenv("SEGPROOF_KERNEL_ONLY");
  return only == nullptr || name_of(kind_of(seed).backend) == std::string_view(only);
}

void examine(Oracle& oracle, std::uint64_t seed, Tally& tally) {
  Dice dice(seed);
  const auto [backend, family] = kind_of(seed);
  const Draft draft = backend == Backend::nft ? random_nft(dice, family) : random_iptables(dice, backend, family);
  const std::size_t count = draft.sees_zones() ? 50 : 800;
  const bool listings = backend == Backend::nft && seed % listings_of == 0;
  const std::size_t before = oracle.findings().size();
  oracle.examine(draft, random_probes(dice, draft, count), tally,
                 listings ? Readers::of_listings_too : Readers::of_the_text);
  if (oracle.findings().size() != before)
    MESSAGE(fmt::format("seed {}: {}", seed, oracle.findings().back()));
}

// One line that can be added up: scripts/sum-kernel-runs.sh.
void print_sum(std::uint64_t first, std::uint64_t last, const Tally& tally) {
  const auto total = [](const auto& counts) {
    std::size_t sum = 0;
    for (const auto& [name, count] : counts)
      sum += count;
    return sum;
  };
  fmt::print(
      "agree_kernel sum: seeds {}-{} rule_sets {} refused {} listings {} probes {} undecided {} not_compared {} differ "
      "{}\n",
      first, last, tally.rule_sets, tally.refused, tally.listings, tally.probes, total(tally.unknown),
      total(tally.outside), tally.different);
  static_cast<void>(std::fflush(stdout));
}

TEST_CASE("made-up rule sets do in segproof what they do in the kernel") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const std::uint64_t start = test::seed("agree_kernel", 1);
  const auto end = std::chrono::steady_clock::now() + test_seconds();
  std::map<std::string, Tally> tallies;  // by kind
  Tally here;                            // since `first`
  std::uint64_t first = start;
  std::uint64_t seed = start;
  while (std::chrono::steady_clock::now() < end && oracle->findings().size() < Oracle::most_findings()) {
    if (!is_wanted(seed)) {
      ++seed;
      continue;
    }
    const auto [backend, family] = kind_of(seed);
    Tally one;
    examine(*oracle, seed, one);
    here.add(one);
    tallies[fmt::format("{} {}", name_of(backend), family == Family::ipv4 ? "IPv4" : "IPv6")].add(one);
    if (++seed - first >= chapter) {
      print_sum(first, seed - 1, here);
      first = seed;
      here = {};
    }
  }
  if (seed != first)
    print_sum(first, seed - 1, here);
  Tally all;
  for (const auto& [kind, tally] : tallies) {
    fmt::print("{}: {}", kind, text_of(tally));
    all.add(tally);
  }
  fmt::print("agree_kernel: seeds {} to {}: {} rule sets, {} probes, {} differ\n", start, seed - 1, all.rule_sets,
             all.probes, all.different);
  CHECK(all.probes > 0);
  CHECK(all.different == 0);
}

// A refusal of a packet for another's address, to which it was translated: Linux has no source for the answer.
TEST_CASE("a rejected packet that was translated to the address of another gets no answer that can be seen") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const auto ask = [&](const char* target) {
    Draft draft;
    draft.backend = Backend::legacy;  // a text of one piece has no rules that a trace could name
    draft.verbatim = fmt::format(
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DNAT --to-destination {}\nCOMMIT\n"
        "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j REJECT\nCOMMIT\n",
        target);
    Probe probe;
    probe.packet = parse_packet("udp 172.16.5.9:39723 > 192.0.2.1:52").value_or(Packet{});
    probe.ingress = "eth0";
    Tally tally;
    const std::size_t before = oracle->findings().size();
    oracle->examine(draft, {probe}, tally, Readers::of_the_text);
    CHECK(oracle->findings().size() == before);
    return tally.fates;
  };
  CHECK(ask("10.0.0.4-10.0.0.5").contains("drop"));  // seed 1001572
  CHECK(ask("10.0.0.1").contains("reject"));
}

}  // namespace
}  // namespace segproof::oracle
