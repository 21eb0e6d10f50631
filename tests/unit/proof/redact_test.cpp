// SPDX-License-Identifier: Apache-2.0
#include "proof/redact.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace segproof::test {
namespace {

using proof::redacted;

struct Case {
  std::string text;
  std::string copy;
};

void check(const std::string& format, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(format);
    CHECK(redacted(c.text, format) == c.copy);
    CHECK(redacted(c.copy, format) == c.copy);
    CHECK(std::ranges::count(c.text, '\n') == std::ranges::count(c.copy, '\n'));
  }
}

TEST_CASE("rule sets lose what they say to people") {
  check("iptables-save", {{"# saved by alice\n*filter\n", "# [removed]\n*filter\n"},
                          {"-A INPUT -p tcp -m comment --comment \"ticket 7, pw x\" -j ACCEPT\n",
                           "-A INPUT -p tcp -m comment --comment \"[removed]\" -j ACCEPT\n"},
                          {"-A INPUT -m comment --comment word -j LOG --log-prefix \"a \\\"b\\\" \" --log-level 4",
                           "-A INPUT -m comment --comment [removed] -j LOG --log-prefix \"[removed]\" --log-level 4"},
                          {"-A INPUT -m string --string \"hunter2\" --algo bm -j DROP\r\n",
                           "-A INPUT -m string --string \"[removed]\" --algo bm -j DROP\r\n"},
                          {":key - [0:0]\n-A INPUT -j key\n-A key -s 10.0.0.1/32 -j DROP\n",
                           ":key - [0:0]\n-A INPUT -j key\n-A key -s 10.0.0.1/32 -j DROP\n"}});
  check("nft", {{"#!/usr/sbin/nft -f\n# all mine\n", "#!/usr/sbin/nft -f\n# [removed]\n"},
                {"tcp dport 22 log prefix \"root pw: x\" accept comment \"for bob\" # now\n",
                 "tcp dport 22 log prefix \"[removed]\" accept comment \"[removed]\" # [removed]\n"},
                {"ip saddr @a#b drop", "ip saddr @a#b drop"},
                {"set comment { type ipv4_addr; }", "set comment { type ipv4_addr; }"}});
  check("ipset-save",
        {{"add blocked 10.0.0.1 comment \"bob's phone\"\n", "add blocked 10.0.0.1 comment \"[removed]\"\n"}});
  check(
      "nft-json",
      {{R"({"rule": {"comment": "a \" b", "expr": [{"log": {"prefix":"x"}}, {"prefix": {"addr": "10.0.0.0"}}]}})",
        R"({"rule": {"comment": "[removed]", "expr": [{"log": {"prefix":"[removed]"}}, {"prefix": {"addr": "10.0.0.0"}}]}})"}});
}

