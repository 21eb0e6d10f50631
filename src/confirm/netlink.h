// SPDX-License-Identifier: Apache-2.0
// Netlink messages, as far as they are needed here: build one, send it, read the acknowledgement, take attributes
// apart. Nothing here waits for longer than a second.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace segproof::confirm {

class Message {
 public:
  Message(std::uint16_t type, std::uint16_t flags);
  template <class T>
  Message& body(const T& value) {
    append(&value, sizeof value);
    return *this;
  }
  Message& attribute(std::uint16_t type, const void* data, std::size_t size);
  template <class T>
  Message& attribute(std::uint16_t type, const T& value) {
    return attribute(type, &value, sizeof value);
  }
  Message& text(std::uint16_t type, std::string_view value);  // with the NUL at its end
  [[nodiscard]] std::span<const std::uint8_t> bytes();

 private:
  void append(const void* data, std::size_t size);
  std::vector<std::uint8_t> bytes_;
};

using Attributes = std::vector<std::pair<std::uint16_t, std::span<const std::uint8_t>>>;
// The attributes in `bytes`, without the flags of their types; stops at the first that does not fit.
[[nodiscard]] Attributes attributes_of(std::span<const std::uint8_t> bytes);
// Network order; 0 when the attribute is too short.
[[nodiscard]] std::uint64_t big_endian(std::span<const std::uint8_t> bytes);

class NetlinkSocket {
 public:
  explicit NetlinkSocket(int protocol);
  ~NetlinkSocket();
  NetlinkSocket(const NetlinkSocket&) = delete;
  NetlinkSocket& operator=(const NetlinkSocket&) = delete;

  [[nodiscard]] bool ok() const { return socket_ >= 0; }
  [[nodiscard]] bool join(int group);
  // Sends a request that asks for an acknowledgement (NLM_F_ACK) and returns its error number, 0 for success.
  [[nodiscard]] int ask(Message& message);
  // Sends a request for a list; calls visit(type, payload after the netlink header) for each answer.
  template <class Visit>
  [[nodiscard]] bool dump(Message& message, Visit visit) {
    if (!send(message))
      return false;
    for (;;) {
      const std::span<const std::uint8_t> datagram = receive(1000);
      if (datagram.empty())
        return false;
      bool done = false;
      each(datagram, [&](std::uint16_t type, std::span<const std::uint8_t> payload) {
        done = done || type == NLMSG_DONE || type == NLMSG_ERROR;
        if (!done)
          visit(type, payload);
      });
      if (done)
        return true;
    }
  }
  // Calls visit(type, payload) for everything that lies in the socket.
  template <class Visit>
  void drain(Visit visit) {
    for (;;) {
      const std::span<const std::uint8_t> datagram = receive(0);
      if (datagram.empty())
        return;
      each(datagram, visit);
    }
  }
  [[nodiscard]] std::uint64_t overruns() const { return overruns_; }

 private:
  [[nodiscard]] bool send(Message& message);
  [[nodiscard]] std::span<const std::uint8_t> receive(int milliseconds);

  template <class Visit>
  static void each(std::span<const std::uint8_t> datagram, Visit visit) {
    while (datagram.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header{};
      std::memcpy(&header, datagram.data(), sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size())
        return;
      visit(header.nlmsg_type, datagram.subspan(sizeof header, header.nlmsg_len - sizeof header));
      const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
      datagram = datagram.subspan(step < datagram.size() ? step : datagram.size());
    }
  }

  int socket_ = -1;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t overruns_ = 0;
};

}  // namespace segproof::confirm
