// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/router_nat.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace segproof::cisco {
namespace {

using model::Endpoint;
using model::Translate;

// A packet that belongs to no connection: static translations rewrite it all the same, which stages do not.
model::TrackTest without_connection() {
  return in_state(static_cast<std::uint8_t>(state_bit(TrackState::invalid) | state_bit(TrackState::untracked)));
}

model::Anything any_rewrite() {
  return {.text = "translated without a connection", .may_deliver_locally = true};
}

Translate to_address(Endpoint endpoint, std::uint32_t address, unsigned length, std::optional<std::uint16_t> port) {
  Translate action;
  action.endpoint = endpoint;
  if (length < 32) {
    action.to = Translate::To::network;
    action.network = make_prefix({Family::ipv4, address}, length);
  } else {
    action.addresses = {{address, address}};
  }
  if (port)
    action.ports = Interval{*port, *port};
  return action;
}

// The addresses that an access list permits as sources; nothing when they are not intervals.
std::optional<IntervalSet> permitted_sources(const AccessList* list) {
  if (list == nullptr)
    return std::nullopt;
  IntervalSet all;
  for (const Entry& entry : list->entries) {
    if (entry.is_remark || entry.is_inactive || !entry.permits)
      continue;
    if (entry.source.is_any || !entry.source.is_exact() || !entry.source.masked.empty())
      return std::nullopt;
    all = all | entry.source.ipv4;
  }
  return all;
}

}  // namespace

RouterNat::RouterNat(Device& device) : device_(device) {
  inside_ = device.names_where([](const Port& port) { return port.nat_inside; });
  outside_ = device.names_where([](const Port& port) { return port.nat_outside; });
  device.statements->for_each_below(no_statement, [&](std::size_t at) {
    if ((*device.statements)[at].text.starts_with("ip nat "))
      line(at);
  });
}

void RouterNat::unclear(std::size_t at, std::string why) {
  device_.findings->undecided(at, why);
  Translation translation;
  translation.statement = at;
  translation.why = std::move(why);
  translations_.push_back(std::move(translation));
}

void RouterNat::line(std::size_t at) {
  Words words((*device_.statements)[at].text);
  words.skip(2);
  const std::string_view what = words.take();
  if (what == "pool") {
    if (pool(words, at))
      device_.findings->all_below(at, model::LineUse::modelled);
    return;
  }
  if (what == "inside" && words.take_if("source")) {
    if (inside_source(words, at))
      return device_.findings->modelled(at);
    return unclear(at, "a translation that is not understood");
  }
  if (what == "outside" && words.take_if("source"))
    return unclear(at, "sources from outside are translated before the routing decision");
  if (what == "inside" && words.take_if("destination"))
    return unclear(at, "destinations are spread over a pool");
  if (what == "source")
    return unclear(at, "translation by a virtual interface");
}

bool RouterNat::pool(Words& words, std::size_t at) {
  Pool& made = pools_[std::string(words.take())];
  if (const auto low = parse_ipv4(words.peek())) {
    const auto high = parse_ipv4(words.peek(1));
    if (!high || *high < *low) {
      made.is_clear = false;
      return false;
    }
    made.ranges.push_back({*low, *high});
  }
  device_.statements->for_each_below(at, [&](std::size_t below) {
    Words line((*device_.statements)[below].text);
    const bool is_address = line.take_if("address");
    const auto low = parse_ipv4(line.take());
    const auto high = parse_ipv4(line.take());
    if (is_address && low && high && *low <= *high) {
      made.ranges.push_back({*low, *high});
    } else {
      made.is_clear = false;
    }
  });
  return made.is_clear;
}

bool RouterNat::inside_source(Words& words, std::size_t at) {
  Translation translation;
  translation.statement = at;
  const bool understood =
      words.take_if("static") ? static_source(words, translation) : dynamic_source(words, translation);
  if (understood)
    translations_.push_back(std::move(translation));
  return understood;
}

