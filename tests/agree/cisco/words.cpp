// SPDX-License-Identifier: Apache-2.0
#include "agree/cisco/words.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace segproof::agree {

Words cut(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

std::optional<std::uint32_t> dotted(const std::string& text) {
  std::uint32_t value = 0;
  int parts = 0;
  std::size_t at = 0;
  while (parts < 4) {
    std::size_t end = at;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9')
      ++end;
    if (end == at || end - at > 3 || (parts < 3 && (end >= text.size() || text[end] != '.')))
      return std::nullopt;
    const auto part = static_cast<std::uint32_t>(std::atoi(text.substr(at, end - at).c_str()));
    if (part > 255)
      return std::nullopt;
    value = value << 8U | part;
    ++parts;
    at = end + 1;
  }
  return at == text.size() + 1 ? std::optional(value) : std::nullopt;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

const std::map<std::string, int>& protocols() {
  static const std::map<std::string, int> names = {
      {"ip", -1},  {"icmp", 1}, {"igmp", 2}, {"ipinip", 4}, {"tcp", 6},   {"udp", 17},  {"gre", 47},
      {"esp", 50}, {"ah", 51},  {"ahp", 51}, {"eigrp", 88}, {"ospf", 89}, {"pim", 103}, {"icmp6", 58}};
  return names;
}

const std::map<std::string, int>& port_names() {
  static const std::map<std::string, int> names = {
      {"ftp-data", 20},     {"ftp", 21},          {"ssh", 22},         {"telnet", 23}, {"smtp", 25},
      {"time", 37},         {"domain", 53},       {"bootps", 67},      {"bootpc", 68}, {"tftp", 69},
      {"gopher", 70},       {"finger", 79},       {"www", 80},         {"http", 80},   {"pop3", 110},
      {"sunrpc", 111},      {"ident", 113},       {"nntp", 119},       {"ntp", 123},   {"netbios-ns", 137},
      {"netbios-dgm", 138}, {"netbios-ssn", 139}, {"netbios-ss", 139}, {"imap4", 143}, {"snmp", 161},
      {"snmptrap", 162},    {"bgp", 179},         {"ldap", 389},       {"https", 443}, {"isakmp", 500},
      {"exec", 512},        {"login", 513},       {"cmd", 514},        {"rsh", 514},   {"syslog", 514},
      {"lpd", 515},         {"rip", 520},         {"sip", 5060},       {"h323", 1720}, {"pptp", 1723},
      {"tacacs", 49},       {"whois", 43}};
  return names;
}

const std::map<std::string, std::pair<int, int>>& icmp_names() {
  static const std::map<std::string, std::pair<int, int>> names = {{"echo-reply", {0, -1}},
                                                                   {"unreachable", {3, -1}},
                                                                   {"echo", {8, -1}},
                                                                   {"time-exceeded", {11, -1}},
                                                                   {"source-quench", {4, -1}},
                                                                   {"redirect", {5, -1}},
                                                                   {"parameter-problem", {12, -1}},
                                                                   {"packet-too-big", {3, 4}},
                                                                   {"ttl-exceeded", {11, 0}},
                                                                   {"traceroute", {30, -1}},
                                                                   {"timestamp-request", {13, -1}},
                                                                   {"timestamp-reply", {14, -1}},
                                                                   {"administratively-prohibited", {3, 13}},
                                                                   {"host-unreachable", {3, 1}},
                                                                   {"port-unreachable", {3, 3}},
                                                                   {"net-unreachable", {3, 0}}};
  return names;
}

}  // namespace segproof::agree
