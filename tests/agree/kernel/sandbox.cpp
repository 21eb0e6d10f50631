// SPDX-License-Identifier: Apache-2.0
#include "sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "confirm/process.h"

namespace segproof::oracle {
namespace {

using confirm::from_bytes;
using confirm::from_payload;
using confirm::Message;
using confirm::Ran;
using confirm::run;
using confirm::to_bytes;

constexpr std::uint8_t arrivals_table = 100;  // routes for what arrives; `main` has those for what is sent from here
constexpr std::array<std::uint8_t, 9> spoken{1, 6, 17, 33, 47, 50, 58, 132, 136};

struct Home {
  const char* name;
  const char* ipv4;
  const char* ipv6;
};
constexpr std::array<Home, 4> homes{{{"eth0", "10.0.0.1", "fd00::1"},
                                     {"eth1", "192.0.2.1", "2001:db8:1::1"},
                                     {"ppp0", "198.51.100.1", "2001:db8:2::1"},
                                     {"br-lan", "172.16.0.1", "fd00:1::1"}}};

std::string failure(std::string_view what) {
  return fmt::format("{}: {}", what, std::strerror(errno));
}

void write_setting(const std::string& name, const std::string& value) {
  std::ofstream file("/proc/sys/net/" + name);
  file << value << '\n';
}

// No filter but netfilter, no answer that is limited in its rate, nothing that an interface says by itself.
void write_settings() {
  std::vector<std::string> interfaces{"all", "default", "lo"};
  for (const Home& home : homes)
    interfaces.emplace_back(home.name);
  for (const std::string& name : interfaces) {
    const std::string ipv4 = "ipv4/conf/" + name + "/";
    for (const char* off : {"rp_filter", "send_redirects", "log_martians"})
      write_setting(ipv4 + off, "0");
    write_setting(ipv4 + "accept_local", "1");
    const std::string ipv6 = "ipv6/conf/" + name + "/";
    for (const char* off : {"accept_dad", "accept_ra", "router_solicitations", "accept_redirects"})
      write_setting(ipv6 + off, "0");
    write_setting(ipv6 + "addr_gen_mode", "1");
    write_setting(ipv6 + "disable_ipv6", "0");
    write_setting(ipv6 + "forwarding", "1");
  }
  write_setting("ipv4/ip_forward", "1");
  write_setting("ipv4/icmp_ratemask", "0");
  write_setting("ipv4/icmp_ratelimit", "0");
  write_setting("ipv6/icmp/ratelimit", "0");
  write_setting("ipv6/icmp/ratemask", "0");
  write_setting("netfilter/nf_conntrack_tcp_loose", "1");
  // Sequence numbers and windows are not followed.
  write_setting("netfilter/nf_conntrack_tcp_be_liberal", "1");
}

std::size_t index_of(Family family) {
  return static_cast<std::size_t>(family);
}
int domain_of(Family family) {
  return family == Family::ipv4 ? AF_INET : AF_INET6;
}

sockaddr_in6 ipv6_address(Bits bits) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  for (std::size_t i = 16; i-- > 0; bits >>= 8U)
    address.sin6_addr.s6_addr[i] = static_cast<std::uint8_t>(bits);
  return address;
}
Bits bits_of(const in6_addr& address) {
  Bits bits = 0;
  for (const std::uint8_t byte : address.s6_addr)
    bits = bits << 8U | byte;
  return bits;
}

// A packet out of a raw IPv6 socket, which keeps the IP header to itself.
std::optional<Seen> receive_ipv6(int file, std::uint8_t protocol, Bytes& buffer) {
  sockaddr_in6 from{};
  iovec part{buffer.data(), buffer.size()};
  std::array<char, 256> control{};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = recvmsg(file, &message, MSG_DONTWAIT);
  if (got < 0)
    return std::nullopt;
  Packet packet;
  packet.family = Family::ipv6;
  packet[Field::protocol] = protocol;
  packet[Field::source] = bits_of(from.sin6_addr);
  for (cmsghdr* part_of = CMSG_FIRSTHDR(&message); part_of != nullptr; part_of = CMSG_NXTHDR(&message, part_of)) {
    if (part_of->cmsg_level != IPPROTO_IPV6 || part_of->cmsg_type != IPV6_PKTINFO)
      continue;
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(part_of), sizeof info);
    packet[Field::destination] = bits_of(info.ipi6_addr);
  }
  const auto seen = from_payload(packet, std::span(buffer).first(static_cast<std::size_t>(got)));
  return seen ? seen : Seen{};
}

}  // namespace

