// SPDX-License-Identifier: Apache-2.0
// The order of a firewall with security levels: connections, translation of destinations, routing decision, inbound
// list, global list, security levels, outbound list, translation of sources. Releases before 8.3 ask their lists about
// the addresses on the wire: the inbound list before the translation of destinations, the outbound one after that of
// sources.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "input/cisco/device.h"
#include "input/cisco/firewall_connections.h"
#include "input/cisco/firewall_nat.h"
#include "input/cisco/inspection.h"

namespace segproof::cisco {
namespace {

using model::Hook;
using model::StageKind;

constexpr std::uint8_t established = state_bit(TrackState::established);
constexpr std::uint8_t related = state_bit(TrackState::related);

class FirewallRules {
 public:
  FirewallRules(Device& device, const std::vector<model::ConfiguredRoute>& routes)
      : device_(device), routes_(routes), statements_(*device.statements) {}

  model::RuleSet build() {
    const bool old = has_old_nat(statements_);
    read_settings(old);
    inspection_ = read_inspection(device_);
    translations_ = old ? read_old_firewall_nat(device_) : read_firewall_nat(device_);
    builder_.track(-10);
    doubts();
    helpers();
    mark_connections();
    if (!settings_.real_addresses)
      inbound_on_the_wire();
    if (!translations_.empty())
      diverts_ = build_firewall_nat(translations_, device_, routes_, builder_);
    ways_back();
    forward();
    outbound();
    to_itself();
    return builder_.take();
  }

 private:
  [[nodiscard]] SourceSpan whole() const { return device_.findings->whole_file(); }
  static model::UnknownTest unclear(std::string why) { return perhaps(model::Unknown::not_understood, std::move(why)); }

  // "ASA Version 9.8(2)": 908; nothing when no line says it.
  [[nodiscard]] std::optional<unsigned> release() const {
    std::optional<unsigned> found;
    statements_.for_each_below(no_statement, [&](std::size_t at) {
      Words words(statements_[at].text);
      const std::string_view product = words.take();
      if (!words.take_if("Version") || found)
        return;
      const std::string_view number = words.take();
      const std::size_t dot = number.find('.');
      if (dot == std::string_view::npos)
        return;
      std::size_t end = dot + 1;
      while (end < number.size() && is_digit(number[end]))
        ++end;
      const auto major = parse_number(number.substr(0, dot), 99);
      const auto minor = parse_number(number.substr(dot + 1, end - dot - 1), 99);
      if (major && minor)
        found = product == "NGFW" ? 999U : product == "FWSM" ? *major : *major * 100 + *minor;
    });
    return found;
  }

  void read_settings(bool old) {
    const std::optional<unsigned> number = release();
    settings_.real_addresses = number ? *number >= 803 : !old;
    settings_.lists_are_unified = number ? *number >= 900 : !old;
    statements_.for_each_below(no_statement, [&](std::size_t at) {
      const std::string_view text = statements_[at].text;
      Words words(text);
      const std::string_view first = words.take();
      if (first == "FWSM")
        settings_.needs_lists = true;
      if (first == "access-group")
        return access_group(words, at);
      if (text == "same-security-traffic permit inter-interface" ||
          text == "same-security-traffic permit intra-interface") {
        (text.ends_with("inter-interface") ? settings_.between_equals : settings_.back_out) = true;
        return device_.findings->modelled(at);
      }
      if (text.starts_with("no same-security-traffic"))
        return device_.findings->modelled(at);
      if (text == "nat-control")
        settings_.nat_control = at;
      if (text.starts_with("ip verify reverse-path interface ")) {
        words.skip(3);
        if (Port* port = device_.ports->find(words.peek())) {
          port->reverse_path = Binding{"", at};
          return device_.findings->modelled(at);
        }
      }
      if (text.starts_with("no sysopt connection permit-")) {
        settings_.tunnels_bypass = false;
        return device_.findings->modelled(at);
      }
      if (text.starts_with("sysopt connection permit-"))
        return device_.findings->modelled(at);
      if (first == "crypto" && words.take_if("map"))
        return crypto_map(words, at);
      if (first == "established") {
        settings_.extra_connections = at;
        return device_.findings->undecided(at, "further connections follow established ones");
      }
      if (text == "firewall transparent") {
        device_.findings->undecided(at, "the firewall bridges");
        device_.doubt_everything(at, "the firewall bridges");
      }
      if (first == "alias" || first == "conduit" || first == "outbound" || first == "apply") {
        device_.findings->undecided(at, "a command of releases before access lists");
        device_.doubt_everything(at, "a command of releases before access lists");
      }
    });
  }

