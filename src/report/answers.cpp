// SPDX-License-Identifier: Apache-2.0
#include "report/answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/json_writer.h"
#include "report/cite.h"
#include "report/json_parts.h"
#include "report/verdict_details.h"
#include "report/witness_text.h"

namespace segproof::report {
namespace {

constexpr std::size_t longest_list = 24;
constexpr std::size_t indent = 4;

std::string_view word_of(claim::Reachability state) {
  switch (state) {
    case claim::Reachability::nothing:
      return "nothing";
    case claim::Reachability::something:
      return "something";
    case claim::Reachability::undecided:
      return "undecided";
  }
  SEGPROOF_UNREACHABLE();
}

Piece look_of(claim::Reachability state) {
  switch (state) {
    case claim::Reachability::nothing:
      return {.text = "✓ nothing is reachable", .ink = Ink::good};
    case claim::Reachability::something:
      return {.text = "✗ reachable", .ink = Ink::bad};
    case claim::Reachability::undecided:
      return {.text = "? undecided", .ink = Ink::doubtful};
  }
  SEGPROOF_UNREACHABLE();
}

std::string_view word_of(claim::TraceFate fate) {
  switch (fate) {
    case claim::TraceFate::delivered:
      return "delivered";
    case claim::TraceFate::denied:
      return "denied";
    case claim::TraceFate::lost:
      return "lost";
    case claim::TraceFate::undecided:
      return "undecided";
  }
  SEGPROOF_UNREACHABLE();
}

Ink ink_of(claim::TraceFate fate) {
  switch (fate) {
    case claim::TraceFate::delivered:
      return Ink::good;
    case claim::TraceFate::denied:
    case claim::TraceFate::lost:
      return Ink::bad;
    case claim::TraceFate::undecided:
      return Ink::doubtful;
  }
  SEGPROOF_UNREACHABLE();
}

// "delivered to dir1", "lost: fw has no route"; a reason that begins with the same word says it alone.
Pieces end_of(const claim::TracePath& path) {
  const std::string_view word = word_of(path.fate);
  if (path.reason.starts_with(word)) {
    return {{.text = path.reason, .ink = ink_of(path.fate)}};
  }
  Pieces end{{.text = std::string(word), .ink = ink_of(path.fate)}};
  if (!path.delivered.empty()) {
    end.push_back({.text = fmt::format(" to {}", path.delivered), .ink = Ink::strong});
  }
  if (!path.reason.empty()) {
    end.push_back({.text = fmt::format(": {}", path.reason), .ink = Ink::plain});
  }
  return end;
}

void add_heading(Page& page, std::string_view heading) {
  page.blank();
  page.paragraph({{.text = std::string(heading), .ink = Ink::strong}});
}

void add_list(Page& page, const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < std::min(longest_list, texts.size()); ++i) {
    page.paragraph({{.text = texts[i], .ink = Ink::plain}}, indent, 2);
  }
  if (texts.size() > longest_list) {
    page.line(fmt::format("... and {} more (all of them in --format json)", texts.size() - longest_list), indent);
  }
}

void add_why_not(Page& page, const std::vector<claim::UndecidedInput>& undecided, const SourceStore& sources) {
  if (!undecided.empty()) {
    add_heading(page, "Not decided");
    add_undecided(page, undecided, sources, longest_list, indent);
  }
}

void add_assumptions(Page& page, const std::vector<std::string>& assumptions) {
  if (!assumptions.empty()) {
    page.blank();
    page.paragraph({{.text = "assumes: ", .ink = Ink::quiet},
                    {.text = fmt::format("{}", fmt::join(assumptions, ", ")), .ink = Ink::plain}});
  }
}

void begin(JsonWriter& json, std::string_view schema) {
  json.begin_object();
  json.key("schema").string(schema);
  json.key("tool");
  write_tool(json);
}

std::string finish(JsonWriter&& json, const std::vector<claim::UndecidedInput>& undecided, const SourceStore& sources) {
  json.key("undecided");
  write_undecided(json, undecided, sources);
  json.end_object();
  return std::move(json).take();
}

}  // namespace

std::string reach_text(const claim::ReachAnswer& answer, const SourceStore& sources, const TextStyle& style) {
  Page page(style);
  page.paragraph(
      {look_of(answer.state), {.text = fmt::format("  {}", direction(answer.from, answer.to)), .ink = Ink::plain}}, 0,
      indent);
  if (!answer.reason.empty()) {
    page.paragraph({{.text = answer.reason, .ink = Ink::plain}}, indent);
  }
  if (!answer.rows.empty()) {
    add_heading(page, answer.state == claim::Reachability::undecided ? "At most" : "What");
    add_list(page, answer.rows);
  }
  if (answer.witness) {
    add_heading(page, "Example");
    add_witness(page, *answer.witness, sources, indent);
  }
  if (!answer.denied_by.empty()) {
    add_heading(page, "Denied by");
    add_denials(page, answer.denied_by, sources, longest_list, indent);
  }
  add_why_not(page, answer.undecided, sources);
  add_assumptions(page, answer.assumptions);
  return std::move(page).take();
}

