// SPDX-License-Identifier: Apache-2.0
// tcp, udp, sctp, dccp, multiport, icmp, icmp6: matches on what follows the IP header. The kernel never lets them match
// a later fragment, negated or not.
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "input/iptables/builders.h"
#include "input/iptables/values.h"
#include "packet/icmp_names.h"

namespace segproof::iptables {
namespace {

using model::Unknown;

void not_a_later_fragment(RuleDraft& draft) {
  draft.add_field(Field::fragment, IntervalSet::single(0), false);
}

// The rule must ask for that protocol with -p, and not negated.
bool needs_protocol(const ExtensionUse& use, RuleDraft& draft, std::uint8_t protocol, std::string_view name) {
  if (draft.protocol == protocol)
    return true;
  draft.fail(fmt::format("match {} needs `-p {}`", quote(use.name), name), use.column);
  return false;
}

void add_port(const OptionUse& option, RuleDraft& draft, Field field) {
  const auto ports = parse_ports(option.values.front(), ':', draft.protocol.value_or(0));
  if (!ports) {
    draft.fail(fmt::format("bad port {}", quote(option.values.front())), option.column);
  } else if (ports->is_name) {
    draft.add_unknown(Unknown::unresolved_name, fmt::format("service {}", option.values.front()));
  } else if (option.negated && ports->ports == Interval{0, 65535}) {
    // iptables matches never, iptables-nft 1.8.9 leaves the test out.
    draft.add_unknown(Unknown::content, "none of all ports");
  } else {
    draft.add_field(field, IntervalSet{ports->ports}, option.negated);
  }
}

// Handles the port options; false for any other option.
bool port_option(const OptionUse& option, RuleDraft& draft) {
  if (option.name == "source-port" || option.name == "sport") {
    add_port(option, draft, Field::source_port);
  } else if (option.name == "destination-port" || option.name == "dport") {
    add_port(option, draft, Field::destination_port);
  } else {
    return false;
  }
  return true;
}

// The values that a negated single port leaves; nothing for any other option.
std::optional<IntervalSet> other_ports(const ExtensionUse& use, const RuleDraft& draft, std::string_view short_name,
                                       std::string_view long_name) {
  const OptionUse* option = use.find(short_name) != nullptr ? use.find(short_name) : use.find(long_name);
  if (option == nullptr || !option->negated)
    return std::nullopt;
  const auto ports = parse_ports(option->values.front(), ':', draft.protocol.value_or(0));
  if (!ports || ports->is_name || ports->ports.low != ports->ports.high || ports->ports.low == 0)
    return std::nullopt;
  return IntervalSet{ports->ports}.complement(65535);
}

// iptables-nft before 1.8.10 makes one comparison of two negated ports: the rule then matches unless both are as given.
// A dump does not say which of the two it means. True when the options were of that kind and are dealt with.
bool joined_ports(const ExtensionUse& use, RuleDraft& draft) {
  const auto source = other_ports(use, draft, "sport", "source-port");
  const auto destination = other_ports(use, draft, "dport", "destination-port");
  if (!source || !destination)
    return false;
  const model::FieldTest source_test{Field::source_port, *source};
  const model::FieldTest destination_test{Field::destination_port, *destination};
  const model::UnknownTest joined{Unknown::content, "two negated ports, which iptables-nft 1.8.9 takes for one"};
  model::AnyTest either;
  either.alternatives.push_back({{source_test, destination_test}});
  either.alternatives.push_back({{source_test, joined}});
  either.alternatives.push_back({{destination_test, joined}});
  draft.add(std::move(either));
  return true;
}

bool is_port_option(const OptionUse& option) {
  return option.name == "sport" || option.name == "source-port" || option.name == "dport" ||
         option.name == "destination-port";
}

std::optional<std::uint8_t> parse_tcp_flags(std::string_view text) {
  constexpr std::array<std::string_view, 8> names{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
  unsigned flags = 0;
  for (const std::string_view word : split(text, ',')) {
    if (same_word(word, "ALL")) {
      flags |= 0x3fU;
    } else if (!same_word(word, "NONE")) {
      std::size_t i = 0;
      while (i < names.size() && !same_word(word, names[i]))
        ++i;
      if (i == names.size())
        return std::nullopt;
      flags |= 1U << i;
    }
  }
  return static_cast<std::uint8_t>(flags);
}

void tcp_flags_option(const OptionUse& option, RuleDraft& draft) {
  const auto mask = parse_tcp_flags(option.values[0]);
  const auto value = parse_tcp_flags(option.values[1]);
  if (!mask || !value) {
    draft.fail(fmt::format("bad TCP flags {} {}", quote(option.values[0]), quote(option.values[1])), option.column);
    return;
  }
  // No flag is looked at, and iptables never matches: iptables-nft 1.8.9 leaves the test out.
  if (*mask == 0 && (*value != 0) != option.negated) {
    draft.add_unknown(Unknown::content, "flags outside of an empty mask");
    return;
  }
  draft.add(model::MaskTest{Field::tcp_flags, *value, *mask, option.negated});
}

void match_ports_only(const ExtensionUse& use, RuleDraft& draft, std::uint8_t protocol, std::string_view name) {
  if (!needs_protocol(use, draft, protocol, name))
    return;
  not_a_later_fragment(draft);
  const bool joined = protocol == protocol_number::udp && joined_ports(use, draft);
  for (const OptionUse& option : use.options) {
    if (joined && is_port_option(option))
      continue;
    if (!port_option(option, draft)) {
      draft.add_unknown(Unknown::content, text_of(use));
    }
  }
}

// The set of a list "80,443,1000:2000"; nothing after a fault or an unknown name.
std::optional<IntervalSet> port_list(const OptionUse& option, RuleDraft& draft) {
  // The kernel has room for so many numbers, of which a range needs two; iptables refuses a longer list.
  constexpr std::size_t most_numbers = 15;
  std::size_t numbers = 0;
  std::vector<Interval> intervals;
  for (const std::string_view word : split(option.values.front(), ',')) {
    const auto ports = parse_ports(word, ':', draft.protocol.value_or(0));
    if (!ports || word.empty()) {
      draft.fail(fmt::format("bad port {}", quote(word)), option.column);
      return std::nullopt;
    }
    numbers += word.find(':') == std::string_view::npos ? 1U : 2U;
    if (numbers > most_numbers) {
      draft.fail(fmt::format("more than {} ports", most_numbers), option.column);
      return std::nullopt;
    }
    if (ports->is_name) {
      draft.add_unknown(Unknown::unresolved_name, fmt::format("service {}", word));
      return std::nullopt;
    }
    intervals.push_back(ports->ports);
  }
  return IntervalSet::of(std::move(intervals));
}

// "8", "3/1", "3/0:5"; the values of the overlay.
std::optional<Interval> numeric_icmp_types(std::string_view text, Family family) {
  const std::size_t slash = text.find('/');
  const auto type = parse_number(text.substr(0, slash), 255);
  if (!type)
    return std::nullopt;
  const Bits base = Bits{*type} * 256;
  Interval codes{0, 255};
  if (slash != std::string_view::npos) {
    const std::string_view given = text.substr(slash + 1);
    const std::size_t colon = given.find(':');
    const auto low = parse_number(given.substr(0, colon), 255);
    const auto high = colon == std::string_view::npos ? low : parse_number(given.substr(colon + 1), 255);
    if (!low || !high || *low > *high)
      return std::nullopt;
    codes = {*low, *high};
  }
  // For IPv4 the kernel takes type 255 as any.
  if (family == Family::ipv4 && *type == 255)
    return Interval{0, 65535};
  return Interval{base + codes.low, base + codes.high};
}

void icmp_type_option(const OptionUse& option, RuleDraft& draft) {
  const std::string_view text = option.values.front();
  std::optional<Interval> values;
  if (const auto named = find_icmp_types(text, draft.family)) {
    const Bits base = Bits{named->type} * 256;
    values = named->code ? Interval{base + *named->code, base + *named->code} : Interval{base, base + 255};
    if (draft.family == Family::ipv4 && named->type == 255)
      values = Interval{0, 65535};
  } else {
    values = numeric_icmp_types(text, draft.family);
  }
  if (!values)
    return draft.fail(fmt::format("bad ICMP type {}", quote(text)), option.column);
  draft.add_field(Field::destination_port, IntervalSet{*values}, option.negated);
}

}  // namespace

void match_tcp(const ExtensionUse& use, RuleDraft& draft) {
  if (!needs_protocol(use, draft, protocol_number::tcp, "tcp"))
    return;
  not_a_later_fragment(draft);
  const bool joined = joined_ports(use, draft);
  for (const OptionUse& option : use.options) {
    if (joined && is_port_option(option))
      continue;
    if (port_option(option, draft))
      continue;
    if (option.name == "syn") {
      constexpr Bits asked = tcp_flag::syn | tcp_flag::rst | tcp_flag::ack | tcp_flag::fin;
      draft.add(model::MaskTest{Field::tcp_flags, tcp_flag::syn, asked, option.negated});
    } else if (option.name == "tcp-flags") {
      tcp_flags_option(option, draft);
    } else {
      draft.add_unknown(Unknown::content, text_of(use));  // tcp-option
    }
  }
}

void match_udp(const ExtensionUse& use, RuleDraft& draft) {
  // The same match serves UDP-Lite.
  const bool lite = draft.protocol == protocol_number::udplite;
  match_ports_only(use, draft, lite ? protocol_number::udplite : protocol_number::udp, "udp");
}
void match_sctp(const ExtensionUse& use, RuleDraft& draft) {
  match_ports_only(use, draft, protocol_number::sctp, "sctp");
}
void match_dccp(const ExtensionUse& use, RuleDraft& draft) {
  match_ports_only(use, draft, protocol_number::dccp, "dccp");
}

void match_multiport(const ExtensionUse& use, RuleDraft& draft) {
  if (!draft.protocol || !has_ports(*draft.protocol)) {
    return draft.fail("match `multiport` needs `-p` with a protocol that has ports", use.column);
  }
  if (use.options.empty())
    return draft.fail("match `multiport` needs ports", use.column);
  not_a_later_fragment(draft);
  for (const OptionUse& option : use.options) {
    const auto ports = port_list(option, draft);
    if (!ports)
      continue;
    if (option.name == "source-ports" || option.name == "sports") {
      draft.add_field(Field::source_port, *ports, option.negated);
    } else if (option.name == "destination-ports" || option.name == "dports") {
      draft.add_field(Field::destination_port, *ports, option.negated);
    } else {
      model::AnyTest either;
      either.alternatives.push_back({{model::FieldTest{Field::source_port, *ports}}});
      either.alternatives.push_back({{model::FieldTest{Field::destination_port, *ports}}});
      either.negated = option.negated;
      draft.add(std::move(either));
    }
  }
}

void match_icmp(const ExtensionUse& use, RuleDraft& draft) {
  if (!needs_protocol(use, draft, protocol_number::icmp, "icmp"))
    return;
  not_a_later_fragment(draft);
  for (const OptionUse& option : use.options)
    icmp_type_option(option, draft);
}

void match_icmp6(const ExtensionUse& use, RuleDraft& draft) {
  if (!needs_protocol(use, draft, protocol_number::icmpv6, "ipv6-icmp"))
    return;
  not_a_later_fragment(draft);
  for (const OptionUse& option : use.options)
    icmp_type_option(option, draft);
}

void match_extension_protocol(const ExtensionUse& use, RuleDraft& draft) {
  if (!draft.protocol && draft.family == Family::ipv4) {
    return draft.fail(fmt::format("match {} needs `-p {}`", quote(use.name), use.name), use.column);
  }
  not_a_later_fragment(draft);
  if (draft.family == Family::ipv6 || !use.options.empty()) {
    const bool header = draft.family == Family::ipv6;
    draft.add_unknown(header ? Unknown::extension_header : Unknown::content, text_of(use));
  }
}

}  // namespace segproof::iptables
