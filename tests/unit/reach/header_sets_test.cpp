// SPDX-License-Identifier: Apache-2.0
// Laws of turning flows round, and of what conntrack calls first packets.
#include <doctest/doctest.h>

#include "model/walk.h"
#include "reach/flow_table.h"
#include "reach/header_sets.h"
#include "unit/packet/naive_set.h"

namespace segproof::reach {

using test::Random;

TEST_CASE("turning round twice changes nothing") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  Random random(seed);
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    const HeaderSets headers(space);
    for (int n = 0; n < 60; ++n) {
      const PacketSet set = test::random_set(random, space).set & space.valid();
      const PacketSet turned = headers.inverse(set);
      CHECK(headers.inverse(turned) == set);
      CHECK(headers.inverse(set | turned) == (set | turned));
      CHECK(turned.subset_of(space.valid()));
    }
  }
}

TEST_CASE("every whole packet is fresh, invalid or never tracked, as the walk says") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  Random random(seed);
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    const HeaderSets headers(space);
    CHECK((headers.fresh() | headers.invalid() | headers.never_tracked()) == headers.whole());
    CHECK_FALSE(headers.fresh().intersects(headers.invalid()));
    CHECK_FALSE(headers.fresh().intersects(headers.never_tracked()));
    for (int n = 0; n < 3000; ++n) {
      Packet packet = test::random_packet(random, family);
      packet[Field::fragment] = 0;
      if (!space.valid().contains(packet)) {
        continue;
      }
      CHECK(headers.fresh().contains(packet) == (model::first_packet_state(packet) == TrackState::fresh));
      CHECK(headers.invalid().contains(packet) == (model::first_packet_state(packet) == TrackState::invalid));
    }
  }
}

TEST_CASE("some protocols may be INVALID at first, and some flows may have no ports") {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    const HeaderSets headers(space);
    const auto of = [&](std::uint8_t protocol) { return headers.whole() & space.where(Field::protocol, protocol); };
    using namespace protocol_number;
    CHECK(headers.perhaps_invalid() == (of(sctp) | of(dccp) | of(udplite)));
    CHECK(headers.perhaps_portless() == (of(dccp) | of(udplite)));
    CHECK(headers.perhaps_invalid().subset_of(headers.fresh()));
    const PacketSet one =
        space.where(Field::source_port, 7) & space.where(Field::destination_port, 8) & headers.whole();
    CHECK(headers.tuple_perhaps_portless(one & of(sctp)) == headers.tuple(one & of(sctp)));
    CHECK(headers.tuple_perhaps_portless(one & of(dccp)) == headers.tuple(of(dccp)));
    // Whatever ports an answer has, it belongs to the flow.
    CHECK(headers.inverse(headers.tuple_perhaps_portless(one & of(dccp))) == headers.tuple(of(dccp)));
  }
}

TEST_CASE("a flow's tuples and their answers are what arrives, whoever opened it") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  Random random(seed);
  Space space(Family::ipv4);
  const HeaderSets headers(space);
  for (int n = 0; n < 40; ++n) {
    const PacketSet tuples = headers.tuple(test::random_set(random, space).set & space.valid() & headers.fresh());
    FlowTable table;
    CHECK(table.add({0, 0}, {nullptr, nullptr, tuples, tuples, tuples}) == !tuples.is_empty());
    CHECK_FALSE(table.add({0, 0}, {nullptr, nullptr, tuples, tuples, tuples}));  // nothing new
    const PacketSet arriving = table.arriving(headers);
    CHECK(arriving == (tuples | headers.inverse(tuples)));
    CHECK(arriving.subset_of(table.of_anyone().arriving(headers)));
    // Without translation packets of the flow go on as they are.
    CHECK(table.after_first(arriving, headers, Approximation::over) == arriving);
    CHECK(table.after_second(arriving, headers, Approximation::over) == arriving);
  }
}

}  // namespace segproof::reach
