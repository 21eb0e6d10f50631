// SPDX-License-Identifier: Apache-2.0
// Files that are made to hurt: too large to keep as cases, so they are generated. Each must end in an error, quickly,
// and without much more memory than the file itself. And damaged files: no crash, whatever is cut or flipped.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "dump.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

// Sanitizers change both time and memory.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool instrumented = true;
#elif defined(__has_feature)
constexpr bool instrumented = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool instrumented = false;
#endif

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

std::size_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + part.size());
  while (text.size() < bytes) {
    text += part;
  }
  return text;
}

// Reads a text that must be refused, and returns the first line of what is said.
std::string refused(std::string_view reader, std::string text) {
  const std::size_t size = text.size();
  const std::size_t before = peak_memory();
  const auto start = std::chrono::steady_clock::now();
  const ReadResult result = read(reader, std::move(text));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  CHECK(result.errors > 0);
  CHECK((instrumented || taken.count() < 60));  // a hang, not a matter of speed
  const std::size_t grown = peak_memory() - before;
  CHECK_MESSAGE((instrumented || grown < 1024 * mebibyte),
                fmt::format("{} MiB for {} MiB", grown / mebibyte, size / mebibyte));
  MESSAGE(fmt::format("{}: {:.1f} MiB, {:.2f} s, {} MiB more", reader, static_cast<double>(size) / mebibyte,
                      taken.count(), grown / mebibyte));
  return result.diagnostics.substr(0, result.diagnostics.find('\n'));
}

TEST_CASE("a line of 100 MB") {
  const std::string line(100 * mebibyte, 'a');
  CHECK(refused("ini", line) == "hosts: error: the file has 104857600 bytes, the limit is 67108864 [SP0102]");
  CHECK(refused("yaml", line) == "hosts: error: the file has 104857600 bytes, the limit is 67108864 [SP0102]");
  CHECK(refused("csv", line) == "hosts:1:1048577: error: the line is longer than 1048576 bytes [SP0103]");
  CHECK(refused("nmap", "<nmaprun>" + line) ==
        "hosts:1:16777217: error: the line is longer than 16777216 bytes [SP0103]");
}

TEST_CASE("many lines that stand for many hosts") {
  CHECK(refused("ini", repeated("[a]\nh[1:65536]\n", mebibyte)) ==
        "hosts:62:1: error: the patterns of this file stand for more than 2000000 hosts [SP0411]");
  std::string distinct;
  for (int i = 0; i < 10; ++i) {
    distinct += fmt::format("h{}x[1:60000]\n", i);
  }
  CHECK(refused("ini", distinct) == "hosts:5:1: error: the inventory has more than 262144 hosts [SP0411]");
  std::string rows = "name\n";
  for (int i = 0; i < 300000; ++i) {
    rows += fmt::format("h{}\n", i);
  }
  CHECK(refused("csv", rows) == "hosts:262146:1: error: the inventory has more than 262144 hosts [SP0411]");
}

TEST_CASE("services that everybody inherits") {
  std::string text = "[all:vars]\nsegproof_services=";
  for (int port = 1; port <= 60000; ++port) {
    text += fmt::format("tcp/{},", port);
  }
  CHECK(refused("ini", text + "\n[g]\nh[1:60000]\n") ==
        "hosts:4:1: error: the hosts of this file inherit more than 4000000 groups and values together [SP0411]");
}

TEST_CASE("groups within groups within groups") {
  std::string chain;
  for (int i = 0; i < 20000; ++i) {
    chain += fmt::format("[g{}:children]\ng{}\n", i, i + 1);
  }
  chain += "[g20000]\nh[1:1000]\n";
  CHECK(refused("ini", chain) ==
        "hosts:40002:1: error: the hosts of this file inherit more than 4000000 groups and values together [SP0411]");
  // Every group is a child of all groups before it.
  std::string dense;
  for (int i = 0; i < 700; ++i) {
    dense += fmt::format("[g{}:children]\n", i);
    for (int j = i + 1; j <= 700; ++j) {
      dense += fmt::format("g{}\n", j);
    }
  }
  const ReadResult result = read("ini", dense + "[g700]\nh ansible_host=10.0.0.1\n");
  CHECK(result.diagnostics == "");
  REQUIRE(result.inventory.hosts.size() == 1);
  CHECK(result.inventory.hosts[0].groups.size() == 701);
}

TEST_CASE("lists without end") {
  std::string row = "name,address,services\n";
  for (int i = 0; i < 40; ++i) {
    row += fmt::format("h{},10.0.0.{},{}\n", i, i, repeated("tcp/1 ", 1000000));
  }
  CHECK(refused("csv", row) == "hosts:13:999921: error: the lists of this file have more than 2000000 items [SP0411]");
  std::string addresses = "name,address\na,";
  for (int i = 0; i < 70000; ++i) {
    addresses += fmt::format("10.{}.{}.{} ", i / 65536, i / 256 % 256, i % 256);
  }
  CHECK(refused("csv", addresses) == "hosts:2:44835: error: host `a` has more than 4096 addresses [SP0411]");
  CHECK(refused("csv", "name,address\n" + repeated("a,10.0.0.1\n", 10 * mebibyte)) ==
        "hosts:3:1: warning: host `a` is listed twice with nothing new [SP0408]");
  CHECK(refused("csv", repeated(",", mebibyte - 10)) ==
        "hosts:1:1001: error: the row has more than 1000 cells [SP0411]");
}