const std::vector<std::string>& Sandbox::interfaces() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (const Home& home : homes)
      made.emplace_back(home.name);
    return made;
  }();
  return names;
}

const model::OwnAddresses& Sandbox::own_addresses() {
  static const model::OwnAddresses own = [] {
    model::OwnAddresses made;
    for (const Home& home : homes) {
      for (const char* text : {home.ipv4, home.ipv6})
        made.entries.push_back({home.name, parse_interface_address(text).value_or(InterfaceAddress{})});
    }
    made.entries.push_back({"lo", parse_interface_address("127.0.0.1/8").value_or(InterfaceAddress{})});
    made.entries.push_back({"lo", parse_interface_address("::1/128").value_or(InterfaceAddress{})});
    return made;
  }();
  return own;
}

Result<std::unique_ptr<Sandbox>> Sandbox::create() {
  if (access("/dev/net/tun", R_OK | W_OK) != 0)
    return Failure{failure("/dev/net/tun")};
  if (unshare(CLONE_NEWNET) != 0)
    return Failure{failure("a network namespace of its own")};
  std::unique_ptr<Sandbox> sandbox(new Sandbox());
  for (const auto step : {&Sandbox::open_devices, &Sandbox::configure, &Sandbox::open_sockets}) {
    const std::string why = (sandbox.get()->*step)();
    if (!why.empty())
      return Failure{why};
  }
  return sandbox;
}

Sandbox::~Sandbox() {
  for (const Device& device : devices_)
    close(device.file);
  for (const Receiver& receiver : receivers_)
    close(receiver.file);
  for (const int file : {sender_[0], sender_[1], poll_}) {
    if (file >= 0)
      close(file);
  }
}

std::string Sandbox::open_devices() {
  for (const std::string& name : interfaces()) {
    const int file = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
      return failure("/dev/net/tun");
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    devices_.push_back({name, file, 0});
    if (ioctl(file, TUNSETIFF, &request) != 0)
      return failure("interface " + name);
    devices_.back().index = static_cast<int>(if_nametoindex(name.c_str()));
  }
  return {};
}

std::string Sandbox::configure() {
  write_settings();
  std::string lines = "link set lo up\n";
  std::string lines6;
  for (const Home& home : homes) {
    lines += fmt::format("link set {} txqueuelen 1000 up\n", home.name);
    lines += fmt::format("addr add {}/32 dev {}\n", home.ipv4, home.name);
    lines += fmt::format("rule add pref 100 iif {} lookup {}\n", home.name, arrivals_table);
    lines6 += fmt::format("addr add {}/128 dev {} nodad\n", home.ipv6, home.name);
    lines6 += fmt::format("rule add pref 100 iif {} lookup {}\n", home.name, arrivals_table);
  }
  for (const auto& [option, text] : {std::pair("-4", lines), std::pair("-6", lines6)}) {
    const Ran ran = run({"ip", option, "-batch", "-"}, text);
    if (ran.code != 0)
      return fmt::format("ip {} failed: {}", option, ran.output);
  }
  write_settings();
  routes_ = std::make_unique<NetlinkSocket>(NETLINK_ROUTE);
  netfilter_ = std::make_unique<NetlinkSocket>(NETLINK_NETFILTER);
  if (!routes_->ok() || !netfilter_->ok())
    return failure("netlink");
  return set_way(interfaces().front()) ? std::string() : "the routes of the namespace cannot be set";
}

std::string Sandbox::open_sockets() {
  const int size = 4 << 20;
  const int on = 1;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (const std::uint8_t protocol : spoken) {
      const int file = socket(domain_of(family), SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
      if (file < 0)
        return failure("a raw socket");
      setsockopt(file, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
      if (family == Family::ipv6)
        setsockopt(file, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
      receivers_.push_back({file, protocol, family});
    }
    int& sender = sender_[index_of(family)];
    sender = socket(domain_of(family), SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
    if (sender < 0)
      return failure("a raw socket");
    const int level = family == Family::ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
    const int option = family == Family::ipv4 ? IP_HDRINCL : IPV6_HDRINCL;
    setsockopt(sender, level, option, &on, sizeof on);
  }
  poll_ = epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < devices_.size() + receivers_.size(); ++i) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u32 = static_cast<std::uint32_t>(i);
    const int file = i < devices_.size() ? devices_[i].file : receivers_[i - devices_.size()].file;
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, file, &wanted) != 0)
      return failure("epoll");
  }
  return {};
}

