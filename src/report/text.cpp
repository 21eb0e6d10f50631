// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "report/cite.h"
#include "report/outcome_look.h"
#include "report/verdict_details.h"
#include "report/verdict_table.h"

namespace segproof::report {
namespace {

constexpr std::array by_urgency = {claim::Outcome::refuted, claim::Outcome::inconclusive, claim::Outcome::vacuous,
                                   claim::Outcome::not_evaluated, claim::Outcome::proved};

void add_title(Page& page, std::string_view title) {
  page.blank();
  page.paragraph({{.text = std::string(title), .ink = Ink::strong}});
}

void add_details(Page& page, const claim::Results& results, const SourceStore& sources) {
  for (const claim::Outcome outcome : by_urgency) {
    for (const claim::Verdict& verdict : results.verdicts) {
      if (verdict.outcome == outcome) {
        page.blank();
        add_verdict_details(page, verdict, sources);
      }
    }
  }
}

// Ids that a verdict names without a text in the register are listed too: an assumption is never left out.
void add_assumptions(Page& page, const claim::Results& results) {
  std::set<std::string> ids;
  for (const auto& [id, text] : results.assumption_texts) {
    ids.insert(id);
  }
  for (const claim::Verdict& verdict : results.verdicts) {
    ids.insert(verdict.assumptions.begin(), verdict.assumptions.end());
  }
  if (ids.empty()) {
    return;
  }
  add_title(page, "Assumptions");
  for (const std::string& id : ids) {
    const auto found = results.assumption_texts.find(id);
    page.paragraph(
        {{.text = id, .ink = Ink::strong},
         {.text = ": ", .ink = Ink::plain},
         {.text = found == results.assumption_texts.end() ? "(no text registered)" : found->second, .ink = Ink::plain}},
        2, 2);
  }
}

void add_inputs(Page& page, const claim::Results& results) {
  if (results.inputs.empty()) {
    return;
  }
  add_title(page, "Read");
  std::size_t lines = 0;
  for (const InputFile& input : results.inputs) {
    lines += input.lines;
    const std::size_t undecided = input.account.count(LineUse::undecided);
    const std::size_t unmodelled = input.account.count(LineUse::unmodelled);
    if (undecided + unmodelled > 0) {
      page.paragraph({{.text = input.path, .ink = Ink::strong},
                      {.text = fmt::format(" ({}, {}): {} undecided, {} not modelled", input.format,
                                           count(input.lines, "line"), undecided, unmodelled),
                       .ink = Ink::doubtful}},
                     2, 2);
    }
  }
  page.line(fmt::format("{}, {} in all", count(results.inputs.size(), "file"), count(lines, "line")), 2);
}

void add_confirmation(Page& page, const claim::ConfirmationRun& run) {
  if (!run.control_differences.empty()) {
    add_title(page, "Packets that had to arrive, to see that the network works");
    add_contradictions(page, run.control_differences, 2);
  }
  const std::string_view found = run.differences > 0 ? "CONTRADICTED by" : run.probes > 0 ? "confirmed by" : "asked";
  page.paragraph({{.text = fmt::format("{} {}: {} ({}), {}, seed {}", found, run.kernel, count(run.probes, "probe"),
                                       count(run.controls, "control"), count(run.differences, "difference"), run.seed),
                   .ink = run.differences > 0 ? Ink::bad
                          : run.probes > 0    ? Ink::good
                                              : Ink::doubtful}});
}

Ink summary_ink(const claim::Summary& summary) {
  if (summary.refuted > 0) {
    return Ink::bad;
  }
  return summary.inconclusive + summary.vacuous + summary.not_evaluated > 0 || summary.proved == 0 ? Ink::doubtful
                                                                                                   : Ink::good;
}

}  // namespace

std::string summary_line(const claim::Summary& summary) {
  const unsigned all =
      summary.proved + summary.refuted + summary.inconclusive + summary.vacuous + summary.not_evaluated;
  std::vector<std::string> parts;
  const auto add = [&parts](unsigned number, claim::Outcome outcome) {
    if (number > 0) {
      parts.push_back(fmt::format("{} {}", number, claim::outcome_name(outcome)));
    }
  };
  add(summary.proved, claim::Outcome::proved);
  add(summary.refuted, claim::Outcome::refuted);
  if (summary.refuted > 0 && summary.refuted_by_spoofing_only > 0) {
    parts.back() +=
        summary.refuted_by_spoofing_only == summary.refuted
            ? " (by spoofed sources or self-made state only)"
            : fmt::format(" ({} by spoofed sources or self-made state only)", summary.refuted_by_spoofing_only);
  }
  add(summary.inconclusive, claim::Outcome::inconclusive);
  add(summary.vacuous, claim::Outcome::vacuous);
  add(summary.not_evaluated, claim::Outcome::not_evaluated);
  return fmt::format("{}: {}", count(all, "claim"),
                     parts.empty() ? "nothing to say" : fmt::format("{}", fmt::join(parts, ", ")));
}

std::string verify_text(const claim::Results& results, const SourceStore& sources, const TextStyle& style) {
  Page page(style);
  add_verdict_table(page, results.verdicts);
  add_details(page, results, sources);
  add_assumptions(page, results);
  if (!results.notes.empty()) {
    add_title(page, "Notes");
    for (const std::string& note : results.notes) {
      page.paragraph({{.text = note, .ink = Ink::plain}}, 2, 2);
    }
  }
  add_inputs(page, results);
  page.blank();
  page.paragraph({{.text = summary_line(results.summary), .ink = summary_ink(results.summary)}});
  if (results.confirmation) {
    add_confirmation(page, *results.confirmation);
  }
  return std::move(page).take();
}

}  // namespace segproof::report
