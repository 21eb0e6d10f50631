// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/firewall_connections.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace segproof::cisco {
namespace {

constexpr std::uint8_t established = state_bit(TrackState::established);
constexpr std::uint8_t related = state_bit(TrackState::related);
constexpr const char* of_a_connection = "belongs to a connection";

model::MarkTest connection_is(std::uint32_t mark, bool negated) {
  return {.kind = model::MarkKind::connection, .value = mark, .negated = negated};
}

// The entry as an answer meets it. It may match more where it permits, and less where it denies.
std::optional<Entry> turned_round(Entry entry) {
  if (!entry.permits && (!entry.header.empty() || entry.only_fragments))
    return std::nullopt;
  entry.header.clear();
  entry.only_fragments = false;
  std::swap(entry.source, entry.destination);
  ServiceSet services;
  for (Service& service : entry.services) {
    if (service.icmp && !entry.permits && !entry.is_unclear)
      continue;  // the answer has another type
    service.icmp.reset();
    std::swap(service.source_ports, service.destination_ports);
    services.push_back(std::move(service));
  }
  entry.services = std::move(services);
  return entry.services.empty() ? std::nullopt : std::optional(std::move(entry));
}

// The entry as it speaks of one end of a connection, as the destination of a packet; nothing for a denial that leaves
// some connection of that end.
std::optional<Entry> of_one_end(Entry entry, bool initiator) {
  const AddressSet& other = initiator ? entry.destination : entry.source;
  const auto is_whole = [](const Service& service) {
    return service.is_every_protocol() && !service.has_ports() && service.unknown.empty();
  };
  const bool denies_all = other.is_any && entry.header.empty() && !entry.only_fragments && entry.unknown.empty() &&
                          std::ranges::any_of(entry.services, is_whole);
  if (!entry.permits && !entry.is_unclear && !denies_all)
    return std::nullopt;
  if (initiator)
    std::swap(entry.source, entry.destination);
  entry.source = AddressSet::any();
  entry.header.clear();
  entry.only_fragments = false;
  entry.services = {Service::protocol(every_protocol)};
  return entry;
}

template <class Change>
AccessList changed(const AccessList& list, std::string_view name, Change change) {
  AccessList made;
  made.name = fmt::format("{}, {}", list.name, name);
  made.kind = list.kind;
  made.origin = list.origin;
  made.statement = list.statement;
  for (const Entry& entry : list.entries) {
    if (entry.is_remark || entry.is_inactive)
      continue;
    if (std::optional<Entry> one = change(entry))
      made.entries.push_back(std::move(*one));
  }
  return made;
}

}  // namespace

std::uint32_t pair_mark(std::size_t a, std::size_t b) {
  const std::size_t low = std::min(a, b);
  const std::size_t high = std::max(a, b);
  return static_cast<std::uint32_t>(high * (high + 1) / 2 + low + 1);
}

const AccessList* FirewallConnections::list_of(const Binding& binding, bool ipv6) const {
  const AccessList* list = device_.lists->find(binding.name, ipv6);
  return list == nullptr || !list->has_rules() ? nullptr : list;
}

Meaning FirewallConnections::meaning(bool ipv6) const {
  if (settings_.lists_are_unified)
    return {.ipv4 = true, .ipv6 = true, .fragments_apart = false};
  return {.ipv4 = !ipv6, .ipv6 = ipv6, .fragments_apart = false};
}

std::vector<model::Test> FirewallConnections::of_family(bool ipv6) const {
  if (settings_.lists_are_unified)
    return {};
  return {field_in(Field::protocol, IntervalSet::range(0, 255), ipv6 ? Family::ipv6 : Family::ipv4)};
}

model::ChainId FirewallConnections::build() {
  const SourceSpan whole = device_.findings->whole_file();
  const model::ChainId known = builder_.chain("connections", whole);
  const model::ChainId later = builder_.chain("packets of connections", whole);
  const model::ChainId error = builder_.chain("errors about connections", whole);
  for (const Side side : {Side::like_the_first, Side::answer})
    outbound(side);
  bypasses(known);
  std::vector<model::Test> tests = {in_state(established)};
  if (!inspection_.icmp)
    tests.emplace_back(field_in(Field::protocol, IntervalSet{{0, 0}, {2, 57}, {59, 255}}));
  builder_.add(known, std::move(tests), model::Call{later, true}, whole);
  const IntervalSet icmp{{protocol_number::icmp, protocol_number::icmp},
                         {protocol_number::icmpv6, protocol_number::icmpv6}};
  builder_.add(known, {in_state(related), field_in(Field::protocol, icmp)}, model::Call{error, true}, whole);
  builder_.add(known,
               {in_state(related), field_in(Field::protocol, icmp.complement(255)),
                perhaps(model::Unknown::history, of_a_connection)},
               accepts, whole);
  not_bound(later);
  for (const Port& port : device_.ports->all())
    inbound(port, Side::like_the_first, later);
  // An answer comes from where the first packet went, which the routes decided.
  if (!diverts_) {
    builder_.add(later, {perhaps(model::Unknown::reverse_path, std::string(model::no_way_back))}, model::ComeBack{},
                 whole);
  }
  for (const Port& port : device_.ports->all())
    inbound(port, Side::answer, later);
  errors(error);
  return known;
}