  void crypto_map(Words& words, std::size_t at) {
    words.skip(1);
    if (words.take_if("interface")) {
      if (Port* port = device_.ports->find(words.take())) {
        port->crypto_map = Binding{"", at};
        return device_.findings->undecided(at, "packets of a tunnel come in here");
      }
    }
    device_.findings->irrelevant(at);
  }

  void access_group(Words& words, std::size_t at) {
    const Binding binding{std::string(words.take()), at};
    const std::string_view way = words.take();
    if (way == "global") {
      settings_.global = binding;
      return device_.findings->modelled(at);
    }
    const bool has_interface = words.take_if("interface");
    Port* port = device_.ports->find(words.peek());
    words.skip(1);
    if ((way != "in" && way != "out") || !has_interface || port == nullptr) {
      device_.doubt_everything(at, "an access group that is not understood");
      return device_.findings->unmodelled(at, DiagnosticCode::line_not_understood,
                                          "the access group names no interface of this device");
    }
    if (words.take_if("control-plane")) {
      settings_.control_plane[port->name] = binding;
      return device_.findings->modelled(at);
    }
    if (words.peek() == "per-user-override")
      return user_override(*port, binding, way, at);
    bind(*port, binding, way);
    device_.findings->modelled(at);
  }

  void user_override(Port& port, const Binding& binding, std::string_view way, std::size_t at) {
    bind(port, binding, way);
    port.doubts.push_back(at);
    device_.findings->undecided(at, "lists of logged-in users come before this one");
  }

  // Before lists were unified, a list for IPv6 may be bound beside the one for IPv4.
  void bind(Port& port, const Binding& binding, std::string_view way) const {
    const bool ipv6 = !settings_.lists_are_unified && device_.lists->find(binding.name) == nullptr &&
                      device_.lists->find(binding.name, true) != nullptr;
    if (ipv6) {
      (way == "in" ? port.in_v6 : port.out_v6) = binding;
    } else {
      (way == "in" ? port.in : port.out) = binding;
    }
  }

  void doubts() {
    const model::ChainId chain = builder_.chain("lines in doubt", whole());
    if (const auto& doubt = device_.may_do_anything)
      builder_.add(chain, {unclear(doubt->why)}, model::Anything{doubt->why}, doubt->origin);
    for (const Port& port : device_.ports->all()) {
      if (!port.doubts.empty()) {
        builder_.add(chain, {enters(port.name), unclear("a line of its interface")},
                     model::Anything{"a line of its interface"}, device_.span(port.doubts.front()));
      }
    }
    if (const auto& doubt = device_.routes_multicast) {
      builder_.add(chain,
                   {model::AddressTypeTest{.endpoint = model::Endpoint::destination,
                                           .types = 1U << static_cast<unsigned>(model::AddressType::multicast)},
                    unclear(doubt->why)},
                   model::Anything{doubt->why}, doubt->origin);
    }
    builder_.stage_if_used(Hook::ingress, StageKind::filter, -20, chain);
  }

  // `ip verify reverse-path`: of a connection, packets come by the interfaces of the first one, which the routes chose.
  void ways_back() {
    const model::ChainId chain = builder_.chain("reverse-path check", whole());
    for (const Port& port : device_.ports->all()) {
      if (!port.reverse_path)
        continue;
      const SourceSpan origin = device_.span(port.reverse_path->statement);
      for (const Family family : {Family::ipv4, Family::ipv6}) {
        const bool is_sure = family == Family::ipv4 && !diverts_;
        builder_.add(chain,
                     {enters(port.name), field_in(Field::protocol, IntervalSet::range(0, 255), family),
                      perhaps(model::Unknown::reverse_path,
                              is_sure ? std::string(model::no_way_back) : std::string("the way back, perhaps"))},
                     drops, origin);
      }
    }
    builder_.stage_if_used(Hook::ingress, StageKind::filter, 1, chain);
  }

