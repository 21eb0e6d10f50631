// SPDX-License-Identifier: Apache-2.0
// addrtype, iprange, length, ttl, tos and what else looks at the IP header or at where the packet comes from.
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "input/iptables/builders.h"
#include "input/iptables/values.h"

namespace segproof::iptables {
namespace {

using model::AddressType;
using model::Unknown;

constexpr std::uint16_t bit(AddressType type) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(type));
}

struct TypeName {
  std::string_view name;
  std::uint16_t types;  // 0: no packet's address has that type
};
constexpr std::array<TypeName, 12> type_names{{
    {"UNSPEC", bit(AddressType::unspecified)},
    {"UNICAST", bit(AddressType::unicast)},
    {"LOCAL", bit(AddressType::local)},
    {"BROADCAST", bit(AddressType::broadcast)},
    {"ANYCAST", bit(AddressType::anycast)},
    {"MULTICAST", bit(AddressType::multicast)},
    {"BLACKHOLE", bit(AddressType::blackhole)},
    {"UNREACHABLE", bit(AddressType::unreachable)},
    {"PROHIBIT", bit(AddressType::prohibit)},
    {"THROW", 0},
    {"NAT", 0},
    {"XRESOLVE", 0},
}};

// For IPv6, each of UNICAST, MULTICAST and UNSPEC asks a question of its own, and local addresses are unicast too.
std::vector<std::uint16_t> questions(std::uint16_t types, Family family) {
  if (family == Family::ipv4)
    return {types};
  std::vector<std::uint16_t> asked;
  std::uint16_t looked_up = types;
  if ((types & bit(AddressType::unicast)) != 0) {
    asked.push_back(static_cast<std::uint16_t>(~(bit(AddressType::multicast) | bit(AddressType::unspecified))));
  }
  for (const AddressType type : {AddressType::multicast, AddressType::unspecified}) {
    if ((types & bit(type)) != 0)
      asked.push_back(bit(type));
  }
  for (const AddressType type : {AddressType::unicast, AddressType::multicast, AddressType::unspecified}) {
    looked_up = static_cast<std::uint16_t>(looked_up & ~bit(type));
  }
  if (looked_up != 0 || asked.empty())
    asked.push_back(looked_up);
  return asked;
}

void type_option(const OptionUse& option, RuleDraft& draft, model::Endpoint endpoint,
                 std::optional<model::Direction> limit) {
  std::uint16_t types = 0;
  for (const std::string_view word : split(option.values.front(), ',')) {
    std::size_t i = 0;
    while (i < type_names.size() && !same_word(type_names[i].name, word))
      ++i;
    if (i == type_names.size())
      return draft.fail(fmt::format("bad address type {}", quote(word)), option.column);
    types = static_cast<std::uint16_t>(types | type_names[i].types);
  }
  const std::vector<std::uint16_t> asked = questions(types, draft.family);
  if (asked.size() == 1) {
    draft.add(model::AddressTypeTest{endpoint, asked.front(), limit, option.negated});
    return;
  }
  model::Condition all;
  for (const std::uint16_t one : asked)
    all.tests.emplace_back(model::AddressTypeTest{endpoint, one, limit, false});
  draft.add(model::AnyTest{{std::move(all)}, option.negated});
}

// "N", "N:M", ":M", "N:".
std::optional<Interval> number_range(std::string_view text, std::uint64_t max) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    const auto value = parse_number(text, max);
    return value ? std::optional(Interval{*value, *value}) : std::nullopt;
  }
  const std::string_view low_text = text.substr(0, colon);
  const std::string_view high_text = text.substr(colon + 1);
  const auto low = low_text.empty() ? std::optional<std::uint64_t>(0) : parse_number(low_text, max);
  const auto high = high_text.empty() ? std::optional(max) : parse_number(high_text, max);
  if (!low || !high || *low > *high)
    return std::nullopt;
  return Interval{*low, *high};
}

void add_measure(RuleDraft& draft, model::Measure measure, IntervalSet values, bool negated, Bits max) {
  if (negated)
    values = values.complement(max);
  draft.add(model::MeasureTest{measure, std::move(values)});
}

// The bytes of the traffic class with (byte & mask) == value.
IntervalSet masked_bytes(std::uint64_t value, std::uint64_t mask) {
  std::vector<Interval> found;
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    if ((byte & mask) == value)
      found.push_back({byte, byte});
  }
  return IntervalSet::of(std::move(found));
}

