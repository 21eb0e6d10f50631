// SPDX-License-Identifier: Apache-2.0
// Broken and hostile configurations: a message with its line, nothing lost in silence, no crash.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>

#include "bench.h"

namespace segproof::test {
namespace {

constexpr auto asa = CiscoDialect::asa;
constexpr auto ios = CiscoDialect::ios;

std::string firewall(const std::string& rest) {
  return "interface GigabitEthernet0/0\n nameif outside\n security-level 0\n ip address 192.0.2.1 255.255.255.0\n"
         "interface GigabitEthernet0/1\n nameif inside\n security-level 100\n ip address 10.0.0.1 255.255.255.0\n" +
         rest;
}

std::string router(const std::string& rest) {
  return "interface Ethernet0\n ip address 192.0.2.1 255.255.255.0\n ip access-group IN in\n"
         "interface Ethernet1\n ip address 10.0.0.1 255.255.255.0\n" +
         rest;
}

constexpr const char* to_web = "Ethernet0 Ethernet1 tcp 9.9.9.9:1024 > 10.0.0.9:80";

}  // namespace

TEST_CASE("1: groups that contain each other") {
  const Bench bench(
      firewall("object-group network A\n group-object B\nobject-group network B\n group-object A\n"
               "access-list L extended permit ip object-group A any\naccess-group L in interface outside\n"),
      asa);
  CHECK(bench.messages() == "12: group `A` contains itself");
  CHECK(bench.judge("outside inside tcp 9.9.9.9:1 > 10.0.0.9:80") == "unknown");
}

TEST_CASE("2: a group that contains itself at once") {
  const Bench bench(
      router("object-group network A\n group-object A\nip access-list extended IN\n"
             " permit ip object-group A any\n"));
  CHECK(bench.messages() == "7: group `A` contains itself");
  CHECK(bench.judge(to_web) == "unknown");
}

TEST_CASE("3: a router's interface names a list that is not defined: everything passes, and that is said") {
  const Bench bench(router(""));
  CHECK(bench.messages() == "3: access list `IN` is not defined: every packet passes");
  CHECK(bench.judge(to_web) == "accept line 0");
}

TEST_CASE("4: a router's list without entries passes everything, too") {
  const Bench bench(router("ip access-list extended IN\n remark nothing\n"));
  CHECK(bench.messages() == "3: access list `IN` is empty: every packet passes");
}

TEST_CASE("5: a firewall's list that is not defined is undecided") {
  const Bench bench(firewall("access-group NOSUCH in interface outside\n"), asa);
  CHECK(bench.judge("outside inside tcp 9.9.9.9:1 > 10.0.0.9:80") == "unknown");
  REQUIRE(bench.device().undecided.size() == 1);
  CHECK(bench.device().undecided[0].span.line == 9);
}

TEST_CASE("6: a list at an interface that does not exist") {
  const Bench bench(firewall("access-list L extended permit ip any any\naccess-group L in interface nowhere\n"), asa);
  CHECK(bench.messages() == "10: the access group names no interface of this device");
  CHECK(bench.judge("outside inside tcp 9.9.9.9:1 > 10.0.0.9:80") == "unknown");
}

TEST_CASE("7: one name for a standard and an extended list") {
  const Bench bench(router("ip access-list standard IN\n permit any\nip access-list extended IN\n deny ip any any\n"));
  CHECK(bench.messages() ==
        "8: access list `IN` is of two kinds | 9: entry of access list `IN`: address `ip` is not understood");
  CHECK(bench.judge(to_web) == "unknown");
}

TEST_CASE("8: two entries with one number") {
  const Bench bench(router("ip access-list extended IN\n 10 permit tcp any any eq 80\n 10 deny ip any any\n"));
  CHECK(bench.judge(to_web) == "unknown");
  CHECK(bench.device().undecided.size() == 2);
}

TEST_CASE("9: cut off in the middle of an entry") {
  const Bench bench(router("ip access-list extended IN\n permit tcp any any eq 22\n permit tcp any host"));
  CHECK(bench.messages() == "8: entry of access list `IN`: address `host` is not understood");
  CHECK(bench.judge(to_web) == "unknown");
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 9.9.9.9:1024 > 10.0.0.9:22") == "accept line 7");
}

TEST_CASE("10: ends of lines of three kinds") {
  const Bench bench(
      "interface Ethernet0\r\n ip access-group IN in\rip access-list extended IN\n permit tcp any any eq 80\r");
  CHECK(bench.messages().empty());
  CHECK(bench.judge(to_web) == "accept line 3");
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 9.9.9.9:1024 > 10.0.0.9:81") == "drop line 2");
}

TEST_CASE("11: a banner that holds commands is text") {
  const Bench bench(
      router("ip access-list extended IN\n permit tcp any any eq 80\nbanner motd ^C\n"
             "ip access-list extended IN\n permit ip any any\n^C\n"));
  CHECK(bench.judge(to_web) == "accept line 7");
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 9.9.9.9:1024 > 10.0.0.9:22") == "drop line 6");
  CHECK(bench.account().substr(5) == "mmiiii");
}

TEST_CASE("12: a banner that does not end swallows nothing, and puts everything in doubt") {
  const Bench bench(router("banner motd ^C\nip access-list extended IN\n deny ip any any\n"));
  CHECK(bench.messages() == "6: the banner that begins here does not end");
  CHECK(bench.judge(to_web) == "unknown");
}

TEST_CASE("13: a NUL byte") {
  const Bench bench(router("ip access-list extended IN\n permit ip any any\n") + std::string("x\0y\n", 4));
  CHECK(bench.messages() == "8: the line holds a NUL byte");
}

TEST_CASE("14: a line of a megabyte") {
  const Bench bench(router("ip access-list extended IN\n permit ip any any\n" + std::string(1 << 20, 'a') + "\n"));
  CHECK(bench.messages() == "8: the line is too long");
  CHECK(bench.judge(to_web) == "unknown");
}

TEST_CASE("15: a command that nobody knows may do anything") {
  const Bench bench(router("ip access-list extended IN\n deny ip any any\nfrobnicate all\n"));
  CHECK(bench.messages() == "8: `frobnicate all` is not understood");
  CHECK(bench.judge(to_web) == "unknown");
  CHECK(bench.account() == "mmmmmmmX");
}

TEST_CASE("16: a line below an interface that nobody knows puts that interface in doubt, and no other") {
  const Bench bench(
      "interface Ethernet0\n ip address 192.0.2.1 255.255.255.0\n ip access-group IN in\n frobnicate\n"
      "interface Ethernet1\n ip address 10.0.0.1 255.255.255.0\n ip access-group IN in\n"
      "interface Ethernet2\n ip address 10.0.1.1 255.255.255.0\n"
      "ip access-list extended IN\n deny ip any any\n");
  CHECK(bench.judge(to_web) == "unknown");
  CHECK(bench.judge("Ethernet1 Ethernet2 tcp 10.0.0.9:1 > 10.0.1.9:80") == "drop line 11");
}

TEST_CASE("17: groups nested thousands deep") {
  std::string text;
  for (int i = 0; i < 20000; ++i)
    text += fmt::format("object-group network G{}\n group-object G{}\n", i, i + 1);
  text += "object-group network G20000\n host 9.9.9.9\nip access-list extended IN\n permit ip object-group G0 any\n";
  const Bench bench(router(text));
  CHECK(bench.messages().empty());
  CHECK(bench.judge(to_web).starts_with("accept"));
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 9.9.9.8:1024 > 10.0.0.9:80").starts_with("drop"));
}

TEST_CASE("18: a large group in every entry of a large list stays one set") {
  std::string text = "object-group network BIG\n";
  for (int i = 0; i < 1500; ++i)
    text += fmt::format(" host 10.{}.{}.{}\n", 1 + i % 7, i / 256, i % 256);
  text += "ip access-list extended IN\n";
  for (int i = 0; i < 1500; ++i)
    text += fmt::format(" permit tcp object-group BIG any eq {}\n", 10000 + i);
  const Bench bench(router(text));
  CHECK(bench.messages().empty());
  std::size_t rules = 0;
  for (const model::Chain& chain : bench.device().rules.chains)
    rules += chain.rules.size();
  CHECK(rules < 3100);  // an entry is itself and its later fragments
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 10.1.0.0:1024 > 10.0.0.9:10777").starts_with("accept"));
}

TEST_CASE("19: an object of no type, a group without a name, an entry without a verb") {
  const Bench bench(
      firewall("object network\nobject-group network\naccess-list L extended\naccess-list L extended allow ip any any\n"
               "access-group L in interface outside\n"),
      asa);
  CHECK(bench.messages() ==
        "10: a group without a name | 11: entry of access list `L`: `` is neither permit nor deny | "
        "12: entry of access list `L`: `allow` is neither permit nor deny | "
        "9: `object network` is not understood");
  CHECK(bench.judge("outside inside tcp 9.9.9.9:1 > 10.0.0.9:80") == "unknown");
}

TEST_CASE("20: numbers, masks and ports beyond all limits") {
  const Bench bench(
      router("ip access-list extended IN\n permit tcp any any eq 65536\n permit ip 10.0.0.256 0.0.0.255 any\n"
             " 4294967296 permit ip any any\n permit 256 any any\nip route 10.0.0.0 255.0.255.0 10.0.0.9\n"));
  CHECK(bench.messages() ==
        "7: entry of access list `IN`: port `65536` is not understood | "
        "8: entry of access list `IN`: address `10.0.0.256` is not understood | "
        "9: entry of access list `IN`: `4294967296` is neither permit nor deny | "
        "10: entry of access list `IN`: protocol `256` is not known | 11: a route that is not understood");
}

// SEGPROOF_LARGE=1: fifty megabytes, which sanitizers would take minutes for.
TEST_CASE("21: megabytes of entries") {
  const std::size_t megabytes = std::getenv("SEGPROOF_LARGE") != nullptr ? 50 : 5;
  std::string text = router("ip access-list extended IN\n");
  while (text.size() < (megabytes << 20U))
    text += " permit tcp 10.0.0.0 0.0.255.255 range 1024 65535 host 192.0.2.77 eq 443 log\n";
  const Bench bench(std::move(text));
  CHECK(bench.messages().empty());
  CHECK(bench.judge("Ethernet0 Ethernet1 tcp 10.0.0.9:1024 > 192.0.2.77:443") == "accept line 7");
}

TEST_CASE("22: every prefix of a configuration is read without a crash") {
  const std::string text = firewall(
      "object network web\n host 10.0.0.9\n nat (inside,outside) static 192.0.2.9\nobject-group service S tcp\n"
      " port-object range 80 90\naccess-list L extended permit tcp any object web object-group S log\n"
      "access-group L in interface outside\nroute outside 0.0.0.0 0.0.0.0 192.0.2.254 1\nbanner motd x\n"
      "nat (inside,outside) source dynamic any interface\n");
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const Bench whole(text.substr(0, length), asa);
    const Bench other(text.substr(text.size() - length), ios);
    CHECK_FALSE(model::flaw(whole.device().rules));
    CHECK_FALSE(model::flaw(other.device().rules));
  }
}

}  // namespace segproof::test
