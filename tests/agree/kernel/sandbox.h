// SPDX-License-Identifier: Apache-2.0
// A network namespace of this process's own, with one TUN device for each interface of the firewall. Netfilter runs
// inside the write of a packet to a TUN device, so that its answer can be read at once: on a device (forwarded), on a
// raw socket (delivered), an ICMP error or a reset on any device (rejected), or nothing (dropped). Nothing outside the
// namespace changes, and it ends with the process.
//
//              +-------------------+
//   eth0  ---- |  this namespace   | ---- eth1
//   ppp0  ---- |  (the firewall)   | ---- br-lan
//              +-------------------+
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "confirm/netlink.h"
#include "confirm/wire.h"
#include "model/single_packet.h"

namespace segproof::oracle {

using confirm::Bytes;
using confirm::NetlinkSocket;
using confirm::Seen;

// What came out after one packet went in.
struct Sighting {
  std::string interface;  // empty: delivered here
  Seen seen;
};

class Sandbox {
 public:
  // Unshares the network namespace of the process; call once. Failure: why it cannot be (no root, no /dev/net/tun).
  [[nodiscard]] static Result<std::unique_ptr<Sandbox>> create();
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  [[nodiscard]] static const std::vector<std::string>& interfaces();
  // The addresses of the interfaces, both families: one for each.
  [[nodiscard]] static const model::OwnAddresses& own_addresses();

  // From now on a packet that arrives leaves by that interface, or stays here (empty); what is for an own address
  // always stays. What is sent from here leaves by the interface, or by the first one.
  [[nodiscard]] bool set_way(const std::string& egress);
  // Puts the packet on the wire of an interface, or sends it from here (empty), and says what came of it.
  [[nodiscard]] std::vector<Sighting> send(const std::string& ingress, const Packet& packet, std::uint16_t number);
  // The same for bytes that are no Packet; precondition: not sent from here.
  [[nodiscard]] std::vector<Sighting> send_bytes(const std::string& ingress, const Bytes& bytes);
  [[nodiscard]] bool forget_connections();

 private:
  struct Device {
    std::string name;
    int file = -1;
    int index = 0;
  };
  Sandbox() = default;
  [[nodiscard]] std::string open_devices();  // why not, or empty
  [[nodiscard]] std::string configure();
  [[nodiscard]] std::string open_sockets();
  [[nodiscard]] bool set_default_route(Family family, std::uint8_t table, const Device* egress);
  void send_from_here(const Packet& packet, std::uint16_t number);
  void read_all(std::vector<Sighting>& sightings);
  void read_one(std::size_t which, std::vector<Sighting>& sightings);  // devices, then receivers

  struct Receiver {
    int file = -1;
    std::uint8_t protocol = 0;
    Family family = Family::ipv4;
  };
  std::vector<Device> devices_;
  std::vector<Receiver> receivers_;
  std::array<int, 2> sender_{-1, -1};  // by family
  int poll_ = -1;
  std::unique_ptr<NetlinkSocket> routes_;
  std::unique_ptr<NetlinkSocket> netfilter_;
  std::string way_ = "?";
  Bytes buffer_ = Bytes(4096);
};

}  // namespace segproof::oracle
