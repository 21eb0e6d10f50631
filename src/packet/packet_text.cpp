// SPDX-License-Identifier: Apache-2.0
// Packets as people write them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/text.h"
#include "packet/packet.h"

namespace segproof {
namespace {

constexpr std::size_t longest_text = 400;
constexpr std::string_view fragment_word = "fragment";

std::string endpoint_text(const Address& address, Bits port, bool with_port) {
  std::string text = to_string(address);
  if (address.family == Family::ipv6)
    text = "[" + text + "]";
  if (with_port)
    fmt::format_to(std::back_inserter(text), ":{}", static_cast<unsigned>(port));
  return text;
}

struct Endpoint {
  Address address;
  std::optional<unsigned> port;
};

// "10.0.0.1", "10.0.0.1:80", "[::1]", "[::1]:80"; a bare "::1" has no port.
Result<Endpoint> read_endpoint(std::string_view text) {
  const Failure no_address{fmt::format("{} is not an address, with or without a port", quote(text))};
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos)
      return Failure{fmt::format("the `[` of {} is not closed", quote(text))};
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (host.find(':') == std::string_view::npos || (!rest.empty() && rest.front() != ':'))
      return no_address;
    if (!rest.empty())
      port = rest.substr(1);
  } else if (std::ranges::count(text, ':') == 1) {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  const auto address = parse_address(host);
  if (!address)
    return no_address;
  if (!port)
    return Endpoint{*address, std::nullopt};
  const auto number = parse_unsigned<std::uint16_t>(*port);
  if (!number)
    return Failure{fmt::format("{} is not a port from 0 to 65535", quote(*port))};
  return Endpoint{*address, *number};
}

// "[syn,ack]"; "[none]" for no flag.
Result<unsigned> read_flags(std::string_view text) {
  if (text.size() < 3 || text.back() != ']')
    return Failure{fmt::format("the `[` of {} is not closed", quote(text))};
  text = text.substr(1, text.size() - 2);
  if (text == "none")
    return 0U;
  unsigned flags = 0;
  for (const std::string_view name : split(text, ',')) {
    const auto flag = parse_tcp_flag(name);
    if (!flag || (flags & *flag) != 0)
      return Failure{fmt::format("{} is not a flag of TCP, or stands twice", quote(name))};
    flags |= *flag;
  }
  return flags;
}

// The words of a text from first to last.
class Words {
 public:
  explicit Words(std::vector<std::string_view> words) : words_(std::move(words)) {}
  [[nodiscard]] bool done() const { return at_ == words_.size(); }
  [[nodiscard]] std::string_view peek() const { return done() ? std::string_view() : words_[at_]; }
  std::string_view next() { return done() ? std::string_view() : words_[at_++]; }
  bool accept(std::string_view word) {
    const bool found = !done() && peek() == word;
    at_ += found ? 1 : 0;
    return found;
  }

 private:
  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
};

// Reads one packet word by word; `fault` is why it is none.
class PacketReader {
 public:
  explicit PacketReader(std::string_view text) : words_(split_words(text)) {}

  std::optional<Packet> read() {
    const std::string_view name = words_.next();
    const auto protocol = parse_protocol(name);
    if (!protocol)
      return fail(fmt::format("{} is not a protocol", quote(name)));
    packet_[Field::protocol] = *protocol;
    const auto source = endpoint();
    if (!source)
      return std::nullopt;
    if (!words_.accept(">"))
      return fail("behind the source stands no `>`");
    const auto destination = endpoint();
    if (!destination)
      return std::nullopt;
    return ends(*source, *destination) && details() ? std::optional(packet_) : std::nullopt;
  }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  std::nullopt_t fail(std::string why) {
    fault_ = std::move(why);
    return std::nullopt;
  }

  std::optional<Endpoint> endpoint() {
    const Result<Endpoint> found = read_endpoint(words_.next());
    return found ? std::optional(found.value()) : fail(found.failure().message);
  }

  bool ends(const Endpoint& source, const Endpoint& destination) {
    if (source.address.family != destination.address.family)
      fail("source and destination are of different families");
    else if (source.port.has_value() != destination.port.has_value())
      fail("only one of source and destination has a port");
    else if (is_icmp(packet_.protocol()) && source.port)
      fail("ICMP has no ports");
    packet_.family = source.address.family;
    packet_[Field::source] = source.address.bits;
    packet_[Field::destination] = destination.address.bits;
    packet_[Field::source_port] = source.port.value_or(0);
    packet_[Field::destination_port] = destination.port.value_or(0);
    has_ports_ = source.port.has_value();
    return fault_.empty();
  }

