// SPDX-License-Identifier: Apache-2.0
// What the kernel at hand, or the program that loads rules into it, refuses of what segproof reads: found by trying.
// README.md lists it for one kernel and is compared where that kernel runs; SEGPROOF_UPDATE=1 writes the list anew.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "base/text.h"
#include "oracle.h"

namespace segproof::oracle {
namespace {

constexpr const char* page = "tests/agree/kernel/README.md";
constexpr std::string_view begin_mark = "<!-- refused: written by refused_test.cpp -->\n";
constexpr std::string_view end_mark = "<!-- end of refused -->\n";

struct Construct {
  const char* name;
  Backend backend;
  std::string text;
  Family family = Family::ipv4;
};

Construct nft(const char* statement, const char* hook = "prerouting", const char* family = "ip") {
  return {statement, Backend::nft,
          fmt::format("table {} t {{\n\tchain c {{\n\t\ttype filter hook {} priority -10;\n\t\t{}\n\t}}\n}}\n", family,
                      hook, statement)};
}

Construct iptables(Backend backend, const char* table, const char* rule, Family family = Family::ipv4) {
  return {rule, backend, fmt::format("*{}\n{}\nCOMMIT\n", table, rule), family};
}

std::vector<Construct> constructs() {
  std::vector<Construct> all{
      {"flowtable f { hook ingress priority 0; devices = { eth0 }; }", Backend::nft,
       "table ip t {\n\tflowtable f {\n\t\thook ingress priority 0\n\t\tdevices = { eth0 }\n\t}\n}\n"},
      {"type filter hook egress device eth0", Backend::nft,
       "table netdev t {\n\tchain c {\n\t\ttype filter hook egress device eth0 priority 0;\n\t}\n}\n"},
      {"type filter hook ingress device eth0", Backend::nft,
       "table netdev t {\n\tchain c {\n\t\ttype filter hook ingress device eth0 priority 0;\n\t}\n}\n"},
      {"table bridge", Backend::nft,
       "table bridge t {\n\tchain c {\n\t\ttype filter hook forward priority 0;\n\t\tdrop\n\t}\n}\n"},
      {"table arp", Backend::nft,
       "table arp t {\n\tchain c {\n\t\ttype filter hook input priority 0;\n\t\tdrop\n\t}\n}\n"},
      nft("dup to 10.0.0.9 device eth1"),
      nft("queue num 1", "forward"),
      nft("tcp dport 80 synproxy mss 1460 wscale 7", "forward"),
      nft("tcp dport 80 tproxy to :8080"),
      nft("socket transparent 1 accept"),
      nft("socket cgroupv2 level 1 \"x\" accept", "input"),
      nft("fib saddr . iif oif missing drop"),
      nft("rt nexthop 10.0.0.1 accept", "forward"),
      nft("osf name \"Linux\" accept"),
      nft("ipsec in reqid 1 accept"),
      nft("meta cgroup 1 accept", "input"),
      nft("meta skuid 0 accept", "output"),
      nft("numgen random mod 2 0 accept"),
      nft("jhash ip saddr mod 2 seed 1 0 accept"),
      nft("tcp option maxseg size 1000 accept"),
      nft("sctp chunk init exists accept"),
      nft("dccp option 1 exists accept"),
      nft("exthdr frag exists accept", "prerouting", "ip6"),
      nft("ct count over 5 drop", "forward"),
      nft("quota over 1 mbytes drop"),
      nft("limit rate 1/second accept"),
      nft("ct label 1 accept", "forward"),
      nft("ct id 1 accept", "forward"),
      nft("log group 1"),
      nft("ip saddr set 10.0.0.9"),
      nft("vxlan ip saddr 10.0.0.1 accept"),
      iptables(Backend::legacy, "mangle", "-A PREROUTING -j TEE --gateway 10.0.0.9"),
      iptables(Backend::legacy, "filter", "-A FORWARD -j NFQUEUE --queue-num 1"),
      iptables(Backend::legacy, "mangle", "-A PREROUTING -p tcp -j TPROXY --on-port 80"),
      iptables(Backend::legacy, "filter", "-A FORWARD -p tcp -j SYNPROXY --mss 1460"),
      iptables(Backend::legacy, "filter",
               "-A INPUT -p tcp -j CLUSTERIP --new --hashmode sourceip --clustermac "
               "01:00:5e:00:00:01 --total-nodes 2 --local-node 1 -d 10.0.0.9 -i eth0"),
      iptables(Backend::legacy, "raw", "-A PREROUTING -p tcp -j CT --helper ftp"),
      iptables(Backend::legacy, "filter", "-A FORWARD -p udplite -m udp --dport 80 -j DROP"),
      iptables(Backend::legacy, "filter", "-A FORWARD -p dccp -m dccp --dport 80 -j DROP"),
      iptables(Backend::legacy, "mangle", "-A PREROUTING -j ECN --ecn-tcp-remove -p tcp"),
      iptables(Backend::legacy, "raw", "-A PREROUTING -m rpfilter --invert -j DROP"),
      iptables(Backend::legacy, "filter", "-A FORWARD -m bpf --bytecode '1,6 0 0 1' -j DROP"),
      iptables(Backend::legacy, "filter", "-A FORWARD -m geoip --src-cc DE -j DROP"),
      iptables(Backend::legacy, "filter",
               "-A FORWARD -m cluster --cluster-total-nodes 2 --cluster-local-node 1 "
               "--cluster-hash-seed 1 -j DROP"),
      iptables(Backend::legacy, "mangle", "-A POSTROUTING -j CLASSIFY --set-class 1:1"),
      iptables(Backend::legacy, "filter", "-A FORWARD -m addrtype --src-type BROADCAST -j DROP", Family::ipv6),
      iptables(Backend::legacy, "nat", "-A PREROUTING -j NETMAP --to fd00::/64 -d fd01::/64", Family::ipv6),
      iptables(Backend::legacy, "mangle", "-A PREROUTING -j DNPT --src-pfx fd01::/64 --dst-pfx fd00::/64",
               Family::ipv6),
      iptables(Backend::iptables_nft, "filter", "-A FORWARD ! -s 0.0.0.0/0 -j DROP"),
  };
  return all;
}

std::string list_of_refused(Oracle& oracle) {
  std::string text;
  for (const Construct& construct : constructs()) {
    Draft draft;
    draft.backend = construct.backend;
    draft.family = construct.family;
    draft.verbatim = construct.text;
    draft.verbatim_switches_tracking = true;
    if (oracle.loads(draft))
      continue;
    text += fmt::format("- {}{}: `{}`\n", name_of(construct.backend),
                        construct.backend != Backend::nft && construct.family == Family::ipv6 ? " (IPv6)" : "",
                        construct.name);
  }
  return text;
}

}  // namespace

TEST_CASE("the page lists what this kernel refuses") {
  Oracle* oracle = Oracle::of_this_process();
  if (oracle == nullptr)
    return;
  utsname name{};
  REQUIRE(uname(&name) == 0);
  const std::string kernel =
      fmt::format("Linux {}:\n\n", std::string_view(name.release).substr(0, std::string_view(name.release).find('-')));
  const std::string list = std::string(begin_mark) + kernel + list_of_refused(*oracle) + std::string(end_mark);
  auto written = RealFileSystem().read_file(page, default_file_limit);
  REQUIRE(written.ok());
  std::string text = std::move(written).value();
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find(end_mark);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end > begin);
  std::string updated = text.substr(0, begin) + list + text.substr(end + end_mark.size());
  if (std::getenv("SEGPROOF_UPDATE") != nullptr) {
    std::ofstream(page, std::ios::binary) << updated;
    text = updated;
  }
  // Another kernel refuses other things.
  if (text.find(kernel) != std::string::npos)
    CHECK(text == updated);
  // Whatever the kernel: these are loaded by the tests that matter.
  CHECK(list.find("type filter hook ingress device eth0") == std::string::npos);
}

}  // namespace segproof::oracle
