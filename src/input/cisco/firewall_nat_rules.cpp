// SPDX-License-Identifier: Apache-2.0
// Translation rules as stages. Destinations are rewritten before the routing decision, sources when the packet leaves;
// a mark tells the second stage which rule the first one took.
#include <fmt/format.h>

#include <algorithm>

#include "input/cisco/firewall_nat.h"

namespace segproof::cisco {
namespace {

using model::Endpoint;
using model::Hook;
using model::StageKind;
using model::Translate;

constexpr std::uint32_t settled = 1;  // the mark of a connection whose source needs no further look
constexpr std::size_t most_pieces = 256;
constexpr std::size_t most_compared = 500;  // rules, each with each

// A part of a static mapping: `from` becomes what `action` says.
struct Piece {
  std::optional<Interval> from;  // nothing: all
  Translate action;
  Family family = Family::ipv4;
};

Translate to_ranges(Endpoint endpoint, const IntervalSet& set, Family family) {
  Translate action;
  action.endpoint = endpoint;
  action.family = family;
  action.addresses.assign(set.intervals().begin(), set.intervals().end());
  return action;
}

// Two runs of one length, in pieces that are networks on both sides.
void pair_up(Interval from, Interval to, Endpoint endpoint, Family family, std::vector<Piece>& pieces) {
  const unsigned width = address_width(family);
  for (;;) {
    unsigned bits = 0;
    const auto fits = [&](unsigned size) {
      const Bits mask = low_ones(size);
      return size <= width && (from.low & mask) == 0 && (to.low & mask) == 0 && from.high - from.low >= mask;
    };
    while (bits < width && fits(bits + 1))
      ++bits;
    const Bits last = low_ones(bits);
    Piece piece{Interval{from.low, from.low + last}, {}, family};
    piece.action.endpoint = endpoint;
    piece.action.family = family;
    piece.action.to = Translate::To::network;
    piece.action.network = make_prefix({family, to.low}, width - bits);
    pieces.push_back(std::move(piece));
    if (pieces.size() > most_pieces || from.low + last == from.high)
      return;
    from.low += last + 1;
    to.low += last + 1;
  }
}

// How the addresses of `from` become those of `to`. Where it is not one run onto another, any of `to`.
std::vector<Piece> pieces_of(const AddressSet& from, const AddressSet& to, Endpoint endpoint) {
  std::vector<Piece> pieces;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const IntervalSet& source = family == Family::ipv4 ? from.ipv4 : from.ipv6;
    const IntervalSet everything = IntervalSet::range(0, field_max(Field::source, family));
    const IntervalSet target = to.is_any || !to.is_exact() || !to.masked.empty() ? everything
                               : family == Family::ipv4                          ? to.ipv4
                                                                                 : to.ipv6;
    if (target.is_empty() || !from.has(family))
      continue;
    const bool one_run = !from.is_any && from.is_exact() && from.masked.empty() && source.intervals().size() == 1 &&
                         target.intervals().size() == 1 && source.size() == target.size();
    std::vector<Piece> exact;
    if (one_run)
      pair_up(source.intervals().front(), target.intervals().front(), endpoint, family, exact);
    if (one_run && exact.size() <= most_pieces) {
      pieces.insert(pieces.end(), exact.begin(), exact.end());
    } else {
      pieces.push_back({std::nullopt, to_ranges(endpoint, target, family), family});
    }
  }
  return pieces;
}

bool may_overlap(const AddressSet& a, const AddressSet& b) {
  return a.is_any || b.is_any || !a.is_exact() || !b.is_exact() || !a.masked.empty() || !b.masked.empty() ||
         !(a.ipv4 & b.ipv4).is_empty() || !(a.ipv6 & b.ipv6).is_empty();
}

bool is_same(const AddressSet& a, const AddressSet& b) {
  return a.is_any == b.is_any && a.ipv4 == b.ipv4 && a.ipv6 == b.ipv6 && a.masked == b.masked;
}

class NatBuilder {
 public:
  NatBuilder(Device& device, const std::vector<model::ConfiguredRoute>& routes, RuleBuilder& builder)
      : device_(device), routes_(routes), builder_(builder), addresses_(device.ports->addresses()) {}