  // Behind the lists: only connections that pass them are looked into.
  void helpers() {
    const model::ChainId chain = builder_.chain("inspection", whole());
    for (const Inspection::Helper& helper : inspection_.helpers)
      builder_.add(chain, helper.tests, model::AttachHelper{helper.name}, helper.origin);
    builder_.stage_if_used(Hook::forward, StageKind::filter, 30, chain);
  }

  // A connection belongs to the two interfaces that its first packet took: they are its mark. Packets of it that come
  // by another interface are none of its.
  static model::MarkTest connection_is(std::uint32_t mark) {
    return {.kind = model::MarkKind::connection, .value = mark};
  }

  void mark_connections() {
    const std::vector<Port>& ports = device_.ports->all();
    binds_connections_ = ports.size() <= most_bound_interfaces;
    if (!binds_connections_)
      return;
    const model::ChainId chain = builder_.chain("connections by interfaces", whole());
    for (std::size_t i = 0; i < ports.size(); ++i) {
      for (std::size_t j = 0; j < ports.size(); ++j) {
        builder_.add(chain, {in_state(state_bit(TrackState::fresh)), enters(ports[i].name), leaves(ports[j].name)},
                     model::SetMark{model::MarkKind::connection, 0, pair_mark(i, j)}, whole());
      }
    }
    builder_.stage_if_used(Hook::forward, StageKind::filter, -4, chain);
  }

  // Packets of known connections pass every list. Before the routing decision only one of their interfaces is known.
  enum class Known : std::uint8_t { one_interface, both_interfaces };
  void known_connections(model::ChainId chain, Known known) {
    std::vector<model::Test> tests = {in_state(established)};
    if (!inspection_.icmp)
      tests.emplace_back(field_in(Field::protocol, IntervalSet{{0, 0}, {2, 57}, {59, 255}}));
    if (binds_connections_) {
      // Without a mark: a connection that was not followed from its first packet.
      add_with(chain, tests, {connection_is(0)}, accepts, whole());
      bound_connections(chain, tests, known);
    } else {
      builder_.add(chain, std::move(tests), accepts, whole());
    }
    builder_.add(chain, {in_state(related), perhaps(model::Unknown::history, "belongs to a connection")}, accepts,
                 whole());
    if (const auto& doubt = device_.may_do_anything)
      builder_.add(chain, {unclear(doubt->why)}, accepts, doubt->origin);
  }

  void bound_connections(model::ChainId chain, const std::vector<model::Test>& tests, Known known) {
    const std::vector<Port>& ports = device_.ports->all();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      model::AnyTest any;
      for (std::size_t j = 0; j < ports.size(); ++j) {
        const model::MarkTest mark = connection_is(pair_mark(i, j));
        if (known == Known::one_interface) {
          any.alternatives.push_back({{mark}});
        } else {
          add_with(chain, tests, {enters(ports[i].name), leaves(ports[j].name), mark}, accepts, whole());
        }
      }
      if (known == Known::one_interface)
        add_with(chain, tests, {enters(ports[i].name), std::move(any)}, accepts, whole());
    }
  }

  // What an access list does, then what comes after it: the tests are those of the binding.
  void ask(const Binding& binding, std::vector<model::Test> tests, bool ipv6_list, model::ChainId chain) {
    const AccessList* list = device_.lists->find(binding.name, ipv6_list);
    const SourceSpan origin = device_.span(binding.statement);
    if (list == nullptr || !list->has_rules()) {
      const std::string why =
          fmt::format("access list {} {}", quote(binding.name), list == nullptr ? "is not defined" : "is empty");
      device_.findings->undecided(binding.statement, why);
      tests.emplace_back(perhaps(model::Unknown::unresolved_name, why));
      return builder_.add(chain, std::move(tests), accepts, origin);
    }
    ListUse use{.key = "filter", .at_end = std::nullopt, .meaning = meaning_of_list(ipv6_list)};
    builder_.add(chain, std::move(tests), model::Call{builder_.list(*list, use), true}, origin);
  }