// Connections that no list was asked about, perhaps.
void FirewallConnections::bypasses(model::ChainId chain) {
  const auto any_of_them = [&](const std::vector<model::Test>& tests, std::string_view why, const SourceSpan& origin) {
    std::vector<model::Test> all = {in_state(static_cast<std::uint8_t>(established | related))};
    all.insert(all.end(), tests.begin(), tests.end());
    all.emplace_back(perhaps(model::Unknown::not_understood, std::string(why)));
    builder_.add(chain, std::move(all), accepts, origin);
  };
  if (const auto& doubt = device_.may_do_anything)
    any_of_them({}, doubt->why, doubt->origin);
  if (settings_.extra_connections)
    any_of_them({}, "follows an established connection", device_.span(*settings_.extra_connections));
  std::vector<std::string> all;
  for (const Port& port : device_.ports->all())
    all.push_back(port.name);
  for (const model::Direction direction : {model::Direction::ingress, model::Direction::egress}) {
    any_of_them({one_of(direction, all, true)}, "an interface of another configuration",
                device_.findings->whole_file());
  }
  if (inspection_.bypasses_state)
    any_of_them({}, "packets without a connection may pass", device_.findings->whole_file());
  for (const Port& port : device_.ports->all()) {
    const bool tunnel = port.crypto_map && settings_.tunnels_bypass;
    if (port.doubts.empty() && !tunnel)
      continue;
    const SourceSpan origin = device_.span(tunnel ? port.crypto_map->statement : port.doubts.front());
    const std::string_view why = tunnel ? "a connection out of a tunnel" : "a line of its interface";
    any_of_them({enters(port.name)}, why, origin);
    any_of_them({leaves(port.name)}, why, origin);
  }
}

// Packets of a connection that come by another interface are none of its.
void FirewallConnections::not_bound(model::ChainId chain) {
  const std::vector<Port>& ports = device_.ports->all();
  if (ports.size() > most_bound_interfaces)
    return;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    for (std::size_t j = 0; j < ports.size(); ++j) {
      builder_.add(
          chain,
          {enters(ports[i].name), leaves(ports[j].name), connection_is(0, true), connection_is(pair_mark(i, j), true)},
          model::ComeBack{}, device_.findings->whole_file());
    }
  }
}

void FirewallConnections::ask(const Binding& binding, bool ipv6, Side side, std::vector<model::Test> tests,
                              model::Action passes, model::ChainId chain) {
  const SourceSpan origin = device_.span(binding.statement);
  const AccessList* list = list_of(binding, ipv6);
  if (list == nullptr) {  // the binding was reported where first packets ask it
    tests.emplace_back(perhaps(model::Unknown::unresolved_name, fmt::format("access list {}", quote(binding.name))));
    return builder_.add(chain, std::move(tests), std::move(passes), origin);
  }
  const bool asks_outbound_lists = std::holds_alternative<model::Call>(passes);
  ListUse use{.key = fmt::format("connections {}", asks_outbound_lists),
              .on_permit = std::move(passes),
              .on_deny = model::ComeBack{},
              .at_end = std::nullopt,
              .meaning = meaning(ipv6)};
  const model::ChainId asked = side == Side::answer ? builder_.list(changed(*list, "turned round", turned_round), use)
                                                    : builder_.list(*list, use);
  builder_.add(chain, std::move(tests), model::Call{asked, true}, origin);
}

std::vector<std::string> FirewallConnections::unlisted_peers(const Port& port, Side) const {
  return device_.names_where([&](const Port& other) { return other.level <= port.level; });
}

void FirewallConnections::without_list(const Port& port, Side side, std::vector<model::Test> tests,
                                       model::ChainId chain) {
  const auto far = side == Side::answer ? model::Direction::ingress : model::Direction::egress;
  tests.push_back(one_of(far, unlisted_peers(port, side)));
  model::Action passes = at_outbound_.at(side);
  if (auto* call = std::get_if<model::Call>(&passes))
    call->comes_back = true;  // what the outbound lists do not take may still be an answer
  builder_.add(chain, std::move(tests), std::move(passes), device_.span(port.statement));
}