  void build(const std::vector<NatRule>& rules) {
    const SourceSpan whole = device_.findings->whole_file();
    inward_ = builder_.chain("translation of destinations", whole);
    outward_ = builder_.chain("translation of sources", whole);
    doubts_ = builder_.chain("translation in doubt", whole);
    builder_.add(outward_, {mark_is(settled)}, accepts, whole);
    for (const NatRule& rule : rules) {
      forwards(rule);
      if (!rule.is_dynamic && !rule.one_way)
        backwards(rule);
    }
    builder_.stage_if_used(Hook::ingress, StageKind::filter, 15, doubts_);
    builder_.stage(Hook::ingress, StageKind::translate, 20, inward_);
    builder_.stage(Hook::egress, StageKind::translate, 0, outward_);
    asymmetric(rules);
  }

  [[nodiscard]] bool diverts() const { return diverts_; }

  // Tests of a packet that comes from the mapped side of a static rule.
  [[nodiscard]] std::vector<model::Test> from_mapped_side(const NatRule& rule) const {
    std::vector<model::Test> tests;
    if (!rule.mapped_interface.empty())
      tests.emplace_back(enters(rule.mapped_interface));
    if (rule.mapped_is_interface) {
      add_own_address(rule.mapped_interface, tests);
    } else {
      add_addresses(tests, Field::destination, rule.mapped);
    }
    add_addresses(tests, Field::source, rule.true_destination);
    if (rule.true_service) {
      add_service(tests, *rule.true_service, true);
    } else if (rule.shown_service) {
      add_service(tests, *rule.shown_service, true);
    }
    if (rule.is_unclear)
      tests.emplace_back(perhaps(model::Unknown::not_understood, "a translation that holds perhaps"));
    return tests;
  }

 private:
  static model::MarkTest mark_is(std::uint32_t mark) { return {.kind = model::MarkKind::packet, .value = mark}; }

  static void add_addresses(std::vector<model::Test>& tests, Field field, const AddressSet& set) {
    const bool four = set.has(Family::ipv4);
    const bool six = set.has(Family::ipv6);
    if (set.is_any)
      return;
    if (four && six) {
      model::AnyTest any;
      for (const Family family : {Family::ipv4, Family::ipv6}) {
        if (auto test = set.test(field, family))
          any.alternatives.push_back({{std::move(*test)}});
      }
      if (any.alternatives.size() == 2)
        tests.emplace_back(std::move(any));
      return;
    }
    const Family family = six ? Family::ipv6 : Family::ipv4;
    if (auto test = set.test(field, family)) {
      tests.push_back(std::move(*test));
    } else {
      tests.emplace_back(field_in(field, IntervalSet::range(0, field_max(field, family)), family));
    }
  }

  void add_own_address(const std::string& interface, std::vector<model::Test>& tests) const {
    const auto found = addresses_.find(interface);
    if (found != addresses_.end() && found->second.is_exact())
      return add_addresses(tests, Field::destination, found->second);
    tests.emplace_back(model::AddressTypeTest{.endpoint = Endpoint::destination,
                                              .types = 1U << static_cast<unsigned>(model::AddressType::local),
                                              .interface_limit = model::Direction::ingress});
  }

  // `turned`: the packet comes from the other side, so that its ports have changed places.
  static void add_service(std::vector<model::Test>& tests, const Service& service, bool turned) {
    if (!service.is_every_protocol())
      tests.emplace_back(field_in(Field::protocol, service.protocols));
    const auto& source = turned ? service.destination_ports : service.source_ports;
    const auto& destination = turned ? service.source_ports : service.destination_ports;
    if (source)
      tests.emplace_back(field_in(Field::source_port, *source));
    if (destination)
      tests.emplace_back(field_in(Field::destination_port, *destination));
    if (service.icmp && !turned)
      tests.emplace_back(field_in(Field::destination_port, *service.icmp));
    if (!service.unknown.empty())
      tests.emplace_back(perhaps(model::Unknown::unresolved_name, service.unknown));
  }

  static std::optional<Interval> only_run(const std::optional<IntervalSet>& set) {
    return set && set->intervals().size() == 1 ? std::optional(set->intervals().front()) : std::nullopt;
  }

  // Adds the rules of one side: each piece under its own test.
  void add_pieces(model::ChainId chain, const std::vector<model::Test>& tests, const std::vector<Piece>& pieces,
                  const std::optional<Interval>& ports, const SourceSpan& origin) {
    for (const Piece& piece : pieces) {
      std::vector<model::Test> narrowed = tests;
      const Field field = piece.action.endpoint == Endpoint::source ? Field::source : Field::destination;
      if (piece.from)
        narrowed.emplace_back(field_in(field, IntervalSet{*piece.from}, piece.family));
      Translate action = piece.action;
      if (ports)
        action.ports = ports;
      builder_.add(chain, std::move(narrowed), std::move(action), origin);
    }
  }