TEST_CASE("YAML that is deep, long or repeats itself") {
  CHECK(refused("yaml", std::string(200000, '[')) ==
        "hosts:1:33: error: the file is nested more than 64 levels deep [SP0442]");
  CHECK(refused("yaml", repeated("- ", 500000)) ==
        "hosts:1:129: error: the file is nested more than 64 levels deep [SP0442]");
  CHECK(refused("yaml", "a:\n" + repeated("- x\n", 9 * mebibyte)) ==
        "hosts:1999999:3: error: the file has more than 2000000 values [SP0442]");
  std::string laughs = "g0: &g0 {hosts: {h: }}\n";
  for (int i = 1; i <= 30; ++i) {
    laughs += fmt::format("g{0}: &g{0} {{children: {{a: *g{1}, b: *g{1}, c: *g{1}}}}}\n", i, i - 1);
  }
  const std::string said = refused("yaml", laughs);
  CHECK_MESSAGE(said.ends_with("error: with its aliases the file has more than 4000000 values [SP0442]"), said);
  std::string ladder = "g0: &g0 {hosts: {h: }}\n";
  for (int i = 1; i <= 100000; ++i) {
    ladder += fmt::format("g{0}: &g{0} {{children: {{x{0}: *g{1}}}}}\n", i, i - 1);
  }
  CHECK(refused("yaml", ladder) == "hosts:2:21: error: groups are nested more than 64 levels deep [SP0442]");
}

TEST_CASE("XML that is deep, long or repeats itself") {
  CHECK(refused("nmap", "<nmaprun>" + repeated("<a>", 10 * mebibyte)) ==
        "hosts:1:10485771: error: the file ends before its elements are closed [SP0460]");
  CHECK(refused("nmap", "<nmaprun>" + repeated("<a/>\n", 60 * mebibyte) + "</nmaprun>") ==
        "hosts: error: the file has more than 8000000 tags and attributes [SP0411]");
  CHECK(
      refused("nmap", "<nmaprun>" + repeated("<host><address addr=\"10.0.0.1\"/></host>\n", mebibyte) + "</nmaprun>") ==
      "hosts:65:22: error: host `10.0.0.1` was scanned more than 64 times [SP0411]");
  std::string wide = "<nmaprun><scaninfo protocol=\"tcp\" services=\"1";
  for (int port = 3; port < 65536; port += 2) {
    wide += fmt::format(",{}", port);
  }
  wide += "\"/>\n";
  for (int i = 0; i < 2000; ++i) {
    wide += fmt::format(
        "<host><address addr=\"10.0.{}.{}\"/><ports><extraports state=\"filtered\" count=\"32768\"/>"
        "</ports></host>\n",
        i / 200, i % 200 + 1);
  }
  CHECK(refused("nmap", wide + "</nmaprun>") ==
        "hosts:246:22: error: the ports of all hosts together need more than 16000000 ranges [SP0411]");
}

TEST_CASE("damaged files do not crash") {
  const std::vector<std::pair<std::string_view, std::string>> good{
      {"ini",
       "[web]\nw[01:03] ansible_host=10.0.0.1 segproof_services=\"a=tcp/443+x,udp/1-2\"\n[p:children]\nweb\n"
       "[p:vars]\nsegproof_zone='x' # c\n[2001:db8::1]:22\n"},
      {"yaml",
       "all: &x\n  hosts:\n    w[1:3]: {ansible_host: \"10.0.0.1\", segproof_tags: [a, b]}\n  children:\n"
       "    g: {vars: {<<: {segproof_zone: z}}, hosts: *y}\n"},
      {"csv",
       "name;address;\"zone\";services\r\na;10.0.0.1/24;\"x \"\"y\"\"\nz\";tcp/1,udp/2\r\nb;2001:db8::1;;none\n"},
      {"nmap",
       "<?xml version=\"1.0\"?><!DOCTYPE nmaprun><nmaprun><scaninfo protocol=\"tcp\" numservices=\"3\" "
       "services=\"1-3\"/><host><status state=\"up\"/><address addr=\"10.0.0.1\" addrtype=\"ipv4\"/>"
       "<hostnames><hostname name=\"a\" type=\"user\"/></hostnames><ports><extraports state=\"closed\" "
       "count=\"2\"/><port protocol=\"tcp\" portid=\"1\"><state state=\"open\"/></port></ports></host>"
       "<runstats><finished exit=\"success\"/></runstats></nmaprun>"}};
  std::mt19937_64 random(seed("damaged inventories", 20261121));
  for (const auto& [reader, text] : good) {
    for (std::size_t end = 0; end <= text.size(); ++end) {
      (void)read(reader, text.substr(0, end));
    }
    for (int round = 0; round < 4000; ++round) {
      std::string damaged = text;
      for (std::size_t i = 1 + random() % 4; i > 0; --i) {
        const std::size_t at = random() % damaged.size();
        switch (random() % 4) {
          case 0:
            damaged[at] = static_cast<char>(random());
            break;
          case 1:
            damaged.erase(at, 1 + random() % 8);
            break;
          case 2:
            damaged.insert(at, damaged.substr(random() % damaged.size(), random() % 20));
            break;
          default:
            damaged[at] = "[]{}:,\"'\n\r\t#&*<>=/ 0"[random() % 21];
        }
        if (damaged.empty()) {
          damaged = " ";
        }
      }
      const ReadResult result = read(reader, damaged);
      CHECK(dump(result.inventory).find('\0') == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace segproof::test
