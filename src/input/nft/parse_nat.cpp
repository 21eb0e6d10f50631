// SPDX-License-Identifier: Apache-2.0
#include "input/nft/parse_nat.h"

#include <utility>

#include "input/nft/parse_expression.h"

namespace segproof::nft {
namespace {

// 10.0.0.1, 10.0.0.1-10.0.0.9, [2001::1], [2001::1]-[2001::9], [2001::1-2001::9], ip saddr map { ... }
Expression parse_address_part(Cursor& cursor) {
  const auto in_brackets = [&] {
    Expression inner = parse_argument(cursor);
    cursor.expect("]");
    return inner;
  };
  if (!cursor.accept("["))
    return parse_argument(cursor);
  Expression first = in_brackets();
  if (cursor.accept("/")) {
    Expression prefix;
    prefix.kind = ExpressionKind::prefix;
    prefix.span = first.span;
    prefix.text = cursor.name("a length");
    prefix.parts.push_back(std::move(first));
    return prefix;
  }
  if (!cursor.accept("-"))
    return first;
  Expression range;
  range.kind = ExpressionKind::range;
  range.span = first.span;
  range.parts.push_back(std::move(first));
  if (cursor.accept("[")) {
    range.parts.push_back(in_brackets());
  } else {
    range.parts.push_back(parse_argument(cursor));
  }
  return range;
}

void parse_flags(Cursor& cursor, Statement& statement) {
  while (cursor.at("random") || cursor.at("fully-random") || cursor.at("persistent")) {
    statement.flags.emplace_back(cursor.next().text);
    cursor.accept(",");
  }
}

void parse_family(Cursor& cursor, Statement& statement) {
  if ((cursor.at("ip") || cursor.at("ip6")) && (cursor.peek(1).is("to") || cursor.peek(1).is("prefix") ||
                                                cursor.peek(1).is("interval") || cursor.peek(1).is("addr"))) {
    statement.family = cursor.next().text;
  }
}

}  // namespace

void parse_nat(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::nat;
  parse_family(cursor, statement);
  for (;;) {
    if (cursor.accept("interval")) {
      statement.flags.emplace_back("interval");
    } else if (cursor.accept("prefix")) {
      statement.flags.emplace_back("prefix");
    } else if (cursor.accept("addr")) {
      cursor.expect(".");
      cursor.expect("port");
      statement.flags.emplace_back("concatenation");
    } else {
      break;
    }
  }
  cursor.accept("to");
  if (!cursor.at(":"))
    statement.address = parse_address_part(cursor);
  if (cursor.accept(":"))
    statement.port = parse_argument(cursor);
  parse_flags(cursor, statement);
}

void parse_interface_nat(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::nat;
  if (cursor.accept("to")) {
    cursor.accept(":");
    statement.port = parse_argument(cursor);
  }
  parse_flags(cursor, statement);
}

void parse_duplicate(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::duplicate;
  cursor.accept("to");
  statement.address = parse_argument(cursor);
  if (cursor.accept("device"))
    statement.device = parse_argument(cursor).text;
}

void parse_forward(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::forward;
  if (cursor.at("ip") || cursor.at("ip6"))
    statement.family = cursor.next().text;
  cursor.accept("to");
  Expression target = parse_argument(cursor);
  if (cursor.accept("device")) {
    statement.device = parse_argument(cursor).text;
    statement.address = std::move(target);
  } else {
    statement.device = target.text;
  }
}

void parse_transparent_proxy(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::transparent_proxy;
  if ((cursor.at("ip") || cursor.at("ip6")) && cursor.peek(1).is("to"))
    statement.family = cursor.next().text;
  cursor.accept("to");
  if (!cursor.at(":"))
    statement.address = parse_address_part(cursor);
  if (cursor.accept(":"))
    statement.port = parse_argument(cursor);
}

}  // namespace segproof::nft