bool Sandbox::set_default_route(Family family, std::uint8_t table, const Device* egress) {
  rtmsg route{};
  route.rtm_family = static_cast<std::uint8_t>(domain_of(family));
  route.rtm_table = table;
  Message away(RTM_DELROUTE, NLM_F_ACK);
  if (routes_->ask(away.body(route)) == EOPNOTSUPP)
    return false;
  route.rtm_protocol = RTPROT_STATIC;
  route.rtm_scope = egress == nullptr ? RT_SCOPE_HOST : RT_SCOPE_LINK;
  route.rtm_type = egress == nullptr ? RTN_LOCAL : RTN_UNICAST;
  const auto index = static_cast<std::uint32_t>(egress == nullptr ? 1 : egress->index);
  Message add(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
  return routes_->ask(add.body(route).attribute(RTA_OIF, index)) == 0;
}

bool Sandbox::set_way(const std::string& egress) {
  if (way_ == egress)
    return true;
  const auto found = std::ranges::find(devices_, egress, &Device::name);
  if (found == devices_.end() && !egress.empty())
    return false;
  const Device* device = egress.empty() ? nullptr : &*found;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    if (!set_default_route(family, arrivals_table, device) ||
        !set_default_route(family, RT_TABLE_MAIN, device == nullptr ? &devices_.front() : device)) {
      return false;
    }
  }
  way_ = egress;
  return true;
}

bool Sandbox::forget_connections() {
  constexpr std::uint16_t delete_entries = NFNL_SUBSYS_CTNETLINK << 8U | 2U;
  Message message(delete_entries, NLM_F_ACK);
  const int error = netfilter_->ask(message.body(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, 0}));
  return error == 0 || error == ENOENT;
}

void Sandbox::send_from_here(const Packet& packet, std::uint16_t number) {
  const Bytes bytes = to_bytes(packet, number);
  const int file = sender_[index_of(packet.family)];
  // A refusal is one of the answers that are asked for: what matters is what comes out.
  if (packet.family == Family::ipv4) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(static_cast<std::uint32_t>(packet[Field::destination]));
    static_cast<void>(sendto(file, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to));
    return;
  }
  const sockaddr_in6 to = ipv6_address(packet[Field::destination]);
  static_cast<void>(sendto(file, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to));
}

std::vector<Sighting> Sandbox::send(const std::string& ingress, const Packet& packet, std::uint16_t number) {
  if (!ingress.empty())
    return send_bytes(ingress, to_bytes(packet, number));
  std::vector<Sighting> sightings;
  send_from_here(packet, number);
  read_all(sightings);
  return sightings;
}

std::vector<Sighting> Sandbox::send_bytes(const std::string& ingress, const Bytes& bytes) {
  std::vector<Sighting> sightings;
  const auto device = std::ranges::find(devices_, ingress, &Device::name);
  if (device == devices_.end() || write(device->file, bytes.data(), bytes.size()) < 0)
    return sightings;
  read_all(sightings);
  return sightings;
}

void Sandbox::read_all(std::vector<Sighting>& sightings) {
  std::array<epoll_event, 32> ready{};
  for (;;) {
    const int count = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 0);
    if (count <= 0)
      return;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      read_one(ready[i].data.u32, sightings);
  }
}

void Sandbox::read_one(std::size_t which, std::vector<Sighting>& sightings) {
  const bool is_device = which < devices_.size();
  const Receiver* receiver = is_device ? nullptr : &receivers_[which - devices_.size()];
  for (;;) {
    std::optional<Seen> seen;
    if (receiver != nullptr && receiver->family == Family::ipv6) {
      seen = receive_ipv6(receiver->file, receiver->protocol, buffer_);
      if (!seen)
        return;
    } else {
      const ssize_t got = read(is_device ? devices_[which].file : receiver->file, buffer_.data(), buffer_.size());
      if (got < 0)
        return;
      seen = from_bytes(std::span(buffer_).first(static_cast<std::size_t>(got)));
    }
    if (seen)
      sightings.push_back({is_device ? devices_[which].name : std::string(), *seen});
  }
}

}  // namespace segproof::oracle
