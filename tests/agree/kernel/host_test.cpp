// SPDX-License-Identifier: Apache-2.0
// Whole hosts: made-up routes, routing rules, reverse-path filters, and rules of iptables and nft side by side that
// mark and drop, collected from the kernel by the commands of docs/collecting-a-linux-host.md and read as a folder.
// Then packets: where the kernel sends each of them, and where reach::Replay does.
//
//   s-eth0 --- eth0 |      | eth1 --- s-eth1
//                   | host |
//   s-ppp0 --- ppp0 |      | br-lan --- s-br-lan
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "confirm/process.h"
#include "dice.h"
#include "input/snapshot.h"
#include "oracle.h"
#include "reach/replay.h"
#include "support/skip.h"

namespace segproof::oracle {
namespace {

using confirm::Ran;
using confirm::run;

constexpr std::size_t packets_per_host = 120;

struct Attached {
  const char* name;
  const char* prefix4;  // "10.0.0." and the rest of an address
  const char* prefix6;
  const char* length4;
};
constexpr std::array<Attached, 4> attached{{{"eth0", "10.0.0.", "fd00::", "24"},
                                            {"eth1", "192.0.2.", "2001:db8:1::", "24"},
                                            {"ppp0", "198.51.100.", "2001:db8:2::", "25"},
                                            {"br-lan", "172.16.0.", "fd00:1::", "20"}}};

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "segproof-host-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(path_ + "/host");
    std::string topology = "segproof: topology/1\nname: host\nzones:\n";
    for (const Attached& one : attached)
      topology += fmt::format("  z-{0}: {{segments: [s-{0}], external: true}}\n", one.name);
    topology += "segments:\n";
    for (const Attached& one : attached) {
      topology +=
          fmt::format("  s-{}: {{prefixes: [{}0/{}, \"{}/64\"]}}\n", one.name, one.prefix4, one.length4, one.prefix6);
    }
    topology += "devices:\n  fw:\n    host-folder: host\n    interfaces:\n";
    for (const Attached& one : attached)
      topology += fmt::format("      {0}: {{segment: s-{0}}}\n", one.name);
    write("topology.yaml", topology);
    write("policy.yaml", "segproof: policy/1\nepoch: now\ndate: 2026-01-01\n");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// One made-up host in the namespace.
class Host {
 public:
  Host(Dice& dice, Family family) : dice_(dice), family_(family) {}

  // What is wrong, or nothing.
  std::string set_up() {
    std::string lines;
    for (const int table : {254, 101, 102})
      lines += fmt::format("route flush table {} proto static\n", table);
    for (int priority = 1000; priority < 1010; ++priority)
      lines += fmt::format("rule del pref {}\n", priority);
    static_cast<void>(run({"ip", option(), "-force", "-batch", "-"}, lines));
    text_.clear();
    for (std::uint64_t count = dice_.below(6); count > 0; --count)
      route("main");
    if (dice_.percent(70)) {
      for (const char* table : {"101", "102"}) {
        for (std::uint64_t count = 1 + dice_.below(4); count > 0; --count)
          route(table);
      }
      for (int priority = 1000, count = static_cast<int>(1 + dice_.below(5)); count > 0; --count)
        rule(priority++);
    }
    const Ran ran = run({"ip", option(), "-force", "-batch", "-"}, text_);
    said_ = ran.output;
    marks();
    nft_rules();
    reverse_paths();
    return {};
  }

  void collect(const Folder& folder) const {
    const auto output = [](const std::vector<std::string>& command) { return run(command, {}).output; };
    folder.write("host/ip-addr.json", output({"ip", "-j", "addr"}));
    folder.write("host/ip-route.json", output({"ip", "-4", "-j", "route", "show", "table", "all"}));
    folder.write("host/ip6-route.json", output({"ip", "-6", "-j", "route", "show", "table", "all"}));
    folder.write("host/ip-rule.json", output({"ip", "-4", "-j", "rule"}));
    folder.write("host/ip6-rule.json", output({"ip", "-6", "-j", "rule"}));
    folder.write("host/sysctl.txt", output({"sh", "-c", "sysctl -a 2>/dev/null | grep '^net\\.ip'"}));
    folder.write("host/iptables-legacy-save.txt", output({"iptables-legacy-save"}));
    folder.write("host/ip6tables-legacy-save.txt", output({"ip6tables-legacy-save"}));
    folder.write("host/nft-ruleset.txt", output({"nft", "list", "ruleset"}));
  }

  [[nodiscard]] std::string text() const { return text_ + said_; }

