// SPDX-License-Identifier: Apache-2.0
#include "source_text.h"

#include <algorithm>

#include "base/text.h"

namespace segproof::repo {
namespace {

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t at = from; at < std::min(to, text.size()); ++at) {
    if (text[at] != '\n') {
      text[at] = ' ';
    }
  }
}

// The end of a string or character literal that begins at `from` with `mark`.
std::size_t literal_end(std::string_view text, std::size_t from, char mark) {
  std::size_t at = from + 1;
  while (at < text.size() && text[at] != mark && text[at] != '\n') {
    at += text[at] == '\\' ? 2U : 1U;
  }
  return std::min(at + 1, text.size());
}

// The end of R"TAG(...)TAG" whose quotation mark is at `from`.
std::size_t raw_literal_end(std::string_view text, std::size_t from) {
  const std::size_t open = text.find('(', from);
  if (open == std::string_view::npos) {
    return text.size();
  }
  std::string closing = ")";
  closing.append(text.substr(from + 1, open - from - 1)).append("\"");
  const std::size_t end = text.find(closing, open);
  return end == std::string_view::npos ? text.size() : end + closing.size();
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool word_at(std::string_view code, std::size_t at, std::string_view word) {
  return code.substr(at).starts_with(word) && (at == 0 || !is_word(code[at - 1])) &&
         (at + word.size() >= code.size() || !is_word(code[at + word.size()]));
}

// True if a case label names an enumerator: the word before its last `::` is a type's, `Direction::egress`, and not a
// namespace's, `protocol_number::tcp`.
bool names_enumerator(std::string_view label) {
  const std::size_t colons = label.rfind("::");
  if (colons == std::string_view::npos) {
    return false;
  }
  std::size_t begin = colons;
  while (begin > 0 && is_word(label[begin - 1])) {
    --begin;
  }
  return label[begin] >= 'A' && label[begin] <= 'Z';
}

// One pair of braces, and whether it is the body of a switch.
struct Block {
  bool is_switch = false;
  bool enum_case = false;
  std::vector<std::size_t> defaults;  // offsets
};

}  // namespace

std::string code_only(std::string_view text) {
  std::string code(text);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    std::size_t end = at + 1;
    if (rest.starts_with("//")) {
      end = std::min(text.find('\n', at), text.size());
    } else if (rest.starts_with("/*")) {
      const std::size_t close = text.find("*/", at + 2);
      end = close == std::string_view::npos ? text.size() : close + 2;
    } else if (rest[0] == '"') {
      end = at > 0 && text[at - 1] == 'R' ? raw_literal_end(text, at) : literal_end(text, at, '"');
    } else if (rest[0] == '\'' && (at == 0 || !is_word(text[at - 1]))) {  // not the 1'000 of a number
      end = literal_end(text, at, '\'');
    } else {
      at = end;
      continue;
    }
    blank(code, at, end);
    at = end;
  }
  return code;
}

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> includes;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (!line.starts_with('#')) {
      continue;
    }
    line = trim(line.substr(1));
    if (!line.starts_with("include")) {
      continue;
    }
    line = trim(line.substr(7));
    const std::size_t end = line.empty() ? std::string_view::npos : line.find(line[0] == '<' ? '>' : '"', 1);
    if (end != std::string_view::npos) {
      includes.push_back({.path = std::string(line.substr(1, end - 1)), .quoted = line[0] == '"', .line = number});
    }
  }
  return includes;
}

std::vector<std::size_t> defaults_of_enum_switches(std::string_view text) {
  const std::string code = code_only(text);
  std::vector<std::size_t> lines;
  std::vector<Block> blocks;
  bool switch_ahead = false;  // between the word and its brace
  for (std::size_t at = 0; at < code.size(); ++at) {
    if (word_at(code, at, "switch")) {
      switch_ahead = true;
    } else if (code[at] == '{') {
      blocks.push_back({.is_switch = switch_ahead, .enum_case = false, .defaults = {}});
      switch_ahead = false;
    } else if (code[at] == '}' && !blocks.empty()) {
      if (blocks.back().enum_case) {
        for (const std::size_t found : blocks.back().defaults) {
          lines.push_back(line_at(code, found));
        }
      }
      blocks.pop_back();
    } else if (!blocks.empty() && blocks.back().is_switch) {
      if (word_at(code, at, "case")) {
        // The label ends at the first colon that is not half of a `::`.
        std::size_t end = at;
        while (end < code.size() && (code[end] != ':' || code.compare(end, 2, "::") == 0)) {
          end += code[end] == ':' ? 2U : 1U;
        }
        blocks.back().enum_case |= names_enumerator(std::string_view(code).substr(at, end - at));
      } else if (word_at(code, at, "default")) {
        blocks.back().defaults.push_back(at);
      }
    }
  }
  std::ranges::sort(lines);
  return lines;
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  return static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n')) + 1;
}

}  // namespace segproof::repo
