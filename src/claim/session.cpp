// SPDX-License-Identifier: Apache-2.0
#include "claim/session.h"

#include <algorithm>
#include <exception>
#include <thread>

#include <fmt/format.h>

#include "claim/judge.h"
#include "claim/world_pair.h"

namespace segproof::claim {
namespace {

void count(const Verdict& verdict, Summary& summary) {
  switch (verdict.outcome) {
    case Outcome::proved:
      ++summary.proved;
      return;
    case Outcome::refuted:
      ++summary.refuted;
      summary.refuted_by_spoofing_only += verdict.spoofed_only ? 1U : 0U;
      return;
    case Outcome::inconclusive:
      ++summary.inconclusive;
      return;
    case Outcome::vacuous:
      ++summary.vacuous;
      return;
    case Outcome::not_evaluated:
      ++summary.not_evaluated;
      return;
  }
}

void explain_assumptions(const Verdict& verdict, const model::Network& network, Results& results) {
  for (const std::string& id : verdict.assumptions) {
    std::string text(built_in_assumption(id));
    for (const model::Assumption& assumption : network.assumptions) {
      if (assumption.id == id) {
        text = assumption.owner.empty() ? assumption.text : assumption.text + " (owner: " + assumption.owner + ")";
      }
    }
    results.assumption_texts[id] = text.empty() ? "not registered in the policy" : text;
  }
}

bool wanted(const Claim& claim, const Options& options) {
  return options.only.empty() || std::find(options.only.begin(), options.only.end(), claim.id) != options.only.end();
}

Verdict interrupted(const Claim& claim, const model::Network& network) {
  Verdict verdict;
  verdict.id = claim.id;
  verdict.kind = claim.kind;
  verdict.text = claim.text;
  verdict.from = joined(claim.from);
  verdict.to = joined(claim.to);
  verdict.epoch = network.epoch;
  verdict.location = claim.origin;
  verdict.reason = "stopped before it was evaluated";
  return verdict;
}

}  // namespace

void check(const model::Network& network, std::span<const Claim> claims, DiagnosticSink& sink) {
  for (const Claim& claim : claims) {
    for (const std::vector<Name>* names : {&claim.from, &claim.to, &claim.hosts, &claim.zones, &claim.through}) {
      for (const Name& name : *names) {
        if (is_only_translated(name, network)) {
          sink.add({DiagnosticCode::claim_address_translated,
                    Severity::error,
                    name.span,
                    fmt::format("no location owns `{}`, it only exists in a translation", name.text),
                    {},
                    "name the host behind it, or speak of the header as it is sent with `as-sent`"});
        }
      }
    }
    const Resolved from = resolve(claim.from, network);
    const Resolved to = resolve(claim.to, network);
    if (const PlacePart* both = overlap(from, to)) {
      sink.add({DiagnosticCode::claim_parties_overlap,
                Severity::error,
                claim.origin,
                fmt::format("`{}` is on both sides of claim `{}`", place_name(both->place, network), claim.id),
                {},
                "name two sides that share nothing"});
    }
  }
}

Results verify(const model::Network& network, std::span<const Claim> claims, const SourceStore& sources,
               const Options& options) {
  Results results;
  WorldPair worlds(network);
  if (options.jobs != 1 && claims.size() > 1) {
    worlds.prepare_in_parallel();
  }
  Judge judge(network, worlds.both(), sources);
  std::vector<const Claim*> chosen;
  for (const Claim& claim : claims) {
    if (wanted(claim, options)) {
      chosen.push_back(&claim);
    }
  }
  for (std::size_t done = 0; done < chosen.size(); ++done) {
    const bool stop = options.cancel != nullptr && options.cancel->load();
    std::vector<Verdict> verdicts =
        stop ? std::vector<Verdict>{interrupted(*chosen[done], network)} : judge.judge(*chosen[done]);
    for (Verdict& verdict : verdicts) {
      if (!verdict.advisory) {
        count(verdict, results.summary);
      }
      explain_assumptions(verdict, network, results);
      results.verdicts.push_back(std::move(verdict));
    }
    if (options.progress) {
      options.progress(done + 1, chosen.size());
    }
  }
  return results;
}

}  // namespace segproof::claim
