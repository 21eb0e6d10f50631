// SPDX-License-Identifier: Apache-2.0
// Files that are malformed, cut off, contradictory or hostile: a message with file, line and column, a rule set without
// flaw in which nothing was lost, and no more time than the text is long.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>

#include "input/iptables/reader.h"
#include "model/single_packet.h"

namespace segproof::test {
namespace {

struct Hostile {
  const char* name;
  std::string text;
  DiagnosticCode code;
  std::uint32_t line;
  std::uint32_t column;
  const char* message;
  // What becomes of a packet to the device: after these files nothing may be certain that the bad line could change.
  model::Fate delivered;
};

using model::Fate;
using enum DiagnosticCode;

std::string filter(const std::string& body) {
  return "*filter\n:INPUT DROP [0:0]\n" + body + "COMMIT\n";
}

std::vector<Hostile> hostile_files() {
  const std::string open = "*filter\n:INPUT DROP [0:0]\n";
  return {
      {"cut off before COMMIT", open + "-A INPUT -j DROP\n", table_not_committed, 1, 1, "has no COMMIT", Fate::unknown},
      {"cut off within a word", open + "-A INPUT -j DR", chain_missing, 3, 1, "`DR`", Fate::unknown},
      {"cut off within a quote", open + "-A INPUT -m comment --comment \"x\nCOMMIT\n", line_not_understood, 3, 32,
       "quote is not closed", Fate::unknown},
      {"next table before COMMIT", open + "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", table_not_committed, 3, 1,
       "before the next table", Fate::unknown},
      {"option without a value", filter("-A INPUT -s\n"), line_not_understood, 3, 10, "needs a value", Fate::unknown},
      {"port 70000", filter("-A INPUT -p tcp --dport 70000 -j ACCEPT\n"), line_not_understood, 3, 17,
       "bad port `70000`", Fate::unknown},
      {"IPv6 in an IPv4 field", filter("-A INPUT -s fe80::1 -j ACCEPT\n"), line_not_understood, 3, 10,
       "bad address `fe80::1`", Fate::unknown},
      {"prefix length 33", filter("-A INPUT -s 10.0.0.0/33 -j ACCEPT\n"), line_not_understood, 3, 10, "bad address",
       Fate::unknown},
      {"NUL byte", filter(std::string("-A INPUT -s 10.0.0.1\0 -j ACCEPT\n", 32)), line_not_understood, 3, 1, "NUL byte",
       Fate::unknown},
      {"NUL bytes only", std::string(4096, '\0'), line_not_understood, 1, 1, "NUL byte", Fate::unknown},
      {"unknown table", "*fillter\n-A INPUT -j ACCEPT\nCOMMIT\n" + filter(""), unknown_table, 1, 1, "`fillter`",
       Fate::unknown},
      {"rule outside a table", "-A INPUT -j ACCEPT\n" + filter(""), line_not_understood, 1, 1, "outside a table",
       Fate::unknown},
      {"prose inside a table", filter("and now the important part\n"), line_not_understood, 3, 1, "is not understood",
       Fate::unknown},
      {"jump to a missing chain", filter("-A INPUT -j nowhere\n"), chain_missing, 3, 1, "`nowhere`", Fate::unknown},
      {"rule in a missing chain", filter("-A nowhere -j ACCEPT\n-A INPUT -j nowhere\n"), chain_missing, 3, 1,
       "`nowhere`", Fate::unknown},
      {"rule in a missing chain that nothing calls", filter("-A INPTU -j ACCEPT\n"), chain_missing, 3, 1, "`INPTU`",
       Fate::unknown},
      {"output interface in INPUT", filter("-A INPUT -o eth0 -j ACCEPT\n"), line_not_understood, 3, 10,
       "--out-interface in chain `INPUT`", Fate::unknown},
      {"target of another table", filter("-A INPUT -j NOTRACK\n"), line_not_understood, 3, 10, "works in table `raw`",
       Fate::unknown},
      {"chain that calls itself", filter(":a - [0:0]\n-A INPUT -j a\n-A a -j a\n"), chain_circle, 5, 1,
       "can reach itself", Fate::unknown},
      {"two chains in a circle", filter(":a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -g b\n-A b -j a\n"), chain_circle,
       7, 1, "can reach itself", Fate::unknown},
      {"base chain called from below", filter(":a - [0:0]\n-A INPUT -j a\n-A a -j INPUT\n"), chain_circle, 5, 1,
       "can reach itself", Fate::unknown},
      {"duplicate chain", filter(":a - [0:0]\n:a - [0:0]\n-A INPUT -j a\n"), chain_duplicate, 4, 1, "declared twice",
       Fate::unknown},
      {"policy of a user chain", filter(":a DROP [0:0]\n-A INPUT -j a\n"), line_not_understood, 3, 4, "takes no policy",
       Fate::unknown},
      {"policy that is none", "*filter\n:INPUT PERHAPS [0:0]\nCOMMIT\n", line_not_understood, 2, 8, "`PERHAPS`",
       Fate::unknown},
      {"chain line without name", "*filter\n: DROP\nCOMMIT\n", line_not_understood, 2, 1, "without a name",
       Fate::unknown},
      {"chain line without policy", "*filter\n:INPUT\nCOMMIT\n", line_not_understood, 2, 1, "has no policy",
       Fate::unknown},
      {"translation in the filter table", filter("-A INPUT -j DNAT --to-destination 10.0.0.1\n"), line_not_understood,
       3, 10, "works in table `nat` only", Fate::unknown},
      {"not iptables at all", "#!/bin/sh\niptables -A INPUT -j ACCEPT\n", no_table, 0, 0, "not the output",
       Fate::unknown},
      {"escape sequences", filter("-A INPUT -j \x1b[31mRED\x1b[0m\n"), chain_missing, 3, 1, "\\x1b[31mRED",
       Fate::unknown},
      {"a rule number that is none", filter("-I INPUT 0 -j ACCEPT\n"), line_not_understood, 3, 1, "bad rule number",
       Fate::unknown},
      {"a command that is none", filter("-Q INPUT -j ACCEPT\n"), line_not_understood, 3, 1, "unknown option `-Q`",
       Fate::unknown},
      {"empty file", "", no_table, 0, 0, "no table", Fate::accept},
  };
}

IptablesResult read(const std::string& text, DiagnosticSink& sink, SourceStore& sources) {
  const FileId file = sources.add("bad.rules", text);
  IptablesResult result = read_iptables_save(file, sources, Family::ipv4, sink);
  CHECK(!model::flaw(result.rules).has_value());
  return result;
}

Fate delivered(const IptablesResult& result) {
  model::SinglePacket single;
  single.packet = *parse_packet("udp 10.1.2.3:1000 > 10.9.9.9:53");
  single.ingress = "eth0";
  return model::judge(result.rules, single).fate;
}

// The seconds that reading takes.
double seconds_to_read(const std::string& text) {
  SourceStore sources;
  DiagnosticSink sink;
  const auto start = std::chrono::steady_clock::now();
  static_cast<void>(read(text, sink, sources));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string repeated(std::size_t times, std::string_view line) {
  std::string text;
  text.reserve(times * line.size());
  for (std::size_t i = 0; i < times; ++i)
    text += line;
  return text;
}

constexpr double much_too_long = 60;

}  // namespace

TEST_CASE("hostile files get a message with its place") {
  for (const Hostile& one : hostile_files()) {
    CAPTURE(one.name);
    SourceStore sources;
    DiagnosticSink sink;
    const IptablesResult result = read(one.text, sink, sources);
    CHECK(delivered(result) == one.delivered);
    REQUIRE(!sink.all().empty());
    bool found = false;
    for (const Diagnostic& diagnostic : sink.all()) {
      const std::string text = render(diagnostic, sources);
      CHECK(text.find('\x1b') == std::string::npos);
      found = found || (diagnostic.code == one.code && diagnostic.span.line == one.line &&
                        diagnostic.span.column == one.column && text.find(one.message) != std::string::npos);
    }
    CHECK_MESSAGE(found, render(sink.all().front(), sources));
    CHECK(!sink.has_errors());  // a device's configuration never stops the run
  }
}

TEST_CASE("a line of 100 MB") {
  const std::string text = filter("-A INPUT -s " + std::string(100'000'000, 'x') + " -j ACCEPT\n");
  SourceStore sources;
  DiagnosticSink sink;
  const IptablesResult result = read(text, sink, sources);
  CHECK(delivered(result) == Fate::unknown);
  REQUIRE(!sink.all().empty());
  CHECK(render(sink.all().front(), sources).size() < 2000);
}

TEST_CASE("very many lines") {
  CHECK(seconds_to_read(filter(repeated(1'000'000, "-A INPUT -s 10.0.0.1/32 -j DROP\n"))) < much_too_long);
  CHECK(seconds_to_read(filter(repeated(200'000, "-I INPUT -j DROP\n"))) < much_too_long);
  CHECK(seconds_to_read(filter(repeated(200'000, "-I INPUT 2 -j DROP\n"))) < much_too_long);
  CHECK(seconds_to_read(filter(repeated(200'000, "-D INPUT -j DROP\n"))) < much_too_long);
  CHECK(seconds_to_read(filter(repeated(200'000, "no rule at all\n"))) < much_too_long);
  CHECK(seconds_to_read(repeated(100'000, "*filter\n")) < much_too_long);
}

TEST_CASE("very many chains, deep and wide") {
  std::string text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -j c0\n";
  constexpr int depth = 20000;
  for (int i = 0; i < depth; ++i)
    text += fmt::format(":c{} - [0:0]\n", i);
  for (int i = 0; i + 1 < depth; ++i)
    text += fmt::format("-A c{} -j c{}\n-A c{} -j c{}\n", i, i + 1, i, i + 1);
  text += fmt::format("-A c{} -j ACCEPT\nCOMMIT\n", depth - 1);
  SourceStore sources;
  DiagnosticSink sink;
  const IptablesResult result = read(text, sink, sources);
  CHECK(result.unmodelled.empty());
  CHECK(delivered(result) == Fate::accept);
}

TEST_CASE("many undecided rules do not split the walk without end") {
  std::string body;
  for (int i = 0; i < 300; ++i) {
    body += fmt::format(":c{} - [0:0]\n-A c{} -m limit --limit 1/s -j RETURN\n-A c{} -j MARK --set-mark {}\n", i, i, i,
                        i % 2);
    body += fmt::format("-A INPUT -m limit --limit 1/s -j c{}\n", i);
  }
  SourceStore sources;
  DiagnosticSink sink;
  const IptablesResult result = read(filter(body), sink, sources);
  CHECK(delivered(result) == Fate::drop);  // whichever way it goes, the policy drops
}

TEST_CASE("many addresses on one line") {
  std::string list = "10.0.0.1";
  for (int i = 0; i < 5000; ++i)
    list += ",10.0.0.1";
  SourceStore sources;
  DiagnosticSink sink;
  const IptablesResult result = read(filter("-A INPUT -s " + list + " -d " + list + " -j ACCEPT\n"), sink, sources);
  CHECK(delivered(result) == Fate::unknown);
}

}  // namespace segproof::test
