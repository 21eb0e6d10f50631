// SPDX-License-Identifier: Apache-2.0
// The reader's rules and the naive reading of the text agree on random and boundary packets, for every configuration at
// hand. SEGPROOF_PACKETS sets how many packets of each configuration are compared; where most are undecided, fewer.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "agree/cisco/text.h"
#include "base/source.h"
#include "input/cisco/reader.h"
#include "model/single_packet.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Numbers around those that the text speaks of.
struct Material {
  std::vector<std::uint32_t> addresses{0x0a000001U, 0x08080808U, 0xc0a80101U};
  std::vector<std::uint16_t> ports{0, 22, 80, 443, 1023, 1024, 65535};
};

Material material_of(const agree::Text& text) {
  Material material;
  const auto near_address = [&](std::uint32_t value) {
    material.addresses.insert(material.addresses.end(), {value - 1, value, value + 1});
  };
  const auto places = [&](const agree::Places& of) {
    for (const agree::Range& range : of.ranges) {
      near_address(range.low);
      near_address(range.high);
    }
    for (const agree::Masked& mask : of.masks) {
      near_address(mask.value);
      near_address(mask.value | ~mask.care);
    }
  };
  const auto ports = [&](const agree::Ports& of) {
    for (const agree::Range& range : of.ranges) {
      for (const std::uint32_t port : {range.low, range.high, range.low - 1, range.high + 1})
        material.ports.push_back(static_cast<std::uint16_t>(port));
    }
  };
  for (const auto& [name, lines] : text.lists) {
    for (const agree::Line& line : lines) {
      places(line.source);
      places(line.destination);
      for (const agree::Kind& kind : line.kinds) {
        ports(kind.source);
        ports(kind.destination);
      }
    }
  }
  for (const agree::Translation& translation : text.translations) {
    for (const agree::Places* of : {&translation.from, &translation.to, &translation.shown, &translation.truth})
      places(*of);
    for (const auto& kind : {translation.real_kind, translation.mapped_kind}) {
      if (kind) {
        ports(kind->source);
        ports(kind->destination);
      }
    }
  }
  for (const agree::Level& level : text.interfaces)
    near_address(level.address);
  return material;
}

template <class T>
const T& one_of(const std::vector<T>& list, std::mt19937_64& random) {
  return list[random() % list.size()];
}

agree::Header draw(const Material& material, std::mt19937_64& random) {
  agree::Header packet;
  constexpr std::array<std::uint8_t, 10> protocols = {6, 6, 6, 6, 17, 17, 17, 1, 1, 50};
  packet.protocol = random() % 50 == 0 ? static_cast<std::uint8_t>(random()) : protocols[random() % protocols.size()];
  const auto address = [&] {
    return random() % 10 == 0 ? static_cast<std::uint32_t>(random()) : one_of(material.addresses, random);
  };
  packet.source = address();
  packet.destination = address();
  const auto port = [&] {
    return random() % 10 == 0 ? static_cast<std::uint16_t>(random()) : one_of(material.ports, random);
  };
  if (packet.protocol == 6 || packet.protocol == 17) {
    packet.source_port = port();
    packet.destination_port = port();
  }
  if (packet.protocol == 1) {
    constexpr std::array<std::uint16_t, 6> types = {0, 3, 8, 11, 12, 30};
    packet.destination_port =
        static_cast<std::uint16_t>(std::size_t{types[random() % types.size()]} * 256U + random() % 5);
  }
  if (packet.protocol == 6) {
    constexpr std::array<std::uint8_t, 6> flags = {0x02, 0x02, 0x02, 0x10, 0x12, 0x04};
    packet.flags = flags[random() % flags.size()];
  }
  return packet;
}

