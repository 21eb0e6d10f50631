// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "base/display.h"

namespace segproof {
namespace {

constexpr std::size_t indent_width = 2;

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

bool plain_ascii(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

}  // namespace

JsonWriter& JsonWriter::begin_object() {
  return begin(Scope::object, '{');
}

JsonWriter& JsonWriter::end_object() {
  return end(Scope::object, '}');
}

JsonWriter& JsonWriter::begin_array() {
  return begin(Scope::array, '[');
}

JsonWriter& JsonWriter::end_array() {
  return end(Scope::array, ']');
}

JsonWriter& JsonWriter::key(std::string_view name) {
  SEGPROOF_ASSERT(!levels_.empty() && levels_.back().scope == Scope::object && !after_key_);
  separate();
  append_string(name);
  text_ += layout_ == JsonLayout::indented ? ": " : ":";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  before_value();
  append_string(text);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  SEGPROOF_ASSERT(std::isfinite(value));
  before_value();
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  before_value();
  text_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  text_ += "null";
  return *this;
}

std::string JsonWriter::take() && {
  SEGPROOF_ASSERT(complete_ && levels_.empty());
  if (layout_ == JsonLayout::indented) {
    text_ += '\n';
  }
  return std::move(text_);
}

JsonWriter& JsonWriter::signed_number(std::int64_t value) {
  before_value();
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t value) {
  before_value();
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

// Checks that a value may stand here and writes what must stand before it.
void JsonWriter::before_value() {
  if (levels_.empty()) {
    SEGPROOF_ASSERT(!complete_);
    complete_ = true;
    return;
  }
  if (levels_.back().scope == Scope::object) {
    SEGPROOF_ASSERT(after_key_);
    after_key_ = false;
    return;
  }
  separate();
}

void JsonWriter::separate() {
  if (!levels_.back().empty) {
    text_ += ',';
  }
  levels_.back().empty = false;
  new_line();
}

void JsonWriter::new_line() {
  if (layout_ == JsonLayout::indented) {
    text_ += '\n';
    text_.append(indent_width * levels_.size(), ' ');
  }
}

JsonWriter& JsonWriter::begin(Scope scope, char mark) {
  before_value();
  levels_.push_back({.scope = scope});
  text_ += mark;
  return *this;
}

JsonWriter& JsonWriter::end(Scope scope, char mark) {
  SEGPROOF_ASSERT(!levels_.empty() && levels_.back().scope == scope && !after_key_);
  const bool empty = levels_.back().empty;
  levels_.pop_back();
  if (!empty) {
    new_line();
  }
  text_ += mark;
  return *this;
}

void JsonWriter::append_string(std::string_view text) {
  text_ += '"';
  while (!text.empty()) {
    if (plain_ascii(text.front())) {
      text_ += text.front();
      text.remove_prefix(1);
      continue;
    }
    const Glyph glyph = first_glyph(text);
    if (!glyph.valid) {
      text_ += "\xef\xbf\xbd";
    } else if (glyph.bytes.size() == 1) {
      append_escaped(text_, glyph.bytes.front());
    } else if (must_be_escaped(glyph) && glyph.code_point <= 0xffff) {
      // Valid as they are, but they would reorder or hide text for whoever prints the JSON.
      fmt::format_to(std::back_inserter(text_), "\\u{:04x}", static_cast<std::uint32_t>(glyph.code_point));
    } else {
      text_ += glyph.bytes;
    }
    text.remove_prefix(glyph.bytes.size());
  }
  text_ += '"';
}

}  // namespace segproof