  [[nodiscard]] Meaning meaning_of_list(bool ipv6_list) const {
    if (settings_.lists_are_unified)
      return {.ipv4 = true, .ipv6 = true, .fragments_apart = false};
    return {.ipv4 = !ipv6_list, .ipv6 = ipv6_list, .fragments_apart = false};
  }

  // The family that a list of that kind decides about; nothing: both.
  [[nodiscard]] std::vector<model::Test> of_family(bool ipv6_list) const {
    if (settings_.lists_are_unified)
      return {};
    const Family family = ipv6_list ? Family::ipv6 : Family::ipv4;
    return {field_in(Field::protocol, IntervalSet::range(0, 255), family)};
  }

  void add_with(model::ChainId chain, std::vector<model::Test> tests, const std::vector<model::Test>& more,
                model::Action action, const SourceSpan& origin) {
    tests.insert(tests.end(), more.begin(), more.end());
    builder_.add(chain, std::move(tests), std::move(action), origin);
  }

  // A list at an interface with the global one behind it; nothing gets past them.
  void decide_by_list(const Binding& binding, const std::vector<model::Test>& at, bool ipv6_list, bool inbound,
                      model::ChainId chain) {
    std::vector<model::Test> tests = at;
    const std::vector<model::Test> family = of_family(ipv6_list);
    tests.insert(tests.end(), family.begin(), family.end());
    ask(binding, tests, ipv6_list, chain);
    if (inbound && settings_.global)
      ask(*settings_.global, tests, ipv6_list, chain);
    builder_.add(chain, std::move(tests), drops, device_.span(binding.statement));
  }

  void inbound_lists(model::ChainId chain) {
    for (const Port& port : device_.ports->all()) {
      if (!port.doubts.empty()) {
        builder_.add(chain, {enters(port.name), unclear("a line of its interface")}, accepts,
                     device_.span(port.doubts.front()));
      }
      if (port.in)
        decide_by_list(*port.in, {enters(port.name)}, false, true, chain);
      if (port.in_v6)
        decide_by_list(*port.in_v6, {enters(port.name)}, true, true, chain);
    }
    if (settings_.global) {
      ask(*settings_.global, {}, false, chain);
      builder_.add(chain, {}, drops, device_.span(settings_.global->statement));
    }
  }

  // Its own addresses, where they are all written down.
  [[nodiscard]] model::Test is_for_itself() const {
    AddressSet own;
    bool known = true;
    for (const Port& port : device_.ports->all()) {
      known = known && !port.has_unknown_address && !port.addresses.empty();
      for (const InterfaceAddress& address : port.addresses)
        own.add(AddressSet::of(make_prefix(address.address, address_width(address.address.family))));
    }
    if (known && own.ipv6.is_empty())
      return field_in(Field::destination, own.ipv4, Family::ipv4);
    return model::AddressTypeTest{.endpoint = model::Endpoint::destination,
                                  .types = 1U << static_cast<unsigned>(model::AddressType::local)};
  }

  // Old releases: before destinations are translated. Packets for the firewall itself are not asked, unless a
  // translation takes them elsewhere.
  void inbound_on_the_wire() {
    const model::ChainId chain = builder_.chain("inbound access lists", whole());
    known_connections(chain, Known::one_interface);
    tunnels(chain);
    model::AnyTest translated;
    translated.alternatives = mapped_sides(translations_, device_);
    translated.negated = true;
    std::vector<model::Test> own = {is_for_itself()};
    if (!translated.alternatives.empty())
      own.emplace_back(std::move(translated));
    builder_.add(chain, std::move(own), accepts, whole());
    inbound_lists(chain);
    builder_.stage(Hook::ingress, StageKind::filter, 5, chain);
  }

