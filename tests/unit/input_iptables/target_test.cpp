// SPDX-License-Identifier: Apache-2.0
// What each target becomes: text in, dump out.
#include <doctest/doctest.h>

#include "dump.h"

namespace segproof::test {
namespace {

struct Case {
  const char* rule;
  const char* expected;
};

void check(std::initializer_list<Case> cases, std::string_view table, std::string_view chain,
           Family family = Family::ipv4) {
  for (const Case& one : cases) {
    CAPTURE(one.rule);
    CHECK(dump_rule(one.rule, family, table, chain) == one.expected);
  }
}

}  // namespace

TEST_CASE("verdicts and chains") {
  check(
      {
          {"-j ACCEPT", "any -> accept"},
          {"-j DROP", "any -> drop"},
          {"-j REJECT --reject-with icmp-host-prohibited", "any -> reject"},
          {"-p tcp -j REJECT --reject-with tcp-reset", "protocol 6 -> reject"},
          {"-j REJECT --reject-with tcp-reset", "NOT UNDERSTOOD: a TCP reset needs `-p tcp`"},
          {"-j RETURN", "any -> come back"},
          {"-j user", "any -> call filter user"},
          {"-g user", "any -> go to filter user"},
          {"-j LOG --log-prefix \"x \"", "any -> go on"},
          {"-j NFLOG --nflog-group 2", "any -> go on"},
          {"-j TCPMSS --clamp-mss-to-pmtu", "any -> go on"},
          {"-j NFQUEUE --queue-num 1", "any -> anything (NFQUEUE --queue-num 1)"},
          {"-j TPROXY --on-port 1", "any -> anything (TPROXY --on-port 1)"},
          {"-j NOSUCH --some thing", "any -> anything (NOSUCH --some thing)"},
          {"-j TEE --gateway 10.0.0.9", "any -> copy to 10.0.0.9"},
          {"-j SET --add-set seen src --exist", "any -> go on"},
          {"-j DNAT --to-destination 10.0.0.1", "NOT UNDERSTOOD: target `DNAT` works in table `nat` only"},
      },
      "filter", "INPUT");
}

TEST_CASE("marks and tracking") {
  check(
      {
          {"-j MARK --set-mark 0x10/0xf0", "any -> mark keep 0xffffff0f flip 0x10"},
          {"-j MARK --set-mark 0x1f/0xf0", "any -> mark keep 0xffffff00 flip 0x1f"},
          {"-j MARK --set-xmark 0x1f/0xf0", "any -> mark keep 0xffffff0f flip 0x1f"},
          {"-j MARK --and-mark 0xf", "any -> mark keep 0xf flip 0x0"},
          {"-j MARK --or-mark 0xf", "any -> mark keep 0xfffffff0 flip 0xf"},
          {"-j MARK --xor-mark 0xf", "any -> mark keep 0xffffffff flip 0xf"},
          {"-j CT --notrack", "any -> untrack"},
          {"-j CT --helper ftp", "any -> helper ftp"},
          {"-j NOTRACK", "any -> untrack"},
          {"-j MARK", "NOT UNDERSTOOD: target `MARK` needs a mark"},
      },
      "raw", "PREROUTING");
  check(
      {
          {"-j CONNMARK --set-mark 3", "state 00111/00 -> connmark keep 0x0 flip 0x3"},
          {"-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xffff",
           "state 00111/00 -> copy to connmark 0xffff from 0xff"},
          {"-j CONNMARK --restore-mark --mask 0xff", "state 00111/00 -> copy to mark 0xff from 0xff"},
      },
      "mangle", "PREROUTING");
}

TEST_CASE("state tests of the raw table are those of any other: the walk knows that nothing is tracked there yet") {
  check(
      {
          {"-m state --state NEW -j DROP", "state 00001/00 -> drop"},
          {"-m state --state UNTRACKED -j ACCEPT", "state 10000/00 -> accept"},
          {"-m conntrack ! --ctstate NEW,DNAT -j DROP", "!state 00001/01 -> drop"},
          {"-m connmark ! --mark 1 -j DROP", "state 00111/00; !connmark 0x1/0xffffffff -> drop"},
          {"-j CONNMARK --set-mark 3", "state 00111/00 -> connmark keep 0x0 flip 0x3"},
      },
      "raw", "PREROUTING");
}

TEST_CASE("translations") {
  check(
      {
          {"-j DNAT --to-destination 10.0.0.1", "any -> destination to 10.0.0.1"},
          {"-j DNAT --to 10.0.0.1-10.0.0.9", "any -> destination to 10.0.0.1-10.0.0.9"},
          {"-p tcp -j DNAT --to-destination 10.0.0.1:8080", "protocol 6 -> destination to 10.0.0.1 port 8080"},
          {"-p tcp -j DNAT --to-destination :8080-8090", "protocol 6 -> destination port 8080-8090"},
          {"-j DNAT --to-destination 10.0.0.1:80",
           "NOT UNDERSTOOD: a new port needs `-p` with a protocol that has ports"},
          {"-j DNAT --to-destination 10.0.0.1 --to-destination 10.0.0.2",
           "NOT UNDERSTOOD: more than one --to-destination"},
          {"-j DNAT", "NOT UNDERSTOOD: target `DNAT` needs --to-destination"},
          {"-p tcp -j REDIRECT --to-ports 3128", "protocol 6 -> destination to interface port 3128"},
          {"-d 10.9.0.0/16 -j NETMAP --to 10.1.0.0/16",
           "destination 10.9.0.0-10.9.255.255 -> destination to network 10.1.0.0/16"},
          {"-j MASQUERADE", "NOT UNDERSTOOD: this translation is not possible at every hook that reaches its chain"},
      },
      "nat", "PREROUTING");
  check(
      {
          {"-o eth0 -j MASQUERADE", "out eth0 -> source to interface"},
          {"-o eth0 -j MASQUERADE --random-fully", "out eth0 -> source to interface random"},
          {"-p udp -j SNAT --to-source 192.0.2.1:1024-2048", "protocol 17 -> source to 192.0.2.1 port 1024-2048"},
          {"-j NETMAP --to 10.1.0.0/16", "any -> source to network 10.1.0.0/16"},
      },
      "nat", "POSTROUTING");
  check(
      {
          {"-p tcp -j DNAT --to-destination [2001:db8::1]:80", "protocol 6 -> destination to 2001:db8::1 port 80"},
          {"-p tcp -j DNAT --to-destination :80-90", "protocol 6 -> destination port 80-90"},
          {"-j DNAT --to-destination 2001:db8::1-2001:db8::9", "any -> destination to 2001:db8::1-2001:db8::9"},
          {"-p tcp -j DNAT --to-destination [2001:db8::1-2001:db8::9]:80-90",
           "protocol 6 -> destination to 2001:db8::1-2001:db8::9 port 80-90"},
          {"-j DNAT --to-destination 10.0.0.1", "NOT UNDERSTOOD: bad address `10.0.0.1`"},
      },
      "nat", "PREROUTING", Family::ipv6);
}

}  // namespace segproof::test
