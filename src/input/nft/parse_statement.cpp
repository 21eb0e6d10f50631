// SPDX-License-Identifier: Apache-2.0
#include "input/nft/parse_statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "input/nft/parse_expression.h"
#include "input/nft/parse_nat.h"
#include "input/nft/parse_selector.h"

namespace segproof::nft {
namespace {

using Parser = void (*)(Cursor& cursor, Statement& statement);

bool at_any(const Cursor& cursor, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return cursor.at(word); });
}

void parse_counter(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::count;
  if (cursor.accept("packets")) {
    cursor.name("a number");
    cursor.expect("bytes");
    cursor.name("a number");
  } else if (cursor.accept("name")) {
    statement.object = parse_argument(cursor).text;
  }
}

void parse_last(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::count;
  if (cursor.accept("used"))
    cursor.name("a time");
  cursor.accept("never");
}

void parse_log_flags(Cursor& cursor) {
  do {
    if (cursor.accept("tcp")) {
      cursor.name("sequence or options");
    } else if (cursor.accept("ip")) {
      cursor.name("options");
    } else {
      cursor.name("all, skuid, ether, tcp or ip");
    }
  } while (cursor.accept(","));
}

void parse_log(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::log;
  for (;;) {
    if (at_any(cursor, {"prefix", "group", "snaplen", "queue-threshold", "level"})) {
      cursor.next();
      cursor.name("a value");
    } else if (cursor.accept("flags")) {
      parse_log_flags(cursor);
    } else {
      return;
    }
  }
}

// "10/second", "5 mbytes/minute", each perhaps with a burst.
void parse_rate(Cursor& cursor) {
  cursor.name("a number");
  const std::string unit = cursor.at("/") ? std::string() : cursor.name("a unit");
  if (unit.find('/') == std::string::npos) {
    cursor.expect("/");
    cursor.name("a unit of time");
  }
  if (cursor.accept("burst")) {
    cursor.name("a number");
    if (at_any(cursor, {"packets", "bytes", "kbytes", "mbytes"}))
      cursor.next();
  }
}

void parse_limit(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::limit;
  if (cursor.accept("name")) {
    statement.object = parse_argument(cursor).text;
    return;
  }
  cursor.accept("rate");
  if (cursor.accept("over"))
    statement.flags.emplace_back("over");
  cursor.accept("until");
  parse_rate(cursor);
}

void parse_quota(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::quota;
  if (cursor.accept("name")) {
    statement.object = parse_argument(cursor).text;
    return;
  }
  if (cursor.accept("over"))
    statement.flags.emplace_back("over");
  cursor.accept("until");
  cursor.name("a number");
  cursor.name("a unit");
  if (cursor.accept("used")) {
    cursor.name("a number");
    cursor.name("a unit");
  }
}

void parse_queue(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::queue;
  const auto flags = [&] {
    do {
      statement.flags.push_back(cursor.name("bypass or fanout"));
    } while (cursor.accept(","));
  };
  for (;;) {
    if (cursor.accept("flags") || at_any(cursor, {"bypass", "fanout"})) {
      flags();
    } else if (cursor.accept("num") || cursor.accept("to")) {
      parse_argument(cursor);
    } else {
      return;
    }
  }
}

void parse_reject(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::reject;
  if (!cursor.accept("with"))
    return;
  if (cursor.accept("tcp")) {
    cursor.expect("reset");
    statement.word = "tcp reset";
    return;
  }
  statement.word = cursor.name("icmp, icmpv6, icmpx or tcp");
  cursor.accept("type");
  cursor.accept("code");
  cursor.name("a code");
}

void parse_untrack(Cursor& /*cursor*/, Statement& statement) {
  statement.kind = StatementKind::untrack;
}

void parse_syn_proxy(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::syn_proxy;
  if (cursor.accept("name"))
    statement.object = parse_argument(cursor).text;
  for (;;) {
    if (cursor.accept("mss") || cursor.accept("wscale")) {
      cursor.name("a number");
    } else if (!cursor.accept("timestamp") && !cursor.accept("sack-perm")) {
      return;
    }
  }
}

void parse_offload(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::offload;
  if (!cursor.accept("add"))
    cursor.expect("offload");
  cursor.expect("@");
  statement.object = cursor.name("the name of a flowtable");
}

void parse_reset_option(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::count;  // it removes a TCP option
  parse_selector(cursor);
}

// xt match "addrtype", xt target "LOG"
void parse_compatibility(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::compatibility;
  statement.word = cursor.name("match or target");
  statement.object = cursor.name("a name");
}

void parse_comment(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::count;
  cursor.name("a comment");
}

bool is_inner_statement(const Cursor& cursor) {
  return at_any(cursor, {"limit", "quota", "counter", "ct", "last", "log"});
}