// `[tcp|udp] LOCAL [PORT] GLOBAL|interface NAME [PORT]`, `network LOCAL GLOBAL /LENGTH|MASK`
bool RouterNat::static_source(Words& words, Translation& translation) {
  translation.kind = Translation::Kind::static_address;
  const bool network = words.take_if("network");
  if (words.peek() == "tcp" || words.peek() == "udp")
    translation.protocol = words.take() == "tcp" ? protocol_number::tcp : protocol_number::udp;
  const auto local = parse_ipv4(words.take());
  if (!local)
    return false;
  translation.local = *local;
  const auto take_port = [&](std::optional<std::uint16_t>& into) {
    const std::vector<std::uint16_t> ports = find_ports(words.take());
    if (ports.size() == 1)
      into = ports.front();
    return ports.size() == 1;
  };
  if (translation.protocol != 0 && !take_port(translation.local_port))
    return false;
  if (words.take_if("interface")) {
    translation.to_interface = true;
    words.skip(1);
  } else {
    const auto global = parse_ipv4(words.take());
    if (!global)
      return false;
    translation.global = *global;
  }
  if (translation.protocol != 0 && !take_port(translation.global_port))
    return false;
  if (network) {
    translation.kind = Translation::Kind::static_network;
    const std::string_view size = words.take();
    const auto mask = parse_ipv4(size);
    const auto length = size.starts_with('/') ? parse_number(size.substr(1), 32)
                        : mask                ? netmask_length(*mask)
                                              : std::nullopt;
    if (!length)
      return false;
    translation.length = *length;
  }
  while (!words.done()) {
    const std::string_view option = words.take();
    if (option == "route-map" || option == "vrf" || option == "redundancy") {
      translation.conditional = true;
      words.skip(1);
    } else if (option != "extendable" && option != "no-alias" && option != "no-payload" && option != "reversible") {
      return false;
    }
  }
  return true;
}

// `list ACL|route-map NAME pool NAME|interface NAME [overload]`
bool RouterNat::dynamic_source(Words& words, Translation& translation) {
  translation.kind = Translation::Kind::dynamic;
  if (words.take_if("list")) {
    translation.list = std::string(words.take());
  } else if (words.take_if("route-map")) {
    words.skip(1);
    translation.conditional = true;
  } else {
    return false;
  }
  if (words.take_if("pool")) {
    translation.pool = std::string(words.take());
  } else if (words.take_if("interface")) {
    words.skip(1);
    translation.to_interface = true;
    translation.overload = true;
  } else {
    return false;
  }
  while (!words.done()) {
    const std::string_view option = words.take();
    if (option == "overload") {
      translation.overload = true;
    } else if (option == "vrf" || option == "oer" || option == "mapping-id") {
      translation.conditional = true;
      words.skip(1);
    } else {
      return false;
    }
  }
  return true;
}

// Packets from outside to the global side of a static translation.
std::vector<model::Test> RouterNat::outside_tests(const Translation& t) const {
  std::vector<model::Test> tests = {one_of(model::Direction::ingress, outside_)};
  if (t.to_interface) {
    tests.emplace_back(model::AddressTypeTest{.endpoint = Endpoint::destination,
                                              .types = 1U << static_cast<unsigned>(model::AddressType::local)});
    tests.emplace_back(
        field_in(Field::destination, IntervalSet::range(0, field_max(Field::destination, Family::ipv4)), Family::ipv4));
  } else {
    const Prefix prefix = make_prefix({Family::ipv4, t.global}, t.length);
    tests.emplace_back(field_in(Field::destination, IntervalSet{prefix.interval()}, Family::ipv4));
  }
  if (t.protocol != 0) {
    tests.emplace_back(field_in(Field::protocol, IntervalSet::single(t.protocol)));
    tests.emplace_back(field_in(Field::destination_port, IntervalSet::single(*t.global_port)));
  }
  return tests;
}

// Packets from inside to outside, from the local side.
std::vector<model::Test> RouterNat::inside_tests(const Translation& t) const {
  std::vector<model::Test> tests = {one_of(model::Direction::ingress, inside_),
                                    one_of(model::Direction::egress, outside_)};
  const Prefix prefix = make_prefix({Family::ipv4, t.local}, t.length);
  tests.emplace_back(field_in(Field::source, IntervalSet{prefix.interval()}, Family::ipv4));
  if (t.protocol != 0) {
    tests.emplace_back(field_in(Field::protocol, IntervalSet::single(t.protocol)));
    tests.emplace_back(field_in(Field::source_port, IntervalSet::single(*t.local_port)));
  }
  return tests;
}

Translate RouterNat::dynamic_action(const Translation& t) const {
  Translate action;
  action.endpoint = Endpoint::source;
  const auto pool = pools_.find(t.pool);
  if (t.to_interface) {
    action.to = Translate::To::interface_address;
  } else if (pool != pools_.end() && !pool->second.ranges.empty() && pool->second.is_clear) {
    action.addresses = pool->second.ranges;
  } else {
    action.addresses = {{0, field_max(Field::source, Family::ipv4)}};
  }
  if (t.overload) {
    action.ports = Interval{1, 65535};
    action.keeps_port = false;
  }
  return action;
}

