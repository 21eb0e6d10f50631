// SPDX-License-Identifier: Apache-2.0
// The plan of a network, without a kernel.
#include "confirm/blueprint.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "confirm/host_setup.h"
#include "three_firewalls.h"
#include "unit/snapshot/dump.h"

using namespace segproof;
using namespace segproof::test;

namespace {

confirm::NodeBlueprint built(const Loaded& loaded, const std::string& name, confirm::Needs needs = {}) {
  const model::NodeId node = loaded.snapshot.network.find_node(name);
  REQUIRE(node.valid());
  needs.nodes = {node};
  const confirm::Blueprint blueprint = confirm::blueprint_of(loaded.snapshot, loaded.sources, needs);
  REQUIRE(blueprint.nodes.size() == 1);
  return blueprint.nodes.front();
}

// "ip -4 -batch -" and its input, of the programs that bring up interfaces and routes.
std::string commands_text(const confirm::NodeBlueprint& node, const std::string& program) {
  std::string text;
  for (const confirm::Command& command : node.commands) {
    if (command.words.front() == program) {
      text += fmt::format("{}\n{}", fmt::join(command.words, " "), command.input);
    }
  }
  return text;
}

std::vector<std::string> programs_of(const confirm::NodeBlueprint& node) {
  std::vector<std::string> programs;
  for (const confirm::Command& command : node.commands) {
    if (command.words.front() != "ip") {
      programs.push_back(command.words.front());
    }
  }
  return programs;
}

// The value that is written last, or "-".
std::string setting(const confirm::NodeBlueprint& node, const std::string& name) {
  std::string value = "-";
  for (const confirm::Setting& setting : node.settings) {
    value = setting.name == name ? setting.value : value;
  }
  return value;
}

}  // namespace

TEST_CASE("a router has its cables, addresses, neighbours and routes") {
  const Loaded loaded = load(three_firewalls());
  REQUIRE(loaded.diagnostics() == "");
  const model::Network& network = loaded.snapshot.network;
  confirm::Needs needs;
  needs.neighbours.insert({network.find_segment("office"), parse_address("10.1.0.99").value()});
  const confirm::NodeBlueprint core = built(loaded, "core", needs);
  REQUIRE(core.cables.size() == 2);
  CHECK(core.cables[0].name == "eth0");
  CHECK(network.segment(core.cables[0].wire).name == "link");
  CHECK(network.segment(core.cables[1].wire).name == "office");
  CHECK(core.cables[0].mac != core.cables[1].mac);
  const auto mac = [&](const std::string& node, const std::string& interface) {
    return confirm::to_string(confirm::mac_of(network.find_interface(network.find_node(node), interface)));
  };
  const std::string wire = confirm::to_string(confirm::mac_of(network.find_segment("office")));
  CHECK(commands_text(core, "ip") ==
        fmt::format("ip -batch -\nlink set lo up\nlink set eth0 up\nlink set eth1 up\n"
                    "ip -4 -batch -\naddr add 10.0.0.2/24 dev eth0 broadcast +\naddr add 10.1.0.1/24 dev eth1 "
                    "broadcast +\n"
                    "ip -6 -batch -\naddr add 2001:db8:0:1::2/64 dev eth0 nodad\naddr add 2001:db8:1::1/64 dev eth1 "
                    "nodad\n"
                    "ip -4 -batch -\n"
                    "neigh replace 10.0.0.1 lladdr {0} dev eth0 nud permanent\n"
                    "neigh replace 10.0.0.3 lladdr {1} dev eth0 nud permanent\n"
                    "neigh replace 10.1.0.20 lladdr {2} dev eth1 nud permanent\n"
                    "neigh replace 10.1.0.99 lladdr {3} dev eth1 nud permanent\n"
                    "ip -6 -batch -\n"
                    "neigh replace 2001:db8:0:1::1 lladdr {0} dev eth0 nud permanent\n"
                    "neigh replace 2001:db8:0:1::3 lladdr {1} dev eth0 nud permanent\n"
                    "neigh replace 2001:db8:1::20 lladdr {2} dev eth1 nud permanent\n"
                    "ip -4 -batch -\n"
                    "route replace unicast 0.0.0.0/0 table main via 10.0.0.1\n"
                    "route replace unicast 10.2.0.0/24 table main via 10.0.0.3\n"
                    "ip -6 -batch -\n"
                    "route replace unicast ::/0 table main via 2001:db8:0:1::1\n"
                    "route replace unicast 2001:db8:2::/64 table main via 2001:db8:0:1::3\n",
                    mac("edge", "eth1"), mac("prod", "eth0"), mac("pc1", "office"), wire));
  CHECK(setting(core, "ipv4/ip_forward") == "1");
  CHECK(setting(core, "ipv6/conf/all/forwarding") == "1");
  CHECK(setting(core, "ipv4/conf/eth0/rp_filter") == "0");
}

