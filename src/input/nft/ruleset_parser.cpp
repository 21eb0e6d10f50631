// SPDX-License-Identifier: Apache-2.0
#include "input/nft/ruleset_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "input/nft/parse_expression.h"
#include "input/nft/parse_selector.h"
#include "input/nft/parse_statement.h"
#include "input/nft/parser.h"

namespace segproof::nft {

RulesetParser::RulesetParser(FileId file, const SourceStore& sources, NftIncludes* includes, Findings& findings)
    : sources_(sources), includes_(includes), findings_(findings), cursor_(tokenize(file, sources)) {
  ruleset_.is_source = has_comments(sources.text(file));
}

Ruleset RulesetParser::run() {
  cursor_.skip_line_ends();
  while (cursor_.peek().kind != TokenKind::end) {
    cursor_.begin_item();
    command();
    if (cursor_.failed()) {
      distrust_everything();
    } else if (!cursor_.at_end_of_statement() || cursor_.at("}")) {
      cursor_.fail(fmt::format("{} is not understood here", quote(cursor_.peek().text, 40)));
      distrust_everything();
    }
    cursor_.accept("}");  // one that closes nothing would stay for ever
    cursor_.skip_line_ends();
  }
  return std::move(ruleset_);
}

void RulesetParser::distrust(Chain& chain) {
  const ParseFault fault = cursor_.recover();
  findings_.unmodelled(DiagnosticCode::line_not_understood, fault.span, fault.message);
  if (!chain.doubt) {
    chain.doubt = fault.message;
    chain.doubt_span = fault.span;
  }
}

void RulesetParser::distrust_everything() {
  const ParseFault fault = cursor_.recover();
  findings_.unmodelled(DiagnosticCode::line_not_understood, fault.span, fault.message);
  ruleset_.doubts.push_back({fault.span, fault.message});
}

void RulesetParser::skip_block() {
  std::size_t open = 1;
  while (open > 0 && cursor_.peek().kind != TokenKind::end) {
    const Token token = cursor_.next();
    if (token.is("{"))
      ++open;
    if (token.is("}"))
      --open;
  }
  if (open > 0)
    cursor_.fail("a block is not closed");
}

// A line end, `;`, or the `}` that closes the block around.
void RulesetParser::end_of_item() {
  if (!cursor_.failed() && !cursor_.at_end_of_statement())
    cursor_.fail(fmt::format("{} is not understood here", quote(cursor_.peek().text, 40)));
}

void RulesetParser::table_block(Table& table) {
  cursor_.open_scope();
  cursor_.skip_line_ends();
  while (!cursor_.at("}") && cursor_.peek().kind != TokenKind::end) {
    cursor_.begin_item();
    table_item(table);
    end_of_item();
    if (cursor_.failed())
      distrust_everything();
    cursor_.skip_line_ends();
  }
  cursor_.expect("}");
  cursor_.close_scope();
}

void RulesetParser::table_item(Table& table) {
  if (definition())
    return;
  const Token word = cursor_.peek();
  if (cursor_.accept("chain")) {
    Chain& chain = table.chain(cursor_.name("the name of a chain"), word.span);
    chain.declared = true;
    cursor_.expect("{");
    return chain_block(table, chain);
  }
  const bool is_map = word.is("map");
  if (cursor_.accept("set") || cursor_.accept("map")) {
    Set& set = table.set(cursor_.name("the name of a set"), word.span);
    set.is_map = is_map;
    cursor_.expect("{");
    return set_block(set);
  }
  if (cursor_.accept("flags")) {
    do {
      const std::string flag = cursor_.name("a flag");
      table.dormant = table.dormant || flag == "dormant";
    } while (cursor_.accept(","));
    return;
  }
  if (cursor_.accept("comment")) {
    cursor_.name("a comment");
    return;
  }
  if (cursor_.accept("flowtable"))
    return flowtable(table);
  if (cursor_.accept("ct"))
    return object(table, fmt::format("ct {}", cursor_.name("helper, timeout or expectation")));
  for (const std::string_view kind : {"counter", "quota", "limit", "synproxy", "secmark", "tunnel"}) {
    if (cursor_.accept(kind))
      return object(table, std::string(kind));
  }
  if (cursor_.accept("meter")) {  // `nft list` shows old meters so; they decide nothing by themselves
    cursor_.name("a name");
    cursor_.expect("{");
    return skip_block();
  }
  cursor_.fail(fmt::format("{} is not understood in a table", quote(word.text, 40)));
}

void RulesetParser::chain_block(Table& table, Chain& chain) {
  const Cursor::Nesting nesting(cursor_);
  cursor_.open_scope();
  cursor_.skip_line_ends();
  while (!cursor_.at("}") && cursor_.peek().kind != TokenKind::end) {
    cursor_.begin_item();
    // Without its hook nobody knows what a chain sees.
    const bool is_head = cursor_.at("type") || cursor_.at("policy") || cursor_.at("devices") || cursor_.at("device");
    chain_item(table, chain);
    end_of_item();
    if (cursor_.failed())
      is_head ? distrust_everything() : distrust(chain);
    cursor_.skip_line_ends();
  }
  cursor_.expect("}");
  cursor_.close_scope();
}

void RulesetParser::chain_item(Table& table, Chain& chain) {
  if (cursor_.at("type") && cursor_.peek(2).is("hook"))
    return base_chain(table, chain);
  if (cursor_.at("policy"))
    return policy(chain);
  if (definition())
    return;
  if (cursor_.accept("flags")) {  // offload
    cursor_.name("a flag");
    return;
  }
  if (cursor_.at("comment") && cursor_.peek(1).kind == TokenKind::quoted) {
    cursor_.next();
    cursor_.next();
    return;
  }
  if (chain.base && (cursor_.at("devices") || cursor_.at("device"))) {
    chain.base->devices = devices();
    return;
  }
  rule(table, chain, At::end);
}

// type filter hook input [device eth0] priority filter - 5 ; policy drop ;
void RulesetParser::base_chain(Table& table, Chain& chain) {
  BaseChain base;
  base.span = cursor_.next().span;
  base.type = cursor_.name("a type");
  cursor_.expect("hook");
  base.hook = cursor_.name("a hook");
  if (cursor_.at("device") || cursor_.at("devices"))
    base.devices = devices();
  cursor_.expect("priority");
  base.priority = priority(table.family);
  if (cursor_.failed())
    return;
  chain.base = std::move(base);
  if (cursor_.at(";") && cursor_.peek(1).is("policy")) {
    cursor_.next();
    policy(chain);
  }
}

void RulesetParser::policy(Chain& chain) {
  const SourceSpan span = cursor_.next().span;
  const std::string word = cursor_.name("accept or drop");
  if (word == "accept" || word == "drop") {
    chain.policy = word == "accept" ? ChainPolicy::accept : ChainPolicy::drop;
    chain.policy_span = span;
  } else {
    cursor_.fail(span, fmt::format("policy {} is not accept or drop", quote(word)));
  }
}

std::int32_t RulesetParser::priority(TableFamily of) {
  constexpr std::uint32_t most = 2147483647U;
  const auto number = [&](std::string_view text, const SourceSpan& span) -> std::int32_t {
    const bool negative = text.starts_with('-');
    const auto value = parse_unsigned<std::uint32_t>(text.substr(negative ? 1 : 0), 0, most);
    if (!value)
      cursor_.fail(span, fmt::format("{} is not a priority", quote(text)));
    const auto size = static_cast<std::int32_t>(value.value_or(0));
    return negative ? -size : size;
  };
  const bool negative = cursor_.accept("-");
  const Token token = cursor_.peek();
  std::string text = cursor_.name("a priority");
  std::int32_t base = 0;
  if (const auto named = find_priority(text, of)) {
    base = *named;
  } else {
    // A word may hold the rest: "filter-5".
    const std::size_t dash = text.find('-', 1);
    const auto stem = find_priority(std::string_view(text).substr(0, dash), of);
    if (stem && dash != std::string::npos)
      return *stem + number(std::string_view(text).substr(dash), token.span);
    base = number(negative ? fmt::format("-{}", text) : text, token.span);
  }
  const bool plus = cursor_.accept("+");
  if (!plus && !cursor_.accept("-"))
    return base;
  const std::int64_t shift = number(cursor_.name("a number"), token.span);
  const std::int64_t sum = plus ? base + shift : base - shift;
  if (sum > std::int64_t{most} || sum < -std::int64_t{most})
    cursor_.fail(token.span, "this priority is out of range");
  return static_cast<std::int32_t>(std::clamp(sum, -std::int64_t{most}, std::int64_t{most}));
}

// device eth0, devices = { eth0, eth1 }
std::vector<std::string> RulesetParser::devices() {
  std::vector<std::string> names;
  cursor_.next();
  cursor_.accept("=");
  const Expression given = parse_values(cursor_);
  if (given.kind == ExpressionKind::value)
    names.push_back(given.text);
  for (const Element& element : given.elements)
    names.push_back(element.key.text);
  return names;
}

void RulesetParser::rule(Table& table, Chain& chain, At at) {
  RuleText rule = parse_rule(cursor_, [&] { return anonymous_chain(table); });
  if (!cursor_.failed() && !cursor_.at_end_of_statement())
    end_of_item();
  if (cursor_.failed()) {
    const ParseFault fault = cursor_.recover();
    findings_.unmodelled(DiagnosticCode::line_not_understood, fault.span, fault.message);
    Statement doubt;
    doubt.kind = StatementKind::not_understood;
    doubt.span = fault.span;
    doubt.text = fault.message;
    rule.statements.push_back(std::move(doubt));
  }
  if (rule.statements.empty())
    return;
  // A hostile file could otherwise ask for a million insertions before a long chain.
  constexpr std::size_t most_insertions = 10000;
  if (at == At::beginning && ++insertions_ > most_insertions) {
    cursor_.fail(rule.span, "too many insertions");
    distrust(chain);
  } else if (at == At::end) {
    chain.rules.push_back(std::move(rule));
  } else {
    chain.rules.insert(chain.rules.begin(), std::move(rule));
  }
}

std::string RulesetParser::anonymous_chain(Table& table) {
  std::string name = fmt::format("{{{}}}", ++anonymous_);
  Chain& chain = table.chain(name, cursor_.peek().span);
  chain.declared = true;
  chain_block(table, chain);
  return name;
}

void RulesetParser::set_block(Set& set) {
  cursor_.skip_line_ends();
  while (!cursor_.at("}") && cursor_.peek().kind != TokenKind::end) {
    cursor_.begin_item();
    set_item(set);
    end_of_item();
    if (cursor_.failed()) {
      const ParseFault fault = cursor_.recover();
      findings_.unmodelled(DiagnosticCode::line_not_understood, fault.span, fault.message);
      set.doubt = fault.message;
    }
    cursor_.skip_line_ends();
  }
  cursor_.expect("}");
}

void RulesetParser::set_item(Set& set) {
  if (definition())
    return;
  const Token word = cursor_.next();
  if (word.is("type"))
    return set_types(set);
  if (word.is("typeof"))
    return set_typeof(set);
  if (word.is("flags"))
    return set_flags(set);
  if (word.is("elements")) {
    cursor_.expect("=");
    return elements(set);
  }
  if (word.is("timeout")) {
    set.has_timeout = true;
    cursor_.name("a time");
  } else if (word.is("auto-merge")) {
    set.auto_merge = true;
  } else if (word.is("gc-interval") || word.is("size") || word.is("policy") || word.is("comment")) {
    cursor_.name("a value");
  } else if (word.is("counter") || word.is("last")) {
    while (!cursor_.at_end_of_statement())
      cursor_.next();
  } else if (word.is("limit") || word.is("quota") || word.is("ct")) {
    // Each element then matches only within a rate.
    set.doubt = "elements with a rate or a quota";
    while (!cursor_.at_end_of_statement())
      cursor_.next();
  } else {
    cursor_.fail(word.span, fmt::format("{} is not understood in a set", quote(word.text, 40)));
  }
}

// type ipv4_addr . inet_service : verdict
void RulesetParser::set_types(Set& set) {
  set.key_types.clear();
  set.data_types.clear();
  do {
    set.key_types.push_back(cursor_.name("a type"));
  } while (cursor_.accept("."));
  if (!cursor_.accept(":"))
    return;
  cursor_.accept("interval");
  do {
    set.data_types.push_back(cursor_.name("a type"));
  } while (cursor_.accept("."));
}

// typeof ip saddr . tcp dport : meta mark
void RulesetParser::set_typeof(Set& set) {
  const auto read = [&](std::vector<Selector>& selectors) {
    selectors.clear();
    const Expression given = parse_subject(cursor_);
    const auto add = [&](const Expression& part) {
      // "meta mark & 0xff": the values are those of the selector.
      const Expression* inner = &part;
      while (inner->kind == ExpressionKind::combination && !inner->parts.empty())
        inner = &inner->parts.front();
      selectors.push_back(inner->selector);
    };
    if (given.kind == ExpressionKind::concatenation) {
      std::ranges::for_each(given.parts, add);
    } else {
      add(given);
    }
  };
  read(set.key_selectors);
  if (!cursor_.accept(":"))
    return;
  cursor_.accept("interval");
  if (cursor_.accept("verdict")) {
    set.data_types.assign(1, "verdict");
  } else {
    read(set.data_selectors);
  }
}

void RulesetParser::set_flags(Set& set) {
  do {
    set.flags.push_back(cursor_.name("a flag"));
  } while (cursor_.accept(","));
}

void RulesetParser::elements(Set& set) {
  Expression given = parse_values(cursor_);
  if (given.kind != ExpressionKind::set)
    return cursor_.fail(given.span, "expected the elements of a set in braces");
  std::ranges::move(given.elements, std::back_inserter(set.elements));
}

void RulesetParser::object(Table& table, const std::string& kind) {
  const SourceSpan span = cursor_.peek().span;
  Object made{kind, cursor_.name("a name"), span};
  if (cursor_.accept("{")) {
    skip_block();
  } else {
    while (!cursor_.at_end_of_statement())
      cursor_.next();
  }
  table.objects.push_back(std::move(made));
}

void RulesetParser::flowtable(Table& table) {
  const SourceSpan span = cursor_.peek().span;
  Flowtable made{cursor_.name("a name"), {}, span};
  cursor_.expect("{");
  cursor_.skip_line_ends();
  while (!cursor_.at("}") && cursor_.peek().kind != TokenKind::end) {
    if (cursor_.at("devices")) {
      made.devices = devices();
    } else {
      while (!cursor_.at_end_of_statement())
        cursor_.next();
    }
    cursor_.skip_line_ends();
  }
  cursor_.expect("}");
  table.flowtables.push_back(std::move(made));
}

Ruleset parse_ruleset(FileId file, const SourceStore& sources, NftIncludes* includes, Findings& findings) {
  return RulesetParser(file, sources, includes, findings).run();
}

}  // namespace segproof::nft
