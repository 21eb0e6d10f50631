// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/rules.h"

#include <algorithm>

namespace segproof::naive {

using model::Stage;

struct RuleWalk::Walk {
  const model::Node& node;
  model::NodeId id;
  const model::RuleSet& rules;
  Traveller& traveller;
  Choices& choices;
};

namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

// The same question about the same packet has the same key in every run.
std::uint64_t key_of(std::uint64_t what, const Traveller& traveller) {
  return what * 31U + ProbeHash{}(tuple_of(traveller.header));
}

std::uint64_t key_of(std::string_view what, const Traveller& traveller) {
  std::uint64_t h = 1469598103934665603ULL;
  for (const char c : what) {
    h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return key_of(h, traveller);
}

bool names_interface(const model::InterfaceTest& test, std::string_view name) {
  bool equal = false;
  if (test.is_prefix) {
    equal = name.substr(0, test.name.size()) == test.name;
  } else {
    equal = !name.empty() && name == test.name;
  }
  return equal != test.negated;
}

bool is_undecided(const model::Test& test) {
  return std::holds_alternative<model::UnknownTest>(test) || std::holds_alternative<model::MeasureTest>(test) ||
         std::holds_alternative<model::AnyTest>(test);
}

}  // namespace

std::vector<Bits> ends_of(const std::vector<Interval>& intervals) {
  std::vector<Bits> ends;
  for (const auto& interval : intervals) {
    ends.push_back(interval.low);
    ends.push_back(interval.high);
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

std::vector<const Stage*> RuleWalk::stages(const model::RuleSet& rules, model::Hook hook) const {
  std::vector<const Stage*> found;
  for (const auto& stage : rules.stages) {
    if (stage.hook == hook && (wiring_.family() == Family::ipv4 ? stage.ipv4 : stage.ipv6)) {
      found.push_back(&stage);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Stage* a, const Stage* b) { return a->order < b->order; });
  return found;
}

bool RuleWalk::passes(model::NodeId id, const Stage& stage, Traveller& traveller, Choices& choices) const {
  const auto& node = wiring_.network().node(id);
  Walk walk{node, id, node.rules, traveller, choices};
  switch (chain(walk, stage.chain)) {
    case End::accepted:
      return true;
    case End::dropped:
      return false;
    case End::fell_through:
    case End::came_back:
      break;
  }
  return stage.policy == model::Verdict::accept;
}

bool RuleWalk::holds(model::NodeId id, const model::Condition& condition, const Traveller& traveller,
                     Choices& choices) const {
  const auto& node = wiring_.network().node(id);
  Traveller copy = traveller;
  const Walk walk{node, id, node.rules, copy, choices};
  // What is certain first, so that nothing is asked in vain.
  for (const bool undecided : {false, true}) {
    for (const auto& one : condition.tests) {
      if (is_undecided(one) == undecided && !test(walk, one)) {
        return false;
      }
    }
  }
  return true;
}

RuleWalk::End RuleWalk::chain(Walk& walk, model::ChainId id) const {
  for (const auto& rule : walk.rules.chain(id).rules) {
    if (!holds(walk.id, rule.condition, walk.traveller, walk.choices)) {
      continue;
    }
    const End end = act(walk, rule);
    if (end != End::fell_through) {
      return end;
    }
  }
  return End::fell_through;
}

RuleWalk::End RuleWalk::act(Walk& walk, const model::Rule& rule) const {
  auto& t = walk.traveller;
  return std::visit(
      Overload{
          [](const model::GoOn&) { return End::fell_through; },
          [](const model::Decide& d) { return d.verdict == model::Verdict::accept ? End::accepted : End::dropped; },
          [&](const model::Call& call) {
            const End end = chain(walk, call.chain);
            if (end == End::accepted || end == End::dropped) {
              return end;
            }
            // The end of a goto-ed chain goes on where this chain would have returned to.
            return call.comes_back ? End::fell_through : End::came_back;
          },
          [](const model::ComeBack&) { return End::came_back; },
          [&](const model::SetMark& s) {
            auto& mark = s.kind == model::MarkKind::packet ? t.mark : t.connection_mark;
            mark = (mark & s.keep) ^ s.flip;
            return End::fell_through;
          },
          [&](const model::CopyMark& c) {
            auto& to = c.to == model::MarkKind::packet ? t.mark : t.connection_mark;
            const auto from = c.to == model::MarkKind::packet ? t.connection_mark : t.mark;
            to = (to & ~c.to_mask) ^ (from & c.from_mask);
            return End::fell_through;
          },
          [&](const model::Untrack&) {
            t.untracked = true;
            t.state = TrackState::untracked;
            return End::fell_through;
          },
          [&](const model::Translate& action) {
            translate(walk, action);
            return End::accepted;
          },
          [&](const model::Anything& a) {
            switch (world_.settle(walk.choices, 3, key_of(a.text, t))) {
              case 0:
                return End::dropped;
              case 1:
                return End::fell_through;
              default:
                return End::accepted;
            }
          },
          [](const model::Duplicate&) { return End::fell_through; },
          [&](const model::AttachHelper&) {
            t.helped = true;
            return End::fell_through;
          },
      },
      rule.action);
}

bool RuleWalk::test(const Walk& walk, const model::Test& one) const {
  const auto& t = walk.traveller;
  const auto family = wiring_.family();
  return std::visit(
      Overload{
          [&](const model::FieldTest& f) {
            return (!f.family || *f.family == family) && f.values.contains(value_of(t.header, f.field));
          },
          [&](const model::MaskTest& m) {
            return (!m.family || *m.family == family) &&
                   ((value_of(t.header, m.field) & m.mask) == m.value) != m.negated;
          },
          [&](const model::InterfaceTest& i) {
            return names_interface(i, i.direction == model::Direction::ingress ? t.ingress : t.egress);
          },
          [&](const model::TrackTest& s) {
            const bool hit =
                (s.states & (1U << static_cast<unsigned>(t.state))) != 0 || (s.translated & t.translated) != 0;
            return hit != s.negated;
          },
          [&](const model::MarkTest& m) {
            const auto mark = m.kind == model::MarkKind::packet ? t.mark : t.connection_mark;
            return ((mark & m.mask) == m.value) != m.negated;
          },
          [&](const model::AddressTypeTest& a) { return address_type(walk, a); },
          [&](const model::MeasureTest& m) {
            return world_.settle(walk.choices, 2, key_of(static_cast<std::uint64_t>(m.measure), t)) == 1;
          },
          [&](const model::UnknownTest& u) {
            // The unknown fact is settled, then negated: in the world `no` no such fact holds.
            return (world_.settle(walk.choices, 2, key_of(u.text, t)) == 1) != u.negated;
          },
          [&](const model::AnyTest& any) {
            const bool hit = std::any_of(any.alternatives.begin(), any.alternatives.end(),
                                         [&](const model::Condition& c) { return holds(walk.id, c, t, walk.choices); });
            return hit != any.negated;
          },
      },
      one);
}

bool RuleWalk::address_type(const Walk& walk, const model::AddressTypeTest& test) const {
  const auto& t = walk.traveller;
  const Bits address = test.endpoint == model::Endpoint::source ? t.header.source : t.header.destination;
  auto type = model::AddressType::unicast;
  if (address == 0) {
    type = model::AddressType::unspecified;
  } else if (wiring_.is_multicast(address)) {
    type = model::AddressType::multicast;
  } else if (wiring_.is_own_broadcast(walk.id, address) ||
             (wiring_.family() == Family::ipv4 && address == 0xffffffffU)) {
    type = model::AddressType::broadcast;
  } else if (wiring_.is_own(walk.id, address)) {
    type = model::AddressType::local;
    if (test.interface_limit) {
      const auto name = *test.interface_limit == model::Direction::ingress ? t.ingress : t.egress;
      const auto owner = wiring_.owner(address);
      if (owner.valid() && wiring_.network().interface(owner).name != name) {
        type = model::AddressType::unicast;
      }
    }
  }
  return ((test.types & (1U << static_cast<unsigned>(type))) != 0) != test.negated;
}

void RuleWalk::translate(Walk& walk, const model::Translate& action) const {
  auto& t = walk.traveller;
  const bool is_source = action.endpoint == model::Endpoint::source;
  Bits& address = is_source ? t.header.source : t.header.destination;
  std::uint16_t& port = is_source ? t.header.source_port : t.header.destination_port;
  const Bits address_before = address;
  const std::uint16_t port_before = port;
  std::vector<Bits> addresses;
  switch (action.to) {
    case model::Translate::To::ranges:
      addresses = ends_of(action.addresses);
      break;
    case model::Translate::To::interface_address: {
      const auto name = is_source ? t.egress : t.ingress;
      for (const auto id : wiring_.interfaces_of(walk.id)) {
        for (const auto& own : wiring_.network().interface(id).addresses) {
          if (wiring_.network().interface(id).name == name && own.address.family == wiring_.family()) {
            addresses.push_back(own.address.bits);
          }
        }
      }
      break;
    }
    case model::Translate::To::network: {
      const auto& net = *action.network;
      const Bits host = low_ones(address_width(wiring_.family()) - net.length);
      addresses.push_back(net.first() | (address & host));
      break;
    }
  }
  const auto key = key_of(walk.id.index(), t);
  if (!addresses.empty()) {
    address = addresses[world_.settle(walk.choices, addresses.size(), key)];
  }
  if (action.ports && has_ports(t.header.protocol)) {
    const auto ports = ends_of({*action.ports});
    const bool changes = !is_source || !action.keeps_port;
    if (changes || port < action.ports->low || port > action.ports->high) {
      port = static_cast<std::uint16_t>(ports[world_.settle(walk.choices, ports.size(), key + 1)]);
    }
  }
  if (address != address_before || port != port_before) {  // else the kernel does not count it as a translation
    t.translated = static_cast<std::uint8_t>(t.translated | (is_source ? 2U : 1U));
  }
}

}  // namespace segproof::naive
