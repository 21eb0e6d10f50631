// SPDX-License-Identifier: Apache-2.0
#include "input/nft/tokens.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "packet/address.h"

namespace segproof::nft {
namespace {

constexpr std::size_t longest_address = 45;

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// "00:11:22:33:44:55", one or two digits in each part.
bool is_mac(std::string_view text) {
  const auto parts = split(text, ':');
  return parts.size() == 6 &&
         std::ranges::all_of(parts, [](std::string_view part) { return !part.empty() && part.size() <= 2; });
}

class Scanner {
 public:
  Scanner(FileId file, std::string_view text) : file_(file), text_(text) {}

  std::vector<Token> run() {
    while (at_ < text_.size())
      next();
    push(TokenKind::end, at_, 0);
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void push(TokenKind kind, std::size_t from, std::size_t length) {
    const SourceSpan span{file_, line_, static_cast<std::uint32_t>(from - line_start_ + 1),
                          static_cast<std::uint32_t>(std::max<std::size_t>(length, 1))};
    tokens_.push_back({kind, text_.substr(from, length), span});
  }
  void take(TokenKind kind, std::size_t length) {
    push(kind, at_, length);
    at_ += length;
  }
  void new_line() {
    ++line_;
    line_start_ = at_;
  }

  void next() {
    const char c = peek();
    if (c == '\n') {
      take(TokenKind::line_end, 1);
      return new_line();
    }
    if (is_space(c)) {
      ++at_;
      return;
    }
    if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      at_ += peek(1) == '\n' ? 2U : 3U;
      return new_line();
    }
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return;
    }
    if (c == '"')
      return quoted();
    if (const std::size_t length = address_length(); length > 0)
      return take(TokenKind::word, length);
    if (is_digit(c))
      return take(TokenKind::word, number_length());
    if (is_letter(c) || (c == '.' && is_letter(peek(1))) || (c == '\\' && peek(1) == '*'))
      return take(TokenKind::word, word_length());
    symbol();
  }

  void quoted() {
    const std::size_t close = text_.find('"', at_ + 1);
    if (close == std::string_view::npos) {
      push(TokenKind::wrong, at_, 1);
      at_ = std::min(text_.find('\n', at_), text_.size());
      return;
    }
    push(TokenKind::quoted, at_ + 1, close - at_ - 1);
    while (at_ <= close) {
      const bool line_ends = text_[at_++] == '\n';
      if (line_ends)
        new_line();
    }
  }

  // The longest IPv6 or hardware address that begins here; 0 if there is none.
  [[nodiscard]] std::size_t address_length() const {
    if (!is_hex(peek()) && !(peek() == ':' && peek(1) == ':'))
      return 0;
    std::size_t length = 0;
    bool colon = false;
    while (length < longest_address && (is_hex(peek(length)) || peek(length) == ':' || peek(length) == '.')) {
      colon = colon || peek(length) == ':';
      ++length;
    }
    if (!colon)
      return 0;
    for (; length > 1; --length) {
      const std::string_view part = text_.substr(at_, length);
      if (part.find(':') == std::string_view::npos)
        return 0;
      // Not in the middle of a longer word ("::face" before "book").
      if (is_letter(peek(length)) || is_digit(peek(length)))
        continue;
      const auto address = parse_address(part);
      if (is_mac(part) || (address && address->family == Family::ipv6))
        return length;
    }
    return 0;
  }

  // "22", "0x10", "10.0.0.1", "1h30m"; not the "-" of a range.
  [[nodiscard]] std::size_t number_length() const {
    std::size_t length = 0;
    while (is_digit(peek(length)) || is_letter(peek(length)) || (peek(length) == '.' && is_digit(peek(length + 1))))
      ++length;
    return length;
  }

  // Names may hold "-", "." and "/", and end with "*"; "\*" is a star that stands for itself.
  [[nodiscard]] std::size_t word_length() const {
    std::size_t length = 0;
    for (;;) {
      const char c = peek(length);
      if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '/') {
        ++length;
      } else if (c == '\\' && peek(length + 1) == '*') {
        length += 2;
      } else {
        break;
      }
    }
    return peek(length) == '*' ? length + 1 : length;
  }

  void symbol() {
    constexpr std::array<std::string_view, 6> pairs{"==", "!=", "<=", ">=", "<<", ">>"};
    constexpr std::string_view singles = "{}()[],.;:=<>&|^!/-*@$+";
    const std::string_view two = text_.substr(at_, 2);
    if (std::ranges::find(pairs, two) != pairs.end())
      return take(TokenKind::symbol, 2);
    const bool known = singles.find(peek()) != std::string_view::npos;
    take(known ? TokenKind::symbol : TokenKind::wrong, 1);
  }

  FileId file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(FileId file, const SourceStore& sources) {
  return Scanner(file, sources.text(file)).run();
}

bool has_comments(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    quoted = quoted != (text[i] == '"');
    if (text[i] == '#' && !quoted && !text.substr(i).starts_with("# handle ") &&
        !text.substr(i).starts_with("# Warning: table ")) {
      return true;
    }
  }
  return false;
}

}  // namespace segproof::nft