std::string blast_text(const claim::BlastAnswer& answer, const SourceStore& sources, const TextStyle& style) {
  Page page(style);
  const auto falls = static_cast<std::size_t>(
      std::ranges::count_if(answer.fallen, [](const claim::Fallen& host) { return host.hops > 0; }));
  const std::string limit = answer.hop_limit ? fmt::format(", at most {}", count(*answer.hop_limit, "hop")) : "";
  page.paragraph(
      {{.text = fmt::format("From {}: {} fall", answer.from, count(falls, "other place")), .ink = Ink::strong},
       {.text = falls == 1 ? "s" : "", .ink = Ink::strong},
       {.text = fmt::format(" (pivot {}{})", claim::pivot_name(answer.pivot), limit), .ink = Ink::plain}},
      0, indent);
  std::map<unsigned, std::size_t> by_hops;
  for (const claim::Fallen& host : answer.fallen) {
    ++by_hops[host.hops];
  }
  for (const auto& [hops, number] : by_hops) {
    page.line(
        fmt::format("{:>3} {} {}", number, hops == 0 ? "at" : "after", hops == 0 ? "the start" : count(hops, "pivot")),
        indent);
  }
  if (!answer.fallen.empty()) {
    add_heading(page, "Fallen");
    // Whoever asks for a blast radius asks for the list: it is not shortened.
    add_fallen(page, answer.fallen, answer.fallen.size(), indent);
  }
  if (!answer.reached.empty()) {
    add_heading(page, "Reached, not expanded");
    add_list(page, answer.reached);
  }
  add_why_not(page, answer.undecided, sources);
  add_assumptions(page, answer.assumptions);
  return std::move(page).take();
}

std::string trace_text(const claim::TraceAnswer& answer, const SourceStore& sources, const TextStyle& style) {
  Page page(style);
  page.paragraph({{.text = answer.from, .ink = Ink::strong},
                  {.text = " sends ", .ink = Ink::plain},
                  {.text = to_string(answer.packet), .ink = Ink::strong}},
                 0, indent);
  std::size_t number = 0;
  for (const claim::TracePath& path : answer.paths) {
    ++number;
    if (answer.paths.size() > 1) {
      add_heading(page, fmt::format("Way {} of {}", number, answer.paths.size()));
    }
    add_hops(page, path.hops, sources, indent);
    page.paragraph(end_of(path), indent, indent);
    if (path.packet_last) {
      page.paragraph({{.text = "as ", .ink = Ink::quiet}, {.text = to_string(*path.packet_last), .ink = Ink::plain}},
                     indent, indent);
    }
  }
  add_why_not(page, answer.undecided, sources);
  return std::move(page).take();
}

std::string reach_json(const claim::ReachAnswer& answer, const SourceStore& sources) {
  JsonWriter json(JsonLayout::indented);
  begin(json, "segproof/reach/1");
  json.key("from").string(answer.from);
  json.key("to").string(answer.to);
  json.key("reachable").string(word_of(answer.state));
  json.key("reason").string(answer.reason);
  json.key("rows");
  write_strings(json, answer.rows);
  json.key("witness");
  if (answer.witness) {
    write_witness(json, *answer.witness, sources);
  } else {
    json.null();
  }
  json.key("denied_by");
  write_denials(json, answer.denied_by, sources);
  json.key("assumptions");
  write_strings(json, answer.assumptions);
  return finish(std::move(json), answer.undecided, sources);
}

std::string blast_json(const claim::BlastAnswer& answer, const SourceStore& sources) {
  JsonWriter json(JsonLayout::indented);
  begin(json, "segproof/blast/1");
  json.key("from").string(answer.from);
  json.key("pivot").string(claim::pivot_name(answer.pivot));
  json.key("hops");
  if (answer.hop_limit) {
    json.number(*answer.hop_limit);
  } else {
    json.null();
  }
  json.key("fallen");
  write_fallen(json, answer.fallen);
  json.key("reached");
  write_strings(json, answer.reached);
  json.key("assumptions");
  write_strings(json, answer.assumptions);
  return finish(std::move(json), answer.undecided, sources);
}

std::string trace_json(const claim::TraceAnswer& answer, const SourceStore& sources) {
  JsonWriter json(JsonLayout::indented);
  begin(json, "segproof/trace/1");
  json.key("from").string(answer.from);
  json.key("packet");
  write_packet(json, answer.packet);
  json.key("paths").begin_array();
  for (const claim::TracePath& path : answer.paths) {
    json.begin_object();
    json.key("fate").string(word_of(path.fate));
    json.key("delivered").string_or_null(path.delivered);
    json.key("reason").string(path.reason);
    json.key("hops");
    write_hops(json, path.hops, sources);
    json.key("packet_last");
    if (path.packet_last) {
      write_packet(json, *path.packet_last);
    } else {
      json.null();
    }
    json.end_object();
  }
  json.end_array();
  return finish(std::move(json), answer.undecided, sources);
}

}  // namespace segproof::report
