// SPDX-License-Identifier: Apache-2.0
#include "report/witness_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"
#include "report/cite.h"

namespace segproof::report {
namespace {

constexpr std::size_t deeper = 4;

std::string_view deed(claim::StepRole role) {
  switch (role) {
    case claim::StepRole::open:
      return "opens a session";
    case claim::StepRole::reply:
      return "replies within a session";
    case claim::StepRole::related:
      return "sends what belongs to another's session (related)";
    case claim::StepRole::mid:
      return "sends into the middle of a session that was never opened (mid)";
    case claim::StepRole::blind:
      return "sends blind: the answer goes elsewhere";
    case claim::StepRole::spoofed_open:
      return "opens a session with a spoofed source";
    case claim::StepRole::pivot:
      return "has fallen and is used as a pivot";
    case claim::StepRole::mention:
      return "is mentioned";
  }
  SEGPROOF_UNREACHABLE();
}

Ink action_ink(std::string_view action) {
  if (action == "permit" || action == "deliver") {
    return Ink::good;
  }
  return action == "deny" ? Ink::bad : Ink::plain;
}

std::string interfaces(const claim::Hop& hop) {
  if (hop.in.empty() && hop.out.empty()) {
    return {};
  }
  return fmt::format("  {} -> {}", hop.in.empty() ? "(here)" : hop.in, hop.out.empty() ? "(here)" : hop.out);
}

void add_pivots(Page& page, const claim::Witness& witness, std::size_t indent) {
  Pieces chain{{.text = "chain: ", .ink = Ink::quiet}};
  std::string last;
  for (const claim::WitnessStep& step : witness.steps) {
    for (const std::string& place : {step.actor, step.delivered}) {
      if (!place.empty() && place != last) {
        chain.push_back({.text = last.empty() ? "" : " > ", .ink = Ink::quiet});
        chain.push_back({.text = place, .ink = Ink::strong});
        last = place;
      }
    }
  }
  page.paragraph(chain, indent, deeper);
}

}  // namespace

Pieces rule_pieces(const claim::RuleRef& rule, const SourceStore& sources) {
  const std::string place = cite(rule.span, sources);
  Pieces pieces{{.text = place.empty() ? "(default)" : place, .ink = Ink::quiet}};
  if (!rule.text.empty()) {
    pieces.push_back({.text = fmt::format("  {}", trim(rule.text)), .ink = Ink::plain});
  }
  return pieces;
}

void add_hops(Page& page, std::span<const claim::Hop> hops, const SourceStore& sources, std::size_t indent) {
  for (const claim::Hop& hop : hops) {
    page.paragraph({{.text = hop.device, .ink = Ink::strong},
                    {.text = interfaces(hop), .ink = Ink::plain},
                    {.text = hop.stage == hop.action ? "  " : fmt::format("  {}  ", hop.stage), .ink = Ink::quiet},
                    {.text = hop.action, .ink = action_ink(hop.action)}},
                   indent, deeper);
    if (hop.rule) {
      page.paragraph(rule_pieces(*hop.rule, sources), indent + deeper, deeper);
    }
    if (hop.packet_after) {
      page.paragraph({{.text = "now ", .ink = Ink::quiet}, {.text = to_string(*hop.packet_after), .ink = Ink::plain}},
                     indent + deeper, deeper);
    }
  }
}

void add_witness(Page& page, const claim::Witness& witness, const SourceStore& sources, std::size_t indent) {
  const bool several = witness.steps.size() > 1;
  if (several) {
    add_pivots(page, witness, indent);
  }
  std::size_t number = 0;
  for (const claim::WitnessStep& step : witness.steps) {
    ++number;
    page.paragraph({{.text = several ? fmt::format("{}. ", number) : "", .ink = Ink::quiet},
                    {.text = step.actor, .ink = Ink::strong},
                    {.text = fmt::format(" {}", deed(step.role)), .ink = Ink::plain}},
                   indent, deeper);
    if (step.packet) {
      page.paragraph({{.text = to_string(*step.packet), .ink = Ink::strong}}, indent + deeper, deeper);
    }
    add_hops(page, step.hops, sources, indent + deeper);
    if (!step.delivered.empty()) {
      page.paragraph({{.text = "delivered to ", .ink = Ink::plain}, {.text = step.delivered, .ink = Ink::strong}},
                     indent + deeper, deeper);
    }
  }
}

}  // namespace segproof::report
