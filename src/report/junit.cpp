// SPDX-License-Identifier: Apache-2.0
#include "report/junit.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/assert.h"
#include "report/cite.h"
#include "report/page.h"
#include "report/verdict_details.h"
#include "report/xml.h"

namespace segproof::report {
namespace {

constexpr std::size_t details_width = 120;

// The element inside a test case, or nothing for a pass.
std::string_view element_of(const claim::Verdict& verdict) {
  switch (verdict.outcome) {
    case claim::Outcome::proved:
      return "";
    case claim::Outcome::refuted:
      return verdict.advisory ? "skipped" : "failure";
    case claim::Outcome::inconclusive:
    case claim::Outcome::vacuous:
    case claim::Outcome::not_evaluated:
      return verdict.advisory ? "skipped" : "error";
  }
  SEGPROOF_UNREACHABLE();
}

struct Totals {
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
};

Totals totals_of(const claim::Results& results) {
  Totals totals;
  for (const claim::Verdict& verdict : results.verdicts) {
    const std::string_view element = element_of(verdict);
    totals.failures += element == "failure" ? 1U : 0U;
    totals.errors += element == "error" ? 1U : 0U;
    totals.skipped += element == "skipped" ? 1U : 0U;
  }
  return totals;
}

void append_case(std::string& xml, const claim::Verdict& verdict, const SourceStore& sources) {
  Page page({.colour = Colour::off, .width = details_width});
  add_verdict_details(page, verdict, sources);
  const std::string details = xml_escape_lines(std::move(page).take());
  const std::string_view outcome = claim::outcome_name(verdict.outcome);
  fmt::format_to(std::back_inserter(xml), "    <testcase name=\"{}\" classname=\"segproof.{}\"", xml_escape(verdict.id),
                 claim::kind_name(verdict.kind));
  if (verdict.location.file.valid()) {
    fmt::format_to(std::back_inserter(xml), " file=\"{}\" line=\"{}\"", xml_escape(path_of(verdict.location, sources)),
                   verdict.location.line);
  }
  const std::string_view element = element_of(verdict);
  if (element.empty()) {
    fmt::format_to(std::back_inserter(xml), ">\n      <system-out>{}</system-out>\n    </testcase>\n", details);
    return;
  }
  fmt::format_to(std::back_inserter(xml),
                 ">\n      <{0} message=\"{1}: {2}\" type=\"{1}\">{3}</{0}>\n    </testcase>\n", element, outcome,
                 xml_escape(verdict.reason), details);
}

}  // namespace

std::string verify_junit(const claim::Results& results, const SourceStore& sources) {
  const Totals totals = totals_of(results);
  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
                                         results.verdicts.size(), totals.failures, totals.errors, totals.skipped);
  const std::string epoch = results.verdicts.empty() ? "" : results.verdicts.front().epoch;
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  fmt::format_to(std::back_inserter(xml), "<testsuites name=\"segproof\" {0}>\n  <testsuite name=\"{1}\" {0}>\n",
                 counts, xml_escape(epoch.empty() ? "segproof" : "segproof " + epoch));
  for (const claim::Verdict& verdict : results.verdicts) {
    append_case(xml, verdict, sources);
  }
  xml += "  </testsuite>\n</testsuites>\n";
  return xml;
}

}  // namespace segproof::report
