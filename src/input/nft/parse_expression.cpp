// SPDX-License-Identifier: Apache-2.0
#include "input/nft/parse_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "input/nft/parse_selector.h"

namespace segproof::nft {
namespace {

enum class Side : std::uint8_t { subject, values };

Expression parse_operators(Cursor& cursor, Side side);

Expression make(ExpressionKind kind, const SourceSpan& span) {
  Expression made;
  made.kind = kind;
  made.span = span;
  return made;
}

bool is_count(const Token& token) {
  return token.kind == TokenKind::word && !token.text.empty() && std::ranges::all_of(token.text, is_digit);
}

Expression parse_primary(Cursor& cursor, Side side) {
  const Cursor::Nesting nesting(cursor);
  const Token token = cursor.peek();
  if (cursor.accept("(")) {
    Expression inner = parse_operators(cursor, side);
    // (syn, ack): a list of flags.
    if (cursor.at(",")) {
      Expression list = make(ExpressionKind::list, inner.span);
      list.parts.push_back(std::move(inner));
      while (cursor.accept(","))
        list.parts.push_back(parse_operators(cursor, side));
      inner = std::move(list);
    }
    cursor.expect(")");
    return inner;
  }
  if (cursor.accept("$"))
    return cursor.variable();
  if (cursor.at("*")) {
    cursor.next();
    return make(ExpressionKind::wildcard, token.span);
  }
  if (side == Side::subject) {
    if (std::optional<Expression> selector = parse_selector(cursor))
      return std::move(*selector);
  }
  if (cursor.accept("@")) {
    Expression reference = make(ExpressionKind::set_reference, token.span);
    reference.text = cursor.name("the name of a set");
    return reference;
  }
  const bool negative = cursor.at("-") && is_count(cursor.peek(1));
  if (negative)
    cursor.next();
  const TokenKind kind = cursor.peek().kind;
  if (kind != TokenKind::word && kind != TokenKind::quoted) {
    cursor.name("a value");  // leaves the fault
    return {};
  }
  Expression value = make(ExpressionKind::value, cursor.peek().span);
  value.text = fmt::format("{}{}", negative ? "-" : "", cursor.peek().text);
  value.quoted = kind == TokenKind::quoted;
  cursor.next();
  return value;
}

struct OperatorWord {
  std::string_view symbol;
  std::string_view word;
  std::string_view name;
};
// By binding, the strongest first.
constexpr std::array<std::array<OperatorWord, 2>, 4> operator_levels{{
    {{{"<<", "lshift", "<<"}, {">>", "rshift", ">>"}}},
    {{{"&", "and", "&"}, {"&", "and", "&"}}},
    {{{"^", "xor", "^"}, {"^", "xor", "^"}}},
    {{{"|", "or", "|"}, {"|", "or", "|"}}},
}};

std::optional<std::string_view> accept_operator(Cursor& cursor, std::size_t level) {
  for (const OperatorWord& known : operator_levels[level]) {
    if (cursor.accept(known.symbol) || cursor.accept(known.word))
      return known.name;
  }
  return std::nullopt;
}

// Left-associative, so a loop for each level; the number of levels bounds the depth.
Expression parse_level(Cursor& cursor, Side side, std::size_t level) {
  const auto operand = [&] { return level == 0 ? parse_primary(cursor, side) : parse_level(cursor, side, level - 1); };
  Expression left = operand();
  std::size_t chained = 0;
  while (const auto name = accept_operator(cursor, level)) {
    if (++chained > 64)
      cursor.fail("too many operators in one expression");
    Expression both = make(ExpressionKind::combination, left.span);
    both.text = *name;
    both.parts.push_back(std::move(left));
    both.parts.push_back(operand());
    left = std::move(both);
  }
  return left;
}

Expression parse_operators(Cursor& cursor, Side side) {
  return parse_level(cursor, side, operator_levels.size() - 1);
}

// A value, a range or a prefix.
Expression parse_term(Cursor& cursor, Side side) {
  Expression first = parse_operators(cursor, side);
  if (cursor.at("/") && is_count(cursor.peek(1))) {
    cursor.next();
    Expression prefix = make(ExpressionKind::prefix, first.span);
    prefix.text = cursor.next().text;
    prefix.parts.push_back(std::move(first));
    first = std::move(prefix);
  }
  if (!cursor.at("-"))
    return first;
  cursor.next();
  Expression range = make(ExpressionKind::range, first.span);
  range.parts.push_back(std::move(first));
  range.parts.push_back(parse_operators(cursor, side));
  return range;
}

Expression parse_terms(Cursor& cursor, Side side) {
  Expression first = side == Side::values ? parse_term(cursor, side) : parse_operators(cursor, side);
  if (!cursor.at("."))
    return first;
  Expression all = make(ExpressionKind::concatenation, first.span);
  all.parts.push_back(std::move(first));
  while (cursor.accept("."))
    all.parts.push_back(side == Side::values ? parse_term(cursor, side) : parse_operators(cursor, side));
  return all;
}

// timeout 1h expires 30m counter packets 0 bytes 0 limit rate 1/second comment "x"
void parse_element_options(Cursor& cursor, Element& element) {
  const auto skip_rate = [&] {
    element.conditional = true;
    while (!cursor.at(",") && !cursor.at("}") && !cursor.at(":") && !cursor.at("comment") &&
           !cursor.at_end_of_statement())
      cursor.next();
  };
  for (;;) {
    if (cursor.accept("timeout") || cursor.accept("expires")) {
      element.expires = true;
      cursor.name("a time");
    } else if (cursor.accept("comment")) {
      cursor.name("a comment");
    } else if (cursor.accept("counter")) {
      if (cursor.accept("packets")) {
        cursor.name("a number");
        cursor.expect("bytes");
        cursor.name("a number");
      }
    } else if (cursor.accept("last")) {
      if (cursor.accept("used"))
        cursor.name("a time");
      cursor.accept("never");
    } else if (cursor.at("limit") || cursor.at("quota") || cursor.at("ct")) {
      skip_rate();
    } else {
      return;
    }
  }
}

void skip_line_ends_only(Cursor& cursor) {
  while (cursor.peek().kind == TokenKind::line_end)
    cursor.next();
}

void parse_element(Cursor& cursor, Expression& set) {
  Expression key;
  if (cursor.at("{")) {
    cursor.next();
    key = parse_set(cursor);
  } else {
    key = parse_value_concatenation(cursor);
  }
  if (key.kind == ExpressionKind::set) {  // a variable that is a set, or a set in a set
    std::ranges::move(key.elements, std::back_inserter(set.elements));
    return;
  }
  Element element;
  element.key = std::move(key);
  parse_element_options(cursor, element);
  skip_line_ends_only(cursor);
  if (cursor.accept(":")) {
    skip_line_ends_only(cursor);
    element.verdict = parse_verdict(cursor);
    if (!element.verdict)
      element.data = parse_terms(cursor, Side::values);
    if (element.data && cursor.accept(":"))  // a class: 1:11
      element.data->text += fmt::format(":{}", cursor.name("a class"));
    if (element.data && element.data->kind == ExpressionKind::set)
      cursor.fail(element.data->span, "a set cannot be the data of a map");
    parse_element_options(cursor, element);
  }
  set.elements.push_back(std::move(element));
}

}  // namespace

Expression parse_value_concatenation(Cursor& cursor) {
  return parse_terms(cursor, Side::values);
}

Expression parse_set(Cursor& cursor) {
  const Cursor::Nesting nesting(cursor);
  Expression set = make(ExpressionKind::set, cursor.peek().span);
  skip_line_ends_only(cursor);
  while (!cursor.at("}") && !cursor.failed()) {
    parse_element(cursor, set);
    skip_line_ends_only(cursor);
    if (!cursor.accept(","))
      break;
    skip_line_ends_only(cursor);
  }
  cursor.expect("}");
  return set;
}

Expression parse_values(Cursor& cursor) {
  if (cursor.accept("{"))
    return parse_set(cursor);
  Expression first = parse_terms(cursor, Side::values);
  if (!cursor.at(","))
    return first;
  Expression list = make(ExpressionKind::list, first.span);
  list.parts.push_back(std::move(first));
  while (cursor.accept(","))
    list.parts.push_back(parse_terms(cursor, Side::values));
  return list;
}

Expression parse_subject(Cursor& cursor) {
  Expression subject = parse_terms(cursor, Side::subject);
  if (!cursor.accept("map"))
    return subject;
  Expression map = make(ExpressionKind::map, subject.span);
  map.parts.push_back(std::move(subject));
  map.parts.push_back(parse_values(cursor));
  return map;
}

Expression parse_argument(Cursor& cursor) {
  Expression first;
  if (cursor.accept("{")) {
    first = parse_set(cursor);
  } else {
    first = parse_subject(cursor);
  }
  if (cursor.at("/") && is_count(cursor.peek(1))) {
    cursor.next();
    Expression prefix = make(ExpressionKind::prefix, first.span);
    prefix.text = cursor.next().text;
    prefix.parts.push_back(std::move(first));
    return prefix;
  }
  if (!cursor.at("-"))
    return first;
  cursor.next();
  Expression range = make(ExpressionKind::range, first.span);
  range.parts.push_back(std::move(first));
  range.parts.push_back(parse_operators(cursor, Side::values));
  return range;
}

std::optional<VerdictWord> parse_verdict(Cursor& cursor) {
  struct Word {
    std::string_view text;
    VerdictKind kind;
  };
  constexpr std::array<Word, 7> words{{{"accept", VerdictKind::accept},
                                       {"drop", VerdictKind::drop},
                                       {"continue", VerdictKind::go_on},
                                       {"return", VerdictKind::come_back},
                                       {"jump", VerdictKind::jump},
                                       {"goto", VerdictKind::go_to},
                                       {"queue", VerdictKind::queue}}};
  for (const Word& word : words) {
    if (!cursor.accept(word.text))
      continue;
    VerdictWord verdict{word.kind, {}};
    if (word.kind == VerdictKind::jump || word.kind == VerdictKind::go_to)
      verdict.chain = cursor.name("the name of a chain");
    return verdict;
  }
  return std::nullopt;
}

}  // namespace segproof::nft