  Packet packet() {
    Packet made;
    made.family = family_;
    made[Field::protocol] = dice_.pick({6U, 6U, 17U, 17U, family_ == Family::ipv4 ? 1U : 58U, 47U});
    made[Field::source] = address().bits;
    made[Field::destination] = address().bits;
    if (made.protocol() == 6)
      made[Field::tcp_flags] = tcp_flag::syn;
    if (has_ports(made.protocol())) {
      made[Field::source_port] = port();
      made[Field::destination_port] = port();
    } else if (made.protocol() != 47) {
      made[Field::destination_port] = family_ == Family::ipv4 ? 0x0800 : 0x8000;
    }
    return made;
  }

 private:
  [[nodiscard]] bool v4() const { return family_ == Family::ipv4; }
  [[nodiscard]] std::string option() const { return v4() ? "-4" : "-6"; }
  [[nodiscard]] unsigned port() { return dice_.pick({80U, 81U, 443U, 1024U, 40000U, 53U}); }
  [[nodiscard]] std::string port_range() { return dice_.word({"80", "80-81", "53", "1024-65535", "443"}); }

  Address address() {
    if (dice_.percent(45)) {
      const Attached& near = attached[dice_.below(attached.size())];
      const auto last = dice_.pick({1U, 2U, 5U, 77U, 126U});
      return *parse_address(fmt::format("{}{}", v4() ? near.prefix4 : near.prefix6, last));
    }
    const char* text =
        v4()
            ? dice_.pick({"8.8.8.8", "10.1.2.3", "10.1.9.9", "203.0.113.9", "203.0.113.77", "100.64.0.1", "10.200.3.4"})
            : dice_.pick(
                  {"2a00::8", "fd01::2:3", "fd01::9:9", "2001:db8:9::9", "2001:db8:9::77", "2600::1", "fd00:200::3:4"});
    return *parse_address(text);
  }
  std::string prefix() {
    const Address base = address();
    const unsigned length =
        v4() ? dice_.pick({0U, 8U, 12U, 16U, 24U, 25U, 32U}) : dice_.pick({0U, 16U, 32U, 48U, 64U, 112U, 128U});
    return to_string(make_prefix(base, length));
  }
  const Attached& interface() { return attached[dice_.below(attached.size())]; }
  std::string hop() {
    const Attached& out = interface();
    if (dice_.percent(40))
      return fmt::format("dev {}", out.name);
    return fmt::format("via {}{} dev {}", v4() ? out.prefix4 : out.prefix6, dice_.pick({2U, 5U, 9U}), out.name);
  }

  void route(const std::string& table) {
    std::string what = prefix();
    std::string to;
    if (dice_.percent(15)) {
      what = fmt::format("{} {}", dice_.word({"blackhole", "unreachable", "prohibit"}), what);
    } else if (dice_.percent(12)) {
      to = fmt::format(" nexthop {}", hop());
      to += fmt::format(" nexthop {}", hop());
    } else {
      to = " " + hop();
    }
    const std::string metric =
        dice_.percent(30) ? fmt::format(" metric {}", dice_.pick({1U, 10U, 100U, 2000U})) : std::string();
    text_ += fmt::format("route add {} table {} proto static{}{}\n", what, table, metric, to);
  }

  void rule(int priority) {
    std::string line = fmt::format("rule add pref {}", priority);
    if (dice_.percent(12))
      line += " not";
    std::string asked;
    if (dice_.percent(35))
      asked += " from " + prefix();
    if (dice_.percent(30))
      asked += " to " + prefix();
    if (dice_.percent(30))
      asked += fmt::format(" iif {}", interface().name);
    if (dice_.percent(35))
      asked += dice_.word({" fwmark 0x1", " fwmark 0x2/0x2", " fwmark 0x4/0xff", " fwmark 0"});
    if (dice_.percent(25)) {
      asked += dice_.word({" ipproto tcp", " ipproto udp", v4() ? " ipproto icmp" : " ipproto ipv6-icmp"});
    }
    if (dice_.percent(20))
      asked += " dport " + port_range();
    if (dice_.percent(10))
      asked += " sport " + port_range();
    line += asked.empty() ? " from all" : asked;
    if (dice_.percent(12)) {
      line += dice_.word({" blackhole", " unreachable", " prohibit"});
    } else {
      line += dice_.word({" lookup 101", " lookup 102", " lookup 101", " lookup main"});
      if (dice_.percent(15))
        line += dice_.word({" suppress_prefixlength 0", " suppress_prefixlength 16"});
    }
    text_ += line + "\n";
  }

