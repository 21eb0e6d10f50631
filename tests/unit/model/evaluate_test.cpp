// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "build.h"

namespace segproof::test {
namespace {

Truth meets(Test test, const Flight& flight, const ToldWorld& world = {}) {
  return evaluate(Condition{{std::move(test)}}, flight, world);
}
Truth meets(Test test) {
  return meets(std::move(test), flight_of("tcp 10.0.0.1:1000 > 10.0.0.2:80 [syn]"));
}

}  // namespace

TEST_CASE("Kleene's tables") {
  constexpr std::array all{Truth::no, Truth::unknown, Truth::yes};
  for (const Truth a : all) {
    CHECK(!!a == a);
    for (const Truth b : all) {
      CHECK((a && b) == !(!a || !b));
      CHECK((a && b) == (b && a));
    }
  }
  CHECK((Truth::unknown && Truth::no) == Truth::no);
  CHECK((Truth::unknown || Truth::yes) == Truth::yes);
  CHECK((Truth::unknown && Truth::yes) == Truth::unknown);
}

TEST_CASE("fields and masks") {
  CHECK(meets(FieldTest{Field::destination_port, IntervalSet::range(80, 90)}) == Truth::yes);
  CHECK(meets(FieldTest{Field::destination_port, IntervalSet::range(81, 90)}) == Truth::no);
  CHECK(meets(FieldTest{Field::protocol, IntervalSet::single(6), Family::ipv6}) == Truth::no);
  CHECK(meets(MaskTest{Field::tcp_flags, 2, 23}) == Truth::yes);
  CHECK(meets(MaskTest{Field::tcp_flags, 2, 23, true}) == Truth::no);
  CHECK(meets(MaskTest{Field::tcp_flags, 2, 23, true, Family::ipv6}) == Truth::no);
  CHECK(meets(MaskTest{Field::source, 0x0a000001, 0xff0000ff}) == Truth::yes);
}

TEST_CASE("open fields are decided only when all their values agree") {
  Flight flight = flight_of("tcp 10.0.0.1:1000 > 10.0.0.2:80");
  flight.open[static_cast<std::size_t>(Field::source_port)] = IntervalSet::range(1024, 65535);
  CHECK(meets(FieldTest{Field::source_port, IntervalSet::range(0, 1023)}, flight) == Truth::no);
  CHECK(meets(FieldTest{Field::source_port, IntervalSet::range(1000, 65535)}, flight) == Truth::yes);
  CHECK(meets(FieldTest{Field::source_port, IntervalSet::single(5000)}, flight) == Truth::unknown);
  flight.open[static_cast<std::size_t>(Field::source_port)] = IntervalSet::range(1024, 1027);
  CHECK(meets(MaskTest{Field::source_port, 1024, 0xfffc}, flight) == Truth::yes);
  CHECK(meets(MaskTest{Field::source_port, 0, 1}, flight) == Truth::unknown);
  CHECK(meets(MaskTest{Field::source_port, 1, 0xf000}, flight) == Truth::no);
}

TEST_CASE("interfaces") {
  Flight flight = flight_of("tcp 10.0.0.1:1000 > 10.0.0.2:80");
  CHECK(meets(InterfaceTest{Direction::ingress, "eth0"}, flight) == Truth::yes);
  CHECK(meets(InterfaceTest{Direction::ingress, "eth"}, flight) == Truth::no);
  CHECK(meets(InterfaceTest{Direction::ingress, "eth", true}, flight) == Truth::yes);
  CHECK(meets(InterfaceTest{Direction::egress, "eth0", false, true}, flight) == Truth::yes);
  flight.ingress.clear();
  CHECK(meets(InterfaceTest{Direction::ingress, "", false}, flight) == Truth::no);
  CHECK(meets(InterfaceTest{Direction::ingress, "", true}, flight) == Truth::yes);
  CHECK(meets(InterfaceTest{Direction::ingress, "eth", true}, flight) == Truth::no);
  CHECK(meets(InterfaceTest{Direction::ingress, "eth0", false, true}, flight) == Truth::yes);
}

TEST_CASE("states and translations") {
  Flight flight = flight_of("tcp 10.0.0.1:1000 > 10.0.0.2:80");
  for (Bits state = 0; state < track_state_count; ++state) {
    flight.packet[Field::state] = state;
    for (unsigned mask = 0; mask < 32; ++mask) {
      const bool in = (mask >> static_cast<unsigned>(state) & 1U) != 0;
      const auto states = static_cast<std::uint8_t>(mask);
      CHECK(meets(TrackTest{states, 0, false}, flight) == (in ? Truth::yes : Truth::no));
      CHECK(meets(TrackTest{states, 0, true}, flight) == (in ? Truth::no : Truth::yes));
    }
  }
  flight.packet[Field::state] = 0;
  flight.packet[Field::translated] = 1;
  CHECK(meets(TrackTest{0, 1, false}, flight) == Truth::yes);
  CHECK(meets(TrackTest{0, 2, false}, flight) == Truth::no);
  CHECK(meets(TrackTest{1, 2, false}, flight) == Truth::yes);
  flight.open[static_cast<std::size_t>(Field::translated)] = IntervalSet{{0, 1}};
  CHECK(meets(TrackTest{0, 1, false}, flight) == Truth::unknown);
}

TEST_CASE("what the world knows") {
  const Flight flight = flight_of("tcp 10.0.0.1:1000 > 10.0.0.2:80");
  ToldWorld world;
  const auto is_local = AddressTypeTest{Endpoint::destination, 1U << 2U, std::nullopt, false};
  CHECK(meets(is_local, flight, world) == Truth::unknown);
  world.types = {{"10.0.0.2", AddressType::local}, {"10.0.0.2%eth0", AddressType::unicast}};
  CHECK(meets(is_local, flight, world) == Truth::yes);
  CHECK(meets(AddressTypeTest{Endpoint::destination, 1U << 2U, Direction::ingress, false}, flight, world) == Truth::no);
  CHECK(meets(AddressTypeTest{Endpoint::destination, 1U << 2U, Direction::ingress, true}, flight, world) == Truth::yes);
  CHECK(meets(MeasureTest{Measure::hop_limit, IntervalSet::single(64)}, flight, world) == Truth::unknown);
  world.measured = Bits{64};
  CHECK(meets(MeasureTest{Measure::hop_limit, IntervalSet::single(64)}, flight, world) == Truth::yes);
}

TEST_CASE("may and must: negation swaps") {
  const Flight flight = flight_of("tcp 10.0.0.1:1000 > 10.0.0.2:80");
  CHECK(meets(UnknownTest{Unknown::rate, "x", false}, flight) == Truth::unknown);
  CHECK(meets(UnknownTest{Unknown::rate, "x", true}, flight) == Truth::unknown);
  AnyTest either{{port(80), perhaps()}, false};
  CHECK(meets(either, flight) == Truth::yes);
  either.negated = true;
  CHECK(meets(either, flight) == Truth::no);
  either.alternatives = {port(81), perhaps()};
  CHECK(meets(either, flight) == Truth::unknown);
  either.alternatives = {port(81)};
  CHECK(meets(either, flight) == Truth::yes);
  CHECK(meets(AnyTest{}, flight) == Truth::no);
  CHECK(evaluate(Condition{{UnknownTest{Unknown::rate, "x", false}, port(81).tests.front()}}, flight, ToldWorld()) ==
        Truth::no);
  CHECK(evaluate(Condition{}, flight, ToldWorld()) == Truth::yes);
}

}  // namespace segproof::test