void parse_connection_limit(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::connection_limit;
  if (cursor.accept("over"))
    statement.flags.emplace_back("over");
  cursor.name("a number");
}

// The text from one token to another, when both stand on one line.
std::string text_between(const Token& first, const Token& last) {
  const bool one_line = first.span.file == last.span.file && first.span.line == last.span.line;
  if (!one_line || last.span.column < first.span.column)
    return std::string(first.text);
  // Quotes stand beside the text of a quoted token.
  const char* begin = first.text.data() - (first.kind == TokenKind::quoted ? 1 : 0);
  const char* end = last.text.data() + last.text.size() + (last.kind == TokenKind::quoted ? 1 : 0);
  constexpr std::size_t most = 120;
  return {begin, std::min(static_cast<std::size_t>(end - begin), most)};
}

void parse_inner_statement(Cursor& cursor, std::vector<Statement>& body) {
  Statement inner;
  inner.span = cursor.peek().span;
  const Token word = cursor.next();
  if (word.is("limit")) {
    parse_limit(cursor, inner);
  } else if (word.is("quota")) {
    parse_quota(cursor, inner);
  } else if (word.is("counter")) {
    parse_counter(cursor, inner);
  } else if (word.is("last")) {
    parse_last(cursor, inner);
  } else if (word.is("log")) {
    parse_log(cursor, inner);
  } else {
    cursor.expect("count");
    parse_connection_limit(cursor, inner);
  }
  inner.text = text_between(word, cursor.before());
  body.push_back(std::move(inner));
}

// { ip saddr timeout 1h limit rate over 1/second : data }
void parse_update_body(Cursor& cursor, Statement& statement) {
  const Cursor::Nesting nesting(cursor);
  cursor.expect("{");
  statement.left = parse_argument(cursor);
  while (!cursor.failed() && !cursor.at("}") && !cursor.at(":")) {
    if (cursor.accept("timeout") || cursor.accept("expires") || cursor.accept("comment")) {
      cursor.name("a value");
    } else if (is_inner_statement(cursor)) {
      parse_inner_statement(cursor, statement.body);
    } else {
      cursor.fail(fmt::format("{} is not understood here", quote(cursor.peek().text, 40)));
    }
  }
  if (cursor.accept(":"))
    statement.right = parse_argument(cursor);
  cursor.expect("}");
}

void parse_update(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::update_set;
  cursor.expect("@");
  statement.object = cursor.name("the name of a set");
  parse_update_body(cursor, statement);
}

// set add ip saddr @name
void parse_old_update(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::update_set;
  statement.word = cursor.name("add, update or delete");
  statement.left = parse_argument(cursor);
  if (cursor.accept("timeout"))
    cursor.name("a time");
  cursor.expect("@");
  statement.object = cursor.name("the name of a set");
}

void parse_meter(Cursor& cursor, Statement& statement) {
  statement.kind = StatementKind::meter;
  if (!cursor.at("{"))
    statement.object = cursor.name("a name");
  if (cursor.accept("size"))
    cursor.name("a number");
  parse_update_body(cursor, statement);
}

struct StatementWord {
  std::string_view word;
  Parser parse;
};
constexpr std::array<StatementWord, 26> statement_words{{
    {"counter", parse_counter},
    {"last", parse_last},
    {"log", parse_log},
    {"limit", parse_limit},
    {"quota", parse_quota},
    {"queue", parse_queue},
    {"reject", parse_reject},
    {"notrack", parse_untrack},
    {"synproxy", parse_syn_proxy},
    {"flow", parse_offload},
    {"reset", parse_reset_option},
    {"xt", parse_compatibility},
    {"comment", parse_comment},
    {"add", parse_update},
    {"update", parse_update},
    {"delete", parse_update},
    {"set", parse_old_update},
    {"meter", parse_meter},
    {"snat", parse_nat},
    {"dnat", parse_nat},
    {"masquerade", parse_interface_nat},
    {"redirect", parse_interface_nat},
    {"dup", parse_duplicate},
    {"fwd", parse_forward},
    {"tproxy", parse_transparent_proxy},
    // Of patched kernels.
    {"fullcone", parse_interface_nat},
}};

// ct helper set "ftp", ct timeout set, ct expectation set. False: not one of them.
bool parse_attachment(Cursor& cursor, Statement& statement) {
  if (!cursor.at("ct") || !cursor.peek(2).is("set"))
    return false;
  const Token what = cursor.peek(1);
  if (!what.is("helper") && !what.is("timeout") && !what.is("expectation"))
    return false;
  cursor.next();
  cursor.next();
  cursor.next();
  statement.kind = StatementKind::attach_object;
  statement.word = what.text;
  Expression object = parse_argument(cursor);
  statement.object = object.text;
  statement.right = std::move(object);
  return true;
}

