// SPDX-License-Identifier: Apache-2.0
#include "packet/rows.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "unit/packet/naive_set.h"

namespace segproof {
namespace {

using test::Random;

std::string text_of(PacketSet set) {
  std::string out;
  const std::vector<Row> rows = readable_cover(set).value();
  for (const Row& row : rows)
    out += (out.empty() ? "" : "; ") + to_string(row);
  return out;
}

IntervalSet prefix(std::string_view text) {
  return IntervalSet{parse_prefix(text).value().interval()};
}

TEST_CASE("covers of random sets are exact, and between must and may") {
  Random random(test::seed());
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    Space other(family);
    static_cast<void>(test::random_set(random, other, 5));  // so that ids differ
    int covered = 0;
    for (int i = 0; i < 150; ++i) {
      const PacketSet must = test::random_set(random, space, 2).set;
      const PacketSet may = must | test::random_set(random, space, 2).set;
      const auto exact = cover(must, must, 3000);
      const auto loose = cover(must, may, 3000);
      if (!exact || !loose)
        continue;
      ++covered;
      CHECK(to_set(space, *exact) == must);
      CHECK(must.subset_of(to_set(space, *loose)));
      CHECK(to_set(space, *loose).subset_of(may));
      CHECK(cover(other.import(must), other.import(must), 3000).value().size() == exact->size());
      // Equal sets, equal rows, in any space.
      const auto there = cover(other.import(must), other.import(may), 3000);
      REQUIRE(there);
      CHECK(std::ranges::equal(*there, *loose, {}, &Row::fields, &Row::fields));
      for (const Row& row : *exact) {
        for (const IntervalSet& values : row.fields)
          CHECK_FALSE(values.is_empty());
      }
      const PacketSet readable = to_set(space, readable_cover(must, 100000).value());
      CHECK((readable & space.valid()) == (must & space.valid()));
    }
    CHECK(covered > 100);
  }
}

TEST_CASE("a cover that would be longer than the limit is refused") {
  Space space(Family::ipv4);
  PacketSet diagonal = space.none();
  for (unsigned i = 0; i < 40; ++i) {
    diagonal |= space.where(Field::destination, Bits{i} * 64) & space.where(Field::source, Bits{i} * 4096 + i);
  }
  CHECK_FALSE(cover(diagonal, diagonal, 39));
  CHECK(cover(diagonal, diagonal, 40).value().size() == 40);
  CHECK(cover(space.none(), space.none(), 0).value().empty());
  CHECK(cover(space.all(), space.all(), 1).value().size() == 1);
  // No list of intervals can say this.
  Space wide(Family::ipv6);
  const PacketSet odd = wide.where_masked(Field::source, 5, 0xffff);
  CHECK_FALSE(cover(odd, odd));
  CHECK_THROWS_AS(static_cast<void>(odd.values(Field::source)), SpaceExhausted);
}

TEST_CASE("rows read like rules") {
  Space space(Family::ipv4);
  const auto from = [&](std::string_view text) { return space.where(Field::source, prefix(text)); };
  const auto to = [&](std::string_view text) { return space.where(Field::destination, prefix(text)); };
  const auto protocol = [&](unsigned number) { return space.where(Field::protocol, number); };
  const auto dport = [&](const IntervalSet& ports) { return space.where(Field::destination_port, ports); };
  const PacketSet whole = space.where(Field::fragment, 0);

  CHECK(text_of(space.none()).empty());
  CHECK(text_of(space.all()) == "any");
  CHECK(text_of(space.valid()) == "any");
  CHECK(text_of(protocol(6)) == "tcp");
  CHECK(text_of(protocol(6) & whole) == "tcp without later fragments");
  CHECK(text_of(protocol(6) & dport({{443, 443}, {8443, 8443}}) & from("10.0.0.0/24") & to("10.2.0.5")) ==
        "tcp dport 443,8443 from 10.0.0.0/24 to 10.2.0.5");
  CHECK(text_of(space.valid() & dport({{443, 443}}) & (protocol(6) | protocol(17))) == "tcp,udp dport 443");
  CHECK(text_of(protocol(17) & dport(IntervalSet::single(22).complement(65535)) & whole) == "udp dport all except 22");
  CHECK(text_of(protocol(6).complement()) == "all except tcp");
  CHECK(text_of(to("10.0.0.0/8").complement()) == "any to all except 10.0.0.0/8");
  CHECK(text_of(from("10.0.0.7") | from("10.0.0.9") | from("10.0.1.0/24")) == "any from 10.0.0.7,10.0.0.9,10.0.1.0/24");
  CHECK(text_of(space.where(Field::source, IntervalSet::range(0x0A000001, 0x0A000032))) ==
        "any from 10.0.0.1-10.0.0.50");
  CHECK(text_of(protocol(1) & whole) == "icmp without later fragments");
  CHECK(text_of(protocol(1) & dport(IntervalSet::range(8 << 8, 8 << 8 | 255)) & whole) == "icmp type 8");
  CHECK(text_of(protocol(1) & dport({{0, 255}, {8 << 8, 8 << 8 | 255}, {3 << 8 | 4, 3 << 8 | 4}}) & whole) ==
        "icmp type 0,8 or type 3 code 4");
  CHECK(text_of(protocol(6) & dport({{22, 22}}) & space.where_masked(Field::tcp_flags, 2, 0x12)) ==
        "tcp dport 22 flags syn,!ack");
  CHECK(text_of(protocol(47)) == "gre");
  CHECK(text_of(space.where(Field::fragment, 1)) == "later fragments");
  // Two rows that overlap are shorter than the disjoint listing.
  CHECK(text_of((protocol(6) & to("10.2.0.5")) | (protocol(6) & dport({{80, 80}}) & whole)) ==
        "tcp dport 80; tcp to 10.2.0.5");
  // Device-internal fields are covered, not shown.
  CHECK(text_of(space.where(Field::ingress, 3)) == "any");
}

TEST_CASE("the service of a row alone") {
  Space space(Family::ipv6);
  const auto service = [&](PacketSet set) { return service_text(readable_cover(set).value().at(0)); };
  CHECK(service(space.where(Field::source, prefix("2001:db8::/32"))) == "any");
  CHECK(service(space.where(Field::protocol, 58) & space.where(Field::destination_port, 128 << 8) &
                space.where(Field::fragment, 0)) == "icmpv6 type 128 code 0");
  const auto rows = readable_cover(space.where(Field::source, prefix("2001:db8::/32")));
  CHECK(to_string(rows.value().at(0)) == "any from 2001:db8::/32");
  Row mixed = rows.value().at(0);
  mixed.fields[static_cast<std::size_t>(Field::protocol)] = IntervalSet{{6, 6}, {58, 58}};
  mixed.fields[static_cast<std::size_t>(Field::destination_port)] = IntervalSet::single(443);
  CHECK(service_text(mixed) == "tcp dport 443 or icmpv6 type 1 code 187");
}

}  // namespace
}  // namespace segproof