TEST_CASE("Cisco configurations lose passwords, keys, communities, and what they say to people") {
  check("cisco-ios",
        {{"! made by bob\n!\nhostname key\n", "! [removed]\n!\nhostname key\n"},
         {"enable secret 5 $1$abcd$efghijklmn\n", "enable secret [removed]\n"},
         {"username bob privilege 15 password 7 060506324F41\n", "username bob privilege 15 password [removed]\n"},
         {"no snmp-server community public RO\n", "no snmp-server community [removed]\n"},
         {"snmp-server host 10.0.0.1 version 2c public\n", "snmp-server host [removed]\n"},
         {"snmp-server enable traps\n", "snmp-server enable traps\n"},
         {"snmp-server user u g v3 auth sha aaaa priv aes 128 bbbb\n", "snmp-server user [removed]\n"},
         {"tacacs-server host 10.0.0.1 key cisco\n", "tacacs-server host 10.0.0.1 key [removed]\n"},
         {"key chain ours\n key 1\n  key-string 7 0822\n", "key chain ours\n key [removed]\n  key-string [removed]\n"},
         {" ip ospf message-digest-key 1 md5 7 0822\n", " ip ospf message-digest-key [removed]\n"},
         {" neighbor 10.0.0.1 password 7 0822\n neighbor 10.0.0.1 send-community\n",
          " neighbor 10.0.0.1 password [removed]\n neighbor 10.0.0.1 send-community\n"},
         {" standby 1 authentication md5 key-string x\n", " standby 1 authentication [removed]\n"},
         {"crypto isakmp key hunter2 address 10.0.0.1\n", "crypto isakmp key [removed]\n"},
         {"ntp authentication-key 1 md5 0822 7\n", "ntp authentication-key [removed]\n"},
         {"ospfv3 encryption ipsec spi 1001 esp null md5 0 27576134\n", "ospfv3 encryption ipsec spi [removed]\n"},
         {" description link to bob\n", " description [removed]\n"},
         {"ip access-list extended key\n 10 remark secret door\n 20 permit tcp any host 10.0.0.1 eq 22\n",
          "ip access-list extended key\n 10 remark [removed]\n 20 permit tcp any host 10.0.0.1 eq 22\n"},
         {"access-list 101 remark a b\naccess-list 101 permit ip any any\n",
          "access-list 101 remark [removed]\naccess-list 101 permit ip any any\n"},
         {"banner motd ^C\nour password is x\n\n^C\nend\n", "banner motd ^C\n[removed]\n\n^C\nend\n"},
         {"banner login # go away # \nend\n", "banner login #[removed]#\nend\n"}});
  check("cisco-asa", {{": Serial Number: 123\n", ": [removed]\n"},
                      {"passwd 2KFQnbNIdI.2KYOU encrypted\n", "passwd [removed]\n"},
                      {"aaa-server RADIUS (inside) host 10.0.0.1 cisco123 timeout 5\n",
                       "aaa-server RADIUS (inside) host 10.0.0.1 [removed]\n"},
                      {" ikev1 pre-shared-key hunter2\n", " ikev1 pre-shared-key [removed]\n"},
                      {"failover key hunter2\n", "failover key [removed]\n"},
                      {"name 10.0.0.1 web description bob's\n", "name 10.0.0.1 web description [removed]\n"},
                      {"object network secret\n host 10.0.0.1\n", "object network secret\n host 10.0.0.1\n"},
                      {"access-list key extended permit tcp any object secret eq 22\n",
                       "access-list key extended permit tcp any object secret eq 22\n"},
                      {"banner motd # not a delimiter\nroute outside 0.0.0.0 0.0.0.0 10.0.0.1\n",
                       "banner motd [removed]\nroute outside 0.0.0.0 0.0.0.0 10.0.0.1\n"}});
}

TEST_CASE("text files lose values whose key speaks of a secret, and comments") {
  check("ansible-ini", {{"web1 ansible_host=10.0.0.1 ansible_become_pass=x y=z # bob\n",
                         "web1 ansible_host=10.0.0.1 ansible_become_pass=[removed] y=z # [removed]\n"}});
  check("ansible-yaml", {{"ansible_password: a b c\nhost: x\n", "ansible_password: [removed]\nhost: x\n"},
                         {"  vault_password: !vault |\n    $ANSIBLE_VAULT;1.1\n    6162\n  next: 1\n",
                          "  vault_password: [removed]\n\n\n  next: 1\n"}});
  check("csv", {{"name,password,address\nweb1,hunter2,10.0.0.1\nweb2,,10.0.0.2\n",
                 "name,password,address\nweb1,[removed],10.0.0.1\nweb2,,10.0.0.2\n"}});
  check("nmap-xml", {{"<script id=\"x\" output=\"Basic realm=bob\"/>\n", "<script id=\"x\" output=\"[removed]\"/>\n"}});
  check("topology/1", {{"zones: {secret: {hosts: [key]}}  # bob's\n", "zones: {secret: {hosts: [key]}}  # [removed]\n"},
                       {"    # \n  name: don't # x\n", "    # \n  name: don't # [removed]\n"}});
}

TEST_CASE("private keys and URLs are secrets in every format") {
  for (const char* format :
       {"iptables-save", "nft", "nft-json", "cisco-ios", "cisco-asa", "topology/1", "csv", "other"}) {
    check(format, {{"-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n  AAAA\n-----END RSA PRIVATE KEY-----\nend\n",
                    "-----BEGIN RSA PRIVATE KEY-----\n[removed]\n  [removed]\n-----END RSA PRIVATE KEY-----\nend\n"},
                   {"http://bob:pw@host/\n", "http://[removed]@host/\n"}});
  }
}

}  // namespace
}  // namespace segproof::test
