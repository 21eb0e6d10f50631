// SPDX-License-Identifier: Apache-2.0
// Five routers of a university's backbone, four with their tables of routes, and no topology: they load, who may open
// what to whom is answered for all their networks, and a naive walk (the second reading of the lists, and a reading of
// the tables of its own) agrees with the answers.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "agree/cisco/text.h"
#include "agree/cisco/values.h"
#include "agree/cisco/words.h"
#include "base/file.h"
#include "claim/session.h"
#include "input/snapshot.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

constexpr std::array<const char*, 5> routers = {"bbra", "bbrb", "boza", "bozb", "coza"};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Row {
  agree::Masked prefix;
  std::optional<std::uint32_t> gateway;
  std::string interface;  // empty: dropped, or the router's own
};

// An address of an interface.
struct Home {
  std::string interface;
  std::uint32_t address = 0, mask = 0;
};

struct Router {
  std::string name;
  std::vector<Home> homes;  // secondary ones as well
  std::string configuration, table;
  agree::Text text;
  std::vector<Row> rows;

  // The rows of the longest prefix that holds the address.
  [[nodiscard]] std::vector<const Row*> way_to(std::uint32_t address) const {
    std::vector<const Row*> best;
    for (const Row& row : rows) {
      if ((address & row.prefix.care) != row.prefix.value)
        continue;
      if (!best.empty() && row.prefix.care > best.front()->prefix.care)
        best.clear();
      if (best.empty() || row.prefix.care == best.front()->prefix.care)
        best.push_back(&row);
    }
    return best;
  }
};

