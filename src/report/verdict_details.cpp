// SPDX-License-Identifier: Apache-2.0
#include "report/verdict_details.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/text.h"
#include "report/cite.h"
#include "report/outcome_look.h"
#include "report/witness_text.h"

namespace segproof::report {
namespace {

constexpr std::size_t indent_body = 4;
constexpr std::size_t deeper = 2;

void add_rest(Page& page, std::size_t size, std::size_t limit, std::size_t indent) {
  if (size > limit) {
    page.paragraph(
        {{.text = fmt::format("... and {} more (all of them in --format json)", size - limit), .ink = Ink::quiet}},
        indent);
  }
}

void add_label(Page& page, std::string_view label, const Pieces& value) {
  Pieces pieces{{.text = fmt::format("{}: ", label), .ink = Ink::quiet}};
  pieces.insert(pieces.end(), value.begin(), value.end());
  page.paragraph(pieces, indent_body, deeper);
}

void add_label(Page& page, std::string_view label, std::string_view value) {
  if (!value.empty()) {
    add_label(page, label, Pieces{{.text = std::string(value), .ink = Ink::plain}});
  }
}

void add_heading(Page& page, std::string_view heading) {
  page.paragraph({{.text = fmt::format("{}:", heading), .ink = Ink::quiet}}, indent_body);
}

std::string reading(const claim::Verdict& verdict) {
  constexpr std::array names = {"IPv4", "IPv6"};
  std::string text = verdict.epoch.empty() ? "" : fmt::format("epoch {}, ", verdict.epoch);
  if (verdict.pivot) {
    text += fmt::format("pivot {}, ", claim::pivot_name(*verdict.pivot));
  }
  text += fmt::format("spoofing {}", claim::spoofing_name(verdict.spoofing));
  for (std::size_t i = 0; i < verdict.families.size(); ++i) {
    const bool covered = verdict.families[i] == claim::Coverage::covered;
    text += fmt::format(", {} {}", names[i], covered ? "covered" : "not covered");
  }
  return text;
}

std::string where(const std::string& places) {
  return places.empty() ? "nowhere" : fmt::format("at {}", places);
}

void add_confirmation(Page& page, const claim::Confirmation& confirmation) {
  switch (confirmation.says) {
    case claim::KernelSays::confirmed:
      add_label(page, "kernel",
                {{.text = fmt::format("confirmed by {}: {}, 0 differences", confirmation.kernel,
                                      count(confirmation.probes, "probe")),
                  .ink = Ink::good}});
      break;
    case claim::KernelSays::not_confirmable:
      add_label(page, "kernel",
                {{.text = fmt::format("not confirmable: {}", confirmation.reason), .ink = Ink::doubtful}});
      break;
    case claim::KernelSays::differs:
      add_label(
          page, "kernel",
          {{.text = fmt::format("CONTRADICTED by {}: {}, {}", confirmation.kernel, count(confirmation.probes, "probe"),
                                count(confirmation.differences.size(), "difference")),
            .ink = Ink::bad}});
      break;
  }
  add_contradictions(page, confirmation.differences, indent_body + deeper);
}

}  // namespace

void add_contradictions(Page& page, const std::vector<claim::Contradiction>& contradictions, std::size_t indent) {
  constexpr std::size_t limit = 12;
  for (std::size_t i = 0; i < std::min(limit, contradictions.size()); ++i) {
    const claim::Contradiction& one = contradictions[i];
    page.paragraph({{.text = one.actor, .ink = Ink::strong},
                    {.text = fmt::format(" sends {}: expected {}, seen {}", to_string(one.packet), where(one.expected),
                                         where(one.seen)),
                     .ink = Ink::bad}},
                   indent, deeper);
  }
  add_rest(page, contradictions.size(), limit, indent);
}

void add_undecided(Page& page, const std::vector<claim::UndecidedInput>& undecided, const SourceStore& sources,
                   std::size_t limit, std::size_t indent) {
  for (std::size_t i = 0; i < std::min(limit, undecided.size()); ++i) {
    const claim::UndecidedInput& input = undecided[i];
    const std::string place = cite(input.span, sources);
    page.paragraph({{.text = place.empty() ? "(no file)" : place, .ink = Ink::strong},
                    {.text = fmt::format(": {} ", input.why), .ink = Ink::plain},
                    {.text = fmt::format("[{}]", code_text(input.code)), .ink = Ink::quiet}},
                   indent, deeper);
    const std::string_view text = line_text(input.span, sources);
    if (!text.empty()) {
      page.paragraph({{.text = std::string(text), .ink = Ink::quiet}}, indent + deeper, deeper);
    }
  }
  add_rest(page, undecided.size(), limit, indent);
}

void add_denials(Page& page, const std::vector<claim::Denial>& denials, const SourceStore& sources, std::size_t limit,
                 std::size_t indent) {
  for (std::size_t i = 0; i < std::min(limit, denials.size()); ++i) {
    Pieces pieces{{.text = denials[i].device, .ink = Ink::strong}, {.text = "  ", .ink = Ink::plain}};
    const Pieces rule = rule_pieces(denials[i].rule, sources);
    pieces.insert(pieces.end(), rule.begin(), rule.end());
    page.paragraph(pieces, indent, 2 * deeper);
  }
  add_rest(page, denials.size(), limit, indent);
}

void add_fallen(Page& page, const std::vector<claim::Fallen>& fallen, std::size_t limit, std::size_t indent) {
  for (std::size_t i = 0; i < std::min(limit, fallen.size()); ++i) {
    const claim::Fallen& host = fallen[i];
    const std::string how = host.hops == 0 && host.because_of.empty() ? "from the start"
                            : host.because_of.empty()
                                ? fmt::format("after {}", count(host.hops, "pivot"))
                                : fmt::format("after {}, by {}", count(host.hops, "pivot"), host.because_of);
    page.paragraph({{.text = host.place, .ink = Ink::strong}, {.text = fmt::format("  {}", how), .ink = Ink::plain}},
                   indent, deeper);
  }
  add_rest(page, fallen.size(), limit, indent);
}

void add_verdict_details(Page& page, const claim::Verdict& verdict, const SourceStore& sources, std::size_t limit) {
  page.paragraph({outcome_piece(verdict.outcome),
                  {.text = "  ", .ink = Ink::plain},
                  {.text = verdict.id, .ink = Ink::strong},
                  {.text = fmt::format("  {}  {}", claim::kind_name(verdict.kind), direction(verdict.from, verdict.to)),
                   .ink = Ink::plain}},
                 0, indent_body);
  add_label(page, "claimed", verdict.text.empty() ? "" : fmt::format("\"{}\"", verdict.text));
  add_label(page, "stated in", cite(verdict.location, sources));
  add_label(page, "read as", reading(verdict));
  add_label(page, "because", verdict.reason);
  if (verdict.confirmation) {
    add_confirmation(page, *verdict.confirmation);
  }
  if (verdict.spoofed_only) {
    add_label(page, "note", "this rests on spoofed sources or self-made state alone");
  }
  if (verdict.advisory) {
    add_label(page, "note", "advisory, does not count for the exit code");
  }
  if (verdict.witness) {
    add_heading(page, verdict.outcome == claim::Outcome::refuted ? "counterexample" : "example");
    add_witness(page, *verdict.witness, sources, indent_body + deeper);
  }
  if (!verdict.denied_by.empty()) {
    add_heading(page, "denied by");
    add_denials(page, verdict.denied_by, sources, limit, indent_body + deeper);
  }
  if (!verdict.undecided.empty()) {
    add_heading(page, "not decided");
    add_undecided(page, verdict.undecided, sources, limit, indent_body + deeper);
  }
  if (!verdict.blast.empty()) {
    add_heading(page, fmt::format("blast radius ({})", count(verdict.blast.size(), "place")));
    add_fallen(page, verdict.blast, limit, indent_body + deeper);
  }
  add_label(page, "assumes", fmt::format("{}", fmt::join(verdict.assumptions, ", ")));
  add_label(page, "controls", fmt::format("{}", fmt::join(verdict.controls, ", ")));
}

}  // namespace segproof::report
