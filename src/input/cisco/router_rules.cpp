// SPDX-License-Identifier: Apache-2.0
// The order of a router: inbound access list, translation from outside to inside, policy routing, routing decision,
// zone firewall, translation from inside to outside, outbound access list.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "input/cisco/device.h"
#include "input/cisco/router_nat.h"
#include "input/cisco/zone_firewall.h"

namespace segproof::cisco {
namespace {

using model::Hook;
using model::StageKind;

class RouterRules {
 public:
  explicit RouterRules(Device& device) : device_(device), nat_(device), zones_(device) {}

  model::RuleSet build() {
    inspects_ =
        std::ranges::any_of(device_.ports->all(), [](const Port& port) { return port.inspect_in || port.inspect_out; });
    const bool tracks = nat_.is_used() || zones_.is_used() || inspects_;
    fragments_apart_ = !tracks;
    if (tracks)
      builder_.track(-10);
    doubts();
    inbound();
    if (nat_.is_used())
      nat_.build(builder_);
    policy_routes();
    instances_apart();
    if (zones_.is_used())
      zones_.build(builder_);
    outbound();
    to_itself();
    return builder_.take();
  }

 private:
  [[nodiscard]] SourceSpan whole() const { return device_.findings->whole_file(); }

  // What may happen to any packet because of lines that are not decided or not understood.
  void doubts() {
    const model::ChainId chain = builder_.chain("lines in doubt", whole());
    if (const auto& doubt = device_.may_do_anything) {
      builder_.add(chain, {perhaps(model::Unknown::not_understood, doubt->why)}, model::Anything{doubt->why},
                   doubt->origin);
    }
    for (const Port& port : device_.ports->all()) {
      if (port.doubts.empty())
        continue;
      builder_.add(chain, {enters(port.name), perhaps(model::Unknown::not_understood, "a line of its interface")},
                   model::Anything{"a line of its interface"}, device_.span(port.doubts.front()));
    }
    if (const auto& doubt = device_.routes_multicast) {
      builder_.add(chain,
                   {model::AddressTypeTest{.endpoint = model::Endpoint::destination,
                                           .types = 1U << static_cast<unsigned>(model::AddressType::multicast)},
                    perhaps(model::Unknown::not_understood, doubt->why)},
                   model::Anything{doubt->why}, doubt->origin);
    }
    builder_.stage_if_used(Hook::ingress, StageKind::filter, -20, chain);
    if (const auto& drop = device_.may_drop) {
      const model::ChainId dropping = builder_.chain("lines that may drop", whole());
      builder_.add(dropping, {perhaps(model::Unknown::not_understood, drop->why)}, drops, drop->origin);
      builder_.stage(Hook::forward, StageKind::filter, -30, dropping);
    }
  }

  // What comes before the lists in the chain of a direction.
  void before_lists(model::ChainId chain) {
    if (const auto& doubt = device_.may_do_anything)
      builder_.add(chain, {perhaps(model::Unknown::not_understood, doubt->why)}, accepts, doubt->origin);
    if (!inspects_)
      return;
    const auto states = static_cast<std::uint8_t>(state_bit(TrackState::established) | state_bit(TrackState::related));
    builder_.add(chain, {in_state(states), perhaps(model::Unknown::history, "an answer that inspection lets through")},
                 accepts, whole());
  }

  // An access list at an interface: `further` are tests beside the interface's.
  void bind(const Binding& binding, bool ipv6, model::InterfaceTest at, const std::vector<model::Test>& further,
            model::ChainId chain) {
    const SourceSpan origin = device_.span(binding.statement);
    std::vector<model::Test> tests = {std::move(at)};
    tests.insert(tests.end(), further.begin(), further.end());
    tests.emplace_back(field_in(Field::protocol, IntervalSet::range(0, 255), ipv6 ? Family::ipv6 : Family::ipv4));
    const AccessList* list = device_.lists->find(binding.name, ipv6);
    const bool is_empty = list != nullptr && !list->has_rules();
    if (list == nullptr || is_empty) {
      const std::string why =
          fmt::format("access list {} {}", quote(binding.name), is_empty ? "is empty" : "is not defined");
      if (device_.dialect == CiscoDialect::nxos) {
        device_.findings->undecided(binding.statement, why);
        tests.emplace_back(perhaps(model::Unknown::unresolved_name, why));
        return builder_.add(chain, std::move(tests), drops, origin);
      }
      return device_.findings->remark(binding.statement, DiagnosticCode::device_reference_undefined,
                                      why + ": every packet passes");
    }
    const ListUse use{.key = "filter", .meaning = {.ipv4 = !ipv6, .ipv6 = ipv6, .fragments_apart = fragments_apart_}};
    builder_.add(chain, std::move(tests), model::Call{builder_.list(*list, use), false}, origin);
  }

