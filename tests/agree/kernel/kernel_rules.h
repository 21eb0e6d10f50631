// SPDX-License-Identifier: Apache-2.0
// Rule sets in the kernel of this process's namespace: loaded by the programs that people load them with, and the trace
// of the rules that a packet met (nft and iptables-nft; the legacy tables have none that names rules).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "confirm/netlink.h"
#include "packet/field.h"

namespace segproof::oracle {

using confirm::NetlinkSocket;

enum class Backend : std::uint8_t { legacy, iptables_nft, nft };
[[nodiscard]] std::string_view name_of(Backend backend);

// A rule in the kernel: the index counts the rules of its chain from 0.
struct RulePlace {
  std::string table;
  std::string chain;
  std::size_t index = 0;
  friend auto operator<=>(const RulePlace&, const RulePlace&) = default;
};

struct TraceEvent {
  enum class Kind : std::uint8_t { rule, policy, come_back } kind = Kind::rule;
  std::string table;
  std::string chain;
  std::size_t rule = 0;   // index in its chain, of kind rule
  bool is_known = false;  // the rule was found in the list
  bool drops = false;     // verdict of the rule or policy
  bool accepts = false;
  bool jumps = false;
};

class KernelRules {
 public:
  KernelRules();

  // The table that `prepare` makes, of family inet.
  [[nodiscard]] static constexpr std::string_view own_table() { return "oracle_zone"; }

  [[nodiscard]] bool ok() const { return netlink_.ok() && traces_.ok() && joined_; }
  // Replaces everything that was loaded before. Returns what the program said when it refused the text, else nothing.
  // `sets`: what `ipset restore` reads before that.
  [[nodiscard]] std::string load(Backend backend, Family family, const std::string& text, const std::string& sets = {});
  // Each packet is in a connection table of its own, by its number (zones; NOTRACK and CT then do nothing), or all
  // share one. With `trace`, packets are followed.
  [[nodiscard]] std::string prepare(bool zones, bool trace);

  // What the kernel tells of the packet with that number and length since the last call; other packets are left out.
  [[nodiscard]] std::vector<TraceEvent> take_trace(Family family, std::uint16_t number, std::size_t length);
  // Tells that a trace is not wanted.
  [[nodiscard]] std::uint64_t lost_traces() const { return traces_.overruns(); }

 private:
  [[nodiscard]] bool list_rules();
  [[nodiscard]] std::string unload_legacy();
  [[nodiscard]] std::string unload_nft();
  [[nodiscard]] std::string unload_sets();
  [[nodiscard]] std::string load_sets(const std::string& sets);

  struct Key {
    std::uint8_t family = 0;
    std::string table;
    std::uint64_t handle = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  NetlinkSocket netlink_;
  NetlinkSocket traces_;
  bool joined_ = false;
  bool legacy_loaded_ = false;
  bool nft_loaded_ = false;
  bool sets_loaded_ = false;
  int prepared_ = -1;
  std::map<Key, RulePlace> places_;
};

}  // namespace segproof::oracle