  // What a tunnel brings in passes no list (`sysopt connection permit-vpn`, which is the default).
  void tunnels(model::ChainId chain) {
    for (const Port& port : device_.ports->all()) {
      if (port.crypto_map && settings_.tunnels_bypass) {
        builder_.add(chain, {enters(port.name), perhaps(model::Unknown::ipsec_policy, "comes out of a tunnel")},
                     accepts, device_.span(port.crypto_map->statement));
      }
    }
  }

  // A first packet of TCP that is none: no list is asked.
  void only_first_packets(model::ChainId chain) {
    constexpr unsigned telling = tcp_flag::syn | tcp_flag::ack | tcp_flag::rst;
    std::vector<model::Test> tests = {
        field_in(Field::protocol, IntervalSet::single(protocol_number::tcp)),
        model::MaskTest{.field = Field::tcp_flags, .value = tcp_flag::syn, .mask = telling, .negated = true}};
    if (inspection_.bypasses_state)
      tests.emplace_back(unclear("packets without a connection may pass"));
    builder_.add(chain, std::move(tests), drops, whole());
  }

  void forward() {
    const model::ChainId chain = builder_.chain("access", whole());
    for (const Port& port : device_.ports->all()) {
      if (port.management_only) {
        builder_.add(chain, {enters(port.name)}, drops, device_.span(port.statement));
        builder_.add(chain, {leaves(port.name)}, drops, device_.span(port.statement));
      }
    }
    if (const auto& drop = device_.may_drop)
      builder_.add(chain, {unclear(drop->why)}, drops, drop->origin);
    if (settings_.real_addresses) {
      FirewallConnections connections(device_, settings_, inspection_, diverts_, builder_);
      builder_.known_connections(connections.build(), chain, whole());
    } else {
      known_connections(chain, Known::both_interfaces);
    }
    only_first_packets(chain);
    if (settings_.extra_connections) {
      builder_.add(chain, {perhaps(model::Unknown::history, "follows an established connection")}, accepts,
                   device_.span(*settings_.extra_connections));
    }
    tunnels(chain);
    if (settings_.nat_control) {
      builder_.add(chain,
                   {in_state(state_bit(TrackState::fresh)), unclear("nat-control: a translation may be missing")},
                   drops, device_.span(*settings_.nat_control));
    }
    equals(chain);
    if (settings_.real_addresses) {
      inbound_lists(chain);
    } else {
      listed_before(chain);
    }
    levels(chain);
    builder_.stage(Hook::forward, StageKind::filter, 0, chain, model::Verdict::drop);
  }

  [[nodiscard]] bool has_list(const Port& port) const { return port.in.has_value() || settings_.global.has_value(); }

  // Between interfaces of one level, and back out of the same one.
  void equals(model::ChainId chain) {
    for (const Port& port : device_.ports->all()) {
      const auto forbid = [&](std::vector<model::Test> tests) {
        // Whether a list helps where the command is missing differs between the texts of the vendor.
        if (has_list(port))
          tests.emplace_back(unclear("same-security-traffic is not permitted"));
        builder_.add(chain, std::move(tests), drops, device_.span(port.statement));
      };
      if (!settings_.back_out)
        forbid({enters(port.name), leaves(port.name)});
      if (settings_.between_equals)
        continue;
      const std::vector<std::string> same =
          device_.names_where([&](const Port& other) { return other.name != port.name && other.level == port.level; });
      if (!same.empty())
        forbid({enters(port.name), one_of(model::Direction::egress, same)});
    }
  }

  // Old releases: what has come so far was permitted by the list of its interface.
  void listed_before(model::ChainId chain) {
    for (const Port& port : device_.ports->all()) {
      if (port.in || settings_.global)
        add_with(chain, {enters(port.name)}, of_family(false), accepts, device_.span(port.statement));
      if (port.in_v6)
        add_with(chain, {enters(port.name)}, of_family(true), accepts, device_.span(port.statement));
    }
  }

