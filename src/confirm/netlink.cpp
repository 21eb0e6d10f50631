// SPDX-License-Identifier: Apache-2.0
#include "confirm/netlink.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace segproof::confirm {

Message::Message(std::uint16_t type, std::uint16_t flags) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  append(&header, sizeof header);
}

void Message::append(const void* data, std::size_t size) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + NLMSG_ALIGN(size));
  if (size > 0)
    std::memcpy(bytes_.data() + at, data, size);
}

Message& Message::attribute(std::uint16_t type, const void* data, std::size_t size) {
  nlattr header{};
  header.nla_type = type;
  header.nla_len = static_cast<std::uint16_t>(sizeof header + size);
  append(&header, sizeof header);
  append(data, size);
  return *this;
}

Message& Message::text(std::uint16_t type, std::string_view value) {
  std::vector<char> ended(value.begin(), value.end());
  ended.push_back('\0');
  return attribute(type, ended.data(), ended.size());
}

std::span<const std::uint8_t> Message::bytes() {
  const auto length = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(bytes_.data(), &length, sizeof length);
  return bytes_;
}

Attributes attributes_of(std::span<const std::uint8_t> bytes) {
  Attributes found;
  while (bytes.size() >= sizeof(nlattr)) {
    nlattr header{};
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.nla_len < sizeof header || header.nla_len > bytes.size())
      break;
    found.emplace_back(static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
                       bytes.subspan(sizeof header, header.nla_len - sizeof header));
    const std::size_t step = NLA_ALIGN(header.nla_len);
    bytes = bytes.subspan(step < bytes.size() ? step : bytes.size());
  }
  return found;
}

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes)
    value = value << 8U | byte;
  return value;
}

NetlinkSocket::NetlinkSocket(int protocol)
    : socket_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)), buffer_(std::size_t{256} << 10U) {
  if (socket_ < 0)
    return;
  const int size = 8 << 20;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

NetlinkSocket::~NetlinkSocket() {
  if (socket_ >= 0)
    close(socket_);
}

bool NetlinkSocket::join(int group) {
  return setsockopt(socket_, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
}

bool NetlinkSocket::send(Message& message) {
  const auto bytes = message.bytes();
  return ::send(socket_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

std::span<const std::uint8_t> NetlinkSocket::receive(int milliseconds) {
  for (;;) {
    if (milliseconds > 0) {
      pollfd ready{socket_, POLLIN, 0};
      if (poll(&ready, 1, milliseconds) <= 0)
        return {};
    }
    const ssize_t got = recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got > 0)
      return std::span(buffer_).first(static_cast<std::size_t>(got));
    if (got < 0 && errno == ENOBUFS) {
      ++overruns_;
      continue;
    }
    if (got < 0 && errno == EINTR)
      continue;
    return {};
  }
}

int NetlinkSocket::ask(Message& message) {
  if (!send(message))
    return errno;
  int result = ETIMEDOUT;
  bool answered = false;
  while (!answered) {
    const auto datagram = receive(1000);
    if (datagram.empty())
      break;
    each(datagram, [&](std::uint16_t type, std::span<const std::uint8_t> payload) {
      if (type != NLMSG_ERROR || payload.size() < sizeof(int))
        return;
      int error = 0;
      std::memcpy(&error, payload.data(), sizeof error);
      result = -error;
      answered = true;
    });
  }
  return result;
}

}  // namespace segproof::confirm