std::uint32_t address_in(const agree::Places& places, std::mt19937_64& random) {
  const std::size_t all = places.ranges.size() + places.masks.size();
  if (places.any || all == 0)
    return static_cast<std::uint32_t>(random());
  const std::size_t at = random() % all;
  if (at < places.ranges.size()) {
    const agree::Range& range = places.ranges[at];
    return range.low + static_cast<std::uint32_t>(random() % (std::uint64_t{range.high} - range.low + 1));
  }
  const agree::Masked& mask = places.masks[at - places.ranges.size()];
  return mask.value | (static_cast<std::uint32_t>(random()) & ~mask.care);
}

std::uint16_t port_in(const agree::Ports& ports, std::uint16_t otherwise, std::mt19937_64& random) {
  if (!ports.limited || ports.ranges.empty())
    return otherwise;
  const agree::Range& range = ports.ranges[random() % ports.ranges.size()];
  return static_cast<std::uint16_t>(range.low + random() % (range.high - range.low + 1));
}

void fit_kind(const agree::Kind& kind, agree::Header& packet, std::mt19937_64& random) {
  if (kind.protocol >= 0)
    packet.protocol = static_cast<std::uint8_t>(kind.protocol);
  packet.source_port = port_in(kind.source, packet.source_port, random);
  packet.destination_port = port_in(kind.destination, packet.destination_port, random);
}

// A packet that an entry of a list takes, or one that a translation of destinations does: few random ones are.
void aim(const agree::Text& text, agree::Header& packet, std::mt19937_64& random) {
  if (!text.translations.empty() && random() % 3 == 0) {
    const agree::Translation& rule = one_of(text.translations, random);
    if (rule.is_static && random() % 2 == 0) {
      packet.destination = address_in(rule.to, random);
      if (rule.mapped_kind && rule.mapped_kind->protocol >= 0) {
        packet.protocol = static_cast<std::uint8_t>(rule.mapped_kind->protocol);
        packet.destination_port = port_in(rule.mapped_kind->source, packet.destination_port, random);
      }
    } else {
      packet.source = address_in(rule.from, random);
      packet.destination = address_in(rule.shown, random);
      if (rule.real_kind)
        fit_kind(*rule.real_kind, packet, random);
    }
  } else if (!text.lists.empty()) {
    const auto list = std::next(text.lists.begin(), static_cast<std::ptrdiff_t>(random() % text.lists.size()));
    if (list->second.empty())
      return;
    const agree::Line& line = one_of(list->second, random);
    packet.source = address_in(line.source, random);
    packet.destination = address_in(line.destination, random);
    if (!line.kinds.empty())
      fit_kind(one_of(line.kinds, random), packet, random);
  }
  const bool has_ports = packet.protocol == 6 || packet.protocol == 17;
  if (!has_ports)
    packet.source_port = 0;
  if (!has_ports && packet.protocol != 1)
    packet.destination_port = 0;
  packet.flags = packet.protocol != 6 ? std::uint8_t{0} : packet.flags == 0 ? std::uint8_t{2} : packet.flags;
}

model::SinglePacket as_packet(const agree::Header& header, const std::string& in, const std::string& out) {
  model::SinglePacket packet;
  packet.packet.family = Family::ipv4;
  packet.packet[Field::protocol] = header.protocol;
  packet.packet[Field::source] = header.source;
  packet.packet[Field::destination] = header.destination;
  packet.packet[Field::source_port] = header.source_port;
  packet.packet[Field::destination_port] = header.destination_port;
  packet.packet[Field::tcp_flags] = header.flags;
  packet.ingress = in;
  packet.egress = out;
  return packet;
}

struct Score {
  std::size_t packets = 0, compared = 0, undecided = 0, sources = 0, translated = 0;
  bool is_bound = false;  // some list is asked

  void add(const Score& other) {
    packets += other.packets;
    compared += other.compared;
    undecided += other.undecided;
    sources += other.sources;
    translated += other.translated;
  }
};

IntervalSet values_of(const model::Flight& flight, Field field) {
  const std::optional<IntervalSet>& open = flight.open[static_cast<std::size_t>(field)];
  return open ? *open : IntervalSet::single(flight.packet[field]);
}

