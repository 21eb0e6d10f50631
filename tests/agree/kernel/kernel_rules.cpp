// SPDX-License-Identifier: Apache-2.0
#include "kernel_rules.h"

#include <fmt/format.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <tuple>
#include <utility>

#include "confirm/process.h"

namespace segproof::oracle {
namespace {

using confirm::attributes_of;
using confirm::big_endian;
using confirm::Message;
using confirm::Ran;
using confirm::run;

constexpr int wait_seconds = 20;

constexpr std::string_view no_rules =
    "*raw\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n"
    "*mangle\n:PREROUTING ACCEPT\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\nCOMMIT\n"
    "*nat\n:PREROUTING ACCEPT\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\nCOMMIT\n"
    "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n"
    "*security\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n";

// The text, followed by empty tables for those that it does not name: what was loaded before must go.
std::string with_all_tables(const std::string& text) {
  std::string all = text;
  std::string_view rest = no_rules;
  while (!rest.empty()) {
    const std::size_t end = rest.find("COMMIT\n") + std::string_view("COMMIT\n").size();
    const std::string_view table = rest.substr(0, end);
    if (text.find(table.substr(0, table.find('\n') + 1)) == std::string::npos)
      all += table;
    rest.remove_prefix(end);
  }
  return all;
}

std::string program(Backend backend, Family family) {
  return fmt::format("{}-{}-restore", family == Family::ipv4 ? "iptables" : "ip6tables",
                     backend == Backend::legacy ? "legacy" : "nft");
}

std::string complaint(const Ran& ran) {
  if (ran.code == 0)
    return {};
  return ran.output.empty() ? fmt::format("exit code {}", ran.code) : ran.output;
}

std::string text_of(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.begin(), bytes.end());
  while (!text.empty() && text.back() == '\0')
    text.pop_back();
  return text;
}

std::uint32_t verdict_code(std::span<const std::uint8_t> nested) {
  for (const auto& [type, value] : attributes_of(nested)) {
    if (type == NFTA_VERDICT_CODE)
      return static_cast<std::uint32_t>(big_endian(value));
  }
  return NF_ACCEPT;
}

// One message of a trace, as it comes.
struct RawEvent {
  TraceEvent event;
  std::uint64_t handle = 0;
  std::uint64_t id = 0;
  std::span<const std::uint8_t> network_header;
};

void read_attribute(std::uint16_t type, std::span<const std::uint8_t> value, RawEvent& raw) {
  const auto set_verdict = [&](std::uint32_t code) {
    raw.event.drops = code == NF_DROP;
    raw.event.accepts = code == NF_ACCEPT;
    raw.event.jumps = code == static_cast<std::uint32_t>(NFT_JUMP) || code == static_cast<std::uint32_t>(NFT_GOTO);
  };
  switch (type) {
    case NFTA_TRACE_TABLE:
      raw.event.table = text_of(value);
      break;
    case NFTA_TRACE_CHAIN:
      raw.event.chain = text_of(value);
      break;
    case NFTA_TRACE_RULE_HANDLE:
      raw.handle = big_endian(value);
      break;
    case NFTA_TRACE_TYPE: {
      const std::uint64_t kind = big_endian(value);
      raw.event.kind = kind == NFT_TRACETYPE_RULE     ? TraceEvent::Kind::rule
                       : kind == NFT_TRACETYPE_POLICY ? TraceEvent::Kind::policy
                                                      : TraceEvent::Kind::come_back;
      break;
    }
    case NFTA_TRACE_VERDICT:
      set_verdict(verdict_code(value));
      break;
    case NFTA_TRACE_POLICY:
      set_verdict(static_cast<std::uint32_t>(big_endian(value)));
      break;
    case NFTA_TRACE_ID:
      raw.id = big_endian(value);
      break;
    case NFTA_TRACE_NETWORK_HEADER:
      raw.network_header = value;
      break;
    default:
      break;
  }
}

bool is_header_of(std::span<const std::uint8_t> header, Family family, std::uint16_t number, std::size_t length) {
  const bool v4 = family == Family::ipv4;
  if (header.size() < 20 || header[0] >> 4U != (v4 ? 4U : 6U))
    return false;
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(header[i] << 8U | header[i + 1]); };
  return at(v4 ? 4 : 2) == number && at(v4 ? 2 : 4) + (v4 ? 0 : 40) == length;
}

}  // namespace

std::string_view name_of(Backend backend) {
  switch (backend) {
    case Backend::legacy:
      return "legacy";
    case Backend::iptables_nft:
      return "iptables-nft";
    case Backend::nft:
      return "nft";
  }
  return {};
}

KernelRules::KernelRules() : netlink_(NETLINK_NETFILTER), traces_(NETLINK_NETFILTER) {
  joined_ = traces_.ok() && traces_.join(NFNLGRP_NFTRACE);
}

std::string KernelRules::prepare(bool zones, bool trace) {
  const int wanted = (zones ? 1 : 0) + (trace ? 2 : 0);
  if (prepared_ == wanted)
    return {};
  std::string statements = "  counter\n";
  if (zones)
    statements += "  meta nfproto ipv4 ct zone set ip id\n  meta nfproto ipv6 ct zone set @nh,16,16\n";
  if (trace)
    statements += "  meta nftrace set 1\n";
  std::string text = fmt::format("table inet {0}\ndelete table inet {0}\ntable inet {0} {{\n", own_table());
  for (const char* hook : {"prerouting", "output"})
    text += fmt::format(" chain {0} {{\n  type filter hook {0} priority -400;\n{1} }}\n", hook, statements);
  const Ran ran = run({"nft", "-f", "-"}, text + "}\n", wait_seconds);
  if (ran.code != 0)
    return complaint(ran);
  prepared_ = wanted;
  return {};
}

