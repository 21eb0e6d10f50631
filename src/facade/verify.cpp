// SPDX-License-Identifier: Apache-2.0
#include "segproof/verify.h"

#include <algorithm>
#include <utility>

#include "claim/session.h"
#include "facade/accounts.h"
#include "facade/contents.h"
#include "report/json.h"
#include "report/text.h"

namespace segproof::api {
namespace {

// The promised outcomes are those of claims, one for one.
constexpr bool same(Outcome promised, claim::Outcome outcome) {
  return static_cast<int>(promised) == static_cast<int>(outcome);
}
static_assert(same(Outcome::proved, claim::Outcome::proved) && same(Outcome::refuted, claim::Outcome::refuted) &&
              same(Outcome::inconclusive, claim::Outcome::inconclusive) &&
              same(Outcome::vacuous, claim::Outcome::vacuous) &&
              same(Outcome::not_evaluated, claim::Outcome::not_evaluated));

Outcome outcome_of(claim::Outcome outcome) {
  return static_cast<Outcome>(outcome);
}

Rule rule_of(const claim::RuleRef& rule, const SourceStore& sources) {
  return {location_of(rule.span, sources), rule.text};
}

Hop hop_of(const claim::Hop& hop, const SourceStore& sources) {
  return {hop.device,
          hop.stage,
          hop.in,
          hop.out,
          hop.action,
          hop.rule ? rule_of(*hop.rule, sources) : Rule{},
          hop.packet_after ? to_string(*hop.packet_after) : std::string()};
}

std::vector<Step> steps_of(const claim::Witness& witness, const SourceStore& sources) {
  std::vector<Step> result;
  for (const claim::WitnessStep& step : witness.steps) {
    Step& shown = result.emplace_back();
    shown.actor = step.actor;
    shown.role = claim::role_name(step.role);
    shown.packet = step.packet ? to_string(*step.packet) : std::string();
    shown.delivered = step.delivered;
    for (const claim::Hop& hop : step.hops) {
      shown.hops.push_back(hop_of(hop, sources));
    }
  }
  return result;
}

Verdict verdict_of(const claim::Verdict& verdict, std::span<const claim::Claim> claims, const SourceStore& sources) {
  Verdict result;
  const auto stated = std::ranges::find_if(claims, [&](const claim::Claim& claim) {
    return claim.id == verdict.id || (verdict.advisory && verdict.id.starts_with(claim.id + "/"));
  });
  if (stated != claims.end()) {
    result.claim = facade_claim(*stated, sources);
  }
  result.claim.id = verdict.id;
  result.from = verdict.from;
  result.to = verdict.to;
  result.outcome = outcome_of(verdict.outcome);
  result.reason = verdict.reason;
  result.covers_ipv4 = verdict.families[model::index_of(Family::ipv4)] == claim::Coverage::covered;
  result.covers_ipv6 = verdict.families[model::index_of(Family::ipv6)] == claim::Coverage::covered;
  result.advisory = verdict.advisory;
  result.by_spoofing_only = verdict.spoofed_only;
  if (verdict.witness) {
    result.witness = steps_of(*verdict.witness, sources);
  }
  for (const claim::Denial& denial : verdict.denied_by) {
    result.denied_by.push_back({denial.device, rule_of(denial.rule, sources)});
  }
  for (const claim::UndecidedInput& input : verdict.undecided) {
    result.undecided.push_back({location_of(input.span, sources), std::string(code_text(input.code)), input.why});
  }
  result.assumptions = verdict.assumptions;
  return result;
}

int exit_code_of(const std::vector<Verdict>& verdicts) {
  const auto counts = [&](auto condition) {
    return std::ranges::any_of(verdicts, [&](const Verdict& v) { return !v.advisory && condition(v.outcome); });
  };
  if (!counts([](Outcome) { return true; })) {
    return 2;
  }
  if (counts([](Outcome outcome) { return outcome == Outcome::refuted; })) {
    return 1;
  }
  return counts([](Outcome outcome) { return outcome != Outcome::proved; }) ? 3 : 0;
}

std::vector<claim::Name> names_of(const std::vector<std::string>& texts) {
  std::vector<claim::Name> result;
  for (const std::string& text : texts) {
    result.push_back({text, {}});
  }
  return result;
}

}  // namespace

Results facade_results(const claim::Results& found, std::span<const claim::Claim> claims, const SourceStore& sources) {
  Results results;
  for (const claim::Verdict& verdict : found.verdicts) {
    results.verdicts.push_back(verdict_of(verdict, claims, sources));
  }
  results.exit_code = exit_code_of(results.verdicts);
  results.text = report::verify_text(found, sources, {});
  results.json = report::verify_json(found, sources);
  return results;
}

std::string_view name(Outcome outcome) {
  return claim::outcome_name(static_cast<claim::Outcome>(outcome));
}

Results verify(const Snapshot& snapshot, const VerifyOptions& options) {
  const Snapshot::Contents& contents = snapshot.contents();
  claim::Options asked;
  asked.jobs = options.jobs;
  asked.only = options.only;
  claim::Results found = claim::verify(contents.snapshot.network, contents.snapshot.claims, contents.sources, asked);
  add_accounts(contents.snapshot, found);
  return facade_results(found, contents.snapshot.claims, contents.sources);
}

ReachAnswer reach(const Snapshot& snapshot, const ReachQuestion& question) {
  const Snapshot::Contents& contents = snapshot.contents();
  claim::ReachQuestion asked;
  asked.from = names_of(question.from);
  asked.to = names_of(question.to);
  asked.sessions = question.new_only ? claim::Sessions::new_only : claim::Sessions::all;
  Result<claim::ReachAnswer> found = claim::reach(contents.snapshot.network, contents.sources, asked);
  if (!found) {
    return {.reason = found.failure().message};
  }
  const claim::ReachAnswer& answer = found.value();
  return {.understood = true,
          .is_certain = answer.state != claim::Reachability::undecided,
          .reason = answer.reason,
          .packets = {answer.rows}};
}

}  // namespace segproof::api