  void doubt_list(const Port& port, model::InterfaceTest at, model::ChainId chain) {
    if (!port.doubts.empty()) {
      builder_.add(chain, {std::move(at), perhaps(model::Unknown::not_understood, "a line of its interface")}, accepts,
                   device_.span(port.doubts.front()));
    }
  }

  void inbound() {
    const model::ChainId chain = builder_.chain("inbound access lists", whole());
    before_lists(chain);
    for (const Port& port : device_.ports->all()) {
      doubt_list(port, enters(port.name), chain);
      if (port.reverse_path)
        way_back(port, chain);
      if (port.in)
        bind(*port.in, false, enters(port.name), {}, chain);
      if (port.in_v6)
        bind(*port.in_v6, true, enters(port.name), {}, chain);
    }
    builder_.stage_if_used(Hook::ingress, StageKind::filter, 0, chain);
  }

  // A strict check drops what its routes would answer by another interface. Without `allow-default` it drops more, and
  // a list takes packets out.
  void way_back(const Port& port, model::ChainId chain) {
    const SourceSpan origin = device_.span(port.reverse_path->statement);
    const std::string& mode = port.reverse_path->name;
    if (mode.starts_with("strict")) {
      builder_.add(chain,
                   {enters(port.name), field_in(Field::protocol, IntervalSet::range(0, 255), Family::ipv4),
                    perhaps(model::Unknown::reverse_path, std::string(model::no_way_back))},
                   drops, origin);
    }
    if (mode != "strict allow-default")
      builder_.add(chain, {enters(port.name), perhaps(model::Unknown::reverse_path, "the way back, perhaps")}, drops,
                   origin);
  }

  // Outbound lists are not asked about packets of the router itself. With translation they see what it made of the
  // packet, so they come after it.
  void outbound() {
    const model::ChainId chain = builder_.chain("outbound access lists", whole());
    before_lists(chain);
    std::vector<model::Test> forwarded;
    const bool after_nat = nat_.is_used();
    if (after_nat)
      forwarded.push_back(one_of(model::Direction::ingress, device_.names_where([](const Port&) { return true; })));
    for (const Port& port : device_.ports->all()) {
      doubt_list(port, leaves(port.name), chain);
      if (port.out)
        bind(*port.out, false, leaves(port.name), forwarded, chain);
      if (port.out_v6)
        bind(*port.out_v6, true, leaves(port.name), forwarded, chain);
    }
    builder_.stage_if_used(after_nat ? Hook::egress : Hook::forward, StageKind::filter, 20, chain);
  }

  void policy_routes() {
    const model::ChainId chain = builder_.chain("policy routing", whole());
    for (const Port& port : device_.ports->all()) {
      if (!port.policy_route)
        continue;
      const std::string why = fmt::format("policy routing by {}", port.policy_route->name);
      builder_.add(chain, {enters(port.name), perhaps(model::Unknown::not_understood, why)}, model::Anything{why},
                   device_.span(port.policy_route->statement));
    }
    relays(chain);
    builder_.stage_if_used(Hook::ingress, StageKind::filter, 15, chain);
  }

