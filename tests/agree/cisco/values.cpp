// SPDX-License-Identifier: Apache-2.0
#include "agree/cisco/values.h"

#include <cstdlib>

namespace segproof::agree {

std::optional<int> port_of(const std::string& word) {
  if (is_number(word))
    return std::atoi(word.c_str());
  const auto found = port_names().find(word);
  return found == port_names().end() ? std::nullopt : std::optional(found->second);
}

bool read_ports(const Words& w, std::size_t& at, OnePort one, Ports& into) {
  if (at >= w.size())
    return true;
  const std::string operation = w[at];
  if (operation != "eq" && operation != "neq" && operation != "gt" && operation != "lt" && operation != "range")
    return true;
  ++at;
  const auto first = at < w.size() ? port_of(w[at++]) : std::nullopt;
  if (!first)
    return false;
  const auto low = static_cast<std::uint32_t>(*first);
  into.limited = true;
  if (operation == "gt") {
    into.ranges = {{low + 1, 65535}};
  } else if (operation == "lt") {
    if (low > 0)
      into.ranges = {{0, low - 1}};
  } else if (operation == "neq") {
    if (low > 0)
      into.ranges.push_back({0, low - 1});
    into.ranges.push_back({low + 1, 65535});
  } else if (operation == "range") {
    const auto last = at < w.size() ? port_of(w[at++]) : std::nullopt;
    if (!last)
      return false;
    into.ranges = {{low, static_cast<std::uint32_t>(*last)}};
  } else {
    into.ranges = {{low, low}};
    while (one == OnePort::no && at < w.size() && port_of(w[at])) {
      const auto more = static_cast<std::uint32_t>(*port_of(w[at++]));
      into.ranges.push_back({more, more});
    }
  }
  return true;
}

std::optional<Masked> prefix_of(const std::string& word) {
  const std::size_t slash = word.find('/');
  const auto value = slash == std::string::npos ? std::nullopt : dotted(word.substr(0, slash));
  if (!value || !is_number(word.substr(slash + 1)))
    return std::nullopt;
  const int length = std::atoi(word.c_str() + slash + 1);
  const std::uint32_t care = length == 0 ? 0 : 0xffffffffU << static_cast<unsigned>(32 - length);
  return Masked{*value & care, care};
}

bool read_icmp(const Words& w, std::size_t& at, Kind& kind) {
  int type = -1;
  int code = -1;
  if (is_number(w[at])) {
    type = std::atoi(w[at].c_str());
  } else if (const auto found = icmp_names().find(w[at]); found != icmp_names().end()) {
    type = found->second.first;
    code = found->second.second;
  } else {
    return false;
  }
  ++at;
  if (at < w.size() && is_number(w[at]) && code < 0)
    code = std::atoi(w[at++].c_str());
  const auto low = static_cast<std::uint32_t>(type) * 256;
  kind.destination.limited = true;
  kind.destination.ranges = {
      code < 0 ? Range{low, low + 255}
               : Range{low + static_cast<std::uint32_t>(code), low + static_cast<std::uint32_t>(code)}};
  return true;
}

}  // namespace segproof::agree
