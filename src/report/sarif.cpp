// SPDX-License-Identifier: Apache-2.0
#include "report/sarif.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/json_writer.h"
#include "base/sha256.h"
#include "base/text.h"
#include "report/cite.h"
#include "report/json_parts.h"
#include "report/sarif_rules.h"
#include "report/tool.h"

namespace segproof::report {
namespace {

bool is_shown(const claim::Verdict& verdict) {
  return verdict.outcome != claim::Outcome::proved;
}

std::string_view level_of(const claim::Verdict& verdict) {
  if (verdict.advisory) {
    return "note";
  }
  return verdict.outcome == claim::Outcome::refuted ? "error" : "warning";
}

// A line that had a say, and what it said.
struct Cited {
  SourceSpan span;
  std::string what;
};

// All lines of a verdict with a file, each once, in the order of their importance.
std::vector<Cited> cited_lines(const claim::Verdict& verdict) {
  std::vector<Cited> lines;
  const auto add = [&lines](const SourceSpan& span, std::string what) {
    const bool known = std::ranges::any_of(lines, [&span](const Cited& c) { return c.span == span; });
    if (span.file.valid() && !known) {
      lines.push_back({span, std::move(what)});
    }
  };
  if (verdict.witness) {
    for (const claim::WitnessStep& step : verdict.witness->steps) {
      for (const claim::Hop& hop : step.hops) {
        if (hop.rule) {
          add(hop.rule->span, fmt::format("{} at {}, {}: {}", hop.action, hop.device, hop.stage, hop.rule->text));
        }
      }
    }
  }
  for (const claim::UndecidedInput& input : verdict.undecided) {
    add(input.span, fmt::format("{} [{}]", input.why, code_text(input.code)));
  }
  for (const claim::Denial& denial : verdict.denied_by) {
    add(denial.rule.span, fmt::format("denied at {}: {}", denial.device, denial.rule.text));
  }
  return lines;
}

void write_physical(JsonWriter& json, const SourceSpan& span, const SourceStore& sources) {
  const std::string_view path = path_of(span, sources);
  json.key("physicalLocation").begin_object();
  json.key("artifactLocation").begin_object();
  json.key("uri").string(path.empty() ? "segproof" : uri_of(path));
  if (!path.starts_with('/')) {
    json.key("uriBaseId").string("%SRCROOT%");
  }
  json.end_object();
  // Columns are left out: ours count bytes, SARIF's count code units.
  json.key("region").begin_object();
  json.key("startLine").number(std::max(span.line, 1U));
  json.end_object();
  json.end_object();
}

void write_message(JsonWriter& json, std::string_view text) {
  json.key("message").begin_object();
  json.key("text").string(escape_controls(text));
  json.end_object();
}

void write_place(JsonWriter& json, const Cited& cited, const SourceStore& sources) {
  write_physical(json, cited.span, sources);
  write_message(json, cited.what);
}

void write_code_flow(JsonWriter& json, const claim::Verdict& verdict, const SourceStore& sources) {
  if (!verdict.witness) {
    return;
  }
  std::vector<Cited> places;
  for (const claim::WitnessStep& step : verdict.witness->steps) {
    for (const claim::Hop& hop : step.hops) {
      if (hop.rule && hop.rule->span.file.valid()) {
        places.push_back({hop.rule->span, fmt::format("{}: {}, {}", hop.device, hop.stage, hop.action)});
      }
    }
  }
  if (places.empty()) {
    return;
  }
  json.key("codeFlows").begin_array().begin_object();
  json.key("threadFlows").begin_array().begin_object();
  json.key("locations").begin_array();
  for (const Cited& place : places) {
    json.begin_object();
    json.key("location").begin_object();
    write_place(json, place, sources);
    json.end_object();
    json.end_object();
  }
  json.end_array().end_object().end_array().end_object().end_array();
}

std::string message_of(const claim::Verdict& verdict) {
  std::string text = fmt::format("{} {} ({}, {})", verdict.id, claim::outcome_name(verdict.outcome),
                                 claim::kind_name(verdict.kind), direction(verdict.from, verdict.to));
  if (!verdict.reason.empty()) {
    text += fmt::format(": {}", verdict.reason);
  }
  if (verdict.witness && !verdict.witness->steps.empty() && verdict.witness->steps.back().packet) {
    text += fmt::format(". Packet: {}", to_string(*verdict.witness->steps.back().packet));
  }
  return text;
}

// Of the parts that say which claim it is; a length before each part keeps different claims apart.
std::string fingerprint(const claim::Verdict& verdict) {
  std::string text;
  for (const std::string_view part :
       {std::string_view(verdict.id), claim::kind_name(verdict.kind), std::string_view(verdict.epoch),
        std::string_view(verdict.from), std::string_view(verdict.to)}) {
    text += fmt::format("{}:{}", part.size(), part);
  }
  return sha256_hex(text);
}

void write_result(JsonWriter& json, const claim::Verdict& verdict, std::span<const claim::Kind> kinds,
                  const SourceStore& sources) {
  const std::vector<Cited> cited = cited_lines(verdict);
  const auto rule = std::ranges::find(kinds, verdict.kind) - kinds.begin();
  json.begin_object();
  json.key("ruleId").string(claim::kind_name(verdict.kind));
  json.key("ruleIndex").number(rule);
  json.key("level").string(level_of(verdict));
  write_message(json, message_of(verdict));
  const bool has_claim_line = verdict.location.file.valid() || cited.empty();
  json.key("locations").begin_array().begin_object();
  write_physical(json, has_claim_line ? verdict.location : cited.front().span, sources);
  json.end_object().end_array();
  json.key("relatedLocations").begin_array();
  for (std::size_t i = 0; i < cited.size(); ++i) {
    json.begin_object();
    json.key("id").number(i + 1);
    write_place(json, cited[i], sources);
    json.end_object();
  }
  json.end_array();
  write_code_flow(json, verdict, sources);
  json.key("partialFingerprints").begin_object();
  json.key("segproofClaim/v1").string(fingerprint(verdict));
  json.end_object();
  json.key("properties").begin_object();
  json.key("claim").string(verdict.id);
  json.key("verdict").string(claim::outcome_name(verdict.outcome));
  json.key("epoch").string_or_null(verdict.epoch);
  json.key("spoofedOnly").boolean(verdict.spoofed_only);
  json.end_object();
  json.end_object();
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/").find(c) != std::string_view::npos;
}

}  // namespace

std::string uri_of(std::string_view path) {
  if (path == "-") {
    return "stdin";
  }
  while (path.starts_with("./") && path.size() > 2) {
    path.remove_prefix(2);
  }
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    if (is_unreserved(c)) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return uri;
}

std::string verify_sarif(const claim::Results& results, const SourceStore& sources) {
  std::vector<claim::Kind> kinds;
  for (const claim::Verdict& verdict : results.verdicts) {
    if (is_shown(verdict)) {
      kinds.push_back(verdict.kind);
    }
  }
  std::ranges::sort(kinds);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  JsonWriter json(JsonLayout::indented);
  json.begin_object();
  json.key("$schema").string("https://json.schemastore.org/sarif-2.1.0.json");
  json.key("version").string("2.1.0");
  json.key("runs").begin_array().begin_object();
  json.key("tool").begin_object();
  json.key("driver").begin_object();
  json.key("name").string(tool_name);
  json.key("version").string(tool_version());
  json.key("semanticVersion").string(tool_version());
  json.key("rules");
  write_sarif_rules(json, kinds);
  json.end_object();
  json.end_object();
  json.key("results").begin_array();
  for (const claim::Verdict& verdict : results.verdicts) {
    if (is_shown(verdict)) {
      write_result(json, verdict, kinds, sources);
    }
  }
  json.end_array();
  json.end_object().end_array().end_object();
  return std::move(json).take();
}

}  // namespace segproof::report