IntervalSet set_of(const agree::Range& range) {
  return IntervalSet::range(range.low, range.high);
}

// Of first packets: what ICMP without a connection becomes is left open.
bool is_first(const agree::Header& header) {
  const bool is_icmpv6 = header.protocol == 58;  // within IPv4: a packet of no connection
  return !is_icmpv6 && (header.protocol != 1 || header.destination_port / 256 == 8);
}

// What becomes of the source of an accepted packet.
void compare_source(const agree::Text& text, const agree::Header& header, const std::string& in, const std::string& out,
                    const model::Judgement& judged, Score& score) {
  const agree::Level& from = *std::ranges::find(text.interfaces, in, &agree::Level::name);
  const agree::Level& to = *std::ranges::find(text.interfaces, out, &agree::Level::name);
  const agree::Left left = agree::leave(text, header, agree::arrive(text, header, from), from, to);
  if (left.unclear || judged.met_undecided || !is_first(header))
    return;
  ++score.sources;
  const IntervalSet expected = set_of(left.source);
  score.translated += expected == IntervalSet::single(header.source) ? 0U : 1U;
  CAPTURE(model::header_text(judged.flight));
  CAPTURE(in);
  CAPTURE(out);
  CAPTURE(header.source);
  CAPTURE(left.source.low);
  CAPTURE(left.source.high);
  REQUIRE((values_of(judged.flight, Field::source) == expected));
  if ((header.protocol == 6 || header.protocol == 17) && left.port.low == left.port.high)
    REQUIRE((values_of(judged.flight, Field::source_port) == set_of(left.port)));
}

model::OwnAddresses own_addresses(const model::DeviceConfiguration& device) {
  model::OwnAddresses own;
  for (const model::ConfiguredInterface& interface : device.interfaces) {
    for (const InterfaceAddress& address : interface.addresses)
      own.entries.push_back({interface.name, address});
  }
  return own;
}

// Both decided.
void compare_fates(const agree::Text& text, const agree::Header& header, const std::string& in, const std::string& out,
                   const agree::Verdict& expected, const model::Judgement& judged, Score& score) {
  const bool same =
      (expected.fate == agree::Fate::accept) == (judged.fate == model::Fate::accept) &&
      (judged.fate != model::Fate::accept || judged.flight.packet[Field::destination] == expected.destination);
  if (same) {
    if (judged.fate == model::Fate::accept)
      compare_source(text, header, in, out, judged, score);
    return;
  }
  CAPTURE(model::header_text(judged.flight));
  CAPTURE(static_cast<int>(header.protocol));
  CAPTURE(static_cast<int>(header.flags));
  CAPTURE(in);
  CAPTURE(out);
  CAPTURE(judged.decided_by.line);
  CAPTURE(judged.reason);
  CAPTURE(expected.destination);
  REQUIRE(std::string(expected.fate == agree::Fate::accept ? "accept" : "drop") ==
          std::string(judged.fate == model::Fate::accept ? "accept" : "drop"));
  REQUIRE(static_cast<std::uint32_t>(judged.flight.packet[Field::destination]) == expected.destination);
}