// By the inbound list of the interface that the first packet came in by: for answers, the one where they leave.
void FirewallConnections::inbound(const Port& port, Side side, model::ChainId chain) {
  std::vector<model::Test> at = {side == Side::answer ? leaves(port.name) : enters(port.name)};
  if (side == Side::answer) {
    // What was sent to the firewall itself was never passed on; a source that stands for many is dropped (106016).
    std::uint32_t types = 0;
    for (const model::AddressType type :
         {model::AddressType::local, model::AddressType::broadcast, model::AddressType::multicast})
      types |= 1U << static_cast<unsigned>(type);
    at.emplace_back(model::AddressTypeTest{
        .endpoint = model::Endpoint::source, .types = static_cast<std::uint16_t>(types), .negated = true});
  }
  for (const bool ipv6 : {false, true}) {
    if (ipv6 && settings_.lists_are_unified)
      break;
    std::vector<model::Test> tests = at;
    const std::vector<model::Test> family = of_family(ipv6);
    tests.insert(tests.end(), family.begin(), family.end());
    const std::optional<Binding>& binding = ipv6 ? port.in_v6 : port.in;
    if (binding)
      ask(*binding, ipv6, side, tests, at_outbound_.at(side), chain);
    if (settings_.global)
      ask(*settings_.global, ipv6, side, tests, at_outbound_.at(side), chain);
    if (!binding && !settings_.global)
      without_list(port, side, std::move(tests), chain);
  }
}

// The outbound list of the interface that the first packet left by.
void FirewallConnections::outbound(Side side) {
  const bool any = std::ranges::any_of(device_.ports->all(), [](const Port& port) { return port.out || port.out_v6; });
  if (!any) {
    at_outbound_.insert_or_assign(side, accepts);
    return;
  }
  const model::ChainId chain = builder_.chain(side == Side::answer ? "outbound lists, turned round" : "outbound lists",
                                              device_.findings->whole_file());
  for (const Port& port : device_.ports->all()) {
    for (const bool ipv6 : {false, true}) {
      const std::optional<Binding>& binding = ipv6 ? port.out_v6 : port.out;
      if (!binding)
        continue;
      std::vector<model::Test> tests = {side == Side::answer ? enters(port.name) : leaves(port.name)};
      const std::vector<model::Test> family = of_family(ipv6);
      tests.insert(tests.end(), family.begin(), family.end());
      ask(*binding, ipv6, side, tests, accepts, chain);
      builder_.add(chain, std::move(tests), model::ComeBack{}, device_.span(binding->statement));
    }
  }
  builder_.add(chain, {}, accepts, device_.findings->whole_file());
  at_outbound_.insert_or_assign(side, model::Call{chain, false});
}

void FirewallConnections::may_be_party(const Binding& binding, bool ipv6, bool initiator,
                                       std::vector<model::Test> tests, model::ChainId chain) {
  const SourceSpan origin = device_.span(binding.statement);
  const std::vector<model::Test> family = of_family(ipv6);
  tests.insert(tests.end(), family.begin(), family.end());
  const AccessList* list = list_of(binding, ipv6);
  if (list == nullptr)
    return builder_.add(chain, std::move(tests), accepts, origin);
  const ListUse use{.key = initiator ? "errors to initiators" : "errors to responders",
                    .on_permit = accepts,
                    .on_deny = model::ComeBack{},
                    .at_end = std::nullopt,
                    .meaning = meaning(ipv6)};
  const auto change = [&](const Entry& entry) { return of_one_end(entry, initiator); };
  const AccessList ends = changed(*list, initiator ? "who opens connections" : "who answers them", change);
  builder_.add(chain, std::move(tests), model::Call{builder_.list(ends, use), true}, origin);
}

// An error comes from anywhere, and goes to one end of a connection: somebody whom the list of the interface where it
// leaves lets open one, or to whom some list lets others open one.
void FirewallConnections::errors(model::ChainId chain) {
  const model::ChainId ends = builder_.chain("ends of connections", device_.findings->whole_file());
  for (const Port& port : device_.ports->all()) {
    for (const bool ipv6 : {false, true}) {
      if (ipv6 && settings_.lists_are_unified)
        break;
      const std::optional<Binding>& binding = ipv6 ? port.in_v6 : port.in;
      if (binding) {
        may_be_party(*binding, ipv6, true, {leaves(port.name)}, ends);
        may_be_party(*binding, ipv6, false, {}, ends);
      }
      if (settings_.global) {
        may_be_party(*settings_.global, ipv6, true, {}, ends);
        may_be_party(*settings_.global, ipv6, false, {}, ends);
      }
      if (!binding && !settings_.global) {
        std::vector<model::Test> tests = of_family(ipv6);
        tests.push_back(one_of(model::Direction::egress, unlisted_peers(port, Side::like_the_first)));
        builder_.add(ends, std::move(tests), accepts, device_.span(port.statement));
      }
    }
  }
  builder_.add(chain, {perhaps(model::Unknown::history, of_a_connection)}, model::Call{ends, true},
               device_.findings->whole_file());
}

}  // namespace segproof::cisco
