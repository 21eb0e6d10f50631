// SPDX-License-Identifier: Apache-2.0
// Where the parser stands in the tokens, with what it needs beside them: variables, and the first fault. After a fault
// every token looks like the end, so that loops stop by themselves; recover() goes on behind the faulty line.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/nft/expression.h"
#include "input/nft/tokens.h"

namespace segproof::nft {

struct ParseFault {
  SourceSpan span;
  std::string message;
};

class Cursor {
 public:
  explicit Cursor(std::vector<Token> tokens);

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
  [[nodiscard]] const Token& before() const { return at_ == 0 ? tokens_[0] : tokens_[at_ - 1]; }  // the last one taken
  Token next();
  [[nodiscard]] bool at(std::string_view text) const { return peek().is(text); }
  bool accept(std::string_view text);
  void expect(std::string_view text);  // a fault when it is not there
  // A word or quoted text, or a fault that says what is missing.
  std::string name(std::string_view what);
  [[nodiscard]] bool at_end_of_statement() const;  // line end, `;`, `}` or the end
  void skip_line_ends();                           // and `;`

  void fail(std::string message);                          // at the next token
  void fail(const SourceSpan& span, std::string message);  // the first one counts
  [[nodiscard]] bool failed() const { return fault_.has_value(); }
  // A rule, a line of a set, a command begins here.
  void begin_item() { item_ = at_; }
  // Takes the fault and skips the rest of the item: to the end of its line, or of the blocks that it opened.
  ParseFault recover();

  // Puts the tokens of an included file before the next one.
  void splice(const std::vector<Token>& tokens);

  // Variables: the innermost block counts. A use copies the value; beyond a limit of copies it is a fault.
  void open_scope() { scopes_.emplace_back(); }
  void close_scope() { scopes_.pop_back(); }
  void define(const std::string& variable, Expression value);
  void undefine(const std::string& variable);
  // After "$". Faults when there is no such variable.
  Expression variable();

  // Nesting, so that no text overflows the stack.
  struct Nesting {
    explicit Nesting(Cursor& cursor);
    ~Nesting() { --cursor_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Cursor& cursor_;
  };

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t item_ = 0;
  Token end_;
  std::optional<ParseFault> fault_;
  std::vector<std::map<std::string, Expression, std::less<>>> scopes_;
  std::size_t depth_ = 0;
  std::size_t copied_ = 0;
};

}  // namespace segproof::nft
