// SPDX-License-Identifier: Apache-2.0
// One family of the network as the claims ask about it: compiled once, with the floods that many claims share. Not
// thread-safe; each family has its own world and its own Space.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "claim/places.h"
#include "model/claim.h"
#include "reach/replay_ground.h"
#include "reach/sessions.h"

namespace segproof::claim {

using reach::Approximation;

enum class Traffic : std::uint8_t {
  any,          // R: every packet
  sessions,     // New
  not_replies,  // R without replies (Ret): what the level `paranoid` counts
};

// A set of packets that a place gets.
struct Arrival {
  PlacePart to;
  PacketSet packets;                   // with origins
  std::optional<PacketSet> sent = {};  // as sent, when the claim speaks of that
};

// Parts of a network that are taken out of it.
struct Removed {
  std::vector<bool> nodes;     // by NodeId; empty: none
  std::vector<bool> segments;  // by SegmentId; empty: none
};

class World {
 public:
  // `known`: compiled stages of nodes that are the same there.
  World(const model::Network& network, Family family, const reach::ProgramStore* known = nullptr);

  [[nodiscard]] Family family() const { return space_.family(); }
  [[nodiscard]] Space& space() { return space_; }
  [[nodiscard]] const model::Network& network() const { return *network_; }
  [[nodiscard]] const reach::CompiledNetwork& compiled() const { return compiled_; }
  // Where packets of this family are replayed.
  [[nodiscard]] const std::shared_ptr<reach::ReplayGround>& ground() const { return ground_; }

  // All senders at once, each under its own origin.
  [[nodiscard]] const reach::Reachability& everybody(Approximation approximation, Spoofing spoofing);
  // The origins under which a place sends there.
  [[nodiscard]] IntervalSet origins_of(const Resolved& places, Spoofing spoofing);

  // These places together as one sender, who may use all state that others make; the floods are kept, one for all
  // members on the same segments.
  struct Joint {
    std::vector<Place> members;  // sorted
    Approximation approximation = Approximation::over;
    friend auto operator<=>(const Joint&, const Joint&) = default;
  };
  [[nodiscard]] const reach::Reachability& jointly(const Joint& joint);
  // The same for one question only: senders with a header restriction, or with parts of the network taken out.
  struct Special {
    std::vector<Place> members;
    std::optional<PacketSet> only;  // headers as sent
    Removed removed;
    bool through_own_rules = false;  // the senders' own OUTPUT rules count
    bool known_origins = false;      // with that: under the numbers of origins_of, which allow-lists ask for
    bool together = false;           // as one sender with the number joint_origin
    bool honest_devices = false;     // those among the members send with their own addresses only
    bool own_sessions = false;       // packets that belong to sessions which nodes opened themselves count
    Spoofing spoofing = Spoofing::any;
  };
  [[nodiscard]] std::unique_ptr<reach::Reachability> especially(const Special& special, Approximation approximation);

  // What one part of a place gets, of all origins.
  [[nodiscard]] PacketSet at(const reach::Reachability& reachability, const PlacePart& part, Traffic traffic);

  // What a node drops of those of the packets that arrive at it. Kept, since claims share their parties.
  [[nodiscard]] const std::vector<reach::DropPoint>& drops_at(model::NodeId node, PacketSet packets);
  // One packet of those, arriving at that interface, that its node forwards or, being a device, takes itself; with the
  // state that anyone can make.
  [[nodiscard]] std::optional<Packet> lets_in(model::InterfaceId interface, PacketSet packets,
                                              Approximation approximation);
  // Packets to all hosts of some segment, which routers may or may not deliver.
  [[nodiscard]] PacketSet to_directed_broadcast();
  // Every translation of every node, with the headers that some packet has when it meets it.
  struct Translation {
    const reach::Rewrite* rewrite;
    PacketSet headers;
  };
  [[nodiscard]] const std::vector<Translation>& translations();
  // Segments on which a sender's router was not proved to drop foreign sources: there `segment` means `any`.
  [[nodiscard]] bool drops_foreign_sources(model::SegmentId segment);

  // Headers, as sent, that may belong to sessions which nodes opened themselves: ICMP errors, and where IPv6 lets
  // others use the nodes' addresses, these.
  [[nodiscard]] PacketSet perhaps_of_own_sessions();
  // Some node keeps connections, in any family.
  [[nodiscard]] bool tracks_somewhere() const;

  static constexpr Bits joint_origin = 65535;

 private:
  struct Senders {
    std::vector<reach::Sender> senders;
    std::vector<Place> places;  // beside senders: the first place that sends so
  };
  [[nodiscard]] const Senders& senders(Spoofing spoofing);
  [[nodiscard]] bool leads_outside() const;
  [[nodiscard]] PacketSet to_everyone_at(const Place& place);
  void add_segment_senders(Senders& into, model::SegmentId segment, Spoofing spoofing);
  void add_device_sender(Senders& into, model::NodeId node);
  [[nodiscard]] bool sends_as(const Place& place, const Place& sender, Spoofing spoofing) const;
  void add_places(const Place& place, PacketSet packets, reach::Sender& into) const;
  [[nodiscard]] Joint by_segment(const Joint& joint) const;
  [[nodiscard]] reach::Sender one_sender(const std::vector<Place>& members);
  [[nodiscard]] std::vector<reach::FlowTable> flows_of_members(const reach::Reachability& everybody,
                                                               const std::vector<Place>& members);
  [[nodiscard]] std::vector<reach::Sender::At> through_own_rules(const Place& place, Approximation approximation);
  [[nodiscard]] const std::vector<reach::FlowTable>* sessions_of_before();
  void add_sessions_of(const std::map<std::string, model::RuleSet>& rules_by_node);
  [[nodiscard]] bool passes_on(model::InterfaceId interface, PacketSet packets);
  [[nodiscard]] reach::PassResult pass_at(model::InterfaceId interface, PacketSet packets, Approximation approximation);

  const model::Network* network_;
  Space space_;
  reach::CompiledNetwork compiled_;
  std::shared_ptr<reach::ReplayGround> ground_;
  std::map<Spoofing, Senders> senders_;
  std::map<std::pair<Approximation, Spoofing>, std::unique_ptr<reach::Reachability>> everybody_;
  std::map<Joint, std::unique_ptr<reach::Reachability>> joints_;
  std::map<model::SegmentId, bool> drops_foreign_;
  std::map<std::pair<model::NodeId, std::uint32_t>, std::vector<reach::DropPoint>> drops_;  // by node and root of a set
  // The epochs before whose sessions may be open: the compiled networks must outlive the flows.
  std::vector<std::unique_ptr<model::Network>> before_;
  std::vector<std::unique_ptr<reach::CompiledNetwork>> compiled_before_;
  std::vector<reach::FlowTable> flows_before_;
  bool asked_before_ = false;
  std::optional<std::vector<Translation>> translations_;
};

// Sources that no stack takes from a wire: this network, loopback, multicast and what lies above it. No refutation is
// to rest on them.
[[nodiscard]] IntervalSet never_a_source(Family family);
// Rule sets of an epoch before this one are known, and nothing says that its sessions are gone.
[[nodiscard]] bool keeps_earlier_sessions(const model::Network& network);

}  // namespace segproof::claim