  // `ip helper-address`: some broadcasts are sent on as packets to one address.
  void relays(model::ChainId chain) {
    const Statements& statements = *device_.statements;
    for (const Port& port : device_.ports->all()) {
      for (std::size_t at = port.statement + 1; at < statements[port.statement].end; ++at) {
        if (!statements[at].text.starts_with("ip helper-address"))
          continue;
        builder_.add(chain,
                     {enters(port.name), field_in(Field::protocol, IntervalSet::single(protocol_number::udp)),
                      model::AddressTypeTest{.endpoint = model::Endpoint::destination,
                                             .types = 1U << static_cast<unsigned>(model::AddressType::broadcast)},
                      perhaps(model::Unknown::not_understood, "relayed to a helper address")},
                     model::Anything{"relayed to a helper address"}, device_.span(at));
        break;
      }
    }
  }

  // Nothing passes from one routing instance into another.
  void instances_apart() {
    std::set<std::string> instances;
    for (const Port& port : device_.ports->all())
      instances.insert(port.vrf);
    if (instances.size() < 2)
      return;
    const model::ChainId chain = builder_.chain("routing instances", whole());
    for (const std::string& instance : instances) {
      const std::vector<std::string> members =
          device_.names_where([&](const Port& port) { return port.vrf == instance; });
      builder_.add(chain, {one_of(model::Direction::ingress, members), one_of(model::Direction::egress, members, true)},
                   drops, whole());
    }
    builder_.stage(Hook::forward, StageKind::filter, 0, chain);
  }

  // Lists at the terminal lines: who may log in. Where all lines have one list, it decides; else any line may be the
  // one that answers.
  void to_itself() {
    const Statements& statements = *device_.statements;
    const model::ChainId chain = builder_.chain("terminal lines", whole());
    for (const bool ipv6 : {false, true}) {
      std::vector<std::size_t> bindings;
      std::set<std::string> names;
      bool on_all = true;
      statements.for_each_below(no_statement, [&](std::size_t at) {
        if (!statements[at].text.starts_with("line vty"))
          return;
        const std::size_t before = bindings.size();
        statements.for_each_below(at, [&](std::size_t below) {
          Words words(statements[below].text);
          if (words.take_if("ipv6") != ipv6 || !words.take_if("access-class"))
            return;
          const std::string name(words.take());
          if (words.peek() == "out")
            return device_.findings->irrelevant(below);  // what its users open
          bindings.push_back(below);
          names.insert(words.take_if("in") ? name : std::string());
        });
        on_all = on_all && bindings.size() == before + 1;
      });
      terminal_lists(bindings, on_all && names.size() == 1 ? *names.begin() : std::string(), ipv6, chain);
    }
    builder_.stage_if_used(Hook::deliver, StageKind::filter, 0, chain);
  }

  void terminal_lists(const std::vector<std::size_t>& bindings, const std::string& name, bool ipv6,
                      model::ChainId chain) {
    const AccessList* list = name.empty() ? nullptr : device_.lists->find(name, ipv6);
    const std::vector<model::Test> logins = {
        field_in(Field::protocol, IntervalSet::single(protocol_number::tcp), ipv6 ? Family::ipv6 : Family::ipv4),
        field_in(Field::destination_port, IntervalSet::range(22, 23))};
    if (list != nullptr && list->has_rules()) {
      for (const std::size_t at : bindings)
        device_.findings->modelled(at);
      const ListUse use{.key = "terminal lines", .meaning = {.ipv4 = !ipv6, .ipv6 = ipv6, .fragments_apart = false}};
      return builder_.add(chain, logins, model::Call{builder_.list(*list, use), false}, device_.span(bindings.front()));
    }
    for (const std::size_t at : bindings) {
      device_.findings->undecided(at, "a list at the terminal lines");
      std::vector<model::Test> tests = logins;
      tests.emplace_back(perhaps(model::Unknown::not_understood, "a list at the terminal lines"));
      builder_.add(chain, std::move(tests), drops, device_.span(at));
    }
  }

  Device& device_;
  RouterNat nat_;
  ZoneFirewall zones_;
  RuleBuilder builder_;
  bool inspects_ = false;
  bool fragments_apart_ = true;
};

}  // namespace

model::RuleSet router_rules(Device& device) {
  return RouterRules(device).build();
}

}  // namespace segproof::cisco
