// SPDX-License-Identifier: Apache-2.0
#include "confirm/laboratory.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "confirm/process.h"

namespace segproof::confirm {
namespace {

using model::NodeId;
using model::SegmentId;

constexpr std::uint16_t mark_type = 0x88b5;  // for local experiments (IEEE 802)
constexpr int rounds = 160;                  // more than a packet has hops left
constexpr std::size_t at_once = 64;          // packets between two looks into the sockets
constexpr std::chrono::milliseconds patience{150};
constexpr std::string_view bridge = "br0";

std::string failure(std::string_view what) {
  return fmt::format("{}: {}", what, std::strerror(errno));
}

int domain_of(Family family) {
  return family == Family::ipv4 ? AF_INET : AF_INET6;
}

// "iptables-nft-restore: line 4 failed", or empty.
std::string run_here(const Command& command) {
  const Ran ran = confirm::run(command.words, command.input, 60);
  if (ran.code == 0) {
    return {};
  }
  if (!ran.started) {
    return fmt::format("{} is not installed", command.words.front());
  }
  std::string_view said = trim(ran.output);
  said = trim(said.substr(0, said.find('\n')));
  return fmt::format("{}: {}", command.words.front(), said.empty() ? "it failed" : said);
}

int open_packet_socket(const char* interface) {
  const int file = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
  if (file < 0) {
    return -1;
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface));
  if (address.sll_ifindex == 0 || bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(file);
    return -1;
  }
  return file;
}

void make_room(int file) {
  const int size = 8 << 20;
  if (setsockopt(file, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    setsockopt(file, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
}

// Packets of one processor wait for each other.
void stay_on_one_processor() {
  cpu_set_t one;
  CPU_ZERO(&one);
  const int here = sched_getcpu();
  CPU_SET(static_cast<std::size_t>(here < 0 ? 0 : here), &one);
  sched_setaffinity(0, sizeof one, &one);
}

void open_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

Bits bits_of(const in6_addr& address) {
  Bits bits = 0;
  for (const std::uint8_t byte : address.s6_addr) {
    bits = bits << 8U | byte;
  }
  return bits;
}

// A packet out of a raw IPv6 socket, which keeps the IP header to itself.
std::optional<Seen> seen_by_ipv6(std::span<const std::uint8_t> payload, const sockaddr_in6& from,
                                 std::uint8_t protocol) {
  Packet packet;
  packet.family = Family::ipv6;
  packet[Field::protocol] = protocol;
  packet[Field::source] = bits_of(from.sin6_addr);
  return from_payload(packet, payload);
}

}  // namespace

Result<std::unique_ptr<Laboratory>> Laboratory::build(const Blueprint& blueprint,
                                                      const std::set<std::uint8_t>& protocols) {
  stay_on_one_processor();
  open_many_files();
  std::unique_ptr<Laboratory> lab(new Laboratory());
  std::string why = lab->build_hub();
  for (const SegmentId segment : blueprint.wires) {
    why = why.empty() ? lab->build_wire(segment) : why;
  }
  for (const NodeBlueprint& node : blueprint.nodes) {
    why = why.empty() ? lab->build_node(node) : why;
  }
  why = why.empty() ? lab->connect(blueprint) : why;
  if (!why.empty()) {
    return Failure{why};
  }
  for (const NodeBlueprint& node : blueprint.nodes) {
    lab->configure(node);
  }
  lab->poll_ = epoll_create1(EPOLL_CLOEXEC);
  for (auto& [segment, place] : lab->wires_) {
    why = why.empty() ? lab->open_wire(segment, place) : why;
  }
  for (auto& [node, place] : lab->nodes_) {
    why = why.empty() ? lab->open_node(node, place, protocols) : why;
  }
  if (!why.empty()) {
    return Failure{why};
  }
  return lab;
}

Laboratory::~Laboratory() {
  for (const Receiver& receiver : receivers_) {
    close(receiver.file);
  }
  for (const auto& [node, place] : nodes_) {
    close(place.stack[0]);
    close(place.stack[1]);
  }
  for (const int file : {mark_[0], mark_[1], poll_}) {
    if (file >= 0) {
      close(file);
    }
  }
}

// Where the process is to begin with: dead ends, and the mark's cable.
std::string Laboratory::build_hub() {
  Result<Namespace> here = Namespace::current();
  if (!here) {
    return here.failure().message;
  }
  hub_ = std::make_unique<Namespace>(std::move(here).value());
  write_setting("ipv6/conf/default/disable_ipv6", "1");
  const std::string why = run_here({{"ip", "-batch", "-"},
                                    "link add mark0 type veth peer name mark1\n"
                                    "link set mark0 up\nlink set mark1 up\n"});
  if (!why.empty()) {
    return why;
  }
  mark_ = {open_packet_socket("mark0"), open_packet_socket("mark1")};
  return mark_[0] < 0 || mark_[1] < 0 ? failure("a packet socket") : std::string();
}

std::string Laboratory::build_wire(SegmentId segment) {
  Result<Namespace> made = Namespace::create();
  if (!made) {
    return made.failure().message;
  }
  write_setting("ipv6/conf/default/disable_ipv6", "1");
  write_setting("ipv6/conf/all/disable_ipv6", "1");
  const MacAddress mac = mac_of(segment);
  wires_.emplace(segment, Place{.space = std::move(made).value(), .mac = mac, .netfilter = nullptr});
  return run_here({{"ip", "-batch", "-"},
                   fmt::format("link add {0} type bridge mcast_snooping 0\nlink set {0} address {1}\n"
                               "link set {0} up\n",
                               bridge, to_string(mac))});
}

std::string Laboratory::build_node(const NodeBlueprint& node) {
  Result<Namespace> made = Namespace::create();
  if (!made) {
    return made.failure().message;
  }
  nodes_.emplace(node.node, Place{.space = std::move(made).value(),
                                  .netfilter = std::make_unique<NetlinkSocket>(NETLINK_NETFILTER)});
  return {};
}

// All cables of one wire at once, from the wire's end.
std::string Laboratory::connect(const Blueprint& blueprint) {
  std::map<SegmentId, std::string> lines;
  for (const NodeBlueprint& node : blueprint.nodes) {
    for (const Cable& cable : node.cables) {
      const std::string far = fmt::format("peer name {} address {} netns {}", cable.name, to_string(cable.mac),
                                          nodes_.at(node.node).space.path());
      std::string& text = lines[cable.wire];
      text += fmt::format("link add p{} type veth {}\n", ++ports_, far);
      text += cable.wire.valid() ? fmt::format("link set p{0} master {1}\nlink set p{0} up\n", ports_, bridge)
                                 : fmt::format("link set p{} up\n", ports_);
    }
  }
  for (const auto& [segment, text] : lines) {
    const Namespace& space = segment.valid() ? wires_.at(segment).space : *hub_;
    if (!space.enter()) {
      return failure("a network namespace");
    }
    if (std::string why = run_here({{"ip", "-batch", "-"}, text}); !why.empty()) {
      return why;
    }
  }
  return {};
}

void Laboratory::configure(const NodeBlueprint& node) {
  const auto fault = [&](const std::string& why) {
    if (!why.empty()) {
      faults_.emplace(node.node, why);
    }
  };
  if (!nodes_.at(node.node).space.enter()) {
    return fault(failure("a network namespace"));
  }
  fault(node.fault);
  const auto write_all = [&] {
    for (const Setting& setting : node.settings) {
      write_setting(setting.name, setting.value);
    }
  };
  write_all();
  for (const Command& command : node.commands) {
    fault(run_here(command));
  }
  write_all();  // some of them exist only now, or were set anew
}

std::string Laboratory::listen(const Receiver& receiver) {
  make_room(receiver.file);
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.u32 = static_cast<std::uint32_t>(receivers_.size());
  receivers_.push_back(receiver);
  return epoll_ctl(poll_, EPOLL_CTL_ADD, receiver.file, &wanted) == 0 ? std::string() : failure("epoll");
}

std::string Laboratory::open_wire(SegmentId segment, Place& place) {
  if (!place.space.enter()) {
    return failure("a network namespace");
  }
  place.wire = open_packet_socket(std::string(bridge).c_str());
  if (place.wire < 0) {
    return failure("a packet socket");
  }
  return listen({.file = place.wire, .seat = {{}, segment}, .is_wire = true});
}

std::string Laboratory::open_node(NodeId node, Place& place, const std::set<std::uint8_t>& protocols) {
  if (!place.space.enter()) {
    return failure("a network namespace");
  }
  const int on = 1;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (const std::uint8_t protocol : protocols) {
      const int file = socket(domain_of(family), SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
      if (file < 0) {
        return failure("a raw socket");
      }
      if (std::string why = listen({.file = file, .seat = {node, {}}, .family = family, .protocol = protocol});
          !why.empty()) {
        return why;
      }
    }
    int& sender = place.stack[model::index_of(family)];
    sender = socket(domain_of(family), SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
    if (sender < 0) {
      return failure("a raw socket");
    }
    const bool v4 = family == Family::ipv4;
    setsockopt(sender, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_HDRINCL : IPV6_HDRINCL, &on, sizeof on);
  }
  return {};
}

void Laboratory::forget_connections() {
  constexpr std::uint16_t delete_entries = NFNL_SUBSYS_CTNETLINK << 8U | 2U;
  for (auto& [node, place] : nodes_) {
    Message message(delete_entries, NLM_F_ACK);
    static_cast<void>(place.netfilter->ask(message.body(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, 0})));
  }
}

void Laboratory::send(const Shot& shot, std::uint16_t number) {
  const Bytes packet = to_bytes(shot.packet, number);
  const bool v4 = shot.packet.family == Family::ipv4;
  if (shot.through.valid()) {
    const int file = nodes_.at(shot.through).stack[model::index_of(shot.packet.family)];
    sockaddr_in to4{};
    sockaddr_in6 to6{};
    to4.sin_family = AF_INET;
    to4.sin_addr.s_addr = htonl(static_cast<std::uint32_t>(shot.packet[Field::destination]));
    to6.sin6_family = AF_INET6;
    std::copy_n(packet.begin() + (v4 ? 0 : 24), v4 ? 0 : 16, std::begin(to6.sin6_addr.s6_addr));
    const auto* to = v4 ? reinterpret_cast<const sockaddr*>(&to4) : reinterpret_cast<const sockaddr*>(&to6);
    static_cast<void>(sendto(file, packet.data(), packet.size(), 0, to, v4 ? sizeof to4 : sizeof to6));
    return;  // a refusal is an answer, too: it is not seen anywhere
  }
  const Place& wire = wires_.at(shot.wire);
  const MacAddress receiver = mac_of(shot.receiver);
  Bytes frame(receiver.begin(), receiver.end());
  frame.insert(frame.end(), wire.mac.begin(), wire.mac.end());
  const unsigned type = v4 ? ETH_P_IP : ETH_P_IPV6;
  frame.push_back(static_cast<std::uint8_t>(type >> 8U));
  frame.push_back(static_cast<std::uint8_t>(type));
  frame.insert(frame.end(), packet.begin(), packet.end());
  static_cast<void>(::send(wire.wire, frame.data(), frame.size(), 0));
}

void Laboratory::settle() {
  std::array<std::uint8_t, 60> frame{};
  frame.fill(0xff);
  frame[12] = static_cast<std::uint8_t>(mark_type >> 8U);
  frame[13] = static_cast<std::uint8_t>(mark_type & 255U);
  for (int round = 0; round < rounds; ++round) {
    frame[14] = static_cast<std::uint8_t>(round);
    static_cast<void>(::send(mark_[0], frame.data(), frame.size(), 0));
    for (bool found = false; !found;) {
      pollfd ready{mark_[1], POLLIN, 0};
      if (poll(&ready, 1, static_cast<int>(patience.count())) <= 0) {
        break;  // lost: the next round is as good
      }
      const ssize_t got = recv(mark_[1], buffer_.data(), buffer_.size(), 0);
      found = got >= 15 && buffer_[12] == frame[12] && buffer_[13] == frame[13] && buffer_[14] == frame[14];
    }
  }
}

void Laboratory::read_one(const Receiver& receiver, const Trial& trial, std::vector<std::set<Seat>>& seen) {
  for (;;) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const ssize_t got = recvfrom(receiver.file, buffer_.data(), buffer_.size(), MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&from), &length);
    if (got < 0) {
      return;
    }
    const std::span<const std::uint8_t> bytes = std::span(buffer_).first(static_cast<std::size_t>(got));
    std::optional<Seen> packet;
    if (receiver.is_wire) {
      sockaddr_ll link{};
      std::memcpy(&link, &from, sizeof link);
      if (link.sll_pkttype == PACKET_HOST && bytes.size() > ETH_HLEN) {
        packet = from_bytes(bytes.subspan(ETH_HLEN));
      }
    } else if (receiver.family == Family::ipv4) {
      packet = from_bytes(bytes);
    } else {
      sockaddr_in6 sender{};
      std::memcpy(&sender, &from, sizeof sender);
      packet = seen_by_ipv6(bytes, sender, receiver.protocol);
    }
    if (!packet || !packet->is_numbered || packet->number > trial.shots.size()) {
      continue;
    }
    // An error that quotes a packet ends in its number, too.
    const Packet& sent = trial.shots[packet->number - 1U].packet;
    const bool same_type =
        !is_icmp(sent.protocol()) || packet->packet[Field::destination_port] == sent[Field::destination_port];
    if (packet->packet.protocol() == sent.protocol() && packet->packet.family == sent.family && same_type) {
      seen[packet->number - 1U].insert(receiver.seat);
    }
  }
}

void Laboratory::drain(const Trial& trial, std::vector<std::set<Seat>>& seen) {
  std::array<epoll_event, 64> ready{};
  for (;;) {
    const int count = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 0);
    if (count <= 0) {
      return;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      read_one(receivers_[ready[i].data.u32], trial, seen);
    }
  }
}