  void levels(model::ChainId chain) {
    std::vector<std::string> all;
    for (const Port& port : device_.ports->all()) {
      all.push_back(port.name);
      const SourceSpan origin = device_.span(port.statement);
      std::vector<std::string> lower = device_.names_where([&](const Port& other) {
        return other.name == port.name || other.level < port.level ||
               (other.level == port.level && other.name != port.name);
      });
      if (lower.empty())
        continue;
      std::vector<model::Test> tests = {enters(port.name), one_of(model::Direction::egress, lower)};
      if (settings_.needs_lists)
        tests.emplace_back(unclear("no traffic passes without a list"));
      builder_.add(chain, std::move(tests), accepts, origin);
    }
    // Interfaces that the configuration does not have.
    for (const model::Direction direction : {model::Direction::ingress, model::Direction::egress}) {
      builder_.add(chain, {one_of(direction, all, true), unclear("an interface of another configuration")}, accepts,
                   whole());
    }
  }

  void outbound() {
    const model::ChainId chain = builder_.chain("outbound access lists", whole());
    const bool any =
        std::ranges::any_of(device_.ports->all(), [](const Port& port) { return port.out || port.out_v6; });
    if (!any)
      return;
    known_connections(chain, Known::both_interfaces);
    std::vector<model::Test> forwarded;
    if (!settings_.real_addresses)
      forwarded.push_back(one_of(model::Direction::ingress, device_.names_where([](const Port&) { return true; })));
    for (const Port& port : device_.ports->all()) {
      std::vector<model::Test> at = {leaves(port.name)};
      at.insert(at.end(), forwarded.begin(), forwarded.end());
      if (!port.doubts.empty())
        add_with(chain, at, {unclear("a line of its interface")}, accepts, device_.span(port.doubts.front()));
      if (port.out)
        decide_by_list(*port.out, at, false, false, chain);
      if (port.out_v6)
        decide_by_list(*port.out_v6, at, true, false, chain);
    }
    builder_.stage(settings_.real_addresses ? Hook::forward : Hook::egress, StageKind::filter, 10, chain);
  }

  // Packets for the firewall itself: management by its own commands, everything else perhaps.
  void to_itself() {
    const model::ChainId chain = builder_.chain("the firewall itself", whole());
    builder_.add(chain, {in_state(established)}, accepts, whole());
    if (const auto& doubt = device_.may_do_anything)
      builder_.add(chain, {unclear(doubt->why)}, accepts, doubt->origin);
    statements_.for_each_below(no_statement, [&](std::size_t at) { management(at, chain); });
    const model::FieldTest tcp = field_in(Field::protocol, IntervalSet::single(protocol_number::tcp));
    builder_.add(chain, {tcp, field_in(Field::destination_port, IntervalSet::range(22, 23))}, drops, whole());
    builder_.add(chain, {unclear("a service of the firewall")}, accepts, whole());
    builder_.stage(Hook::deliver, StageKind::filter, 0, chain, model::Verdict::drop);
  }

  // `ssh ADDRESS MASK INTERFACE`, `telnet ...`
  void management(std::size_t at, model::ChainId chain) {
    Words words(statements_[at].text);
    const std::string_view service = words.take();
    if (service != "ssh" && service != "telnet")
      return;
    const auto address = device_.definitions->address(words.take());
    const auto mask = parse_ipv4(words.take());
    if (!address || !mask || device_.ports->find(words.peek()) == nullptr)
      return;
    const AddressSet set = AddressSet::of(MaskedAddress{*address, *mask});
    std::vector<model::Test> tests = {
        enters(words.peek()), field_in(Field::protocol, IntervalSet::single(protocol_number::tcp)),
        field_in(Field::destination_port, IntervalSet::single(service == "ssh" ? 22 : 23))};
    if (auto test = set.test(Field::source, Family::ipv4))
      tests.push_back(std::move(*test));
    builder_.add(chain, std::move(tests), accepts, device_.span(at));
    device_.findings->modelled(at);
  }

  Device& device_;
  const std::vector<model::ConfiguredRoute>& routes_;
  const Statements& statements_;
  RuleBuilder builder_;
  FirewallSettings settings_;
  Inspection inspection_;
  std::vector<NatRule> translations_;
  bool binds_connections_ = false;
  bool diverts_ = false;
};

}  // namespace

model::RuleSet firewall_rules(Device& device, const std::vector<model::ConfiguredRoute>& routes) {
  return FirewallRules(device, routes).build();
}

}  // namespace segproof::cisco
