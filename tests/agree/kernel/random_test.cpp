// SPDX-License-Identifier: Apache-2.0
// Made-up rule sets, in the kernel and in segproof, for as long as SEGPROOF_KERNEL_SECONDS says.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>

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

constexpr std::size_t block = 16;  // rule sets of one kind in a row

TEST_CASE("made-up rule sets do in segproof what they do in the kernel") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  const std::uint64_t start = test::seed("agree_kernel", 1);
  const auto end = std::chrono::steady_clock::now() + test_seconds();
  // The legacy tables are loaded and asked several times faster.
  const std::vector<Kind> kinds{{Backend::legacy, Family::ipv4}, {Backend::legacy, Family::ipv6},
                                {Backend::legacy, Family::ipv4}, {Backend::iptables_nft, Family::ipv4},
                                {Backend::legacy, Family::ipv6}, {Backend::iptables_nft, Family::ipv6},
                                {Backend::nft, Family::ipv4},    {Backend::nft, Family::ipv6}};
  std::vector<Tally> tallies(kinds.size());
  std::uint64_t seed = start;
  while (std::chrono::steady_clock::now() < end && oracle->findings().size() < Oracle::most_findings()) {
    const std::size_t which = (seed - start) / block % kinds.size();
    Dice dice(seed);
    const auto [backend, family] = kinds[which];
    const Draft draft = backend == Backend::nft ? random_nft(dice, family) : random_iptables(dice, backend, family);
    const std::size_t count = draft.sees_zones() ? 50 : 500;
    const std::size_t before = oracle->findings().size();
    oracle->examine(draft, random_probes(dice, draft, count), tallies[which]);
    if (oracle->findings().size() != before)
      MESSAGE(fmt::format("seed {}: {}", seed, oracle->findings().back()));
    ++seed;
  }
  Tally all;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    fmt::print("{} {}: {}", name_of(kinds[i].backend), kinds[i].family == Family::ipv4 ? "IPv4" : "IPv6",
               text_of(tallies[i]));
    all.add(tallies[i]);
  }
  fmt::print("agree_kernel: seeds {} to {}: {} rule sets, {} probes, {} differ\n", start, seed - 1, all.rule_sets,
             all.probes, all.different);
  CHECK(all.probes > 0);
  CHECK(all.different == 0);
}

}  // namespace
}  // namespace segproof::oracle
