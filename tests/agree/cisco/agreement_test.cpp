// SPDX-License-Identifier: Apache-2.0
// The reader's rules and the naive reading of the text agree on random and boundary packets, for every configuration at
// hand. SEGPROOF_PACKETS sets how many packets each configuration gets.
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
    packet.destination_port = static_cast<std::uint16_t>(types[random() % types.size()] * 256U + random() % 5);
  }
  if (packet.protocol == 6) {
    constexpr std::array<std::uint8_t, 6> flags = {0x02, 0x02, 0x02, 0x10, 0x12, 0x04};
    packet.flags = flags[random() % flags.size()];
  }
  return packet;
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
  std::size_t packets = 0, compared = 0, undecided = 0;
};

void compare(const std::string& name, const std::string& configuration, std::size_t packets, std::mt19937_64& random,
             Score& score) {
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add(name, configuration);
  const CiscoDialect dialect = recognise_cisco(configuration).value_or(CiscoDialect::ios);
  const model::DeviceConfiguration device = read_cisco(file, sources, dialect, sink);
  const agree::Text text = agree::read_text(configuration, dialect == CiscoDialect::asa);
  if (text.beyond || text.interfaces.empty()) {
    fmt::print("  {}: not followed ({})\n", name, text.beyond ? text.why : "no interface");
    return;
  }
  model::OwnAddresses own;
  for (const model::ConfiguredInterface& interface : device.interfaces) {
    for (const InterfaceAddress& address : interface.addresses)
      own.entries.push_back({interface.name, address});
  }
  const Material material = material_of(text);
  for (std::size_t i = 0; i < packets; ++i) {
    const agree::Header header = draw(material, random);
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
    const bool same =
        (expected.fate == agree::Fate::accept) == (judged.fate == model::Fate::accept) &&
        (judged.fate != model::Fate::accept || judged.flight.packet[Field::destination] == expected.destination);
    if (same)
      continue;
    CAPTURE(name);
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
  std::ranges::sort(files);
  std::size_t followed = 0;
  Score all;
  for (const fs::path& path : files) {
    Score score;
    compare(path.filename().string(), content(path), packets, random, score);
    followed += score.packets > 0 ? 1U : 0U;
    all.packets += score.packets;
    all.compared += score.compared;
    all.undecided += score.undecided;
  }
  fmt::print("{} configurations, {} packets, {} compared, {} undecided\n", followed, all.packets, all.compared,
             all.undecided);
  CHECK(followed >= 30);
  CHECK(all.compared > all.undecided);
}

}  // namespace segproof::test
