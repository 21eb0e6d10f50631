// SPDX-License-Identifier: Apache-2.0
#include "base/secrets.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.h"

namespace segproof {
namespace {

bool is_one_of(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_word_byte(char c) {
  return c == '-' || c == '_' || c == '.' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// `text` from `at` on: the bytes of one word.
std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_word_byte(text[end])) {
    ++end;
  }
  return text.substr(at, end - at);
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) {
    ++at;
  }
  return at;
}

// The end of a value that begins at `at`: of the string, where it begins with a quotation mark, else of the word.
std::size_t value_end(std::string_view text, std::size_t at) {
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == text[at]) {
        return i + 1;
      }
    }
    return text.size();
  }
  while (at < text.size() && text[at] != ' ' && text[at] != '\t') {
    ++at;
  }
  return at;
}

// Where what follows the secret word that ends at `at` begins and ends.
struct Value {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Value value_after(std::string_view line, std::size_t at) {
  std::size_t next = at;
  if (next < line.size() && (line[next] == '"' || line[next] == '\'')) {
    ++next;  // "password": "..."
  }
  next = skip_spaces(line, next);
  if (next < line.size() && (line[next] == '=' || line[next] == ':')) {
    const bool is_assigned = line[next] == '=';
    next = skip_spaces(line, next + 1);
    const bool is_string = next < line.size() && (line[next] == '"' || line[next] == '\'');
    if (is_assigned || is_string) {
      return {.begin = next, .end = value_end(line, next)};
    }
    const bool is_in_braces = line.substr(0, at).find('{') != std::string_view::npos;  // {password: x, port: 5}
    return {.begin = next, .end = std::min(is_in_braces ? line.find_first_of(",}", next) : line.size(), line.size())};
  }
  // Options may stand between the word and the secret, so all of the rest may be it; a quotation ends it.
  const std::size_t begin = skip_spaces(line, at);
  const std::size_t quotes = static_cast<std::size_t>(std::ranges::count(line.substr(0, at), '`'));
  const std::size_t closing = quotes % 2 == 1 ? line.find('`', at) : std::string_view::npos;
  return {.begin = begin, .end = begin == at ? at : std::min(closing, line.size())};
}

// In "scheme://user:password@host" the end of what stands before the `@`; `at` is behind the slashes. 0: none.
std::size_t user_part_end(std::string_view line, std::size_t at) {
  for (std::size_t i = at; i < line.size() && line[i] != '/' && line[i] != ' ' && line[i] != '"'; ++i) {
    if (line[i] == '@') {
      return i;
    }
  }
  return 0;
}

}  // namespace

bool is_secret_word(std::string_view word) {
  static constexpr std::array<std::string_view, 14> secrets = {
      "password", "passwords",  "passwd",      "passphrase", "secret",    "secrets",    "psk",
      "token",    "credential", "credentials", "apikey",     "community", "key-string", "pre-shared-key"};
  const std::string lower = to_lower(word);
  if (lower == "key" || lower == "pwd" || is_one_of(lower, secrets)) {
    return true;
  }
  std::string_view last = lower;
  if (const std::size_t cut = last.find_last_of("-_."); cut != std::string_view::npos) {
    last = last.substr(cut + 1);
    return last == "key" || last == "pass" || last == "pwd" || last == "pw" || is_one_of(last, secrets);
  }
  return false;
}

bool is_secret_itself(std::string_view word) {
  if (word.size() < 8 || word[0] != '$') {
    return false;
  }
  const std::size_t second = word.find('$', 1);
  if (second == std::string_view::npos || second == 1 || second > 16 ||
      word.find('$', second + 1) == std::string_view::npos) {
    return false;
  }
  return std::ranges::all_of(word.substr(1, second - 1), is_word_byte);
}

std::string without_secret_forms(std::string_view line) {
  std::string result;
  for (std::size_t at = 0; at < line.size();) {
    if (line.substr(at).starts_with("://")) {
      const std::size_t user_end = user_part_end(line, at + 3);
      result += "://";
      result += user_end > at + 3 ? removed_text : "";
      at = std::max(at + 3, user_end);
    } else if (line[at] == '$' && is_secret_itself(line.substr(at, value_end(line, at) - at))) {
      result += removed_text;
      at = std::min(line.find_first_of("\"'`,;)<", at), value_end(line, at));
    } else {
      result += line[at++];
    }
  }
  return result;
}

std::string without_secrets(std::string_view line) {
  std::string result;
  for (std::size_t at = 0; at < line.size();) {
    const std::string_view word = word_at(line, at);
    if (word.empty()) {
      result += line[at++];
      continue;
    }
    result += word;
    at += word.size();
    const Value value = is_secret_word(word) ? value_after(line, at) : Value{};
    if (value.end > value.begin) {
      result += line.substr(at, value.begin - at);
      result += removed_text;
      at = value.end;
    }
  }
  return without_secret_forms(result);
}

}  // namespace segproof