// What has to arrive may be late where a neighbour had to be asked for.
void Laboratory::wait_for(const Trial& trial, std::size_t from, std::size_t to, std::vector<std::set<Seat>>& seen) {
  const auto end = std::chrono::steady_clock::now() + patience;
  const auto is_missing = [&] {
    for (std::size_t i = from; i < to; ++i) {
      if (trial.shots[i].expected && seen[i].empty()) {
        return true;
      }
    }
    return false;
  };
  while (is_missing() && std::chrono::steady_clock::now() < end) {
    pollfd ready{poll_, POLLIN, 0};
    poll(&ready, 1, 20);
    drain(trial, seen);
  }
}

std::vector<std::set<Seat>> Laboratory::run(const Trial& trial) {
  std::vector<std::set<Seat>> seen(trial.shots.size());
  forget_connections();
  settle();
  Trial nothing;
  drain(nothing, seen);  // what earlier trials left behind
  const std::size_t step = trial.order == Trial::Order::in_turn ? 1 : at_once;
  for (std::size_t first = 0; first < trial.shots.size(); first += step) {
    const std::size_t last = std::min(first + step, trial.shots.size());
    for (std::size_t i = first; i < last; ++i) {
      send(trial.shots[i], static_cast<std::uint16_t>(i + 1));
    }
    settle();
    drain(trial, seen);
    if (trial.order == Trial::Order::in_turn) {
      wait_for(trial, first, last, seen);
    }
  }
  wait_for(trial, 0, trial.shots.size(), seen);
  return seen;
}

}  // namespace segproof::confirm