void hop_limit_options(const ExtensionUse& use, RuleDraft& draft, std::string_view prefix) {
  for (const OptionUse& option : use.options) {
    const auto value = parse_number(option.values.front(), 255);
    if (!value)
      return draft.fail(fmt::format("bad number {}", quote(option.values.front())), option.column);
    const std::string_view kind = option.name.size() > prefix.size() ? option.name.substr(prefix.size()) : "-eq";
    IntervalSet values = IntervalSet::single(*value);
    if (kind == "-gt")
      values = *value == 255 ? IntervalSet() : IntervalSet::range(*value + 1, 255);
    if (kind == "-lt")
      values = *value == 0 ? IntervalSet() : IntervalSet::range(0, *value - 1);
    add_measure(draft, model::Measure::hop_limit, std::move(values), option.negated, 255);
  }
}

std::optional<std::uint64_t> dscp_class(std::string_view name) {
  if (same_word(name, "BE"))
    return 0;
  if (same_word(name, "EF"))
    return 0x2e;
  if (name.size() == 3 && same_word(name.substr(0, 2), "CS") && name[2] >= '0' && name[2] <= '7') {
    return static_cast<std::uint64_t>(name[2] - '0') << 3U;
  }
  if (name.size() == 4 && same_word(name.substr(0, 2), "AF") && name[2] >= '1' && name[2] <= '4' && name[3] >= '1' &&
      name[3] <= '3') {
    return static_cast<std::uint64_t>(name[2] - '0') << 3U | static_cast<std::uint64_t>(name[3] - '0') << 1U;
  }
  return std::nullopt;
}

}  // namespace

void match_addrtype(const ExtensionUse& use, RuleDraft& draft) {
  std::optional<model::Direction> limit;
  if (use.find("limit-iface-in") != nullptr)
    limit = model::Direction::ingress;
  if (use.find("limit-iface-out") != nullptr)
    limit = model::Direction::egress;
  for (const OptionUse& option : use.options) {
    if (option.name == "src-type")
      type_option(option, draft, model::Endpoint::source, limit);
    if (option.name == "dst-type")
      type_option(option, draft, model::Endpoint::destination, limit);
  }
}

void match_iprange(const ExtensionUse& use, RuleDraft& draft) {
  for (const OptionUse& option : use.options) {
    const std::string_view text = option.values.front();
    const std::size_t dash = text.find('-');
    const auto low = parse_plain_address(text.substr(0, dash), draft.family);
    const auto high = dash == std::string_view::npos ? low : parse_plain_address(text.substr(dash + 1), draft.family);
    if (!low || !high)
      return draft.fail(fmt::format("bad address range {}", quote(text)), option.column);
    const Field field = option.name == "src-range" ? Field::source : Field::destination;
    // A range that runs backwards holds no address.
    draft.add_field(field, *low <= *high ? IntervalSet::range(*low, *high) : IntervalSet(), option.negated);
  }
}

void match_length(const ExtensionUse& use, RuleDraft& draft) {
  for (const OptionUse& option : use.options) {
    const auto range = number_range(option.values.front(), 65535);
    if (!range)
      return draft.fail(fmt::format("bad length {}", quote(option.values.front())), option.column);
    add_measure(draft, model::Measure::total_length, IntervalSet{*range}, option.negated, 65575);
  }
}

void match_ttl(const ExtensionUse& use, RuleDraft& draft) {
  hop_limit_options(use, draft, "ttl");
}
void match_hl(const ExtensionUse& use, RuleDraft& draft) {
  hop_limit_options(use, draft, "hl");
}

void match_tos(const ExtensionUse& use, RuleDraft& draft) {
  struct Symbol {
    std::string_view name;
    std::uint64_t value;
  };
  constexpr std::array<Symbol, 5> symbols{{{"Minimize-Delay", 0x10},
                                           {"Maximize-Throughput", 0x08},
                                           {"Maximize-Reliability", 0x04},
                                           {"Minimize-Cost", 0x02},
                                           {"Normal-Service", 0x00}}};
  for (const OptionUse& option : use.options) {
    const std::string_view text = option.values.front();
    const std::size_t slash = text.find('/');
    auto value = parse_number(text.substr(0, slash), 255);
    auto mask =
        slash == std::string_view::npos ? std::optional<std::uint64_t>(255) : parse_number(text.substr(slash + 1), 255);
    for (const Symbol& symbol : symbols) {
      if (!same_word(symbol.name, text))
        continue;
      value = symbol.value;
      mask = 0x3f;
    }
    if (!value || !mask)
      return draft.fail(fmt::format("bad TOS value {}", quote(text)), option.column);
    add_measure(draft, model::Measure::traffic_class, masked_bytes(*value, *mask), option.negated, 255);
  }
}

