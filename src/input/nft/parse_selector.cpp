// SPDX-License-Identifier: Apache-2.0
#include "input/nft/parse_selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "input/nft/headers.h"
#include "input/nft/parse_expression.h"

namespace segproof::nft {
namespace {

std::uint32_t parse_count(Cursor& cursor) {
  const SourceSpan span = cursor.peek().span;
  const std::string text = cursor.name("a number");
  const auto value = text.starts_with("0x") ? parse_hex<std::uint32_t>(text) : parse_unsigned<std::uint32_t>(text);
  if (!value)
    cursor.fail(span, fmt::format("{} is not a number", quote(text)));
  return value.value_or(0);
}

bool is_any(const Token& token, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

void parse_ct(Cursor& cursor, Selector& selector) {
  if (is_any(cursor.peek(), {"original", "reply"}))
    selector.direction = cursor.next().text;
  if (is_any(cursor.peek(), {"ip", "ip6"}))
    selector.family = cursor.next().text;
  selector.key = cursor.name("what of the connection");
  // "ct saddr original" is an old way to write it.
  const bool takes_direction = selector.direction.empty() && selector.key != "direction";
  if (takes_direction && is_any(cursor.peek(), {"original", "reply"}))
    selector.direction = cursor.next().text;
}

void parse_fib(Cursor& cursor, Selector& selector) {
  do {
    selector.flags.push_back(cursor.name("saddr, daddr, mark, iif or oif"));
  } while (cursor.accept("."));
  selector.key = cursor.name("oif, oifname or type");
}

void parse_modulus(Cursor& cursor, Selector& selector) {
  cursor.expect("mod");
  selector.modulus = parse_count(cursor);
  if (cursor.accept("seed"))
    cursor.name("a seed");
  if (cursor.accept("offset"))
    selector.offset = parse_count(cursor);
}

void parse_option(Cursor& cursor, Selector& selector) {
  selector.header += fmt::format(" {}", cursor.next().text);
  if (cursor.accept("@")) {  // tcp option @kind,offset,length
    selector.key = cursor.name("a number");
    while (cursor.accept(","))
      cursor.name("a number");
    return;
  }
  selector.key = cursor.name("an option");
  constexpr std::array<std::string_view, 23> parts{
      "kind",  "length", "size",   "count", "left", "right", "tsval", "tsecr", "ptr",     "value", "addr",       "type",
      "flags", "tsn",    "stream", "ssn",   "ppid", "fsn",   "vtag",  "len",   "subtype", "seqno", "new-cum-tsn"};
  constexpr std::array<std::string_view, 8> chunk_parts{
      "init-tag",           "a-rwnd",     "num-outbound-streams", "initial-tsn", "cum-tsn-ack",
      "num-gap-ack-blocks", "lowest-tsn", "num-inbound-streams"};
  const Token& token = cursor.peek();
  if (token.kind == TokenKind::word && (std::ranges::find(parts, token.text) != parts.end() ||
                                        std::ranges::find(chunk_parts, token.text) != chunk_parts.end())) {
    selector.key += fmt::format(" {}", cursor.next().text);
  }
}

// Headers with a grammar of their own. False: none of them is here.
bool parse_special(Cursor& cursor, std::string_view word, Selector& selector) {
  const Token& second = cursor.peek(1);
  const bool option = (second.is("option") && (word == "tcp" || word == "ip" || word == "dccp")) ||
                      (second.is("chunk") && word == "sctp");
  const bool route = word == "rt" && is_any(second, {"ip", "ip6", "classid", "nexthop", "mtu", "ipsec"});
  const bool known = option || route || word == "meta" || word == "ct" || word == "fib" || word == "socket" ||
                     word == "osf" || word == "numgen" || word == "jhash" || word == "symhash" || word == "exthdr" ||
                     word == "ipsec";
  if (!known)
    return false;
  selector.header = cursor.next().text;
  if (option) {
    parse_option(cursor, selector);
  } else if (word == "ct") {
    parse_ct(cursor, selector);
  } else if (word == "fib") {
    parse_fib(cursor, selector);
  } else if (word == "osf") {
    if (cursor.accept("ttl"))
      cursor.name("loose or skip");
    selector.key = cursor.name("name or version");
  } else if (word == "numgen") {
    selector.key = cursor.name("inc or random");
    parse_modulus(cursor, selector);
  } else if (word == "jhash") {
    parse_subject(cursor);
    parse_modulus(cursor, selector);
  } else if (word == "symhash") {
    parse_modulus(cursor, selector);
  } else if (word == "ipsec") {
    selector.direction = cursor.name("in or out");
    if (cursor.accept("spnum"))
      parse_count(cursor);
    if (is_any(cursor.peek(), {"ip", "ip6"}))
      selector.family = cursor.next().text;
    selector.key = cursor.name("what of the policy");
  } else {
    if (route && is_any(cursor.peek(), {"ip", "ip6"}))
      selector.family = cursor.next().text;
    selector.key = cursor.name("what to look at");
    if (word == "socket" && cursor.accept("level"))
      parse_count(cursor);
  }
  return true;
}

// tcp dport, arp saddr ip, rt0 addr[1]. False: not there.
bool parse_header_field(Cursor& cursor, std::string_view word, Selector& selector) {
  const Token second = cursor.peek(1);
  if (!is_header(word) || second.kind != TokenKind::word)
    return false;
  std::string key(second.text);
  const bool two_words = word == "arp" && is_any(second, {"saddr", "daddr"});
  if (two_words)
    key += fmt::format(" {}", cursor.peek(2).text);
  if (find_key(word, key) == nullptr)
    return false;
  selector.header = cursor.next().text;
  cursor.next();
  if (two_words)
    cursor.next();
  selector.key = std::move(key);
  if (cursor.accept("[")) {
    selector.offset = parse_count(cursor);
    cursor.expect("]");
  }
  return true;
}

// "@nh,96,32"; a set otherwise.
bool parse_raw(Cursor& cursor, Selector& selector) {
  if (!cursor.at("@") || !cursor.peek(2).is(","))
    return false;
  if (!is_any(cursor.peek(1), {"ll", "nh", "th", "ih"}))
    return false;
  cursor.next();
  selector.header = fmt::format("@{}", cursor.next().text);
  cursor.expect(",");
  selector.offset = parse_count(cursor);
  cursor.expect(",");
  selector.length = parse_count(cursor);
  return true;
}

}  // namespace

std::optional<Expression> parse_selector(Cursor& cursor) {
  const Token first = cursor.peek();
  Expression found;
  found.kind = ExpressionKind::selector;
  found.span = first.span;
  Selector& selector = found.selector;
  if (parse_raw(cursor, selector))
    return found;
  if (first.kind != TokenKind::word)
    return std::nullopt;
  if (parse_special(cursor, first.text, selector)) {
    if (!cursor.failed() && find_key(selector.header, selector.key) == nullptr) {
      cursor.fail(first.span,
                  fmt::format("{} is not known", quote(fmt::format("{} {}", selector.header, selector.key))));
    }
    return found;
  }
  if (parse_header_field(cursor, first.text, selector))
    return found;
  if (is_bare_meta_key(first.text)) {
    cursor.next();
    selector.header = "meta";
    selector.key = first.text;
    return found;
  }
  return std::nullopt;
}

}  // namespace segproof::nft
