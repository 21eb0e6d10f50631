// SPDX-License-Identifier: Apache-2.0
// Cuts the text of an nftables file into tokens, as nft's scanner does. Comments are left out; a line end is a token,
// unless a backslash stands before it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/source.h"

namespace segproof::nft {

enum class TokenKind : std::uint8_t {
  word,    // tcp, 22, 10.0.0.1, fe80::1, 00:11:22:33:44:55, eth0, wg*, 30s
  quoted,  // "eth0": without its quotes
  symbol,  // { } ( ) [ ] , . ; : = == != < > <= >= << >> & | ^ ! / - * @ $
  line_end,
  wrong,  // a character that no token begins with, a quote without an end
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  SourceSpan span;
  [[nodiscard]] bool is(std::string_view symbol_or_word) const {
    return (kind == TokenKind::word || kind == TokenKind::symbol) && text == symbol_or_word;
  }
};

// All tokens of a file, ending with one of kind `end`. The views point into the store. O(n).
[[nodiscard]] std::vector<Token> tokenize(FileId file, const SourceStore& sources);
// Whether the text has comments: `nft list ruleset` writes none but handles.
[[nodiscard]] bool has_comments(std::string_view text);

}  // namespace segproof::nft
