// SPDX-License-Identifier: Apache-2.0
#include "unit/report/samples.h"

#include <doctest/doctest.h>

#include <utility>

namespace segproof::test {
namespace {

constexpr std::string_view edge_rules =
    "*filter\n"
    ":FORWARD DROP [0:0]\n"
    "-A FORWARD -i eth1 ! -s 172.30.10.0/28 -j DROP\n"
    "-A FORWARD -i eth1 -o eth2 -p tcp -m tcp --dport 389 -j ACCEPT\n"
    "-A FORWARD -m geoip --src-cc XX -j ACCEPT\n"
    "COMMIT\n";
constexpr std::string_view claims_yaml =
    "segproof: claims/1\n"
    "claims:\n"
    "- id: FTA-1\n"
    "- id: FTA-2\n"
    "- id: FTA-3\n"
    "- id: FTA-4\n"
    "- id: FTA-5\n";

// Builds the sample; each text goes through `with`, which adds the poison.
class Maker {
 public:
  explicit Maker(std::string_view poison) : poison_(poison) {}

  Sample make() {
    rules_ = sample_.sources.add(with("policy/fw-edge.rules"), poisoned_lines(edge_rules));
    claims_ = sample_.sources.add(with("policy/claims.yaml"), poisoned_lines(claims_yaml));
    add_inputs();
    sample_.results.verdicts = {proved(), refuted(), inconclusive(), vacuous(), not_evaluated(), advisory()};
    sample_.results.summary = {
        .proved = 1, .refuted = 1, .inconclusive = 1, .vacuous = 1, .not_evaluated = 1, .refuted_by_spoofing_only = 1};
    sample_.results.assumption_texts = {{with("A0"), with("only wired links exist")},
                                        {with("A-FW"), with("the firewalls themselves are not compromised")}};
    sample_.results.notes = {with("claim FTA-9 is for epochs e3: not part of this run")};
    add_answers();
    return std::move(sample_);
  }

 private:
  [[nodiscard]] std::string with(std::string_view text) const { return std::string(text) + poison_; }

  [[nodiscard]] std::string poisoned_lines(std::string_view text) const {
    std::string flat = poison_;
    for (char& c : flat) {
      c = c == '\n' ? ' ' : c;
    }
    std::string lines;
    for (const char c : text) {
      lines += c == '\n' ? flat + "\n" : std::string(1, c);
    }
    return lines;
  }

  [[nodiscard]] SourceSpan at(FileId file, std::uint32_t line) const {
    return {.file = file, .line = line, .column = 1, .length = 4};
  }

  [[nodiscard]] claim::RuleRef rule(std::uint32_t line, std::string_view text) const {
    return {.span = at(rules_, line), .text = with(text)};
  }

  void add_inputs() {
    sample_.results.inputs = {{.file = claims_,
                               .path = with("policy/claims.yaml"),
                               .sha256 = std::string(64, 'a'),
                               .format = with("segproof-claims"),
                               .lines = 7,
                               .account = {.uses = std::vector(7, LineUse::modelled), .notes = {}}},
                              {.file = rules_,
                               .path = with("policy/fw-edge.rules"),
                               .sha256 = std::string(64, 'b'),
                               .format = with("iptables-save"),
                               .lines = 6,
                               .account = {.uses = {LineUse::modelled, LineUse::modelled, LineUse::irrelevant,
                                                    LineUse::undecided, LineUse::irrelevant, LineUse::blank},
                                           .notes = {{.use = LineUse::undecided,
                                                      .span = at(rules_, 4),
                                                      .code = DiagnosticCode::rule_undecided,
                                                      .why = with("it depends on the time")}}}}};
  }

  [[nodiscard]] claim::Verdict common(std::string_view id, claim::Kind kind, std::uint32_t line) const {
    claim::Verdict verdict;
    verdict.id = with(id);
    verdict.kind = kind;
    verdict.from = with("dmz-transfer");
    verdict.to = with("production");
    verdict.epoch = with("e0");
    verdict.location = at(claims_, line);
    verdict.assumptions = {with("A0")};
    return verdict;
  }

  [[nodiscard]] claim::Verdict proved() const {
    claim::Verdict verdict = common("FTA-1", claim::Kind::no_new_sessions, 3);
    verdict.text = with("the attacker did not move from the server into production");
    verdict.outcome = claim::Outcome::proved;
    verdict.reason = with("every path is denied by fw-edge");
    verdict.denied_by = {{.device = with("fw-edge"), .rule = rule(3, "-A FORWARD -i eth1 ! -s 172.30.10.0/28 -j DROP")},
                         {.device = with("fw-edge"), .rule = rule(2, ":FORWARD DROP [0:0]")},
                         {.device = with("fw-core"), .rule = {.span = {}, .text = with("no route")}}};
    verdict.controls = {with("PCI-DSS-4.0.1:1.3.1")};
    return verdict;
  }