std::optional<Operator> accept_comparison(Cursor& cursor) {
  struct Word {
    std::string_view symbol;
    std::string_view word;
    Operator op;
  };
  constexpr std::array<Word, 7> words{{{"==", "eq", Operator::equal},
                                       {"!=", "ne", Operator::not_equal},
                                       {"<=", "le", Operator::less_equal},
                                       {">=", "ge", Operator::greater_equal},
                                       {"<", "lt", Operator::less},
                                       {">", "gt", Operator::greater},
                                       {"!", "!", Operator::no_bit}}};
  for (const Word& known : words) {
    if (cursor.accept(known.symbol) || cursor.accept(known.word))
      return known.op;
  }
  return std::nullopt;
}

// tcp flags syn / syn,ack is (tcp flags & (syn,ack)) == syn.
void parse_flag_mask(Cursor& cursor, Statement& statement) {
  Expression masked;
  masked.kind = ExpressionKind::combination;
  masked.text = "&";
  masked.span = statement.left->span;
  masked.parts.push_back(std::move(*statement.left));
  masked.parts.push_back(parse_values(cursor));
  statement.left = std::move(masked);
  if (statement.op == Operator::implicit)
    statement.op = Operator::equal;
}

// A comparison, a verdict map, or something set.
void parse_match(Cursor& cursor, Statement& statement) {
  const Token first = cursor.peek();
  statement.left = parse_subject(cursor);
  if (cursor.failed())
    return;
  const bool asks = statement.left->kind != ExpressionKind::value && statement.left->kind != ExpressionKind::wildcard;
  if (!asks && statement.left->kind == ExpressionKind::value)
    return cursor.fail(first.span, fmt::format("{} is not understood", quote(first.text, 40)));
  if (cursor.accept("vmap")) {
    statement.kind = StatementKind::verdict_map;
    statement.right = parse_values(cursor);
    return;
  }
  if (cursor.accept("set")) {
    statement.kind = StatementKind::assign;
    statement.right = parse_argument(cursor);
    if (cursor.accept(":"))  // a class: 1:11
      statement.right->text += fmt::format(":{}", cursor.name("a class"));
    if (cursor.accept(",")) {  // ct event set new,destroy
      do {
        cursor.name("a value");
      } while (cursor.accept(","));
    }
    return;
  }
  statement.kind = StatementKind::match;
  statement.op = accept_comparison(cursor).value_or(Operator::implicit);
  statement.right = parse_values(cursor);
  while (cursor.at(":") || (cursor.at("-") && statement.left->selector.key == "priority")) {
    cursor.next();  // a class, or a range of them: 1:11
    statement.right->text += fmt::format(":{}", cursor.name("a class"));
  }
  if (cursor.accept("/"))
    parse_flag_mask(cursor, statement);
}

void parse_statement(Cursor& cursor, Statement& statement, const BlockReader& read_block) {
  const Token first = cursor.peek();
  statement.span = first.span;
  const bool calls = first.is("jump") || first.is("goto");
  if (calls && cursor.peek(1).is("{")) {
    cursor.next();
    cursor.next();
    statement.kind = StatementKind::verdict;
    statement.verdict = {first.is("jump") ? VerdictKind::jump : VerdictKind::go_to, read_block()};
    return;
  }
  // `queue` as a statement has arguments; as a verdict it only stands in maps.
  if (!first.is("queue")) {
    if (const auto verdict = parse_verdict(cursor)) {
      statement.kind = StatementKind::verdict;
      statement.verdict = *verdict;
      return;
    }
  }
  if (parse_attachment(cursor, statement))
    return;
  if (first.is("ct") && cursor.peek(1).is("count")) {
    cursor.next();
    cursor.next();
    return parse_connection_limit(cursor, statement);
  }
  for (const StatementWord& known : statement_words) {
    if (!first.is(known.word))
      continue;
    cursor.next();
    statement.word = first.text;
    return known.parse(cursor, statement);
  }
  parse_match(cursor, statement);
}

}  // namespace

RuleText parse_rule(Cursor& cursor, const BlockReader& read_block) {
  RuleText rule;
  rule.span = cursor.peek().span;
  while (!cursor.at_end_of_statement()) {
    const Token first = cursor.peek();
    Statement statement;
    parse_statement(cursor, statement, read_block);
    if (cursor.failed())
      break;
    statement.text = text_between(first, cursor.before());
    rule.statements.push_back(std::move(statement));
  }
  const Token& last = cursor.before();
  if (last.span.line == rule.span.line && last.span.column >= rule.span.column)
    rule.span.length = last.span.column + last.span.length - rule.span.column;
  return rule;
}

}  // namespace segproof::nft
