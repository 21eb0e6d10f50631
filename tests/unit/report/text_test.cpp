// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

#include <doctest/doctest.h>

#include <string>

#include "base/display.h"
#include "base/text.h"
#include "unit/report/samples.h"

namespace segproof::report {
namespace {

std::string without_colour(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text.front() == '\x1b') {
      text.remove_prefix(text.find('m') + 1);
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

TEST_CASE("no line is wider than the page") {
  const test::Sample sample = test::plain_sample();
  for (const std::size_t width : {40U, 53U, 80U, 100U, 120U, 200U}) {
    const std::string text = verify_text(sample.results, sample.sources, {.colour = Colour::off, .width = width});
    for (const std::string_view line : split(text, '\n')) {
      CAPTURE(line);
      CHECK(display_width(line) <= width);
      CHECK((line.empty() || line.back() != ' '));
    }
  }
}

TEST_CASE("colour adds nothing but colour") {
  const test::Sample sample = test::plain_sample();
  const std::string coloured = verify_text(sample.results, sample.sources, {.colour = Colour::on, .width = 80});
  const std::string plain = verify_text(sample.results, sample.sources, {.colour = Colour::off, .width = 80});
  CHECK(coloured != plain);
  CHECK(without_colour(coloured) == plain);
}

TEST_CASE("the answer shows what it must") {
  const test::Sample sample = test::plain_sample();
  const std::string text = verify_text(sample.results, sample.sources, {.colour = Colour::off, .width = 200});
  for (const std::string_view needed :
       {"✓ proved", "✗ refuted", "? inconclusive", "! vacuous", "- not-evaluated",
        "policy/fw-edge.rules:4  -A FORWARD -i eth1 -o eth2 -p tcp -m tcp --dport 389 -j ACCEPT",
        "fw-edge  eth1 -> eth2  filter FORWARD  permit", "now tcp 10.12.0.1:40000 > 10.12.0.5:389 [syn]",
        "chain: fta01 > dir1 > prod-db1", "fw-core  (default)  no route",
        "policy/fw-edge.rules:5: match `geoip` is not known [SP0101]", "-A FORWARD -m geoip --src-cc XX -j ACCEPT",
        "A0: only wired links exist", "assumes: A-FW, A0", "IPv4 not covered", "prod-db1  after 2 pivots, by dir1",
        "claim FTA-9 is for epochs e3", "policy/fw-edge.rules (iptables-save, 6 lines): 1 undecided, 0 not modelled",
        "5 claims: 1 proved, 1 refuted (by spoofed sources or self-made state only), 1 inconclusive"}) {
    CAPTURE(needed);
    CHECK(text.find(needed) != std::string::npos);
  }
}

TEST_CASE("what the kernel said is told, and a contradiction loudly") {
  const test::Sample sample = test::confirmed_sample("");
  const std::string text = verify_text(sample.results, sample.sources, {.colour = Colour::off, .width = 200});
  for (const char* part : {"kernel: confirmed by Linux 6.1.0: 200 probes, 0 differences",
                           "kernel: CONTRADICTED by Linux 6.1.0: 2 probes, 1 difference\n",
                           "fta01 sends tcp 172.30.10.4:40000 > 10.12.0.5:389 [syn]: expected at dir1, seen nowhere",
                           "kernel: not confirmable: device fw-core is not Linux", "Packets that had to arrive",
                           "CONTRADICTED by Linux 6.1.0: 242 probes (40 controls), 2 differences, seed 7\n"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  const test::Sample plain = test::plain_sample();
  CHECK(verify_text(plain.results, plain.sources, {}).find("kernel") == std::string::npos);
}

TEST_CASE("long lists are cut and say so") {
  test::Sample sample = test::plain_sample();
  claim::Verdict& verdict = sample.results.verdicts.front();
  verdict.denied_by.assign(50, verdict.denied_by.front());
  const std::string text = verify_text(sample.results, sample.sources, {.colour = Colour::off, .width = 200});
  CHECK(text.find("... and 38 more (all of them in --format json)") != std::string::npos);
}

TEST_CASE("an assumption without a text is listed all the same") {
  test::Sample sample = test::plain_sample();
  sample.results.assumption_texts.clear();
  const std::string text = verify_text(sample.results, sample.sources, {.colour = Colour::off, .width = 80});
  CHECK(text.find("A-FW: (no text registered)") != std::string::npos);
}

TEST_CASE("the summary names each outcome that occurs") {
  CHECK(summary_line({.proved = 1}) == "1 claim: 1 proved");
  CHECK(summary_line({.proved = 2, .refuted = 3, .refuted_by_spoofing_only = 1}) ==
        "5 claims: 2 proved, 3 refuted (1 by spoofed sources or self-made state only)");
  CHECK(summary_line({.vacuous = 1, .not_evaluated = 2}) == "3 claims: 1 vacuous, 2 not-evaluated");
  CHECK(summary_line({}) == "0 claims: nothing to say");
}

}  // namespace
}  // namespace segproof::report