  [[nodiscard]] claim::Hop permit() const {
    return {.device = with("fw-edge"),
            .stage = with("filter FORWARD"),
            .in = with("eth1"),
            .out = with("eth2"),
            .action = "permit",
            .rule = rule(4, "-A FORWARD -i eth1 -o eth2 -p tcp -m tcp --dport 389 -j ACCEPT"),
            .packet_after = std::nullopt};
  }

  [[nodiscard]] claim::Witness witness() const {
    const claim::Hop translate{.device = with("fw-core"),
                               .stage = with("nat POSTROUTING"),
                               .in = with("eth0"),
                               .out = with("eth3"),
                               .action = "translate",
                               .rule = std::nullopt,
                               .packet_after = packet_of("tcp 10.12.0.1:40000 > 10.12.0.5:389")};
    const claim::Hop deliver{.device = with("dir1"),
                             .stage = with("deliver"),
                             .in = with("eth0"),
                             .out = "",
                             .action = "deliver",
                             .rule = std::nullopt,
                             .packet_after = std::nullopt};
    return {.steps = {{.actor = with("fta01"),
                       .role = claim::StepRole::open,
                       .packet = packet_of("tcp 172.30.10.4:40000 > 10.12.0.5:389"),
                       .delivered = with("dir1"),
                       .hops = {permit(), translate, deliver}},
                      {.actor = with("dir1"),
                       .role = claim::StepRole::spoofed_open,
                       .packet = packet_of("icmp 10.12.0.5 > 10.100.0.5 type 8 code 0"),
                       .delivered = with("prod-db1"),
                       .hops = {deliver}}}};
  }

  [[nodiscard]] std::vector<claim::Fallen> fallen() const {
    return {{.place = with("fta01"), .hops = 0, .because_of = ""},
            {.place = with("dir1"), .hops = 1, .because_of = with("fta01")},
            {.place = with("prod-db1"), .hops = 2, .because_of = with("dir1")}};
  }

  [[nodiscard]] claim::Verdict refuted() const {
    claim::Verdict verdict = common("FTA-2", claim::Kind::contained, 4);
    verdict.text = with("even a compromised server does not reach production");
    verdict.pivot = claim::Pivot::worst_case;
    verdict.outcome = claim::Outcome::refuted;
    verdict.reason = with("prod-db1 falls after 2 pivots; a rule against spoofed sources at dir1:eth0 would turn it");
    verdict.spoofed_only = true;
    verdict.witness = witness();
    verdict.blast = fallen();
    verdict.assumptions = {with("A-FW"), with("A0")};
    return verdict;
  }

  [[nodiscard]] std::vector<claim::UndecidedInput> undecided() const {
    return {{.span = at(rules_, 5), .code = DiagnosticCode::file_unreadable, .why = with("match `geoip` is not known")},
            {.span = {.file = rules_}, .code = DiagnosticCode::line_too_long, .why = with("the file is cut off")}};
  }

  [[nodiscard]] claim::Verdict inconclusive() const {
    claim::Verdict verdict = common("FTA-3", claim::Kind::isolated, 5);
    verdict.outcome = claim::Outcome::inconclusive;
    verdict.reason = with("2 inputs are not decided");
    verdict.undecided = undecided();
    return verdict;
  }

  [[nodiscard]] claim::Verdict vacuous() const {
    claim::Verdict verdict = common("FTA-4", claim::Kind::unreferenced, 6);
    verdict.from = with("dmz-trnasfer");
    verdict.to = "";
    verdict.families = {claim::Coverage::not_covered, claim::Coverage::not_covered};
    verdict.outcome = claim::Outcome::vacuous;
    verdict.reason = with("`dmz-trnasfer` is nothing in this network; did you mean `dmz-transfer`?");
    return verdict;
  }

  [[nodiscard]] claim::Verdict not_evaluated() const {
    claim::Verdict verdict = common("FTA-5", claim::Kind::at_no_time, 7);
    verdict.outcome = claim::Outcome::not_evaluated;
    verdict.reason = with("claims of kind `at-no-time` are not evaluated yet");
    verdict.epoch = "";
    verdict.location = {};
    verdict.assumptions.clear();
    return verdict;
  }

