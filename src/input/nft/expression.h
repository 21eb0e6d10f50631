// SPDX-License-Identifier: Apache-2.0
// Expressions of an nftables rule as they are written. Two readers fill them: one from text (`nft list ruleset` and
// source files), one from JSON (`nft -j list ruleset`). Values stay text, as nft prints them ("80", "10.0.0.0",
// "established", "0x10"): their meaning depends on what they are compared with, and lower.h decides it for both
// readers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/source.h"

namespace segproof::nft {

// What a rule looks at: a header field, or something that the kernel knows about the packet.
//
//   tcp dport                      header "tcp", key "dport"                      (also ip, ip6, udp, th, icmp,
//   ether...) meta iifname, or iifname alone header "meta", key "iifname"                   (likewise mark, l4proto,
//   nfproto...) ct state                       header "ct", key "state" ct original ip saddr           header "ct", key
//   "saddr", direction "original", family "ip" rt ip nexthop                  header "rt", key "nexthop", family "ip"
//   fib saddr . iif oif            header "fib", key "oif", flags {"saddr", "iif"}
//   socket transparent             header "socket", key "transparent"
//   osf name                       header "osf", key "name"
//   numgen inc mod 10 offset 5     header "numgen", key "inc", modulus 10, offset 5
//   jhash ip saddr mod 2           header "jhash", modulus 2                      (symhash likewise)
//   frag more-fragments            header "frag", key "more-fragments"            (hbh, rt0, rt2, srh, dst, mh
//   likewise) exthdr frag exists             header "exthdr", key "frag"; its value is "exists" or "missing" tcp option
//   maxseg size         header "tcp option", key "maxseg size"         (ip option, sctp chunk, dccp option) ipsec in
//   reqid                 header "ipsec", key "reqid", direction "in"
//   @nh,96,32                      header "@nh", offset 96, length 32             (@ll, @th, @ih; both in bits)
struct Selector {
  std::string header;
  std::string key;
  std::string direction;  // "original" or "reply"; "in" or "out"; mostly empty
  std::string family;     // "ip" or "ip6"; mostly empty
  std::vector<std::string> flags;
  std::uint32_t modulus = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

enum class ExpressionKind : std::uint8_t {
  value,          // `text`; `quoted` when it stood in quotes
  selector,       // `selector`
  set_reference,  // `text` is the name of a set or map of the table, without "@"
  set,            // { a, b } or { a : x, b : y }: `elements`
  list,           // a, b (flags): `parts`
  concatenation,  // a . b: `parts`
  prefix,         // a / n: `parts` holds the address, `text` the length as a number
  range,          // a - b: `parts` holds both ends
  combination,    // `text` is "&", "|", "^", "<<" or ">>": `parts` holds both sides
  map,            // key map { ... } or key map @name: `parts` holds the key and a set or set_reference
  wildcard,       // *: as the key of an element, everything that no other element has
};

enum class VerdictKind : std::uint8_t { accept, drop, go_on, come_back, jump, go_to, queue };
struct VerdictWord {
  VerdictKind kind = VerdictKind::accept;
  std::string chain;  // of jump and goto
};

struct Element;

struct Expression {
  ExpressionKind kind = ExpressionKind::value;
  SourceSpan span;
  std::string text;
  bool quoted = false;
  Selector selector;
  std::vector<Expression> parts;
  std::vector<Element> elements;
};

// One element of a set, or one pair of a map. Counters, limits and comments at an element change no content and are
// left out, but for a limit or quota, which sets `conditional`.
struct Element {
  Expression key;                      // value, prefix, range, concatenation, wildcard
  std::optional<Expression> data;      // of a map
  std::optional<VerdictWord> verdict;  // of a verdict map
  bool expires = false;                // it has a timeout or an expiry: perhaps it is gone already
  bool conditional = false;            // it matches only within a rate or quota of its own
};

}  // namespace segproof::nft