TEST_CASE("rule sets are loaded by the back end that their comment names") {
  const Loaded loaded = load(three_firewalls());
  using Words = std::vector<std::string>;
  CHECK(programs_of(built(loaded, "edge")) == Words{"iptables-legacy-restore", "ip6tables-legacy-restore", "nft"});
  CHECK(programs_of(built(loaded, "core")) == Words{"iptables-nft-restore", "ip6tables-nft-restore", "nft"});
  CHECK(programs_of(built(loaded, "prod")) == Words{"nft", "nft"});
  CHECK(programs_of(built(loaded, "pc1")) == Words{"nft"});
  // The host that says that it does not forward, and the one that says nothing.
  CHECK(setting(built(loaded, "db1"), "ipv4/ip_forward") == "0");
  CHECK(setting(built(loaded, "pc1"), "ipv4/ip_forward") == "0");
}

TEST_CASE("only what Linux can run is built") {
  std::map<std::string, std::string> files = three_firewalls();
  const auto why = [&](const std::string& rules) {
    std::string& policy = files["net/policy.yaml"];
    const std::size_t start = policy.find("  prod: ");
    policy.replace(start, policy.find('\n', start) - start, "  prod: " + rules);
    const Loaded loaded = load(files);
    return confirm::why_not_linux(loaded.snapshot.network.find_node("prod"), loaded.snapshot);
  };
  CHECK(why("[{format: nft, file: prod.nft}]") == "");
  CHECK(why("none") == "");
  CHECK(why("{native: {stateful: true}}") == "device prod is not Linux: its rules are written in YAML");
  CHECK(why("[{format: iptables-save, file: edge.rules}]") == "device prod has no IPv6 rules that could be loaded");
  files["net/prod.cfg"] = "hostname prod\ninterface eth0\n ip address 10.0.0.3 255.255.255.0\n";
  CHECK(why("[{format: cisco-ios, file: prod.cfg}]") ==
        "device prod is not Linux: its configuration is that of another system");
}

