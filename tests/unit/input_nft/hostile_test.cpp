// SPDX-License-Identifier: Apache-2.0
// Files that are malformed, cut off, contradictory or hostile: a message with line and column, a rule set without flaw
// in which nothing was lost, and no more time than the text is long.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <random>

#include "model/single_packet.h"
#include "read.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

using model::Fate;

std::string forward(const std::string& rules) {
  return "table inet t {\n chain c {\n  type filter hook forward priority 0; policy drop;\n" + rules + "\n }\n}\n";
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

struct Hostile {
  std::string name;
  std::string text;
  std::string fault;  // the first one, as "line:column message"
  Fate fate;          // of a packet: after these files nothing may be certain that the bad line could change
};

std::vector<Hostile> hostile_files() {
  return {
      {"cut off in a rule",
       "table inet t {\n chain c {\n  type filter hook forward priority 0; policy drop;\n  tcp dpo",
       "4:3 `tcp` is not understood", Fate::unknown},
      {"cut off in a chain", "table inet t {\n chain c {\n  type filter hook forward priority 0; policy drop;\n",
       "4:1 expected `}`, found the end of the file", Fate::unknown},
      {"cut off in a quote", forward("  iifname \"eth0 accept"),
       "4:11 expected a value, found a quote that is not closed", Fate::unknown},
      {"cut off in a set", forward("  tcp dport { 22, 80"), "7:1 expected `}`, found the end of the file",
       Fate::unknown},
      {"empty set braces", forward("  tcp dport { , } accept"), "4:15 expected a value, found `,`", Fate::unknown},
      {"port beyond", forward("  tcp dport 70000 accept"), "4:13 `70000` is not a value that is expected here",
       Fate::unknown},
      {"range backwards", forward("  tcp dport 90-80 accept"), "4:13 this range or prefix cannot be read",
       Fate::unknown},
      {"prefix beyond", forward("  ip saddr 10.0.0.0/33 accept"), "4:12 this range or prefix cannot be read",
       Fate::unknown},
      {"IPv6 where IPv4 is meant", forward("  ip saddr fe80::1 accept"),
       "4:12 `fe80::1` is not a value that is expected here", Fate::unknown},
      {"unknown key", forward("  tcp dprt 22 accept"), "4:3 `tcp` is not understood", Fate::unknown},
      {"unknown statement", forward("  frobnicate"), "4:3 `frobnicate` is not understood", Fate::unknown},
      {"unknown hook", "table inet t {\n chain c { type filter hook sideways priority 0; policy drop; }\n}\n",
       "2:12 hook `sideways` is not known", Fate::unknown},
      {"unknown family", "table inter t {\n}\n", "1:13 `t` is not understood here", Fate::unknown},
      {"unknown priority", "table inet t {\n chain c { type filter hook forward priority high; policy drop; }\n}\n",
       "2:46 `high` is not a priority", Fate::unknown},
      {"unknown policy", "table inet t {\n chain c { type filter hook forward priority 0; policy perhaps; }\n}\n",
       "2:49 policy `perhaps` is not accept or drop", Fate::unknown},
      {"missing chain", forward("  jump nowhere"), "4:3 chain `nowhere` does not exist", Fate::unknown},
      {"missing set", forward("  ip saddr @nowhere accept"), "4:12 set `nowhere` does not exist", Fate::unknown},
      {"missing variable", forward("  ip saddr $nowhere accept"), "4:13 variable `$nowhere` is not defined",
       Fate::unknown},
      {"rule in a missing chain", "add rule inet t c accept\n", "1:10 chain `c` of table `t` is not declared",
       Fate::unknown},
      {"circle of jumps",
       "table inet t {\n chain a {\n  jump b\n }\n chain b {\n  jump a\n }\n chain c {\n  type filter hook forward "
       "priority 0; "
       "policy drop;\n  jump a\n }\n}\n",
       "6:3 chain `inet t a` can reach itself", Fate::unknown},
      {"chain that calls itself", forward("  jump c"), "4:3 chain `inet t c` can reach itself", Fate::unknown},
      {"translation in a filter chain", forward("  dnat to 10.0.0.1"),
       "4:3 this translation is not possible at every hook that reaches its chain", Fate::unknown},
      {"map without verdicts", forward("  tcp dport vmap { 22, 80 }"), "4:20 this element has no verdict",
       Fate::unknown},
      {"product of the wrong length", forward("  ip saddr . tcp dport { 10.0.0.1 . 22 . 5 } accept"),
       "4:26 expected 2 values joined by `.`", Fate::unknown},
      {"Jinja", forward("  ip saddr {{ office }} accept"),
       "4:12 this is a template, not a ruleset: nothing of it was used", Fate::unknown},
      {"shell", forward("  ip saddr ${OFFICE} accept"),
       "4:12 this is a template, not a ruleset: nothing of it was used", Fate::unknown},
      {"not a ruleset", "PK\x03\x04 and so on\n", "1:1 `PK` is not understood", Fate::unknown},
      {"NUL byte", std::string("table inet t\0{}\n", 16), "1:13 the file contains a NUL byte", Fate::unknown},
      {"line of two megabytes", std::string(std::size_t{2} << 20U, 'a'),
       "1:1048577 the line is longer than 1048576 bytes", Fate::unknown},
      {"nesting in a set", forward("  tcp dport " + repeated("{ ", 100000)), "", Fate::unknown},
      {"nesting in brackets", forward("  meta mark & " + repeated("(", 100000)), "", Fate::unknown},
      {"nesting of chains", forward("  jump " + repeated("{ jump ", 100000)), "", Fate::unknown},
      {"a chain of operators", forward("  meta mark " + repeated("& 1 ", 100000) + "accept"), "", Fate::unknown},
      {"definitions that double",
       [] {
         std::string text = "define v0 = { 1, 2 }\n";
         for (int i = 1; i < 60; ++i)
           text += fmt::format("define v{} = {{ $v{}, $v{} }}\n", i, i - 1, i - 1);
         return text;
       }(),
       "", Fate::unknown},
  };
}

Fate fate(const Read& read) {
  return model::judge(read.result.rules, {*parse_packet("tcp 10.0.0.1:40000 > 10.1.0.1:22"), "eth0", "eth1"}).fate;
}

}  // namespace