std::string KernelRules::unload_legacy() {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    if (auto why = complaint(run({program(Backend::legacy, family)}, std::string(no_rules), wait_seconds));
        !why.empty())
      return why;
  }
  legacy_loaded_ = false;
  return {};
}

std::string KernelRules::unload_nft() {
  const int prepared = std::exchange(prepared_, -1);
  if (auto why = complaint(run({"nft", "flush", "ruleset"}, {}, wait_seconds)); !why.empty())
    return why;
  nft_loaded_ = false;
  return prepare((prepared & 1) != 0, (prepared & 2) != 0);
}

// Precondition: no rule asks for a set any more. The kernel lets go of the sets of rules that are gone in its own time.
std::string KernelRules::unload_sets() {
  constexpr int tries = 100;
  constexpr std::chrono::milliseconds pause{10};
  std::string why;
  for (int i = 0; i < tries; ++i) {
    // Flushed, lists let go of their members.
    static_cast<void>(run({"ipset", "flush"}, {}, wait_seconds));
    why = complaint(run({"ipset", "destroy"}, {}, wait_seconds));
    if (why.empty())
      break;
    std::this_thread::sleep_for(pause);
  }
  sets_loaded_ = !why.empty();
  return why;
}

std::string KernelRules::load_sets(const std::string& sets) {
  if (sets_loaded_) {
    if (auto why = unload_sets(); !why.empty())
      return why;
  }
  if (sets.empty())
    return {};
  sets_loaded_ = true;
  return complaint(run({"ipset", "restore"}, sets, wait_seconds));
}

std::string KernelRules::load(Backend backend, Family family, const std::string& text, const std::string& sets) {
  const bool is_legacy = backend == Backend::legacy;
  const bool change_sets = sets_loaded_ || !sets.empty();
  if (legacy_loaded_ && (!is_legacy || change_sets)) {
    if (auto why = unload_legacy(); !why.empty())
      return why;
  }
  if (nft_loaded_) {
    if (auto why = unload_nft(); !why.empty())
      return why;
  }
  if (change_sets) {
    if (auto why = load_sets(sets); !why.empty())
      return why;
  }
  (is_legacy ? legacy_loaded_ : nft_loaded_) = true;
  const Ran ran = backend == Backend::nft ? run({"nft", "-f", "-"}, text, wait_seconds)
                                          : run({program(backend, family)}, with_all_tables(text), wait_seconds);
  if (ran.code != 0)
    return complaint(ran);
  return is_legacy || list_rules() ? std::string() : "the rules cannot be listed";
}

bool KernelRules::list_rules() {
  places_.clear();
  std::map<std::tuple<std::uint8_t, std::string, std::string>, std::size_t> counts;
  constexpr std::uint16_t list = NFNL_SUBSYS_NFTABLES << 8U | NFT_MSG_GETRULE;
  Message message(list, NLM_F_DUMP);
  return netlink_.dump(message.body(nfgenmsg{NFPROTO_UNSPEC, NFNETLINK_V0, 0}),
                       [&](std::uint16_t, std::span<const std::uint8_t> payload) {
                         if (payload.size() < sizeof(nfgenmsg))
                           return;
                         std::string table;
                         std::string chain;
                         std::uint64_t handle = 0;
                         for (const auto& [type, value] : attributes_of(payload.subspan(sizeof(nfgenmsg)))) {
                           if (type == NFTA_RULE_TABLE)
                             table = text_of(value);
                           if (type == NFTA_RULE_CHAIN)
                             chain = text_of(value);
                           if (type == NFTA_RULE_HANDLE)
                             handle = big_endian(value);
                         }
                         const std::uint8_t family = payload[0];
                         std::size_t& next = counts[{family, table, chain}];
                         places_[{family, table, handle}] = {table, chain, next++};
                       });
}

std::vector<TraceEvent> KernelRules::take_trace(Family family, std::uint16_t number, std::size_t length) {
  std::vector<TraceEvent> events;
  std::vector<std::uint64_t> ours;
  traces_.drain([&](std::uint16_t, std::span<const std::uint8_t> payload) {
    if (payload.size() < sizeof(nfgenmsg))
      return;
    RawEvent raw;
    for (const auto& [type, value] : attributes_of(payload.subspan(sizeof(nfgenmsg))))
      read_attribute(type, value, raw);
    if (!raw.network_header.empty()) {
      std::erase(ours, raw.id);
      if (is_header_of(raw.network_header, family, number, length))
        ours.push_back(raw.id);
    }
    if (raw.event.table == own_table() || std::ranges::find(ours, raw.id) == ours.end())
      return;
    if (raw.event.kind == TraceEvent::Kind::rule) {
      const auto place = places_.find({payload[0], raw.event.table, raw.handle});
      raw.event.is_known = place != places_.end();
      if (raw.event.is_known)
        raw.event.rule = place->second.index;
    }
    events.push_back(std::move(raw.event));
  });
  return events;
}

}  // namespace segproof::oracle