  // What may stand behind the addresses, in this order.
  bool details() {
    const bool names_icmp = words_.peek() == "type";
    if (names_icmp && !icmp())
      return false;
    const bool names_flags = words_.peek().starts_with('[');
    if (names_flags && !flags())
      return false;
    const bool fragment = words_.accept(fragment_word);
    if (!words_.done())
      fail(fmt::format("{} is not understood", quote(words_.peek())));
    else if (segproof::has_ports(packet_.protocol()) && !fragment && !has_ports_)
      fail(fmt::format("a packet of {} has ports", protocol_name(packet_.protocol())));
    packet_[Field::fragment] = fragment ? 1 : 0;
    if (is_icmp(packet_.protocol()) && !names_icmp && !fragment)
      packet_[Field::destination_port] = (packet_.protocol() == protocol_number::icmpv6 ? 128U : 8U) << 8U;
    if (packet_.protocol() == protocol_number::tcp && !names_flags && !fragment)
      packet_[Field::tcp_flags] = tcp_flag::syn;
    return fault_.empty();
  }

  // "type 8 code 0".
  bool icmp() {
    words_.next();
    const auto type = parse_unsigned<std::uint8_t>(words_.next());
    const auto code = words_.accept("code") ? parse_unsigned<std::uint8_t>(words_.next()) : std::nullopt;
    if (!is_icmp(packet_.protocol()))
      fail("only ICMP has a type");
    else if (!type || !code)
      fail("behind `type` stands no `NUMBER code NUMBER`, both from 0 to 255");
    else
      packet_[Field::destination_port] = static_cast<unsigned>(*type) << 8U | *code;
    return fault_.empty();
  }

  bool flags() {
    const Result<unsigned> found = read_flags(words_.next());
    if (!found)
      fail(found.failure().message);
    else
      packet_[Field::tcp_flags] = found.value();
    return fault_.empty();
  }

  Words words_;
  Packet packet_;
  bool has_ports_ = false;
  std::string fault_;
};

}  // namespace

std::string to_string(const Packet& packet) {
  const std::uint8_t protocol = packet.protocol();
  const bool fragment = packet[Field::fragment] != 0;
  const Bits source_port = packet[Field::source_port];
  const Bits destination_port = packet[Field::destination_port];
  const bool overlay = is_icmp(protocol);
  const bool nonzero = source_port != 0 || destination_port != 0;
  const bool ports = !overlay && (has_ports(protocol) ? !fragment || nonzero : nonzero);
  std::string out =
      fmt::format("{} {} > {}", protocol_name(protocol), endpoint_text(packet.source(), source_port, ports),
                  endpoint_text(packet.destination(), destination_port, ports));
  if (overlay && (!fragment || destination_port != 0)) {
    const auto value = static_cast<unsigned>(destination_port);
    fmt::format_to(std::back_inserter(out), " type {} code {}", value >> 8U, value & 255U);
  }
  const auto flags = static_cast<std::uint8_t>(packet[Field::tcp_flags]);
  if (protocol == protocol_number::tcp ? !fragment || flags != 0 : flags != 0) {
    fmt::format_to(std::back_inserter(out), " [{}]",
                   flags == 0 ? "none" : fmt::format("{}", fmt::join(tcp_flag_names(flags), ",")));
  }
  if (fragment)
    out += " fragment";
  return out;
}

Result<Packet> read_packet(std::string_view text) {
  const auto no_packet = [&](std::string_view why) {
    return Failure{
        fmt::format("{} is not a packet: {}; write one as 'tcp 10.11.0.9:40000 > 172.30.10.4:443'", quote(text), why)};
  };
  if (text.size() > longest_text)
    return no_packet("it is too long");
  PacketReader reader(text);
  const std::optional<Packet> packet = reader.read();
  if (!packet)
    return no_packet(reader.fault());
  return *packet;
}

std::optional<Packet> parse_packet(std::string_view text) {
  const Result<Packet> packet = read_packet(text);
  return packet ? std::optional(packet.value()) : std::nullopt;
}

}  // namespace segproof