TEST_CASE("hostile files") {
  for (const Hostile& hostile : hostile_files()) {
    CAPTURE(hostile.name);
    const auto begin = std::chrono::steady_clock::now();
    const Read read(hostile.text);
    const std::string first = read.faults().substr(0, read.faults().find('\n'));
    if (!hostile.fault.empty()) {
      CHECK(first == hostile.fault);
    } else {
      CHECK_FALSE(first.empty());
    }
    CHECK(fate(read) == hostile.fate);
    CHECK(read.result.unmodelled.size() + read.result.undecided.size() > 0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  }
}

TEST_CASE("a fault in one rule leaves the others as they are") {
  const Read read(forward("  tcp dport 1 accept\n  nonsense { 1, 2 } here\n  tcp dport 2 accept"));
  CHECK(read.result.unmodelled.size() == 1);
  const std::string rules = read.rules();
  CHECK(rules.find("4: protocol 6; fragment 0; destination_port 1 -> accept") != std::string::npos);
  CHECK(rules.find("6: protocol 6; fragment 0; destination_port 2 -> accept") != std::string::npos);
  CHECK(rules.find("5: ?a part that is not understood") != std::string::npos);
}

TEST_CASE("a set of a hundred thousand elements") {
  std::string elements;
  for (unsigned i = 0; i < 100000; ++i)
    elements += fmt::format("10.{}.{}.{}, ", i >> 16U, i >> 8U & 255U, (i & 127U) * 2);
  const std::string set = " set s {\n type ipv4_addr\n elements = { " + elements + "}\n }\n";
  std::string rules;
  for (int i = 0; i < 20; ++i)
    rules += fmt::format("  ip saddr @s tcp dport {} accept\n", i + 1);
  const auto begin = std::chrono::steady_clock::now();
  const Read read("table inet t {\n" + set + " chain c {\n type filter hook forward priority 0; policy drop;\n" +
                  rules + " }\n}\n");
  // The line is longer than a megabyte: refused. On several lines it is read.
  CHECK(fate(read) == Fate::unknown);
  std::string lines = "table inet t {\n" + set;
  for (std::size_t at = 0; (at = lines.find(", ", at)) != std::string::npos;)
    lines[at + 1] = '\n';
  const Read whole(lines + " chain c {\n type filter hook forward priority 0; policy drop;\n" + rules + " }\n}\n");
  CHECK(whole.faults().empty());
  CHECK(fate(whole) == Fate::drop);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}

TEST_CASE("damaged rulesets never end in a rule set with a flaw") {
  const std::string good =
      "define lan = { 10.0.0.0/8, 192.168.0.0/16 }\n"
      "table inet t {\n set s {\n type ipv4_addr . inet_service\n flags interval\n elements = { 10.0.0.0/8 . 22-25 }\n "
      "}\n"
      " chain a {\n meta mark set 5 ct state vmap { new : jump b, established : accept }\n }\n"
      " chain b {\n tcp flags & (syn|ack) == syn ip saddr . tcp dport @s limit rate 5/second accept\n }\n"
      " chain c {\n type filter hook forward priority filter + 5; policy drop;\n ip saddr $lan goto a\n"
      " icmp type { echo-request, 3-5 } fib daddr type local reject with icmp type host-unreachable\n }\n"
      " chain n {\n type nat hook prerouting priority dstnat; policy accept;\n dnat ip to tcp dport map { 80 : "
      "10.0.0.1 }\n }\n"
      "}\nadd rule inet t b log prefix \"x\" drop\n";
  std::mt19937_64 random(seed("damaged nft", 7));
  for (int round = 0; round < 1500; ++round) {
    std::string text = good;
    for (std::uint64_t edits = 1 + random() % 4; edits > 0 && !text.empty(); --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text.erase(at, 1 + random() % 12);
          break;
        case 1:
          text.insert(at, 1, "{}();,.:=!<>&|^@$*-\"\n 5a"[random() % 24]);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 30));
          break;
        default:
          text[at] = "{}();,.:=!<>&|^@$*-\"\n 5a"[random() % 24];
          break;
      }
    }
    const Read read(text);  // checks the flaw
    static_cast<void>(fate(read));
  }
}

}  // namespace segproof::test