  void marks() {
    std::string rules = dice_.percent(50) ? "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n"
                                          : "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m mark --mark 0x4/0x4 -j "
                                            "DROP\nCOMMIT\n";
    rules += "*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n";
    for (std::uint64_t count = dice_.below(4); count > 0; --count) {
      rules += "-A PREROUTING ";
      if (dice_.percent(50))
        rules += fmt::format("-s {} ", prefix());
      if (dice_.percent(50))
        rules += fmt::format("-i {} ", interface().name);
      if (dice_.percent(50))
        rules += fmt::format("-p tcp -m tcp --dport {} ", port());
      rules += fmt::format("-j MARK --set-xmark {}\n", dice_.word({"0x1", "0x2/0x2", "0x4/0xff", "0x6"}));
    }
    rules += "COMMIT\n";
    const Ran ran = run({v4() ? "iptables-legacy-restore" : "ip6tables-legacy-restore"}, rules);
    text_ += rules;
    said_ += ran.output;
  }

  // Before and behind the rules of iptables at the same hook: marks, and what is dropped for its mark. Never at the
  // same priority: which of them is asked first there depends on which program came first, and nothing tells.
  void nft_rules() {
    std::string rules = "flush ruleset\n";
    if (dice_.percent(60)) {
      const char* family = v4() ? "ip" : "ip6";
      rules += fmt::format("table inet host {{\n\tchain marks {{\n\t\ttype filter hook prerouting priority {};\n",
                           dice_.word({"-160", "-155", "-140", "filter"}));
      // Connections are tracked then: routing rules see ports of every packet.
      if (dice_.percent(60))
        rules += "\t\tct state invalid counter\n";
      for (std::uint64_t count = dice_.below(3); count > 0; --count) {
        rules += fmt::format("\t\t{} {} {} ", family, dice_.word({"saddr", "daddr"}), prefix());
        rules += fmt::format("meta mark set {}\n", dice_.word({"0x1", "meta mark | 0x2", "meta mark & 0x4", "0"}));
      }
      rules += fmt::format("\t}}\n\tchain passing {{\n\t\ttype filter hook forward priority {};\n",
                           dice_.word({"-1", "-5", "1"}));
      for (std::uint64_t count = dice_.below(3); count > 0; --count) {
        rules += fmt::format("\t\t{} {}\n", dice_.word({"meta mark 0x1", "meta mark & 0x2 != 0", "oifname \"eth1\""}),
                             dice_.word({"drop", "accept"}));
      }
      rules += "\t}\n}\n";
    }
    const Ran ran = run({"nft", "-f", "-"}, rules);
    text_ += rules;
    said_ += ran.output;
  }

  void reverse_paths() {
    const bool any = v4() && dice_.percent(40);
    std::vector<std::string> names{"all"};
    for (const Attached& one : attached)
      names.emplace_back(one.name);
    for (const std::string& name : names) {
      const auto value = any ? dice_.below(3) : 0;
      std::ofstream("/proc/sys/net/ipv4/conf/" + name + "/rp_filter") << value << '\n';
      if (value != 0)
        text_ += fmt::format("rp_filter {} {}\n", name, value);
    }
  }

