// SPDX-License-Identifier: Apache-2.0
// Both families of a network, for questions that span them.
#pragma once

#include <functional>
#include <thread>

#include "claim/closure.h"
#include "claim/world.h"
#include "reach/program_store.h"

namespace segproof::claim {

class WorldPair {
 public:
  using Programs = model::PerFamily<reach::ProgramStore>;
  explicit WorldPair(const model::Network& network, const Programs* known = nullptr)
      : ipv4_(network, Family::ipv4, known == nullptr ? nullptr : &(*known)[model::index_of(Family::ipv4)]),
        ipv6_(network, Family::ipv6, known == nullptr ? nullptr : &(*known)[model::index_of(Family::ipv6)]) {}

  [[nodiscard]] Worlds both() { return {&ipv4_, &ipv6_}; }
  // Of everything that was built by now.
  [[nodiscard]] std::size_t edges() { return ipv4_.space().size().edges + ipv6_.space().size().edges; }

  // Keeps what was compiled.
  void leave_programs(Programs& programs) {
    for (World* world : both().all()) {
      programs[model::index_of(world->family())].keep(world->compiled());
    }
  }

  // Floods both families at once, one thread each: they share nothing but the network, which nobody changes.
  void prepare_in_parallel() {
    std::thread other([this] { prepare(ipv6_); });
    prepare(ipv4_);
    other.join();
  }

 private:
  // What does not fit is found out again, and told, by the claim that needs it.
  static void prepare(World& world) {
    try {
      world.everybody(Approximation::over, Spoofing::any).work_ahead();
    } catch (const SpaceExhausted&) {
      return;
    }
  }

  World ipv4_;
  World ipv6_;
};

}  // namespace segproof::claim