TEST_CASE("what was collected on a host is what is built") {
  const Loaded loaded = load(
      {{"net/topology.yaml", R"(segproof: topology/1
name: collected
segments:
  lan: {prefixes: [10.1.0.0/24]}
  srv: {prefixes: [10.2.0.0/24]}
devices:
  fw: {host-folder: fw}
)"},
       {"net/policy.yaml", "segproof: policy/1\nepoch: e0\ndate: 2024-01-01\n"},
       {"net/fw/ip-addr.json",
        R"([{"ifindex":2,"ifname":"eth0","flags":["UP"],"addr_info":[{"family":"inet","local":"10.1.0.1","prefixlen":24}]},
{"ifindex":3,"ifname":"eth1","flags":["UP"],"addr_info":[{"family":"inet","local":"10.2.0.1","prefixlen":24}]},
{"ifindex":4,"ifname":"eth2","flags":[],"addr_info":[]}])"},
       {"net/fw/ip-route.json",
        R"([{"dst":"default","gateway":"10.2.0.254","dev":"eth1","flags":[]},
{"dst":"10.1.0.0/24","dev":"eth0","protocol":"kernel","scope":"link","flags":[]},
{"dst":"10.9.0.0/16","gateway":"10.2.0.9","dev":"eth1","table":"vpn","metric":7,"flags":[]},
{"type":"unreachable","dst":"10.0.0.0/8","flags":[]},
{"dst":"10.3.0.0/16","flags":[],"nexthops":[{"gateway":"10.2.0.8","dev":"eth1","weight":1,"flags":[]},{"gateway":"10.2.0.9","dev":"eth1","weight":1,"flags":[]}]},
{"type":"local","dst":"10.1.0.1","dev":"eth0","table":"local","flags":[]}])"},
       {"net/fw/ip-rule.json",
        R"([{"priority":0,"src":"all","table":"local"},
{"priority":50,"src":"10.1.0.0","srclen":24,"iif":"eth0","fwmark":"0x1","fwmask":"0xff","table":"vpn"},
{"priority":60,"not":null,"src":"all","dst":"10.4.0.0","dstlen":16,"ipproto":"tcp","dport_start":80,"dport_end":90,"action":"blackhole"},
{"priority":70,"src":"all","table":"main","suppress_prefixlen":0},
{"priority":32766,"src":"all","table":"main"}])"},
       {"net/fw/sysctl.txt",
        "net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.eth0.rp_filter = 2\n"
        "net.ipv4.conf.eth0.arp_notify = 1\nnet.ipv4.ip_forward = 1\n"
        "net.ipv6.conf.eth0/7.disable_ipv6 = 1\n"},
       {"net/fw/nft-ruleset.txt",
        "table ip filter {\n\tchain FORWARD {\n\t\tcounter xt match \"set\" accept\n\t}\n}\n"
        "table inet guard {\n\tchain f {\n\t}\n}\n"},
       {"net/fw/iptables-nft-save.txt",
        "# Generated by iptables-nft-save v1.8.9 (nf_tables) on Mon Jan  1 00:00:00 2024\n"
        "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"},
       {"net/fw/ipset-save.txt", "create good hash:net family inet\nadd good 10.1.0.0/25\n"}});
  const input::NodeFiles& files = loaded.snapshot.node_files.at("fw");
  const confirm::RouteLines routes = confirm::collected_routes(files.host, loaded.sources);
  CHECK(routes.fault == "");
  CHECK(routes.by_family[0] ==
        "rule flush\n"
        "rule add pref 50 from 10.1.0.0/24 iif eth0 fwmark 0x1/0xff table 20000\n"
        "rule add pref 60 not from all to 10.4.0.0/16 ipproto 6 dport 80-90 blackhole\n"
        "rule add pref 70 from all table main suppress_prefixlength 0\n"
        "rule add pref 32766 from all table main\n"
        "route replace unicast 10.1.0.0/24 table main dev eth0\n"
        "route replace unreachable 10.0.0.0/8 table main\n"
        "route replace unicast 0.0.0.0/0 table main via 10.2.0.254 dev eth1 onlink\n"
        "route replace unicast 10.9.0.0/16 metric 7 table 20000 via 10.2.0.9 dev eth1 onlink\n"
        "route replace unicast 10.3.0.0/16 table main nexthop via 10.2.0.8 dev eth1 onlink nexthop via 10.2.0.9 dev "
        "eth1 onlink\n");
  std::string settings;
  for (const confirm::Setting& one : confirm::collected_settings(files.host, loaded.sources)) {
    settings += fmt::format("{} {}\n", one.name, one.value);
  }
  CHECK(settings ==
        "ipv4/ip_forward 1\nipv4/conf/all/rp_filter 0\nipv4/conf/eth0/rp_filter 2\nipv6/conf/eth0.7/disable_ipv6 1\n");
  const confirm::RuleCommands rules = confirm::rule_commands(files.rules, loaded.sources);
  CHECK(rules.fault == "");
  REQUIRE(rules.commands.size() == 3);
  CHECK(rules.commands[0].words == std::vector<std::string>{"ipset", "restore"});
  CHECK(rules.commands[1].words == std::vector<std::string>{"iptables-nft-restore"});
  CHECK(rules.commands[2].words == std::vector<std::string>{"nft", "-f", "-"});
  CHECK(rules.commands[2].input == "table inet guard {\n\tchain f {\n\t}\n}\n\n");
  const confirm::NodeBlueprint fw = built(loaded, "fw");
  REQUIRE(fw.cables.size() == 3);
  CHECK_FALSE(fw.cables[2].wire.valid());
  CHECK_FALSE(fw.cables[2].is_up);
  CHECK(setting(fw, "ipv4/conf/eth0/rp_filter") == "2");
}