  Dice& dice_;
  Family family_;
  std::string text_;
  std::string said_;
};

// The namespace as it is before any host: interfaces with their prefixes, and nothing else.
std::string prepare_namespace() {
  std::string lines4;
  std::string lines6;
  for (const Attached& one : attached) {
    lines4 += fmt::format("rule del pref 100\naddr flush dev {0}\naddr add {1}1/{2} dev {0}\n", one.name, one.prefix4,
                          one.length4);
    lines6 +=
        fmt::format("rule del pref 100\naddr flush dev {0}\naddr add {1}1/64 dev {0} nodad\n", one.name, one.prefix6);
    std::ofstream(fmt::format("/proc/sys/net/ipv4/conf/{}/accept_local", one.name)) << "0\n";
  }
  std::ofstream("/proc/sys/net/ipv4/conf/all/accept_local") << "0\n";
  std::ofstream("/proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal") << "0\n";
  lines4 += "route flush table 100\nroute flush table main proto static\n";
  lines6 += "route flush table 100\nroute flush table main proto static\n";
  static_cast<void>(run({"ip", "-4", "-force", "-batch", "-"}, lines4));
  static_cast<void>(run({"ip", "-6", "-force", "-batch", "-"}, lines6));
  return {};
}

struct Count {
  std::size_t hosts = 0;
  std::size_t unread = 0;  // hosts whose routes segproof does not use, and says so
  std::size_t packets = 0;
  std::size_t undecided = 0;
  std::size_t different = 0;
  std::map<std::string, std::size_t> fates;
};

// "LOCAL", "eth1", or nothing.
std::string of_kernel(Sandbox& sandbox, const std::string& ingress, const Packet& packet, std::uint16_t number) {
  for (const Sighting& sighting : sandbox.send(ingress, packet, number)) {
    if (sighting.seen.is_numbered && sighting.seen.number == number &&
        sighting.seen.packet.protocol() == packet.protocol() &&
        sighting.seen.packet[Field::destination_port] == packet[Field::destination_port]) {
      return sighting.interface.empty() ? "LOCAL" : sighting.interface;
    }
  }
  return {};
}

struct Foreseen {
  std::vector<std::string> places;  // any of them; empty: undecided
  std::string why;
};

Foreseen of_segproof(const model::Network& network, const std::string& ingress, const Packet& packet) {
  const auto fw =
      static_cast<std::size_t>(std::ranges::find(network.nodes, "fw", &model::Node::name) - network.nodes.begin());
  const model::InterfaceId in = network.find_interface(model::NodeId(fw), ingress);
  reach::Replay replay(network, packet.family);
  Foreseen foreseen;
  for (const reach::ReplayPath& path : replay.send_to(in, packet)) {
    foreseen.why += path.reason + "; ";
    if (!path.crossed.empty()) {
      foreseen.places.push_back(network.segment(*path.crossed.begin()).name.substr(2));
    } else if (path.fate == reach::ReplayFate::undecided) {
      return {};
    } else {
      foreseen.places.emplace_back(path.fate == reach::ReplayFate::delivered ? "LOCAL" : "");
    }
  }
  return foreseen;
}

// What differs, or nothing.
std::string examine(Sandbox& sandbox, Dice& dice, Host& host, const Folder& folder, Family family, Count& count) {
  SourceStore sources;
  DiagnosticSink sink;
  const auto snapshot = input::load_snapshot(
      {.topology = {folder.path() + "/topology.yaml"}, .policy = {folder.path() + "/policy.yaml"}, .claims = {}},
      RealFileSystem(), sources, sink);
  if (!snapshot)
    return snapshot.failure().message;
  for (const Diagnostic& diagnostic : sink.all()) {
    if (diagnostic.severity == Severity::error)
      return diagnostic.message;
  }
  const model::Network& network = snapshot.value().network;
  ++count.hosts;
  const auto fw = std::ranges::find(network.nodes, "fw", &model::Node::name);
  if (fw->routes[model::index_of(family)] != model::Known::given) {
    ++count.unread;
    return {};
  }
  for (std::size_t i = 0; i < packets_per_host; ++i) {
    const std::string ingress = dice.pick(Sandbox::interfaces());
    const Packet packet = host.packet();
    const std::string seen = of_kernel(sandbox, ingress, packet, static_cast<std::uint16_t>(i + 1));
    const Foreseen foreseen = of_segproof(network, ingress, packet);
    ++count.packets;
    if (foreseen.places.empty()) {
      ++count.undecided;
    } else if (std::ranges::find(foreseen.places, seen) == foreseen.places.end()) {
      return fmt::format("{} > {}: kernel `{}`, segproof `{}` ({})", ingress, to_string(packet), seen,
                         fmt::join(foreseen.places, " or "), foreseen.why);
    } else {
      ++count.fates[seen.empty() ? "dropped" : seen == "LOCAL" ? "delivered" : "forwarded"];
    }
  }
  return {};
}

}  // namespace

TEST_CASE("a host that was collected sends packets where the kernel sends them") {
  auto made = Sandbox::create();
  if (!made) {
    test::skip("kernel", made.failure().message);
    return;
  }
  Sandbox& sandbox = *made.value();
  CHECK(prepare_namespace().empty());
  const std::uint64_t start = test::seed("agree_kernel_host", 1);
  const auto end = std::chrono::steady_clock::now() + test_seconds();
  const Folder folder;
  Count count;
  std::uint64_t seed = start;
  while (std::chrono::steady_clock::now() < end && count.different < 3) {
    Dice dice(seed);
    const Family family = seed % 3 == 2 ? Family::ipv6 : Family::ipv4;
    Host host(dice, family);
    CHECK(host.set_up().empty());
    host.collect(folder);
    const std::string found = examine(sandbox, dice, host, folder, family, count);
    if (!found.empty()) {
      ++count.different;
      MESSAGE(fmt::format("seed {}: {}\n{}", seed, found, host.text()));
    }
    ++seed;
  }
  fmt::print("agree_kernel_host sum: seeds {}-{} hosts {} not_read {} packets {} undecided {} differ {}\n", start,
             seed - 1, count.hosts, count.unread, count.packets, count.undecided, count.different);
  for (const auto& [fate, times] : count.fates)
    fmt::print("  {}: {}\n", fate, times);
  CHECK(count.different == 0);
  CHECK(count.unread * 2 < count.hosts);
  CHECK(count.undecided * 2 < count.packets);
}

}  // namespace segproof::oracle