  // Of a packet that enters by the real interface.
  void forwards(const NatRule& rule) {
    const SourceSpan origin = device_.span(rule.statement);
    std::vector<model::Test> tests;
    if (!rule.real_interface.empty())
      tests.emplace_back(enters(rule.real_interface));
    add_addresses(tests, Field::source, rule.real);
    if (rule.is_unclear)
      tests.emplace_back(perhaps(model::Unknown::not_understood, "a translation that holds perhaps"));
    std::vector<model::Test> leaving = tests;
    if (rule.translates_destination) {
      if (rule.shown_is_interface) {
        add_own_address(rule.real_interface, tests);
      } else {
        add_addresses(tests, Field::destination, rule.shown_destination);
      }
      if (rule.shown_service)
        add_service(tests, *rule.shown_service, false);
      const std::uint32_t mark = next_mark_++;
      const auto ports = rule.true_service && rule.true_service->destination_ports
                             ? only_run(rule.true_service->destination_ports)
                             : std::nullopt;
      const AddressSet shown = rule.shown_is_interface ? AddressSet::unclear("") : rule.shown_destination;
      diverted(tests, rule.true_destination, rule.mapped_interface, origin);
      loose(tests, rule.real_interface, origin);
      builder_.add(inward_, tests, model::SetMark{model::MarkKind::packet, 0, mark}, origin);
      add_pieces(inward_, tests, pieces_of(shown, rule.true_destination, Endpoint::destination), ports, origin);
      leaving = {mark_is(mark)};
      add_addresses(leaving, Field::source, rule.real);
    } else {
      leaving.emplace_back(mark_is(0));
      add_addresses(leaving, Field::destination, rule.true_destination);
      if (rule.shown_service)
        add_service(leaving, *rule.shown_service, false);
    }
    if (!rule.mapped_interface.empty())
      leaving.emplace_back(leaves(rule.mapped_interface));
    sources(rule, leaving, origin);
  }

  void sources(const NatRule& rule, const std::vector<model::Test>& leaving, const SourceSpan& origin) {
    const auto ports =
        rule.true_service && rule.true_service->source_ports ? only_run(rule.true_service->source_ports) : std::nullopt;
    if (rule.is_identity && !ports)
      return builder_.add(outward_, leaving, accepts, origin);
    if (rule.is_identity) {
      Translate action;
      action.ports = ports;
      action.endpoint = Endpoint::source;
      return builder_.add(outward_, leaving, action, origin);
    }
    if (rule.is_dynamic || rule.mapped_is_interface) {
      std::vector<Piece> pieces = pieces_of(AddressSet::unclear(""), rule.mapped, Endpoint::source);
      if (rule.mapped_is_interface) {
        Translate action;
        action.endpoint = Endpoint::source;
        action.to = Translate::To::interface_address;
        pieces.assign(1, {std::nullopt, action, Family::ipv4});
      }
      for (Piece& piece : pieces) {
        if (rule.overloads) {
          piece.action.ports = Interval{1, 65535};
          piece.action.keeps_port = false;
        }
      }
      return add_pieces(outward_, leaving, pieces, ports, origin);
    }
    add_pieces(outward_, leaving, pieces_of(rule.real, rule.mapped, Endpoint::source), ports, origin);
  }

  // Of a packet that enters by the mapped interface of a static rule.
  void backwards(const NatRule& rule) {
    const SourceSpan origin = device_.span(rule.statement);
    const std::vector<model::Test> tests = from_mapped_side(rule);
    const bool source_changes = rule.translates_destination && !rule.shown_is_interface &&
                                !is_same(rule.shown_destination, rule.true_destination);
    std::uint32_t mark = settled;
    if (source_changes || rule.shown_is_interface)
      mark = next_mark_++;
    builder_.add(inward_, tests, model::SetMark{model::MarkKind::packet, 0, mark}, origin);
    const auto ports = rule.shown_service && rule.shown_service->source_ports && rule.true_service
                           ? only_run(rule.shown_service->source_ports)
                           : std::nullopt;
    if (rule.is_identity && !ports) {
      builder_.add(inward_, tests, accepts, origin);
    } else if (rule.is_identity) {
      Translate action;
      action.endpoint = Endpoint::destination;
      action.ports = ports;
      builder_.add(inward_, tests, action, origin);
    } else {
      diverted(tests, rule.real, rule.real_interface, origin);
      loose(tests, rule.mapped_interface, origin);
      const AddressSet shown = rule.mapped_is_interface ? AddressSet::unclear("") : rule.mapped;
      add_pieces(inward_, tests, pieces_of(shown, rule.real, Endpoint::destination), ports, origin);
    }
    if (mark == settled)
      return;
    std::vector<model::Test> leaving = {mark_is(mark)};
    if (rule.shown_is_interface) {
      Translate action;
      action.endpoint = Endpoint::source;
      action.to = Translate::To::interface_address;
      return builder_.add(outward_, leaving, action, origin);
    }
    add_pieces(outward_, leaving, pieces_of(rule.true_destination, rule.shown_destination, Endpoint::source),
               std::nullopt, origin);
  }

