// SPDX-License-Identifier: Apache-2.0
// The network of a blueprint, built in the namespaces of this process, and packets through it. Everything happens on
// one processor, where packets queue up: when a mark has gone round as often as the longest way has hops, whatever was
// sent before it has arrived or is gone. So nothing is waited for.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "confirm/blueprint.h"
#include "confirm/namespaces.h"
#include "confirm/netlink.h"
#include "confirm/trial.h"
#include "confirm/wire.h"

namespace segproof::confirm {

class Laboratory {
 public:
  // Precondition: leave_host() succeeded in this process. `protocols` are those of the packets to come.
  [[nodiscard]] static Result<std::unique_ptr<Laboratory>> build(const Blueprint& blueprint,
                                                                 const std::set<std::uint8_t>& protocols);
  ~Laboratory();
  Laboratory(const Laboratory&) = delete;
  Laboratory& operator=(const Laboratory&) = delete;

  // What a node could not be given: "iptables-nft-restore: line 4 failed".
  [[nodiscard]] const std::map<model::NodeId, std::string>& faults() const { return faults_; }

  // Where each shot of the trial was seen. The connection tables are emptied first.
  [[nodiscard]] std::vector<std::set<Seat>> run(const Trial& trial);

 private:
  struct Place {
    Namespace space;
    MacAddress mac{};  // of a wire
    int wire = -1;     // a packet socket on a wire's bridge
    std::array<int, 2> stack{-1, -1};
    std::unique_ptr<NetlinkSocket> netfilter;
  };
  struct Receiver {
    int file = -1;
    Seat seat;
    Family family = Family::ipv4;
    std::uint8_t protocol = 0;  // of a raw socket
    bool is_wire = false;
  };
  Laboratory() = default;
  [[nodiscard]] std::string build_hub();
  [[nodiscard]] std::string build_wire(model::SegmentId segment);
  [[nodiscard]] std::string build_node(const NodeBlueprint& node);
  [[nodiscard]] std::string connect(const Blueprint& blueprint);
  void configure(const NodeBlueprint& node);
  [[nodiscard]] std::string open_wire(model::SegmentId segment, Place& place);
  [[nodiscard]] std::string open_node(model::NodeId node, Place& place, const std::set<std::uint8_t>& protocols);
  [[nodiscard]] std::string listen(const Receiver& receiver);
  void forget_connections();
  void send(const Shot& shot, std::uint16_t number);
  void settle();
  void drain(const Trial& trial, std::vector<std::set<Seat>>& seen);
  void read_one(const Receiver& receiver, const Trial& trial, std::vector<std::set<Seat>>& seen);
  void wait_for(const Trial& trial, std::size_t from, std::size_t to, std::vector<std::set<Seat>>& seen);

  std::unique_ptr<Namespace> hub_;
  std::array<int, 2> mark_{-1, -1};  // both ends of a cable in the hub
  std::map<model::NodeId, Place> nodes_;
  std::map<model::SegmentId, Place> wires_;
  std::vector<Receiver> receivers_;
  std::map<model::NodeId, std::string> faults_;
  int poll_ = -1;
  std::size_t ports_ = 0;
  Bytes buffer_ = Bytes(4096);
};

}  // namespace segproof::confirm