std::vector<Row> rows_of(const std::string& table) {
  std::vector<Row> rows;
  std::istringstream stream(table);
  std::optional<agree::Masked> prefix;
  for (std::string line; std::getline(stream, line);) {
    agree::Words words = agree::cut(line);
    if (words.empty() || words[0] == "Prefix")
      continue;
    if (const auto begins = agree::prefix_of(words[0])) {
      prefix = begins;
      words.erase(words.begin());
    }
    Row row{prefix.value(), std::nullopt, {}};
    if (words.size() > 1 && words[0] != "receive" && words[1] != "Null0") {
      row.gateway = agree::dotted(words[0]);
      row.interface = words[1];
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<Home> homes_of(const std::string& configuration) {
  std::vector<Home> homes;
  std::string interface;
  std::istringstream stream(configuration);
  for (std::string line; std::getline(stream, line);) {
    const agree::Words words = agree::cut(line);
    if (!line.starts_with(' '))
      interface = words.size() > 1 && words[0] == "interface" ? words[1] : "";
    if (!interface.empty() && words.size() > 3 && words[0] == "ip" && words[1] == "address" && agree::dotted(words[2]))
      homes.push_back({interface, *agree::dotted(words[2]), agree::dotted(words[3]).value_or(0)});
  }
  return homes;
}

std::vector<Router> read_routers(const std::string& data) {
  std::vector<Router> all;
  const std::string begin = "net-network/hassell-public_Stanford__Stanford_backbone__";
  for (const char* name : routers) {
    Router router;
    router.name = name;
    router.configuration = content(fmt::format("{}/firewall/cisco/{}{}_rtr_config.txt", data, begin, name));
    router.table = content(fmt::format("{}/firewall/cisco-stanford-routes/{}{}_rtr_route.txt", data, begin, name));
    REQUIRE(!router.configuration.empty());
    router.text = agree::read_text(router.configuration, agree::Dialect::router);
    router.rows = rows_of(router.table);
    router.homes = homes_of(router.configuration);
    all.push_back(std::move(router));
  }
  return all;
}

struct Loaded {
  SourceStore sources;
  DiagnosticSink sink;
  std::optional<input::Snapshot> snapshot;
};

// Nobody gives their routes of IPv6, and multicasts and broadcasts that they relay are undecided: left out, so that
// lists and routes decide.
std::string decidable(const std::string& configuration) {
  std::string kept;
  std::istringstream stream(configuration);
  for (std::string line; std::getline(stream, line);) {
    constexpr std::array<const char*, 5> undecided = {"ipv6", "multicast", " ip pim", "helper-address", "ip policy"};
    const auto stands = [&](const char* word) { return line.find(word) != std::string::npos; };
    if (std::ranges::none_of(undecided, stands))
      kept += line + "\n";
  }
  return kept;
}

// `topology`: the text of one; empty: none.
void load(const std::vector<Router>& all, const std::string& topology, Loaded& into) {
  MemoryFileSystem files;
  if (!topology.empty())
    files.add("net/topology.yaml", topology);
  for (const Router& router : all) {
    files.add(fmt::format("net/{}.cfg", router.name), router.configuration);
    if (!router.table.empty())
      files.add(fmt::format("net/{}.routes", router.name), router.table);
  }
  Result<input::Snapshot> snapshot =
      input::load_snapshot({.topology = {"net"}, .policy = {}, .claims = {}}, files, into.sources, into.sink);
  REQUIRE(snapshot.ok());
  into.snapshot = std::move(snapshot).value();
}

// The zone on each interface: "bbra Vlan10" to its name.
std::map<std::string, std::string> zones_of(const model::Network& network) {
  std::map<std::string, std::string> zones;
  for (const model::Zone& zone : network.zones) {
    for (const model::SegmentId segment : zone.segments) {
      for (const model::InterfaceId id : network.segment(segment).attached) {
        const model::Interface& interface = network.interface(id);
        zones[network.node(interface.node).name + " " + interface.name] = zone.name;
      }
    }
  }
  return zones;
}

using Cells = std::map<std::pair<std::string, std::string>, claim::CellState>;

// The matrix of all zones; prints how long it took and how often each state stands in it.
Cells matrix_of(const Loaded& loaded) {
  const model::Network& network = loaded.snapshot->network;
  const std::clock_t start = std::clock();
  const claim::Matrix matrix = claim::matrix(network, loaded.sources, claim::MatrixBetween::zones);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  Cells cells;
  std::map<claim::CellState, unsigned> states;
  for (const claim::MatrixCell& cell : matrix.cells) {
    cells[{cell.from, cell.to}] = cell.state;
    ++states[cell.state];
  }
  fmt::print("{} zones, {} cells in {:.2f} s:", network.zones.size(), cells.size(), seconds);
  for (const auto& [state, count] : states)
    fmt::print(" {} {}", count, claim::cell_state_name(state));
  fmt::print("\n");
  return cells;
}

bool passes(claim::CellState state) {
  return state == claim::CellState::open || state == claim::CellState::restricted;
}

enum class End { delivered, dropped, unclear };
struct Walk {
  End end = End::unclear;
  std::string place;  // "bbra Vlan10"
};

class Backbone {
 public:
  explicit Backbone(const std::vector<Router>& all) : all_(all) {}

  [[nodiscard]] Walk carry(const agree::Header& packet, const Router& first, const std::string& in,
                           std::mt19937_64& random) const {
    const Router* at = &first;
    std::string entry = in;
    for (int hops = 0; hops < 8; ++hops) {
      const std::vector<const Row*> ways = at->way_to(packet.destination);
      if (at->table.empty() || ways.empty())
        return {End::unclear, {}};
      const Row& way = *ways[random() % ways.size()];
      if (way.interface.empty())
        return {End::dropped, {}};
      const agree::Verdict verdict = agree::carry(at->text, packet, entry, way.interface);
      if (verdict.fate != agree::Fate::accept)
        return {verdict.fate == agree::Fate::drop ? End::dropped : End::unclear, {}};
      if (!way.gateway)
        return {End::delivered, at->name + " " + way.interface};
      const auto next = owner_of(*way.gateway);
      if (next.first == nullptr)
        return {End::unclear, {}};
      at = next.first;
      entry = next.second;
    }
    return {End::unclear, {}};
  }

 private:
  [[nodiscard]] std::pair<const Router*, std::string> owner_of(std::uint32_t address) const {
    for (const Router& router : all_) {
      for (const Home& home : router.homes) {
        if (home.address == address)
          return {&router, home.interface};
      }
    }
    return {nullptr, {}};
  }

  const std::vector<Router>& all_;
};

struct Sender {
  const Router* router = nullptr;
  const agree::Level* level = nullptr;
};

// An interface with a network of hosts that is a zone.
Sender pick(const std::vector<Router>& all, const std::map<std::string, std::string>& zones, std::mt19937_64& random) {
  for (;;) {
    const Router& router = all[random() % all.size()];
    const agree::Level& level = router.text.interfaces[random() % router.text.interfaces.size()];
    if (level.address != 0 && ~level.mask > 2 && zones.contains(router.name + " " + level.name)) {
      return {&router, &level};
    }
  }
}

// Neither the network's own address nor its broadcast.
std::uint32_t host_in(const agree::Level& level, std::mt19937_64& random) {
  return level.network + 1 + static_cast<std::uint32_t>(random()) % (~level.mask - 1);
}

// Random packets between the networks: what the walk delivers, the matrix does not deny; what it drops, is not open.
// Returns the number of pairs of zones between which it delivered.
std::size_t compare_with_walk(const std::vector<Router>& all, const Loaded& loaded, const Cells& cells,
                              std::mt19937_64& random) {
  const std::map<std::string, std::string> zones = zones_of(loaded.snapshot->network);
  const Backbone backbone(all);
  unsigned delivered = 0;
  unsigned dropped = 0;
  std::set<std::pair<std::string, std::string>> pairs;
  constexpr unsigned packets = 200000;
  constexpr std::array<std::uint16_t, 8> ports = {53, 69, 135, 137, 161, 445, 1434, 40000};
  for (unsigned i = 0; i < packets; ++i) {
    const Sender sender = pick(all, zones, random);
    const Sender target = pick(all, zones, random);
    const Router* router = sender.router;
    const agree::Level* from = sender.level;
    const agree::Level* to = target.level;
    const Router* other = target.router;
    agree::Header packet;
    packet.protocol = 17;
    packet.source = host_in(*from, random);
    packet.destination = host_in(*to, random);
    packet.source_port = ports[random() % ports.size()];
    packet.destination_port = ports[random() % ports.size()];
    if (packet.destination == to->address)
      continue;
    const Walk walk = backbone.carry(packet, *router, from->name, random);
    const std::string& a = zones.at(router->name + " " + from->name);
    const std::string& b = zones.at(other->name + " " + to->name);
    CAPTURE(router->name);
    CAPTURE(from->name);
    CAPTURE(walk.place);
    CAPTURE(packet.source);
    CAPTURE(packet.destination);
    CAPTURE(packet.source_port);
    CAPTURE(packet.destination_port);
    if (walk.end == End::delivered && zones.contains(walk.place) && zones.at(walk.place) != a) {
      ++delivered;
      const std::pair<std::string, std::string> pair(a, zones.at(walk.place));
      pairs.insert(pair);
      const claim::CellState state = cells.at(pair);
      REQUIRE_MESSAGE((state != claim::CellState::denied && state != claim::CellState::no_route),
                      fmt::format("{} reaches {}", pair.first, pair.second));
    }
    if (walk.end == End::dropped && a != b) {
      ++dropped;
      REQUIRE_MESSAGE((cells.at({a, b}) != claim::CellState::open), fmt::format("{} does not reach {}", a, b));
    }
  }
  fmt::print("  {} packets: {} delivered between {} pairs of zones, {} dropped\n", packets, delivered, pairs.size(),
             dropped);
  return pairs.size();
}

// How many cells between networks of one router pass, and how many are unknown.
std::array<unsigned, 2> decided_within(const Router& router, const model::Network& network, const Cells& cells) {
  const std::map<std::string, std::string> zones = zones_of(network);
  std::array<unsigned, 2> result{};
  for (const agree::Level& from : router.text.interfaces) {
    for (const agree::Level& to : router.text.interfaces) {
      const auto a = zones.find(router.name + " " + from.name);
      const auto b = zones.find(router.name + " " + to.name);
      if (a == zones.end() || b == zones.end() || a->second == b->second)
        continue;
      const claim::CellState state = cells.at({a->second, b->second});
      result[0] += passes(state) ? 1U : 0U;
      result[1] += state == claim::CellState::unknown ? 1U : 0U;
    }
  }
  fmt::print("  within {}: {} cells pass, {} are unknown\n", router.name, result[0], result[1]);
  return result;
}

using Net = std::pair<std::uint32_t, std::uint32_t>;  // address and mask

// The networks of all interfaces, those of one interface together.
std::vector<std::set<Net>> wires_of(const std::vector<Router>& all) {
  std::vector<std::set<Net>> wires;
  for (const Router& router : all) {
    std::map<std::string, std::set<Net>> of_interface;
    for (const Home& home : router.homes) {
      if (home.mask != 0xffffffffU)
        of_interface[home.interface].emplace(home.address & home.mask, home.mask);
    }
    for (auto& entry : of_interface) {
      std::set<Net>& nets = entry.second;
      for (auto it = wires.begin(); it != wires.end();) {
        const bool shares = std::ranges::any_of(*it, [&](const Net& net) { return nets.contains(net); });
        if (shares)
          nets.insert(it->begin(), it->end());
        it = shares ? wires.erase(it) : std::next(it);
      }
      wires.push_back(nets);
    }
  }
  return wires;
}

bool overlap(const Net& a, const Net& b) {
  const std::uint32_t mask = a.second & b.second;
  return (a.first & mask) == (b.first & mask);
}

// What a user would write who knows what lies beyond: one network of each wire is a segment and a zone, and a wire that
// holds a gateway which none of the routers has belongs to somebody else. Wires that overlap, or on which an address is
// used twice, are left out.
std::string topology_of(const std::vector<Router>& all) {
  const std::vector<std::set<Net>> wires = wires_of(all);
  std::set<std::uint32_t> own;
  std::set<std::uint32_t> twice;
  for (const Router& router : all) {
    for (const Home& home : router.homes) {
      if (!own.insert(home.address).second)
        twice.insert(home.address);
    }
  }
  std::map<Net, bool> networks;  // external?
  for (std::size_t at = 0; at < wires.size(); ++at) {
    const auto holds = [&](std::uint32_t address) {
      return std::ranges::any_of(wires[at], [&](const Net& net) { return (address & net.second) == net.first; });
    };
    const bool overlaps = std::ranges::any_of(wires, [&](const std::set<Net>& other) {
      return &other != &wires[at] && std::ranges::any_of(other, [&](const Net& net) {
        return std::ranges::any_of(wires[at], [&](const Net& mine) { return overlap(mine, net); });
      });
    });
    if (overlaps || std::ranges::any_of(twice, holds))
      continue;
    bool external = false;
    for (const Router& router : all) {
      external = external || std::ranges::any_of(router.rows, [&](const Row& row) {
                   return row.gateway && !own.contains(*row.gateway) && holds(*row.gateway);
                 });
    }
    networks.emplace(*wires[at].begin(), external);
  }
  std::string zones;
  std::string segments;
  for (const auto& [network, external] : networks) {
    const std::uint32_t a = network.first;
    const std::string dotted = fmt::format("{}.{}.{}.{}", a >> 24U, a >> 16U & 255U, a >> 8U & 255U, a & 255U);
    int length = 0;
    while (length < 32 && (network.second << static_cast<unsigned>(length)) != 0)
      ++length;
    zones += fmt::format("  z-{}-{}: {{external: {}}}\n", dotted, length, external);
    segments += fmt::format("  s-{}-{}: {{zone: z-{}-{}, prefixes: [{}/{}]}}\n", dotted, length, dotted, length, dotted,
                            length);
  }
  return "segproof: topology/1\nname: backbone\nzones:\n" + zones + "segments:\n" + segments;
}

}  // namespace

TEST_CASE("five routers load without a topology, the fifth has no routes, and what they say is undecided") {
  const std::optional<std::string> data = data_folder();
  if (!data)
    return;
  std::mt19937_64 random(seed("agree backbone", 20261122));
  const std::vector<Router> all = read_routers(*data);
  Loaded loaded;
  load(all, {}, loaded);
  REQUIRE_FALSE(loaded.sink.has_errors());
  const model::Network& network = loaded.snapshot->network;
  CHECK(network.zones.size() >= 95);
  for (const Router& router : all) {
    const model::Node& node = network.node(network.find_node(router.name));
    CHECK(node.filter[0] == model::Known::given);
    CHECK((node.routes[0] == model::Known::given) == !router.table.empty());
  }
  // Routers that nobody has a configuration of are next hops of all five: who is beyond them may come back anywhere.
  const Cells cells = matrix_of(loaded);
  for (const Router& router : all)
    CHECK(decided_within(router, network, cells)[0] == 0);
  static_cast<void>(compare_with_walk(all, loaded, cells, random));
}

TEST_CASE("with what lies beyond declared, a naive walk agrees with the matrix of four routers") {
  const std::optional<std::string> data = data_folder();
  if (!data)
    return;
  std::mt19937_64 random(seed("agree backbone", 20261122));
  std::vector<Router> all = read_routers(*data);
  for (Router& router : all)
    router.configuration = decidable(router.configuration);
  const Router fifth = all.back();
  all.pop_back();
  Loaded four;
  load(all, topology_of(all), four);
  for (const Diagnostic& diagnostic : four.sink.all()) {
    if (diagnostic.severity == Severity::error)
      FAIL(render(diagnostic, four.sources));
  }
  const Cells cells = matrix_of(four);
  CHECK(compare_with_walk(all, four, cells, random) >= 100);

  // The fifth beside them: nothing that goes from one of its networks to another is decided.
  all.push_back(fifth);
  Loaded five;
  load(all, topology_of(all), five);
  const Cells with_fifth = matrix_of(five);
  const std::array<unsigned, 2> within = decided_within(fifth, five.snapshot->network, with_fifth);
  CHECK(within[0] == 0);
  CHECK(within[1] > 0);
  static_cast<void>(compare_with_walk(all, five, with_fifth, random));
}

}  // namespace segproof::test