  [[nodiscard]] claim::Verdict advisory() const {
    claim::Verdict verdict = refuted();
    verdict.id = with("FTA-2/responder");
    verdict.spoofed_only = false;
    verdict.advisory = true;
    verdict.reason = with("the engineer who opens a poisoned file falls");
    return verdict;
  }

  void add_answers() {
    sample_.reach = {.from = with("dmz-transfer"),
                     .to = with("corporate"),
                     .state = claim::Reachability::something,
                     .reason = with("new sessions to the directory"),
                     .rows = {with("tcp dport 389"), with("icmp type 8")},
                     .witness = witness(),
                     .denied_by = proved().denied_by,
                     .undecided = undecided(),
                     .assumptions = {with("A0")}};
    sample_.blast = {.from = with("fta01"),
                     .pivot = claim::Pivot::worst_case,
                     .hop_limit = 3,
                     .fallen = fallen(),
                     .reached = {with("internet")},
                     .undecided = undecided(),
                     .assumptions = {with("A-EXT")}};
    const claim::TracePath way{.hops = witness().steps.front().hops,
                               .fate = claim::TraceFate::delivered,
                               .delivered = with("dir1"),
                               .reason = "",
                               .packet_last = packet_of("tcp 10.12.0.1:40000 > 10.12.0.5:389")};
    const claim::TracePath other{.hops = {permit()},
                                 .fate = claim::TraceFate::lost,
                                 .delivered = "",
                                 .reason = with("fw-twin has no route"),
                                 .packet_last = std::nullopt};
    sample_.trace = {.from = with("fta01"),
                     .packet = packet_of("tcp 172.30.10.4:40000 > 10.12.0.5:389"),
                     .paths = {way, other},
                     .undecided = undecided()};
    add_matrix();
  }

  void add_matrix() {
    using claim::CellState;
    const std::string a = with("corporate");
    const std::string b = with("dmz-transfer");
    const std::string c = with("production");
    sample_.matrix = {
        .epoch = with("e0"),
        .between = claim::MatrixBetween::zones,
        .cells = {{a, a, CellState::same, {}, false},
                  {a, b, CellState::restricted, {with("tcp dport 443"), with("tcp dport 22 from 10.11.0.0/24")}, false},
                  {a, c, CellState::open, {with("any")}, true},
                  {b, a, CellState::denied, {}, true},
                  {b, b, CellState::same, {}, false},
                  {b, c, CellState::no_route, {}, false},
                  {c, a, CellState::unknown, {with("tcp")}, false},
                  {c, b, CellState::denied, {}, false},
                  {c, c, CellState::same, {}, false}},
        .undecided = undecided()};
  }

  std::string poison_;
  Sample sample_;
  FileId rules_;
  FileId claims_;
};

}  // namespace

Packet packet_of(std::string_view text) {
  const std::optional<Packet> packet = parse_packet(text);
  REQUIRE_MESSAGE(packet.has_value(), std::string(text));
  return *packet;
}

Sample plain_sample() {
  return Maker("").make();
}

Sample poisoned_sample(std::string_view poison) {
  return Maker(poison).make();
}

Sample confirmed_sample(std::string_view poison) {
  Sample sample = Maker(poison).make();
  const auto with = [&](std::string_view text) { return std::string(text) + std::string(poison); };
  const claim::Contradiction contradiction{.actor = with("fta01"),
                                           .packet = packet_of("tcp 172.30.10.4:40000 > 10.12.0.5:389"),
                                           .expected = with("dir1"),
                                           .seen = std::string()};
  std::vector<claim::Verdict>& verdicts = sample.results.verdicts;
  for (std::size_t i = 0; i < 3; ++i) {
    verdicts[i].confirmation.emplace().kernel = with("Linux 6.1.0");
  }
  verdicts[0].confirmation->probes = 200;
  verdicts[1].confirmation->says = claim::KernelSays::differs;
  verdicts[1].confirmation->probes = 2;
  verdicts[1].confirmation->differences = {contradiction};
  verdicts[2].confirmation->says = claim::KernelSays::not_confirmable;
  verdicts[2].confirmation->reason = with("device fw-core is not Linux");
  claim::ConfirmationRun& run = sample.results.confirmation.emplace();
  run.kernel = with("Linux 6.1.0");
  run.seed = 7;
  run.probes = 242;
  run.controls = 40;
  run.differences = 2;
  run.control_differences = {contradiction};
  return sample;
}

}  // namespace segproof::test
