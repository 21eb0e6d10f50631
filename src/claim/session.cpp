// SPDX-License-Identifier: Apache-2.0
#include "claim/session.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "claim/continuation.h"
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

// Judges claims one after the other with what they share: the compiled network, floods, closures. Sets of packets are
// never freed one by one, so all of it is made anew when it has grown too large.
class Sitting {
 public:
  Sitting(const model::Network& network, const SourceStore& sources, std::size_t most_edges,
          const WorldPair::Programs* known)
      : network_(&network), sources_(&sources), most_edges_(most_edges), known_(known) {}

  void leave_programs(WorldPair::Programs& programs) { shared().worlds.leave_programs(programs); }

  // Works out on two threads what most claims need.
  void prepare() { shared().worlds.prepare_in_parallel(); }

  std::vector<Verdict> judge(const Claim& claim) {
    std::vector<Verdict> verdicts = shared().judge.judge(claim);
    if (shared_->judge.ran_out_of_room() && shared_->judged > 0) {  // taken by the claims before it
      shared_.reset();
      verdicts = shared().judge.judge(claim);
    }
    const std::size_t edges = shared_->worlds.edges();
    if (++shared_->judged == 1) {
      shared_->edges_of_one = edges;
    }
    if (edges > most_edges_ && edges / 2 > shared_->edges_of_one) {  // what any claim needs is not worth dropping
      shared_.reset();
    }
    return verdicts;
  }

 private:
  struct Shared {
    Shared(const model::Network& network, const SourceStore& sources, const WorldPair::Programs* known)
        : worlds(network, known), judge(network, worlds.both(), sources) {}
    WorldPair worlds;
    Judge judge;
    std::size_t judged = 0;
    std::size_t edges_of_one = 0;  // after the first claim
  };
  Shared& shared() {
    if (!shared_) {
      shared_ = std::make_unique<Shared>(*network_, *sources_, known_);
    }
    return *shared_;
  }

  const model::Network* network_;
  const SourceStore* sources_;
  std::size_t most_edges_;
  const WorldPair::Programs* known_;
  std::unique_ptr<Shared> shared_;
};

// The claims to be answered. Several threads take them one by one, each with a sitting of its own: they share nothing
// but the network and the sources, which nobody changes. A verdict does not depend on what was judged before it.
class Docket {
 public:
  Docket(const model::Network& network, const SourceStore& sources, const Options& options,
         const std::vector<const Claim*>& claims, WorldPair::Programs* programs)
      : network_(&network),
        sources_(&sources),
        options_(&options),
        claims_(&claims),
        programs_(programs),
        judged_(claims.size()) {}

  // In the order of the claims, one entry each.
  std::vector<std::vector<Verdict>> judged() && {
    if (claims_->empty()) {
      return {};
    }
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t jobs = options_->jobs == 0 ? cores : options_->jobs;
    const std::size_t workers = std::min(jobs, claims_->size() / claims_worth_a_sitting);
    std::vector<std::thread> others;
    for (std::size_t worker = 1; worker < workers; ++worker) {
      others.emplace_back([this] {
        std::unique_ptr<Sitting> sitting;
        work(sitting, false);
      });
    }
    work(sitting_, jobs > 1 && workers <= 1 && claims_->size() > 1);
    for (std::thread& other : others) {
      other.join();
    }
    if (fault_) {
      std::rethrow_exception(fault_);
    }
    if (programs_ != nullptr) {
      sitting_->leave_programs(*programs_);
    }
    return std::move(judged_);
  }

 private:
  static constexpr std::size_t claims_worth_a_sitting = 32;

  void work(std::unique_ptr<Sitting>& sitting, bool prepares) {
    try {
      sitting = std::make_unique<Sitting>(*network_, *sources_, options_->most_edges, programs_);
      if (prepares) {
        sitting->prepare();
      }
      for (std::size_t next = next_++; next < claims_->size(); next = next_++) {
        const Claim& claim = *(*claims_)[next];
        const bool stop = options_->cancel != nullptr && options_->cancel->load();
        judged_[next] = stop ? std::vector<Verdict>{interrupted(claim, *network_)} : sitting->judge(claim);
        report_one();
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      fault_ = fault_ ? fault_ : std::current_exception();
      next_ = claims_->size();
    }
  }

  void report_one() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++done_;
    if (options_->progress) {
      options_->progress(done_, claims_->size());
    }
  }

  const model::Network* network_;
  const SourceStore* sources_;
  const Options* options_;
  const std::vector<const Claim*>* claims_;
  WorldPair::Programs* programs_;             // null: nothing is known, nothing to be left
  std::unique_ptr<Sitting> sitting_;          // of the first thread
  std::vector<std::vector<Verdict>> judged_;  // each thread writes entries of its own
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;  // of what follows
  std::size_t done_ = 0;
  std::exception_ptr fault_;
};

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

namespace {

void add(std::vector<Verdict> verdicts, const model::Network& network, Results& results) {
  for (Verdict& verdict : verdicts) {
    if (!verdict.advisory) {
      count(verdict, results.summary);
    }
    explain_assumptions(verdict, network, results);
    results.verdicts.push_back(std::move(verdict));
  }
}

}  // namespace

Results verify(const model::Network& network, std::span<const Claim> claims, const SourceStore& sources,
               const Options& options) {
  std::vector<const Claim*> chosen;
  for (const Claim& claim : claims) {
    if (wanted(claim, options)) {
      chosen.push_back(&claim);
    }
  }
  Results results;
  for (std::vector<Verdict>& verdicts : Docket(network, sources, options, chosen, nullptr).judged()) {
    add(std::move(verdicts), network, results);
  }
  return results;
}

Results verify_again(const model::Network& network, std::span<const Claim> claims, const SourceStore& sources,
                     const Options& options, Continuation& continuation) {
  std::optional<Change> change;
  if (continuation.earlier) {
    change.emplace(*continuation.earlier->network, network, continuation.earlier->touched);
  }
  for (reach::ProgramStore& programs : continuation.programs) {
    programs.retain(change ? change->same() : std::vector<bool>{});
  }
  continuation.rule_sets_known =
      std::max(continuation.programs[0].known(), continuation.programs[1].known());  // a node may have one family only
  std::vector<std::vector<Verdict>> verdicts;  // of each claim that is wanted; empty: to be judged
  std::vector<const Claim*> open;
  for (const Claim& claim : claims) {
    if (wanted(claim, options)) {
      auto kept = change ? kept_verdicts(claim, *continuation.earlier, *change) : std::nullopt;
      if (!kept) {
        open.push_back(&claim);
      }
      verdicts.push_back(kept.value_or(std::vector<Verdict>{}));
    }
  }
  continuation.claims_judged = open.size();
  continuation.claims_kept = verdicts.size() - open.size();
  auto judged = Docket(network, sources, options, open, &continuation.programs).judged();
  Results results;
  auto next = judged.begin();
  for (std::vector<Verdict>& of_claim : verdicts) {
    add(of_claim.empty() ? std::move(*next++) : std::move(of_claim), network, results);
  }
  return results;
}

}  // namespace segproof::claim
