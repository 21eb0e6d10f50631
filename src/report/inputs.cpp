// SPDX-License-Identifier: Apache-2.0
#include "report/inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/json_writer.h"
#include "report/cite.h"
#include "report/json_parts.h"

namespace segproof::report {
namespace {

constexpr std::array all_uses = {LineUse::modelled, LineUse::irrelevant, LineUse::undecided, LineUse::unmodelled,
                                 LineUse::blank};
// Those whose lines are worth looking at.
constexpr std::array listed_uses = {LineUse::irrelevant, LineUse::undecided, LineUse::unmodelled};

Ink ink_of(LineUse use) {
  switch (use) {
    case LineUse::blank:
    case LineUse::irrelevant:
      return Ink::quiet;
    case LineUse::modelled:
      return Ink::plain;
    case LineUse::undecided:
      return Ink::doubtful;
    case LineUse::unmodelled:
      return Ink::bad;
  }
  SEGPROOF_UNREACHABLE();
}

std::string runs_text(const LineAccount& account, LineUse use) {
  std::vector<std::string> texts;
  for (const LineRun& run : account.runs(use)) {
    texts.push_back(run.first == run.last ? fmt::format("{}", run.first) : fmt::format("{}-{}", run.first, run.last));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

void add_note(Page& page, const LineNote& note, const SourceStore& sources) {
  page.paragraph(
      {{.text = note.span.line == 0 ? "the whole file" : fmt::format("line {}", note.span.line), .ink = Ink::strong},
       {.text = fmt::format(": {} ", note.why), .ink = Ink::plain},
       {.text = fmt::format("[{}]", code_text(note.code)), .ink = Ink::quiet}},
      6, 2);
  if (const std::string_view text = line_text(note.span, sources); !text.empty()) {
    page.paragraph({{.text = std::string(text), .ink = Ink::quiet}}, 8, 2);
  }
}

void add_file(Page& page, const InputFile& file, const SourceStore& sources) {
  page.paragraph({{.text = file.path, .ink = Ink::strong},
                  {.text = fmt::format(" ({}, {}, {} modelled)", file.format, count(file.lines, "line"),
                                       file.account.count(LineUse::modelled)),
                   .ink = Ink::plain}},
                 0, 4);
  for (const LineUse use : listed_uses) {
    if (const std::size_t lines = file.account.count(use); lines > 0) {
      page.paragraph({{.text = fmt::format("{} {}: ", lines, line_use_name(use)), .ink = ink_of(use)},
                      {.text = runs_text(file.account, use), .ink = Ink::plain}},
                     4, 2);
    }
    for (const LineNote& note : file.account.notes) {
      if (note.use == use) {
        add_note(page, note, sources);
      }
    }
  }
}

std::size_t sum(std::span<const InputFile> inputs, LineUse use) {
  std::size_t lines = 0;
  for (const InputFile& file : inputs) {
    lines += file.account.count(use);
  }
  return lines;
}

void write_lines(JsonWriter& json, const LineAccount& account, LineUse use) {
  json.begin_object();
  json.key("count").number(account.count(use));
  json.key("runs").begin_array();
  for (const LineRun& run : account.runs(use)) {
    json.begin_array().number(run.first).number(run.last).end_array();
  }
  json.end_array().end_object();
}

void write_file(JsonWriter& json, const InputFile& file, const SourceStore& sources) {
  json.begin_object();
  json.key("path").string(file.path);
  json.key("sha256").string(file.sha256);
  json.key("format").string(file.format);
  json.key("lines").number(file.lines);
  for (const LineUse use : all_uses) {
    json.key(line_use_name(use));
    write_lines(json, file.account, use);
  }
  json.key("notes").begin_array();
  for (const LineNote& note : file.account.notes) {
    json.begin_object();
    if (note.span.line == 0) {
      json.key("line").null();
    } else {
      json.key("line").number(note.span.line);
    }
    json.key("use").string(line_use_name(note.use));
    json.key("code").string(code_text(note.code));
    json.key("why").string(note.why);
    json.key("text").string(line_text(note.span, sources));
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string inputs_text(std::span<const InputFile> inputs, const SourceStore& sources, const TextStyle& style) {
  Page page(style);
  for (const InputFile& file : inputs) {
    add_file(page, file, sources);
  }
  page.blank();
  Pieces sums{{.text = fmt::format("{}:", count(inputs.size(), "file")), .ink = Ink::strong}};
  std::string_view between = " ";
  for (const LineUse use : all_uses) {
    sums.push_back({.text = std::string(between), .ink = Ink::plain});
    sums.push_back({.text = fmt::format("{} {}", sum(inputs, use), line_use_name(use)), .ink = ink_of(use)});
    between = ", ";
  }
  page.paragraph(sums, 0, 2);
  return std::move(page).take();
}

std::string inputs_json(std::span<const InputFile> inputs, const SourceStore& sources) {
  JsonWriter json(JsonLayout::indented);
  json.begin_object();
  json.key("schema").string("segproof/inputs/1");
  json.key("tool");
  write_tool(json);
  json.key("inputs").begin_array();
  for (const InputFile& file : inputs) {
    write_file(json, file, sources);
  }
  json.end_array();
  json.key("summary").begin_object();
  for (const LineUse use : all_uses) {
    json.key(line_use_name(use)).number(sum(inputs, use));
  }
  json.end_object().end_object();
  return std::move(json).take();
}

}  // namespace segproof::report
