// SPDX-License-Identifier: Apache-2.0
// A network made ready for sets of one family: every node's stages as programs, its routes as sets, and every segment's
// neighbours. Immutable after construction; shared by all floods of one Space.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "model/network.h"
#include "reach/header_sets.h"
#include "reach/plain_ways.h"
#include "reach/stage_program.h"

namespace segproof::reach {

enum class Behaviour : std::uint8_t {
  closed,   // the family is switched off
  leaf,     // a host that filters and forwards nothing: it only receives what is put on its segments
  working,  // filters, translates or forwards as configured
  open,     // not configured: passes anything, rewritten to anything
};

struct CompiledStage {
  const model::Stage* stage = nullptr;
  StageProgram program;  // empty for track
};

struct CompiledNode {
  NodeFacts facts;
  Behaviour behaviour;
  bool tracks = false;
  bool forwards = false;       // as configured
  bool passes_freely = false;  // over-approximation only: may forward anything between its segments
  bool translates = false;
  bool keeps_headers =
      true;  // no packet leaves it, or comes to one of its stages, with another header than it came with
  // What packets carry inside the node beside their headers, where anything in it can ask for that or changes it.
  bool has_marks = false;
  bool has_translated = false;
  bool splits = false;        // what arrives is tracked once, as it comes in, and is no other packet before that
  bool settles_marks = true;  // only the first packet of a connection changes the connection's mark
  bool forward_ignores_egress = false;  // what its forward stages do depends on no way out: they may be asked first
  std::array<std::vector<CompiledStage>, 5> stages;  // by Hook, in order
  Fib fib;
  PacketSet to_itself;        // by destination: its addresses, and what reaches every node of a segment
  PacketSet never_forwarded;  // the same without directed broadcasts, which somebody may forward
  PacketSet own_flows;        // replies to what it may have sent itself
  // Packets from elsewhere that look like its own ones of such flows. IPv4 drops them ("martian source"), IPv6 does
  // not. They count where a question asks for them.
  PacketSet feigned_own_flows;
  PacketSet untouched;  // neither marked nor translated; everything where the node has neither
};

// What the whole of a segment owns, by destination.
struct CompiledSegment {
  struct Neighbour {
    model::InterfaceId interface;
    PacketSet destinations;  // all addresses of its node; and broadcast, multicast, link-local
    bool is_leaf = true;
  };
  std::vector<Neighbour> neighbours;
  PacketSet unlisted;  // what unlisted hosts or the external zone own here
  PacketSet owned;     // all of these together
  bool has_senders = false;
};

enum class Filters : std::uint8_t { as_configured, all_permit };

class ProgramStore;

class CompiledNetwork {
 public:
  // `known`: stages that need not be compiled, of nodes that are the same there. Only for filters as configured.
  CompiledNetwork(const model::Network& network, Space& space, Filters filters = Filters::as_configured,
                  const ProgramStore* known = nullptr);

  [[nodiscard]] const model::Network& network() const { return *network_; }
  [[nodiscard]] const HeaderSets& headers() const { return headers_; }
  [[nodiscard]] Space& space() const { return headers_.space(); }
  [[nodiscard]] Family family() const { return headers_.space().family(); }
  [[nodiscard]] const CompiledNode& node(model::NodeId id) const { return nodes_[id.index()]; }
  [[nodiscard]] const CompiledSegment& segment(model::SegmentId id) const { return segments_[id.index()]; }
  [[nodiscard]] const std::vector<model::NodeId>& settling_order() const { return order_; }
  // Worked out when it is first asked for. Like all sets of a Space it belongs to one thread.
  [[nodiscard]] const PlainWays& plain_ways(model::NodeId id, Approximation approximation) const;
  // Some node without connection tracking drops something: later fragments may go where their packet does not. In any
  // other network they go exactly where it goes, and what a tracking node sends on need not be cut into them.
  [[nodiscard]] bool fragments_matter() const { return fragments_matter_; }
  // No node rewrites addresses or ports, or may do so: every packet arrives with the header that it was sent with,
  // unless it left the model on its way.
  [[nodiscard]] bool keeps_headers() const { return keeps_headers_; }
  // Destinations that every node of a segment takes: broadcast, multicast, link-local.
  [[nodiscard]] PacketSet to_everyone() const { return to_everyone_; }
  // SYN packets that somebody may answer: nobody answers one that went to everyone, or came as a reply.
  [[nodiscard]] PacketSet answerable() const { return answerable_; }

 private:
  [[nodiscard]] IntervalSet to_all_hosts() const;
  void compile_node(model::NodeId id, Filters filters, const ProgramStore* known);
  void compile_stages(model::NodeId id, Filters filters, const ProgramStore* known);
  void compile_segment(model::SegmentId id);

  const model::Network* network_;
  HeaderSets headers_;
  PacketSet to_everyone_;
  PacketSet answerable_;
  std::vector<CompiledNode> nodes_;
  std::vector<CompiledSegment> segments_;
  std::vector<model::NodeId> order_;
  bool fragments_matter_ = false;
  bool keeps_headers_ = true;
  mutable std::map<std::pair<model::NodeId, Approximation>, PlainWays> plain_ways_;
};

// The interface is wired to nothing that the model knows: what leaves by it, and what comes in by it, is unknown.
[[nodiscard]] bool leads_outside(const model::Interface& interface);

// The addresses of one family that unlisted hosts of a segment may have (an external segment: what its zone owns).
[[nodiscard]] IntervalSet unlisted_addresses(const model::Network& network, model::SegmentId segment, Family family);

}  // namespace segproof::reach