void match_dscp(const ExtensionUse& use, RuleDraft& draft) {
  for (const OptionUse& option : use.options) {
    const std::string_view text = option.values.front();
    const auto value = option.name == "dscp" ? parse_number(text, 63) : dscp_class(text);
    if (!value)
      return draft.fail(fmt::format("bad DSCP {}", quote(text)), option.column);
    add_measure(draft, model::Measure::traffic_class, IntervalSet::range(*value << 2U, (*value << 2U) + 3),
                option.negated, 255);
  }
}

void match_ecn(const ExtensionUse& use, RuleDraft& draft) {
  for (const OptionUse& option : use.options) {
    if (option.name == "ecn-ip-ect") {
      const auto value = parse_number(option.values.front(), 3);
      if (!value)
        return draft.fail(fmt::format("bad ECN value {}", quote(option.values.front())), option.column);
      add_measure(draft, model::Measure::traffic_class, masked_bytes(*value, 3), option.negated, 255);
      continue;
    }
    if (draft.protocol != protocol_number::tcp)
      return draft.fail("ECN bits of TCP need `-p tcp`", option.column);
    draft.add_field(Field::fragment, IntervalSet::single(0), false);
    const Bits flag = option.name == "ecn-tcp-ece" ? Bits{tcp_flag::ece} : Bits{tcp_flag::cwr};
    draft.add(model::MaskTest{Field::tcp_flags, flag, flag, option.negated});
  }
}

void match_pkttype(const ExtensionUse& use, RuleDraft& draft) {
  constexpr std::array<std::string_view, 4> kinds{"unicast", "broadcast", "multicast", "otherhost"};
  for (const OptionUse& option : use.options) {
    const std::string_view text = same_word(option.values.front(), "host") ? "unicast" : option.values.front();
    std::size_t i = 0;
    while (i < kinds.size() && !same_word(kinds[i], text))
      ++i;
    if (i == kinds.size())
      return draft.fail(fmt::format("bad packet type {}", quote(text)), option.column);
    add_measure(draft, model::Measure::packet_kind, IntervalSet::single(i), option.negated, 255);
  }
}

void match_owner(const ExtensionUse& use, RuleDraft& draft) {
  // A packet without a socket matches if every option is negated.
  for (const OptionUse& option : use.options) {
    if (option.name == "suppl-groups")
      continue;
    draft.add_unknown(Unknown::socket_owner, text_of(use), option.negated);
  }
}

void match_physdev(const ExtensionUse& use, RuleDraft& draft) {
  if (use.options.empty())
    return draft.fail("match `physdev` needs an option", use.column);
  // A packet that is not bridged matches if every option is negated.
  for (const OptionUse& option : use.options) {
    draft.add_unknown(Unknown::bridge_port, text_of(use), option.negated);
  }
}

void match_policy(const ExtensionUse& use, RuleDraft& draft) {
  const OptionUse* policy = use.find("pol");
  if (policy == nullptr || use.find("dir") == nullptr) {
    return draft.fail("match `policy` needs --dir and --pol", use.column);
  }
  draft.add_unknown(Unknown::ipsec_policy, text_of(use), same_word(policy->values.front(), "none") != policy->negated);
}

void match_recent(const ExtensionUse& use, RuleDraft& draft) {
  const OptionUse* set = use.find("set");
  if (set == nullptr)
    return draft.add_unknown(Unknown::history, text_of(use));
  // --set notes the address and matches always; negated never.
  if (set->negated)
    draft.add_field(Field::protocol, IntervalSet(), false);
}

void match_comment(const ExtensionUse& use, RuleDraft& draft) {
  static_cast<void>(use);
  static_cast<void>(draft);
}

}  // namespace segproof::iptables
