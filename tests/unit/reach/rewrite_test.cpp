// SPDX-License-Identifier: Apache-2.0
// Laws of translation: image and pre-image are adjoint, grow with their operands, and replies find back.
#include <doctest/doctest.h>

#include <array>

#include "reach/flow_table.h"
#include "reach/rewrite.h"
#include "unit/packet/naive_set.h"

namespace segproof::reach {
namespace {

using test::Random;

std::array<Rewrite, 5> some_rewrites() {
  const auto address = [](std::string_view text) { return parse_address(text)->bits; };
  Rewrite dnat;
  dnat.addresses = IntervalSet::single(address("10.2.0.10"));
  Rewrite dnat_port = dnat;
  dnat_port.ports = Interval{8443, 8443};
  Rewrite pool;
  pool.addresses = IntervalSet::range(address("10.2.0.10"), address("10.2.0.20"));
  Rewrite snat;
  snat.endpoint = model::Endpoint::source;
  snat.addresses = IntervalSet::single(address("192.0.2.1"));
  snat.port_is_free = true;
  Rewrite netmap;
  netmap.network = *parse_prefix("10.3.0.0/24");
  return {dnat, dnat_port, pool, snat, netmap};
}

}  // namespace

TEST_CASE("image and pre-image are adjoint") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  Random random(seed);
  Space space(Family::ipv4);
  const HeaderSets headers(space);
  for (const Rewrite& rewrite : some_rewrites()) {
    for (int n = 0; n < 12; ++n) {
      PacketSet before = test::random_set(random, space).set & space.valid();
      if (rewrite.network) {  // exact only for one old network
        before &= space.where(Field::destination, parse_prefix("192.0.2.0/24")->interval().low == 0
                                                      ? IntervalSet{}
                                                      : IntervalSet{parse_prefix("192.0.2.0/24")->interval()});
      }
      const PacketSet after = image(rewrite, before, headers, Approximation::over);
      CHECK(before.is_empty() == after.is_empty());
      CHECK(preimage(rewrite, after, before, headers, Approximation::over) == before);
      const PacketSet wanted = test::random_set(random, space).set & space.valid();
      const PacketSet from = preimage(rewrite, wanted, before, headers, Approximation::over);
      CHECK(from.subset_of(before));
      // What may become a wanted packet is exactly what does not surely miss them.
      CHECK(from.is_empty() == !after.intersects(wanted));
      CHECK((before - from).is_empty() == (before == from));
      CHECK_FALSE(image(rewrite, before - from, headers, Approximation::over).intersects(wanted));
      CHECK(image(rewrite, before, headers, Approximation::under).subset_of(after));
    }
  }
}

TEST_CASE("answers to a translated flow come back under the old header") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  Random random(seed);
  Space space(Family::ipv4);
  const HeaderSets headers(space);
  const auto rewrites = some_rewrites();
  const Rewrite& dnat = rewrites[1];
  const Rewrite& snat = rewrites[3];
  for (int n = 0; n < 30; ++n) {
    const PacketSet entered = headers.tuple(test::random_set(random, space).set & space.valid() & headers.fresh());
    if (entered.is_empty()) {
      continue;
    }
    const PacketSet middle = image(dnat, entered, headers, Approximation::over);
    const PacketSet left = image(snat, middle, headers, Approximation::over);
    FlowTable table;
    REQUIRE(table.add({1, 2}, {&dnat, &snat, entered, middle, left}));
    // Forward: what entered leaves as it left.
    CHECK(table.after_second(table.after_first(entered, headers, Approximation::over), headers, Approximation::over)
              .intersects(left));
    // Backward: the answers to `left` leave as the answers to `entered`.
    const PacketSet answers = headers.inverse(left);
    const PacketSet halfway = table.after_first(answers, headers, Approximation::over);
    CHECK(headers.inverse(middle).subset_of(halfway));
    CHECK(headers.inverse(entered).subset_of(table.after_second(halfway, headers, Approximation::over)));
    CHECK(entered.subset_of(table.as_entered(left, headers, Approximation::over)));
  }
}

}  // namespace segproof::reach
