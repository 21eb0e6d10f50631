// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/findings.h"

#include <algorithm>
#include <utility>

namespace segproof::cisco {

// A line that is taken twice is taken as what claims most of it: undecided beats modelled, unmodelled beats both.
void Findings::take(std::size_t statement, model::LineUse use) {
  model::LineUse& known = statements_.uses[statements_[statement].line - 1];
  const auto weight = [](model::LineUse of) { return of == model::LineUse::irrelevant ? 0 : static_cast<int>(of); };
  const bool first = !taken_[statement];
  taken_[statement] = true;
  const bool of_another = known != model::LineUse::unmodelled && known != model::LineUse::blank;
  if ((first && !of_another) || weight(use) > weight(known))
    known = use;
}

void Findings::all_below(std::size_t statement, model::LineUse use) {
  for (std::size_t i = statement; i < statements_[statement].end; ++i)
    take(i, use);
}

void Findings::undecided(std::size_t statement, std::string why) {
  take(statement, model::LineUse::undecided);
  if (undecided_at_.insert(statements_[statement].line).second)
    undecided_.push_back({span(statement), DiagnosticCode::rule_undecided, std::move(why), model::NodeId()});
}

void Findings::unmodelled(std::size_t statement, DiagnosticCode code, std::string message, std::string hint) {
  take(statement, model::LineUse::unmodelled);
  if (silent_)
    return;
  unmodelled_.push_back({span(statement), code, message, model::NodeId()});
  sink_.add({code, Severity::warning, span(statement), std::move(message), {}, std::move(hint)});
}

void Findings::damaged(std::uint32_t line, std::string message) {
  const SourceSpan at{file_, line, 1, 1};
  unmodelled_.push_back({at, DiagnosticCode::line_not_understood, message, model::NodeId()});
  sink_.add({DiagnosticCode::line_not_understood, Severity::warning, at, std::move(message), {}, {}});
}

void Findings::remark(std::size_t statement, DiagnosticCode code, std::string message, std::string hint) {
  if (!silent_)
    sink_.add({code, Severity::warning, span(statement), std::move(message), {}, std::move(hint)});
}

std::vector<model::Gap> Findings::sorted(std::vector<model::Gap> gaps) {
  std::ranges::stable_sort(gaps, {}, &model::Gap::span);
  const auto same = [](const model::Gap& a, const model::Gap& b) { return a.span == b.span; };
  gaps.erase(std::unique(gaps.begin(), gaps.end(), same), gaps.end());
  return gaps;
}

}  // namespace segproof::cisco
