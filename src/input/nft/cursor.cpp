// SPDX-License-Identifier: Apache-2.0
#include "input/nft/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace segproof::nft {
namespace {

constexpr std::size_t deepest_nesting = 64;
constexpr std::size_t most_copied = std::size_t{1} << 20U;

std::size_t size_of(const Expression& expression) {
  std::size_t size = 1;
  for (const Expression& part : expression.parts)
    size += size_of(part);
  for (const Element& element : expression.elements)
    size += 1 + size_of(element.key) + (element.data ? size_of(*element.data) : 0);
  return size;
}

std::string shown(const Token& token) {
  switch (token.kind) {
    case TokenKind::line_end:
      return "the end of the line";
    case TokenKind::end:
      return "the end of the file";
    case TokenKind::wrong:
      return token.text == "\"" ? "a quote that is not closed" : fmt::format("character {}", quote(token.text));
    case TokenKind::word:
    case TokenKind::quoted:
    case TokenKind::symbol:
      return quote(token.text, 40);
  }
  return {};
}

}  // namespace

Cursor::Cursor(std::vector<Token> tokens) : tokens_(std::move(tokens)), end_(tokens_.back()), scopes_(1) {}

const Token& Cursor::peek(std::size_t ahead) const {
  return failed() || at_ + ahead >= tokens_.size() ? end_ : tokens_[at_ + ahead];
}

Token Cursor::next() {
  const Token token = peek();
  if (!failed() && at_ + 1 < tokens_.size())
    ++at_;
  return token;
}

bool Cursor::accept(std::string_view text) {
  if (!at(text))
    return false;
  next();
  return true;
}

void Cursor::expect(std::string_view text) {
  if (!accept(text) && !failed())
    fail(fmt::format("expected {}, found {}", quote(text), shown(peek())));
}

std::string Cursor::name(std::string_view what) {
  const TokenKind kind = peek().kind;
  if (accept("$"))
    return variable().text;
  if (kind == TokenKind::word || kind == TokenKind::quoted)
    return std::string(next().text);
  if (!failed())
    fail(fmt::format("expected {}, found {}", what, shown(peek())));
  return {};
}

bool Cursor::at_end_of_statement() const {
  const TokenKind kind = peek().kind;
  return kind == TokenKind::line_end || kind == TokenKind::end || at(";") || at("}");
}

void Cursor::skip_line_ends() {
  while (peek().kind == TokenKind::line_end || at(";"))
    next();
}

void Cursor::fail(std::string message) {
  fail(peek().span, std::move(message));
}

void Cursor::fail(const SourceSpan& span, std::string message) {
  if (!fault_)
    fault_ = ParseFault{span, std::move(message)};
}

ParseFault Cursor::recover() {
  ParseFault fault = std::exchange(fault_, std::nullopt).value_or(ParseFault{});
  std::size_t open = 0;
  for (std::size_t i = item_; i < at_; ++i) {
    if (tokens_[i].is("{"))
      ++open;
    if (tokens_[i].is("}") && open > 0)
      --open;
  }
  while (at_ + 1 < tokens_.size()) {
    const Token& token = tokens_[at_];
    if (open == 0 && (token.kind == TokenKind::line_end || token.is("}")))
      break;
    if (token.is("{"))
      ++open;
    if (token.is("}"))
      --open;
    ++at_;
  }
  return fault;
}

void Cursor::splice(const std::vector<Token>& tokens) {
  // Its last token is the end of the file: a line end here.
  std::vector<Token> inserted = tokens;
  inserted.back().kind = TokenKind::line_end;
  inserted.insert(inserted.begin(), inserted.back());
  tokens_.insert(tokens_.begin() + static_cast<std::ptrdiff_t>(at_), inserted.begin(), inserted.end());
}

void Cursor::define(const std::string& variable, Expression value) {
  scopes_.back().insert_or_assign(variable, std::move(value));
}

void Cursor::undefine(const std::string& variable) {
  scopes_.back().erase(variable);
}

Expression Cursor::variable() {
  const Token token = next();
  if (failed())
    return {};
  if (token.is("{")) {
    fail(token.span, "`${` is no variable of nftables: this is a template or a script, not a ruleset");
    return {};
  }
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->find(token.text);
    if (found == scope->end())
      continue;
    copied_ += size_of(found->second);
    if (copied_ > most_copied) {
      fail(token.span, "variables stand for too much");
      return {};
    }
    Expression copy = found->second;
    copy.span = token.span;
    return copy;
  }
  fail(token.span, fmt::format("variable {} is not defined", quote(fmt::format("${}", token.text))));
  return {};
}

Cursor::Nesting::Nesting(Cursor& cursor) : cursor_(cursor) {
  if (++cursor_.depth_ > deepest_nesting)
    cursor_.fail("nested too deeply");
}

}  // namespace segproof::nft
