// SPDX-License-Identifier: Apache-2.0
// Statements of an nftables rule as they are written, in order. A flat structure: each kind uses the members that stand
// beside it, the others stay empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "input/nft/expression.h"

namespace segproof::nft {

enum class Operator : std::uint8_t {
  implicit,       // tcp flags syn: for bit masks "one of these bits", else equal
  equal,          // ==
  not_equal,      // !=
  less,           // <
  greater,        // >
  less_equal,     // <=
  greater_equal,  // >=
  no_bit,         // tcp flags ! syn: none of these bits
};

// JSON writes "in" for `implicit` where flags are tested and "==" elsewhere. `tcp flags syn / syn,ack` is written as
// (tcp flags & (syn|ack)) == syn.
enum class StatementKind : std::uint8_t {
  match,          // `left` `op` `right`
  verdict,        // `verdict`
  verdict_map,    // `left` vmap `right`, where `right` is a set or set_reference
  nat,            // `word` is snat, dnat, masquerade or redirect; `family`, `address`, `port`, `flags`
  assign,         // meta mark set 1, ct mark set mark, ip dscp set cs1: `left` is the selector, `right` the value
  attach_object,  // ct helper set "ftp", ct timeout set, ct expectation set: `word` is helper, timeout, expectation;
                  // `object` the name (`right` where a map chooses it)
  reject,         // `word` is empty (default), tcp reset, icmp, icmpv6 or icmpx
  queue,          // `flags` holds "bypass" where given
  untrack,        // notrack
  duplicate,      // dup to `address` device `device`
  forward,        // fwd to `device` (netdev), perhaps with `address`
  transparent_proxy,  // tproxy to `address` : `port`, perhaps with `family`
  syn_proxy,          // synproxy ...
  update_set,  // add, update or delete @set { key ... }: `word`, `object` (the set), `left` (the key), `body`; for
               // maps `right` is the data
  offload,     // flow add @table: `object`
  limit,       // limit rate ..., or limit name "x" with `object`; `flags` holds "over" where given
  quota,       // likewise
  connection_limit,  // ct count [over] n
  count,             // counter, last: no influence on the packet
  log,               // log, nftrace-like statements: no influence on the packet
  meter,             // meter name { key statements }: `body` (an old way of update_set)
  compatibility,     // xt match "..." / xt target "...": what iptables-nft put there and nft cannot say; `word` says
                     // "match" or "target", `object` the name
  not_understood,    // anything else: `text` tells what it is; the rule may then do anything
};

struct Statement {
  StatementKind kind = StatementKind::count;
  SourceSpan span;
  std::string text;  // as written (or a short form of it), for messages: "limit rate 10/second"
  Operator op = Operator::implicit;
  std::optional<Expression> left;
  std::optional<Expression> right;
  VerdictWord verdict;
  std::string word;
  std::string object;
  // Of nat: "ip", "ip6" or empty. `dnat ip prefix to`, `type_flags: prefix` in JSON, and `dnat ip addr . port to` are
  // told by `flags`: "prefix", "concatenation"; besides "random", "fully-random", "persistent", "interval".
  std::string family;
  std::optional<Expression> address;
  std::optional<Expression> port;
  std::string device;
  std::vector<std::string> flags;
  std::vector<Statement> body;  // statements inside update_set and meter
};

struct RuleText {
  std::vector<Statement> statements;
  SourceSpan span;  // the line that says so
};

}  // namespace segproof::nft
