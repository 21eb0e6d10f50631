// SPDX-License-Identifier: Apache-2.0
#include "input/iptables/words.h"

namespace segproof::iptables {
namespace {

bool separates(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace

Words::Words(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size()) {
    if (separates(line[at])) {
      ++at;
    } else {
      at = read_word(line, at);
    }
  }
}

std::size_t Words::read_word(std::string_view line, std::size_t at) {
  const std::size_t start = at;
  const auto column = static_cast<std::uint32_t>(start + 1);
  while (at < line.size() && !separates(line[at]) && line[at] != '"')
    ++at;
  if (at == line.size() || line[at] != '"') {
    words_.push_back({line.substr(start, at - start), column, false});
    return at;
  }
  std::string& text = unescaped_.emplace_back(line.substr(start, at - start));
  const bool quoted = text.empty();
  ++at;
  bool escaped = false;
  for (;; ++at) {
    if (at == line.size()) {
      unterminated_ = true;
      break;
    }
    const char c = line[at];
    if (escaped || (c != '\\' && c != '"')) {
      text += c;
      escaped = false;
    } else if (c == '\\') {
      escaped = true;
    } else {
      ++at;
      break;
    }
  }
  words_.push_back({text, column, quoted});
  return at;
}

}  // namespace segproof::iptables