void RouterNat::inward(const Translation& t, model::ChainId translate, model::ChainId doubts,
                       RuleBuilder& builder) const {
  const SourceSpan origin = device_.span(t.statement);
  if (t.kind == Translation::Kind::unclear) {
    builder.add(doubts, {perhaps(model::Unknown::not_understood, t.why)}, any_rewrite(), origin);
    return;
  }
  if (t.kind == Translation::Kind::dynamic) {
    // While an entry without ports lasts, anybody outside reaches the inside address through it.
    if (t.overload || t.pool.empty())
      return;
    const auto pool = pools_.find(t.pool);
    if (pool == pools_.end())
      return;
    const std::optional<IntervalSet> locals = permitted_sources(device_.lists->find(t.list));
    Translate action;
    action.endpoint = Endpoint::destination;
    const IntervalSet behind = locals.value_or(IntervalSet::range(0, field_max(Field::source, Family::ipv4)));
    if (behind.is_empty())
      return;
    action.addresses.assign(behind.intervals().begin(), behind.intervals().end());
    builder.add(translate,
                {one_of(model::Direction::ingress, outside_),
                 field_in(Field::destination, IntervalSet::of(pool->second.ranges), Family::ipv4),
                 perhaps(model::Unknown::history, "an address of the pool is in use")},
                action, origin);
    return;
  }
  std::vector<model::Test> tests = outside_tests(t);
  if (t.conditional)
    tests.emplace_back(perhaps(model::Unknown::not_understood, "a condition of the translation"));
  std::vector<model::Test> loose = tests;
  loose.emplace_back(without_connection());
  builder.add(doubts, std::move(loose), any_rewrite(), origin);
  builder.add(translate, std::move(tests), to_address(Endpoint::destination, t.local, t.length, t.local_port), origin);
}

void RouterNat::outward(const Translation& t, model::ChainId translate, model::ChainId doubts,
                        RuleBuilder& builder) const {
  const SourceSpan origin = device_.span(t.statement);
  if (t.kind == Translation::Kind::unclear)
    return;
  if (t.kind == Translation::Kind::dynamic) {
    const AccessList* list = device_.lists->find(t.list);
    std::vector<model::Test> tests = {
        one_of(model::Direction::ingress, inside_), one_of(model::Direction::egress, outside_),
        field_in(Field::source, IntervalSet::range(0, field_max(Field::source, Family::ipv4)), Family::ipv4)};
    std::vector<model::Test> loose = tests;
    loose.emplace_back(without_connection());
    builder.add(doubts, std::move(loose), any_rewrite(), origin);
    if (list == nullptr || t.conditional) {
      tests.emplace_back(perhaps(model::Unknown::not_understood, "the packets that are translated"));
      builder.add(translate, std::move(tests), dynamic_action(t), origin);
      return;
    }
    ListUse use{.key = fmt::format("nat {}", t.statement),
                .on_permit = dynamic_action(t),
                .on_deny = model::ComeBack{},
                .at_end = std::nullopt,
                .meaning = {.ipv4 = true, .ipv6 = false, .fragments_apart = false}};
    builder.add(translate, std::move(tests), model::Call{builder.list(*list, use), true}, origin);
    return;
  }
  std::vector<model::Test> tests = inside_tests(t);
  if (t.conditional)
    tests.emplace_back(perhaps(model::Unknown::not_understood, "a condition of the translation"));
  std::vector<model::Test> loose = tests;
  loose.emplace_back(without_connection());
  builder.add(doubts, std::move(loose), any_rewrite(), origin);
  Translate action = to_address(Endpoint::source, t.global, t.length, t.global_port);
  if (t.to_interface) {
    action.addresses.clear();
    action.to = Translate::To::interface_address;
  }
  builder.add(translate, std::move(tests), std::move(action), origin);
}

void RouterNat::build(RuleBuilder& builder) const {
  const SourceSpan whole = device_.findings->whole_file();
  const model::ChainId in = builder.chain("ip nat outside to inside", whole);
  const model::ChainId in_doubts = builder.chain("ip nat without connections, outside to inside", whole);
  const model::ChainId out = builder.chain("ip nat inside to outside", whole);
  const model::ChainId out_doubts = builder.chain("ip nat without connections, inside to outside", whole);
  // Static translations are asked before dynamic ones.
  for (const bool dynamic : {false, true}) {
    for (const Translation& t : translations_) {
      if ((t.kind == Translation::Kind::dynamic) != dynamic)
        continue;
      inward(t, in, in_doubts, builder);
      outward(t, out, out_doubts, builder);
    }
  }
  builder.stage_if_used(model::Hook::ingress, model::StageKind::filter, 9, in_doubts);
  builder.stage(model::Hook::ingress, model::StageKind::translate, 10, in);
  builder.stage_if_used(model::Hook::egress, model::StageKind::filter, -5, out_doubts);
  builder.stage(model::Hook::egress, model::StageKind::translate, 0, out);
}

}  // namespace segproof::cisco
