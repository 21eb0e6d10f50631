// SPDX-License-Identifier: Apache-2.0
// Rules, chains and the stages at which a node asks them. A RuleSet is everything one node does to packets apart from
// routing: it knows hooks, orders and verdicts, and no vendor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/source.h"
#include "base/strong_id.h"
#include "model/condition.h"
#include "packet/address.h"

namespace segproof::model {

using ChainId = StrongId<struct ChainTag>;

enum class Verdict : std::uint8_t { accept, drop, reject };

// Counts, logs: the walk goes on.
struct GoOn {
  friend bool operator==(const GoOn&, const GoOn&) = default;
};
// Ends the stage (accept) or the packet (drop, reject).
struct Decide {
  Verdict verdict = Verdict::drop;
  friend bool operator==(const Decide&, const Decide&) = default;
};
// Jump, or goto when it does not come back.
struct Call {
  ChainId chain;
  bool comes_back = true;
  friend bool operator==(const Call&, const Call&) = default;
};
// Return to the caller; in a base chain: its policy.
struct ComeBack {
  friend bool operator==(const ComeBack&, const ComeBack&) = default;
};
// mark = (mark & keep) ^ flip
struct SetMark {
  MarkKind kind = MarkKind::packet;
  std::uint32_t keep = 0;
  std::uint32_t flip = 0;
  friend bool operator==(const SetMark&, const SetMark&) = default;
};
// to = (to & ~to_mask) ^ (from & from_mask), where `from` is the other kind of mark
struct CopyMark {
  MarkKind to = MarkKind::packet;
  std::uint32_t to_mask = 0xffffffffU;
  std::uint32_t from_mask = 0xffffffffU;
  friend bool operator==(const CopyMark&, const CopyMark&) = default;
};
// No connection tracking for this packet.
struct Untrack {
  friend bool operator==(const Untrack&, const Untrack&) = default;
};

// Address translation of the first packet of a flow; later packets and replies follow the flow. Ends the stage.
struct Translate {
  Endpoint endpoint = Endpoint::destination;
  enum class To : std::uint8_t {
    ranges,             // one of `addresses` (empty: the address stays), and of `ports` if given
    interface_address,  // source: an address of the egress interface; destination: of the ingress interface
    network,            // `network`: host bits stay, network bits are replaced (1:1)
  } to = To::ranges;
  std::vector<Interval> addresses;  // in the stage's family
  Family family = Family::ipv4;     // of `addresses` and `network`
  std::optional<Interval> ports;    // new ports; nothing: the port stays if it can
  std::optional<Prefix> network;
  bool keeps_port = true;  // false: the kernel picks the port (random, fully-random)
  friend bool operator==(const Translate&, const Translate&) = default;
};

// May accept, drop, come back or rewrite: a target that is not understood, or one that hands the packet to a program.
struct Anything {
  std::string text;
  bool may_deliver_locally = true;
  friend bool operator==(const Anything&, const Anything&) = default;
};
// A copy may go to that neighbour; the walk goes on.
struct Duplicate {
  std::optional<Address> gateway;
  friend bool operator==(const Duplicate&, const Duplicate&) = default;
};
// Attaches a protocol helper: related connections between the two parties may follow; the walk goes on.
struct AttachHelper {
  std::string helper;
  friend bool operator==(const AttachHelper&, const AttachHelper&) = default;
};

using Action = std::variant<GoOn, Decide, Call, ComeBack, SetMark, CopyMark, Untrack, Translate, Anything, Duplicate,
                            AttachHelper>;

struct Rule {
  Condition condition;
  Action action;
  SourceSpan origin;  // the line that says so
  friend bool operator==(const Rule&, const Rule&) = default;
};

struct Chain {
  std::string name;  // "filter INPUT", for people
  std::vector<Rule> rules;
  SourceSpan origin;
  friend bool operator==(const Chain&, const Chain&) = default;
};

// Where on its way through a node a packet meets a stage.
enum class Hook : std::uint8_t {
  ingress,    // every packet that arrives, before routing
  forward,    // routed through
  deliver,    // for this node
  originate,  // sent by this node, after its routing decision
  egress,     // every packet that leaves, forwarded or originated
};

enum class StageKind : std::uint8_t {
  filter,     // the chain decides
  track,      // connection tracking gives the packet its state; no chain
  translate,  // the chain is asked only for the first packet of a tracked flow; others follow their flow
};

// One base chain at one hook. All stages of a hook form one list by (order, then insertion); a drop at any is final, an
// accept ends only its stage.
struct Stage {
  Hook hook = Hook::forward;
  StageKind kind = StageKind::filter;
  int order = 0;
  ChainId chain;                     // not for track
  Verdict policy = Verdict::accept;  // at the end of the chain
  SourceSpan policy_origin;
  std::string label;  // "filter FORWARD"
  bool ipv4 = true;   // which families it sees
  bool ipv6 = true;
  bool offloaded_pass = false;    // let_offloaded_pass was here
  bool doubts_fragments = false;  // doubt_fragments_of_ipv6 was here
  friend bool operator==(const Stage&, const Stage&) = default;
};

struct RuleSet {
  std::vector<Chain> chains;  // by ChainId
  std::vector<Stage> stages;
  std::optional<SourceSpan> offload;  // a line that hands flows to a flowtable, if there is one
  // Where packets of a known connection are asked what the first packet of it would have been asked: the chain that
  // does so, which accepts or comes back. Connections of an earlier rule set need that one's chain as well.
  std::optional<ChainId> known_connections;

  [[nodiscard]] const Chain& chain(ChainId id) const { return chains[id.index()]; }
  // The stages of one hook and family, in the order in which packets meet them.
  [[nodiscard]] std::vector<const Stage*> at(Hook hook, Family family) const;
  // Adds the chains and stages of another rule set of the same node (iptables beside nft, IPv4 beside IPv6).
  void append(RuleSet other);
  // Sessions of an earlier rule set of the node may still be open: what it would let pass of them passes here, too. No
  // effect where this one lets every packet of a known connection pass.
  void keep_connections_of(const RuleSet& earlier);
  // Where there is a flowtable, later packets of flows may go past every filter of a packet that is passed on, whoever
  // made it: raw, mangle, reverse-path filters. Gives each such stage a rule that says so, once. Before tracking
  // nothing tells these packets from others, so there any packet of their protocols may pass.
  void let_offloaded_pass();
  // For rules of nftables where nothing tracks IPv6: tests of ports and the like read other bytes in a later fragment,
  // which its sender chooses. If any rule asks so, gives each filter of IPv6 rules that let such fragments go either
  // way, once.
  void doubt_fragments_of_ipv6();

  friend bool operator==(const RuleSet&, const RuleSet&) = default;
};

// Nothing when well formed, else what is wrong: a chain that can reach itself, a call to no chain, a translate action
// outside a translate stage. Readers report it; the engine asserts it.
[[nodiscard]] std::optional<std::string> flaw(const RuleSet& rules);

[[nodiscard]] std::string_view hook_name(Hook hook);
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

}  // namespace segproof::model
