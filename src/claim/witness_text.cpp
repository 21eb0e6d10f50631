// SPDX-License-Identifier: Apache-2.0
// Replayed paths and lines of configurations, as verdicts cite them.
#include "base/excerpt.h"
#include "claim/witness.h"

namespace segproof::claim {
namespace {

using model::InterfaceId;
using model::Network;
using reach::ReplayPath;

std::string_view action_word(reach::HopAction action) {
  switch (action) {
    case reach::HopAction::permit:
      return "permit";
    case reach::HopAction::deny:
      return "deny";
    case reach::HopAction::translate:
      return "translate";
    case reach::HopAction::route:
      return "route";
    case reach::HopAction::deliver:
      return "deliver";
    case reach::HopAction::undecided:
      return "undecided";
  }
  return {};
}

}  // namespace

RuleRef rule_ref(const SourceSpan& span, const SourceStore& sources) {
  RuleRef result{span, ""};
  if (span.file.valid() && span.line > 0) {
    std::string_view text = sources.line(span.file, span.line);
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
      text.remove_prefix(1);
    }
    result.text = std::string(front_of(text, longest_quoted_line));
  }
  return result;
}

std::vector<Hop> hops_of(const ReplayPath& path, const Network& network, const SourceStore& sources) {
  std::vector<Hop> result;
  const auto name = [&](InterfaceId id) { return id.valid() ? network.interface(id).name : std::string(); };
  for (const reach::ReplayHop& hop : path.hops) {
    Hop shown{network.node(hop.node).name,          hop.stage,    name(hop.in),    name(hop.out),
              std::string(action_word(hop.action)), std::nullopt, hop.packet_after};
    if (hop.rule.file.valid()) {
      shown.rule = rule_ref(hop.rule, sources);
    }
    result.push_back(std::move(shown));
  }
  return result;
}

UndecidedInput undecided_at(const SourceSpan& span, const std::string& why, const Network& network) {
  for (const model::Gap& gap : network.gaps) {
    if (gap.span.file == span.file && gap.span.line == span.line) {
      return {span, gap.code, gap.why};
    }
  }
  for (const model::Node& node : network.nodes) {
    if (node.origin == span) {
      return {
          span,
          node.kind == model::NodeKind::host ? DiagnosticCode::host_may_forward : DiagnosticCode::configuration_missing,
          why};
    }
  }
  return {span, DiagnosticCode::rule_undecided, why};
}

}  // namespace segproof::claim