  // A first packet is dropped where its answer would be translated by another rule than itself. That is told apart only
  // roughly: perhaps.
  void asymmetric(const std::vector<NatRule>& rules) {
    const model::ChainId chain = builder_.chain("answers translated otherwise", device_.findings->whole_file());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const NatRule& rule = rules[i];
      bool hides_translation = rules.size() > most_compared;
      bool hides_exemption = hides_translation;
      bool shares_its_addresses = hides_translation;
      for (std::size_t j = 0; j < rules.size() && rules.size() <= most_compared; ++j) {
        const bool hides = j > i && takes_back(rules[j]) && may_overlap(rule.real, rules[j].real);
        (rules[j].is_identity ? hides_exemption : hides_translation) |= hides;
        shares_its_addresses |= j != i && share_mapped(rule, rules[j]);
      }
      if (!rule.is_identity)
        may_drop(rule, true, mark_is(0), chain);
      if (hides_translation)
        may_drop(rule, true, model::TrackTest{.states = 0, .translated = 1}, chain);
      if (hides_exemption && !rule.is_identity)
        may_drop(rule, true, model::MarkTest{.kind = model::MarkKind::packet, .value = 0, .negated = true}, chain);
      if (shares_its_addresses)
        may_drop(rule, false, in_state(state_bit(TrackState::fresh)), chain);
    }
    builder_.stage_if_used(Hook::forward, StageKind::filter, -3, chain);
  }

  // First packets to (or from) the real side of a rule; both ends are the true ones here.
  void may_drop(const NatRule& rule, bool towards_it, model::Test which, model::ChainId chain) {
    std::vector<model::Test> tests = {in_state(state_bit(TrackState::fresh)), std::move(which)};
    if (!rule.real_interface.empty())
      tests.emplace_back(towards_it ? leaves(rule.real_interface) : enters(rule.real_interface));
    if (!rule.mapped_interface.empty())
      tests.emplace_back(towards_it ? enters(rule.mapped_interface) : leaves(rule.mapped_interface));
    add_addresses(tests, towards_it ? Field::destination : Field::source, rule.real);
    add_addresses(tests, towards_it ? Field::source : Field::destination, rule.true_destination);
    tests.emplace_back(perhaps(model::Unknown::not_understood, "its answer would be translated otherwise"));
    builder_.add(chain, std::move(tests), drops, device_.span(rule.statement));
  }

  static bool takes_back(const NatRule& rule) { return !rule.is_dynamic && !rule.one_way; }

  // Whether answers to one address and port may belong to either. Pools avoid the ports of static rules.
  static bool share_mapped(const NatRule& a, const NatRule& b) {
    if (a.is_dynamic || b.is_dynamic || a.is_identity || b.is_identity)
      return false;
    if (a.true_service && b.true_service && a.true_service->source_ports && b.true_service->source_ports &&
        (*a.true_service->source_ports & *b.true_service->source_ports).is_empty())
      return false;
    return a.mapped_is_interface || b.mapped_is_interface
               ? a.mapped_is_interface && b.mapped_is_interface && a.mapped_interface == b.mapped_interface
               : may_overlap(a.mapped, b.mapped);
  }

  // ICMP that belongs to no connection is rewritten all the same, which a translate stage does not do. Where no list
  // lets any of it in, it does not matter what becomes of it.
  void loose(std::vector<model::Test> tests, const std::string& interface, const SourceSpan& origin) {
    const bool may_pass = std::ranges::any_of(device_.ports->all(), [&](const Port& port) {
      return (interface.empty() || port.name == interface) && may_pass_icmp(port);
    });
    if (!may_pass)
      return;
    tests.emplace_back(
        in_state(static_cast<std::uint8_t>(state_bit(TrackState::invalid) | state_bit(TrackState::untracked))));
    tests.emplace_back(field_in(Field::protocol, IntervalSet{{1, 1}, {58, 58}}));
    builder_.add(doubts_, std::move(tests), model::Anything{"translated without a connection", false}, origin);
  }