void compare(const std::string& name, const std::string& configuration, std::size_t packets, std::mt19937_64& random,
             Score& score) {
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add(name, configuration);
  const CiscoDialect dialect = recognise_cisco(configuration).value_or(CiscoDialect::ios);
  const model::DeviceConfiguration device = read_cisco(file, sources, dialect, sink);
  const agree::Text text = agree::read_text(configuration, dialect == CiscoDialect::asa    ? agree::Dialect::firewall
                                                           : dialect == CiscoDialect::nxos ? agree::Dialect::nexus
                                                                                           : agree::Dialect::router);
  if (text.beyond || text.interfaces.empty()) {
    fmt::print("  {}: not followed ({})\n", name, text.beyond ? text.why : "no interface");
    return;
  }
  const model::OwnAddresses own = own_addresses(device);
  score.is_bound = !text.global.empty() || std::ranges::any_of(text.interfaces, [](const agree::Level& level) {
    return !level.in.empty() || !level.out.empty();
  });
  const Material material = material_of(text);
  // Some packets are left out, and some are undecided: others are drawn instead, within limits.
  constexpr std::size_t most_tries = 10;
  for (std::size_t i = 0; score.compared < packets && i < most_tries * packets; ++i) {
    if (score.compared == 0 && i >= packets)
      break;  // nothing is decided here
    agree::Header header = draw(material, random);
    if (i % 2 == 1)
      aim(text, header, random);
    const std::string& in = one_of(text.interfaces, random).name;
    const std::string& out = one_of(text.interfaces, random).name;
    const bool to_itself = std::ranges::any_of(
        text.interfaces, [&](const agree::Level& level) { return level.address == header.destination; });
    // Loopback, multicast and broadcast destinations are special to any device.
    const auto entry = std::ranges::find(text.interfaces, in, &agree::Level::name);
    if ((to_itself && !agree::arrive(text, header, *entry).translated) || header.destination >> 24U == 0 ||
        header.destination >> 24U == 127 || header.destination >= 0xe0000000U) {
      continue;
    }
    const agree::Verdict expected = agree::carry(text, header, in, out);
    const model::Judgement judged = model::judge(device.rules, as_packet(header, in, out), &own);
    ++score.packets;
    if (expected.fate == agree::Fate::unclear || judged.fate == model::Fate::unknown) {
      ++score.undecided;
      continue;
    }
    ++score.compared;
    CAPTURE(name);
    compare_fates(text, header, in, out, expected, judged, score);
  }
}

}  // namespace

TEST_CASE("the naive reading of every configuration agrees with the reader's rules") {
  const std::optional<std::string> data = data_folder();
  if (!data)
    return;
  std::mt19937_64 random(seed("agree cisco", 20261122));
  const char* wanted = std::getenv("SEGPROOF_PACKETS");
  const std::size_t packets = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 3000;
  std::vector<fs::path> files;
  for (const char* folder : {"cisco", "cisco-batfish-unit", "cisco-fwbuilder", "batfish-example-network"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(fs::path(*data) / "firewall" / folder)) {
      const std::string extension = entry.path().extension().string();
      if (entry.is_regular_file() && extension != ".json" && extension != ".raw")
        files.push_back(entry.path());
    }
  }
  for (const fs::directory_entry& entry : fs::directory_iterator("tests/agree/cisco/samples"))
    files.push_back(entry.path());
  std::ranges::sort(files);
  std::size_t followed = 0;
  std::size_t bound = 0;
  std::size_t decided = 0;  // of those, with as many packets as were wanted
  Score all;
  for (const fs::path& path : files) {
    Score score;
    compare(path.filename().string(), content(path), packets, random, score);
    followed += score.packets > 0 ? 1U : 0U;
    bound += score.packets > 0 && score.is_bound ? 1U : 0U;
    decided += score.compared >= packets && score.is_bound ? 1U : 0U;
    if (std::getenv("SEGPROOF_LIST") != nullptr) {
      fmt::print("  {}: {} packets, {} compared, sources of {} ({} translated){}\n", path.filename().string(),
                 score.packets, score.compared, score.sources, score.translated, score.is_bound ? ", bound" : "");
    }
    all.add(score);
  }
  fmt::print(
      "{} configurations ({} with bound lists), {} packets, {} compared, {} undecided; of {} packets the sources "
      "were compared, {} of them translated\n",
      followed, bound, all.packets, all.compared, all.undecided, all.sources, all.translated);
  // Of the 42 files that bind lists two are of another vendor's switches (lists of VLANs, testhp2 and testhp3), and two
  // bind them to the control plane alone or to what is no interface; two more were written here.
  CHECK(bound >= 40);
  CHECK(decided == bound);
  CHECK(all.compared > all.undecided);
}

}  // namespace segproof::test
