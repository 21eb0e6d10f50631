// SPDX-License-Identifier: Apache-2.0
#include "packet/address.h"

#include <doctest/doctest.h>

#include "unit/packet/naive_set.h"

namespace segproof {
namespace {

std::string dump(std::string_view text) {
  const auto address = parse_address(text);
  return address ? to_string(*address) : "-";
}

std::string dump_prefix(std::string_view text) {
  const auto prefix = parse_prefix(text);
  return prefix ? to_string(*prefix) : "-";
}

struct Case {
  std::string_view in;
  std::string_view out;
};

TEST_CASE("addresses are parsed strictly and printed canonically") {
  const std::initializer_list<Case> cases{
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"10.1.2.3", "10.1.2.3"},
      {"", "-"},
      {"10", "-"},
      {"10.1.2", "-"},
      {"10.1.2.3.4", "-"},
      {"10.1.2.256", "-"},
      {"010.1.2.3", "-"},
      {"10.1.2.03", "-"},
      {"10.1.2.", "-"},
      {".1.2.3", "-"},
      {"10..2.3", "-"},
      {" 10.1.2.3", "-"},
      {"10.1.2.3 ", "-"},
      {"+1.2.3.4", "-"},
      {"-1.2.3.4", "-"},
      {"0x10.1.2.3", "-"},
      {"1.2.3.4\n", "-"},
      {std::string_view("1.2.3.4\0", 8), "-"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:DB8::A", "2001:db8::a"},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
      {"1:0:0:2:3:0:0:4", "1::2:3:0:0:4"},
      {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
      {"::ffff:102:304", "::ffff:1.2.3.4"},
      {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
      {"1:2:3:4:5:6:7:1.2.3.4", "-"},
      {"::1.2.3", "-"},
      {"1.2.3.4::", "-"},
      {"::1.2.3.4:5", "-"},
      {":", "-"},
      {":::", "-"},
      {"1:::2", "-"},
      {"1::2::3", "-"},
      {":1:2:3:4:5:6:7:8", "-"},
      {"1:2:3:4:5:6:7", "-"},
      {"1:2:3:4:5:6:7:8:9", "-"},
      {"1:2:3:4:5:6:7:8::", "-"},
      {"::1:2:3:4:5:6:7:8", "-"},
      {"12345::", "-"},
      {"g::", "-"},
      {"fe80::1%eth0", "-"},
      {"[::1]", "-"},
      {"1:2:3:4:5:6:7:8:", "-"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.in);
    CHECK(dump(c.in) == c.out);
  }
}

TEST_CASE("prefixes refuse host bits, interface addresses keep them") {
  const std::initializer_list<Case> cases{
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"10.0.0.1/8", "-"},
      {"10.0.0.1", "10.0.0.1"},
      {"10.0.0.1/32", "10.0.0.1"},
      {"10.0.0.0/33", "-"},
      {"10.0.0.0/", "-"},
      {"10.0.0.0/08", "-"},
      {"10.0.0.0/8/8", "-"},
      {"10.0.0.0/-1", "-"},
      {"10.0.0.0/+8", "-"},
      {"/8", "-"},
      {"::/0", "::/0"},
      {"2001:db8::/32", "2001:db8::/32"},
      {"::1/128", "::1"},
      {"::/129", "-"},
      {"2001:db8::1/32", "-"},
      {"10.0.0.0/255.0.0.0", "-"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.in);
    CHECK(dump_prefix(c.in) == c.out);
  }
  const auto interface = parse_interface_address("10.0.0.1/24");
  REQUIRE(interface);
  CHECK(to_string(interface->address) == "10.0.0.1");
  CHECK(to_string(interface->prefix) == "10.0.0.0/24");
  CHECK_FALSE(parse_interface_address("10.0.0.1/24x"));
}

TEST_CASE("random addresses survive printing and parsing") {
  test::Random random(test::seed());
  INFO("seed ", test::seed());
  for (int i = 0; i < 20000; ++i) {
    const Family family = test::below(random, 2) == 0 ? Family::ipv4 : Family::ipv6;
    Address address{family, test::random_value(random, Field::source, family)};
    // Zero groups make the interesting texts.
    for (unsigned group = 0; group < 8; ++group) {
      if (family == Family::ipv6 && test::below(random, 2) == 0)
        address.bits &= ~(Bits{0xffff} << 16U * group);
    }
    CHECK(parse_address(to_string(address)) == address);
    const auto length = static_cast<unsigned>(test::below(random, address_width(family) + 1));
    const Prefix prefix = make_prefix(address, length);
    CHECK(parse_prefix(to_string(prefix)) == prefix);
    CHECK(prefix.contains(address));
    CHECK(prefix.contains(prefix));
  }
}

TEST_CASE("hostile text never parses by accident and never hurts") {
  test::Random random(test::seed() + 1);
  INFO("seed ", test::seed());
  const std::string_view alphabet = "0123456789abcdefABCDEF:./%[] \n\\x-+";
  for (int i = 0; i < 50000; ++i) {
    std::string text;
    const auto length = test::below(random, 24);
    for (std::uint64_t k = 0; k < length; ++k)
      text += alphabet[test::below(random, alphabet.size())];
    CAPTURE(text);
    if (const auto address = parse_address(text))
      CHECK(parse_address(to_string(*address)) == address);
    if (const auto prefix = parse_prefix(text))
      CHECK(parse_prefix(to_string(*prefix)) == prefix);
  }
  CHECK_FALSE(parse_address(std::string(1000000, ':')));
  CHECK_FALSE(parse_prefix(std::string(1000000, '1')));
}

TEST_CASE("an interval is cut into the fewest prefixes") {
  const auto texts = [](Family family, Bits low, Bits high) {
    std::string out;
    for (const Prefix& prefix : prefixes_of(family, {low, high}))
      out += to_string(prefix) + " ";
    return out;
  };
  CHECK(texts(Family::ipv4, 0, 0xffffffffU) == "0.0.0.0/0 ");
  CHECK(texts(Family::ipv6, 0, ~Bits{0}) == "::/0 ");
  CHECK(texts(Family::ipv6, 1, ~Bits{0}).starts_with("::1 ::2/127 ::4/126 "));
  CHECK(texts(Family::ipv4, 0x0A000001, 0x0A000006) == "10.0.0.1 10.0.0.2/31 10.0.0.4/31 10.0.0.6 ");
  CHECK(texts(Family::ipv4, 0xffffffffU, 0xffffffffU) == "255.255.255.255 ");
  test::Random random(test::seed() + 2);
  for (int i = 0; i < 2000; ++i) {
    const Bits a = test::random_value(random, Field::source, Family::ipv6);
    const Bits b = test::random_value(random, Field::source, Family::ipv6);
    const Interval interval{std::min(a, b), std::max(a, b)};
    std::vector<Interval> parts;
    for (const Prefix& prefix : prefixes_of(Family::ipv6, interval))
      parts.push_back(prefix.interval());
    CHECK(IntervalSet::of(parts) == IntervalSet{interval});
    for (std::size_t k = 1; k < parts.size(); ++k)
      CHECK(parts[k - 1].high + 1 == parts[k].low);
  }
}

}  // namespace
}  // namespace segproof