  // Whether ICMP without a connection may come in there and be passed on.
  [[nodiscard]] bool may_pass_icmp(const Port& port) const {
    if (!port.in || port.in_v6 || !port.doubts.empty() || port.crypto_map)
      return true;
    bool may = permits_icmp(port.in->name);
    device_.statements->for_each_below(no_statement, [&](std::size_t at) {
      Words words((*device_.statements)[at].text);
      if (!words.take_if("access-group"))
        return;
      const std::string name(words.take());
      may = may || (words.peek() == "global" && permits_icmp(name));
    });
    return may;
  }

  [[nodiscard]] bool permits_icmp(const std::string& name) const {
    const AccessList* list = device_.lists->find(name);
    if (list == nullptr || !list->has_rules() || list->may_pass_fragments)
      return true;
    return std::ranges::any_of(list->entries, [](const Entry& entry) {
      const bool counts = (entry.permits || entry.is_unclear) && !entry.is_remark && !entry.is_inactive;
      return counts && std::ranges::any_of(entry.services, [](const Service& service) {
               return !(service.protocols & IntervalSet{{1, 1}, {58, 58}}).is_empty();
             });
    });
  }

  // A rule sends packets out by its interface, whatever the routes say. Where they say something else, all is open.
  void diverted(std::vector<model::Test> tests, const AddressSet& destinations, const std::string& interface,
                const SourceSpan& origin) {
    if (interface.empty() || destinations.is_any || routes_agree(destinations.ipv4, interface))
      return;
    diverts_ = true;
    const std::string why = fmt::format("the translation sends to {}, the routes elsewhere", interface);
    tests.emplace_back(perhaps(model::Unknown::not_understood, why));
    builder_.add(doubts_, std::move(tests), model::Anything{why, false}, origin);
  }

  [[nodiscard]] bool routes_agree(const IntervalSet& destinations, const std::string& interface) const {
    std::vector<Bits> points;
    for (const Interval& interval : destinations.intervals()) {
      points.push_back(interval.low);
      const auto add = [&](const Prefix& prefix) {
        if (prefix.address.family != Family::ipv4)
          return;
        if (prefix.first() > interval.low && prefix.first() <= interval.high)
          points.push_back(prefix.first());
        if (prefix.last() >= interval.low && prefix.last() < interval.high)
          points.push_back(prefix.last() + 1);
      };
      for (const model::ConfiguredRoute& route : routes_)
        add(route.destination);
      for (const Port& port : device_.ports->all()) {
        for (const InterfaceAddress& address : port.addresses)
          add(address.prefix);
      }
    }
    return std::ranges::all_of(points, [&](Bits point) {
      const std::string found = routed_by({Family::ipv4, point});
      return found.empty() || found == interface;
    });
  }

  [[nodiscard]] std::string routed_by(const Address& address) const {
    std::string best;
    unsigned length = 0;
    for (const Port& port : device_.ports->all()) {
      for (const InterfaceAddress& own : port.addresses) {
        if (own.prefix.contains(address) && own.prefix.length >= length) {
          best = port.name;
          length = own.prefix.length;
        }
      }
    }
    for (const model::ConfiguredRoute& route : routes_) {
      if (route.destination.contains(address) && (best.empty() || route.destination.length > length)) {
        best = route.interface;
        length = route.destination.length;
      }
    }
    return best;
  }

  Device& device_;
  const std::vector<model::ConfiguredRoute>& routes_;
  RuleBuilder& builder_;
  InterfaceAddresses addresses_;
  model::ChainId inward_, outward_, doubts_;
  std::uint32_t next_mark_ = settled + 1;
  bool diverts_ = false;
};

}  // namespace

bool build_firewall_nat(const std::vector<NatRule>& rules, Device& device,
                        const std::vector<model::ConfiguredRoute>& routes, RuleBuilder& builder) {
  NatBuilder nat(device, routes, builder);
  nat.build(rules);
  return nat.diverts();
}

std::vector<model::Condition> mapped_sides(const std::vector<NatRule>& rules, Device& device) {
  RuleBuilder unused;
  const std::vector<model::ConfiguredRoute> no_routes;
  const NatBuilder builder(device, no_routes, unused);
  std::vector<model::Condition> sides;
  for (const NatRule& rule : rules) {
    if (!rule.is_dynamic && !rule.one_way && !rule.is_identity)
      sides.push_back({builder.from_mapped_side(rule)});
  }
  return sides;
}

}  // namespace segproof::cisco
