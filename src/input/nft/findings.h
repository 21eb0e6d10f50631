// SPDX-License-Identifier: Apache-2.0
// What the nftables reader could not decide or not understand: for the account of the input, for the verdicts that lean
// on it, and (not understood only) as diagnostics. Each line is noted once, however often it is used.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "model/network.h"

namespace segproof::nft {

class Findings {
 public:
  explicit Findings(DiagnosticSink& sink) : sink_(sink) {}

  // A line that may do anything in the model.
  void unmodelled(DiagnosticCode code, const SourceSpan& span, std::string message, std::string hint = {}) {
    if (!noted_.insert(span).second)
      return;
    unmodelled_.push_back({span, code, message, model::NodeId()});
    sink_.add({code, Severity::warning, span, std::move(message), {}, std::move(hint)});
  }
  // A line whose meaning is known and depends on what no configuration says.
  void undecided(const SourceSpan& span, std::string why) {
    if (noted_.insert(span).second)
      undecided_.push_back({span, DiagnosticCode::rule_undecided, std::move(why), model::NodeId()});
  }

  [[nodiscard]] std::vector<model::Gap>& undecided_lines() { return undecided_; }
  [[nodiscard]] std::vector<model::Gap>& unmodelled_lines() { return unmodelled_; }

 private:
  DiagnosticSink& sink_;
  std::set<SourceSpan> noted_;
  std::vector<model::Gap> undecided_;
  std::vector<model::Gap> unmodelled_;
};

}  // namespace segproof::nft
