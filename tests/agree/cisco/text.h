// SPDX-License-Identifier: Apache-2.0
// A second, naive reading of Cisco configurations, for comparison: it shares nothing with the reader but the text.
// Lines become tables of plain structures, and a packet is carried through them in the order that the vendor documents.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agree/cisco/zones.h"

namespace segproof::agree {

struct Header {
  std::uint8_t protocol = 6;
  std::uint32_t source = 0, destination = 0;
  std::uint16_t source_port = 0, destination_port = 0;  // of ICMP: type * 256 + code in the second
  std::uint8_t flags = 0;
};

struct Range {
  std::uint32_t low = 0, high = 0xffffffffU;
};
struct Masked {
  std::uint32_t value = 0, care = 0;
};

enum class Answer { no, yes, unclear };

// Alternatives for an address.
struct Places {
  bool any = false;
  std::vector<Range> ranges;
  std::vector<Masked> masks;
  bool unclear = false;
  [[nodiscard]] Answer holds(std::uint32_t address) const;
};

// One alternative for protocol and ports.
struct Ports {
  bool limited = false;
  std::vector<Range> ranges;
  [[nodiscard]] bool holds(std::uint32_t port) const;
};
struct Kind {
  int protocol = -1;  // -1: all
  Ports source, destination;
  bool unclear = false;
};

struct Line {
  int number = 0;  // its place in the list
  bool permits = false;
  bool unclear = false;
  bool established = false;
  bool strange_flags = false;
  std::vector<Kind> kinds;
  Places source, destination;
};

struct Level {
  std::string name;
  int level = -1;
  std::string in = {}, out = {};  // lists
  bool unclear = false;           // what comes in here may go anywhere
  bool may_drop = false;          // what comes in here may be dropped
  bool only_management = false;   // nothing passes through
  bool nat_inside = false, nat_outside = false;
  bool inspects = false;  // later packets of connections that begin here may come back past the lists
  std::string zone = {};
  std::uint32_t address = 0;
  std::uint32_t network = 0, mask = 0xffffffffU;
};

// A rule of a firewall's translation, and of the static ones of a router. For packets that come in by `real`: the
// source `from` becomes `to`, the destination `shown` becomes `truth`. A static rule holds the other way as well.
struct Translation {
  std::string real, mapped;  // interfaces, empty: any
  bool is_static = true;
  bool one_way = false;
  bool shares = false;    // many sources share an address: ports change
  std::string list = {};  // of a router: the packets that it takes; empty: those from `from`
  bool unclear = false;
  Places from, to;
  bool to_interface = false;  // `to` is the address of the mapped interface
  Places shown, truth;
  bool shown_interface = false;
  bool turns_destination = false;
  std::optional<Kind> real_kind, mapped_kind;  // as a packet from the real side has it: before, and after
};

struct Text {
  bool firewall = false;
  bool nexus = false;
  bool beyond = false;  // holds something that this naive reading does not follow: every answer is unclear
  std::string why;
  bool lists_see_real = true;
  bool equals = false, hairpin = false;
  std::string global;
  std::map<std::string, std::vector<Line>> lists;
  std::vector<Level> interfaces;
  std::vector<Translation> translations;  // in the order in which the device asks
  Zoning zoning;
  bool translates_sources = false;  // of a router: what leaves by an outside interface may have another source
};

enum class Dialect { firewall, router, nexus };
[[nodiscard]] Text read_text(const std::string& configuration, Dialect dialect);

enum class Fate { accept, drop, unclear };
struct Verdict {
  Fate fate = Fate::unclear;
  std::uint32_t destination = 0;  // after translation
};
// What the rules of translation make of a packet's destination that comes in by this interface.
struct Arrived {
  bool unclear = false;
  bool translated = false;
  Header header;
  const Translation* rule = nullptr;  // the one that decided
  bool from_mapped_side = false;
};
[[nodiscard]] Arrived arrive(const Text& text, const Header& packet, const Level& in);
// What the rules of translation make of its source, on the way out.
struct Left {
  bool unclear = false;
  Range source;  // any of these
  Range port;
};
[[nodiscard]] Left leave(const Text& text, const Header& packet, const Arrived& arrived, const Level& in,
                         const Level& out);
// What a list says, and `otherwise` at its end; unclear where it is not defined and the device's documents do not
// agree.
[[nodiscard]] Fate ask(const Text& text, const std::string& name, const Header& packet, Fate otherwise);
// What the zones of two interfaces say about the first packet of a connection.
[[nodiscard]] Fate ask_zones(const Text& text, const Header& packet, const Level& in, const Level& out);
// The first packet of a connection from one interface to another.
[[nodiscard]] Verdict carry(const Text& text, const Header& packet, const std::string& in, const std::string& out);

}  // namespace segproof::agree
