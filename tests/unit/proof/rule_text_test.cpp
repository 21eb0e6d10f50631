// SPDX-License-Identifier: Apache-2.0
#include "proof/rule_text.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "network_reader.h"

namespace segproof::test {
namespace {

using namespace model;

struct Case {
  Action action;
  std::string words;
};

std::vector<Case> cases() {
  const Interval ten{0x0a000001U, 0x0a000001U};
  const Interval tens{0x0a000005U, 0x0a000009U};
  const Prefix network = *parse_prefix("192.0.2.0/24");
  return {
      {GoOn{}, "continue"},
      {Decide{Verdict::accept}, "accept"},
      {Decide{Verdict::drop}, "drop"},
      {Decide{Verdict::reject}, "reject"},
      {Call{ChainId(3), true}, "jump 3"},
      {Call{ChainId(0), false}, "goto 0"},
      {ComeBack{}, "return"},
      {SetMark{MarkKind::packet, 0xffffff00U, 7}, "set mark 0xffffff00 0x7"},
      {SetMark{MarkKind::connection, 0, 1}, "set connmark 0x0 0x1"},
      {CopyMark{MarkKind::connection, 0xffU, 0xfU}, "copy connmark 0xff 0xf"},
      {CopyMark{}, "copy mark 0xffffffff 0xffffffff"},
      {Untrack{}, "untrack"},
      {Translate{Endpoint::source, Translate::To::ranges, {ten}, Family::ipv4, {}, {}, true},
       "translate source to 10.0.0.1/4"},
      {Translate{Endpoint::destination, Translate::To::ranges, {tens, ten}, Family::ipv4, Interval{80, 80}, {}, true},
       "translate destination to 10.0.0.1,10.0.0.5-10.0.0.9/4 port 80"},
      {Translate{Endpoint::source, Translate::To::ranges, {{1, 1}}, Family::ipv6, Interval{1, 1024}, {}, false},
       "translate source to ::1/6 port 1-1024 any-port"},
      {Translate{Endpoint::destination, Translate::To::ranges, {}, Family::ipv4, Interval{22, 22}, {}, true},
       "translate destination port 22"},
      {Translate{Endpoint::source, Translate::To::ranges, {}, Family::ipv4, {}, {}, false},
       "translate source any-port"},
      {Translate{Endpoint::source, Translate::To::ranges, {}, Family::ipv4, {}, {}, true}, "translate source"},
      {Translate{Endpoint::source, Translate::To::interface_address, {}, Family::ipv4, {}, {}, true},
       "translate source to interface"},
      {Translate{Endpoint::destination, Translate::To::interface_address, {}, Family::ipv4, Interval{1, 2}, {}, false},
       "translate destination to interface port 1-2 any-port"},
      {Translate{Endpoint::destination, Translate::To::network, {}, Family::ipv4, {}, network, true},
       "translate destination to 192.0.2.0/24 mapped"},
      {Anything{"-j NFQUEUE", true}, "anything local"},
      {Anything{"secret", false}, "anything"},
      {Duplicate{parse_address("10.0.0.9")}, "duplicate 10.0.0.9"},
      {Duplicate{}, "duplicate nowhere"},
      {AttachHelper{"ftp"}, "helper \"ftp\""},
  };
}

TEST_CASE("each action has its words, and is read back as it was") {
  SourceStore sources;
  for (const Case& c : cases()) {
    CHECK(proof::action_words(c.action) == c.words);
    const std::string text = "chain \"c\"\n  rule @- " + c.words + "\n";
    Places places(sources);
    const RuleSet rules = read_rules(read_tree(text), places);
    CHECK(proof::action_words(rules.chains.at(0).rules.at(0).action) == c.words);
  }
}

TEST_CASE("a rule set is its chains, then its stages") {
  SourceStore sources;
  const FileId file = sources.add("fw.rules", "\n\n\n");
  RuleSet rules;
  Rule rule;
  rule.condition.tests = {FieldTest{Field::protocol, IntervalSet::single(6)},
                          InterfaceTest{Direction::ingress, "eth0", false, false}};
  rule.action = Decide{Verdict::accept};
  rule.origin = {.file = file, .line = 3, .column = 1, .length = 4};
  rules.chains = {{"filter FORWARD", {rule, {{}, Call{ChainId(1), true}, {}}}, {}}, {"empty", {}, {}}};
  Stage forward{Hook::forward, StageKind::filter, 0, ChainId(0), Verdict::drop, {}, "filter FORWARD", true, false};
  forward.policy_origin = {.file = file, .line = 1, .column = 0, .length = 0};
  Stage nobody = forward;
  nobody.ipv4 = false;
  rules.stages = {{Hook::ingress, StageKind::track, -200, {}, Verdict::accept, {}, "track", true, true},
                  forward,
                  nobody,
                  {Hook::egress, StageKind::translate, 100, ChainId(1), Verdict::accept, {}, "nat", false, true}};
  proof::Page page;
  proof::write_rules(rules, sources, 1, page);
  const std::string text = page.take();
  CHECK(text ==
        "  chain \"filter FORWARD\"\n"
        "    rule @\"fw.rules\":3 accept\n"
        "      is protocol 6\n"
        "      in \"eth0\"\n"
        "    rule @- jump 1\n"
        "  chain \"empty\"\n"
        "  stage ingress track order -200 chain none policy accept families 46 \"track\" @-\n"
        "  stage forward filter order 0 chain 0 policy drop families 4 \"filter FORWARD\" @\"fw.rules\":1\n"
        "  stage egress translate order 100 chain 1 policy accept families 6 \"nat\" @-\n");
}

}  // namespace
}  // namespace segproof::test
