// SPDX-License-Identifier: Apache-2.0
#include "reach/compiled_network.h"

#include <algorithm>

#include "base/assert.h"
#include "graph/wiring.h"
#include "reach/program_store.h"

namespace segproof::reach {
namespace {

using model::Forwarding;
using model::Hook;
using model::Known;
using model::Network;
using model::NodeId;
using model::NodeKind;
using model::SegmentId;

IntervalSet interval_of(std::string_view prefix) {
  return IntervalSet{parse_prefix(prefix)->interval()};
}

// Addresses that no external zone owns unless it declares them (claims.md section 2).
IntervalSet never_public(Family family) {
  if (family == Family::ipv4) {
    return interval_of("10.0.0.0/8") | interval_of("172.16.0.0/12") | interval_of("192.168.0.0/16") |
           interval_of("100.64.0.0/10") | interval_of("169.254.0.0/16");
  }
  return interval_of("fc00::/7") | interval_of("fe80::/10");
}

bool is_loopback(const Address& address) {
  return address.family == Family::ipv4 ? address.bits >> 24U == 127 : address.bits == 1;
}

IntervalSet of_prefixes(const std::vector<Prefix>& prefixes, Family family) {
  std::vector<Interval> result;
  for (const Prefix& prefix : prefixes) {
    if (prefix.address.family == family) {
      result.push_back(prefix.interval());
    }
  }
  return IntervalSet::of(std::move(result));
}

IntervalSet addresses_of(const model::Interface& interface, Family family) {
  std::vector<Interval> result;
  for (const InterfaceAddress& address : interface.addresses) {
    if (address.address.family == family) {
      result.push_back({address.address.bits, address.address.bits});
    }
  }
  return IntervalSet::of(std::move(result));
}

Behaviour behaviour_of(const model::Node& node, Family family) {
  const std::size_t f = model::index_of(family);
  if (node.filter[f] == Known::off || node.routes[f] == Known::off) {
    return Behaviour::closed;
  }
  if (node.kind == NodeKind::device && (node.filter[f] == Known::missing || node.routes[f] == Known::missing)) {
    return Behaviour::open;
  }
  const bool may_forward = graph::may_forward(node) && node.forwarding[f] != Forwarding::off;
  const bool filters = std::any_of(node.rules.stages.begin(), node.rules.stages.end(), [&](const model::Stage& stage) {
    return family == Family::ipv4 ? stage.ipv4 : stage.ipv6;
  });
  return node.kind == NodeKind::host && !may_forward && !filters ? Behaviour::leaf : Behaviour::working;
}

// Only then may the stages be asked before the routing decision: they accept or drop, whatever the way out, and change
// nothing.
bool ignore_egress(const std::vector<CompiledStage>& stages) {
  const auto is_free = [](PacketSet packets) { return packets == packets.forget(Field::egress); };
  return std::all_of(stages.begin(), stages.end(), [&](const CompiledStage& stage) {
    const std::vector<Outcome>& outcomes = stage.program.outcomes;
    return stage.stage->kind == model::StageKind::filter && stage.program.copies.empty() &&
           stage.program.may_deliver_locally.is_empty() &&
           std::all_of(outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) {
             return (outcome.end == End::accept || outcome.end == End::drop) && outcome.effect.is_none() &&
                    is_free(outcome.may) && is_free(outcome.must);
           });
  });
}

// What arrives is tracked by the first of its hooks and by no other, and no stage before that changes headers.
bool tracks_once(const CompiledNode& node) {
  const auto is_track = [](const CompiledStage& stage) { return stage.stage->kind == model::StageKind::track; };
  for (const Hook hook : {Hook::forward, Hook::deliver, Hook::egress}) {
    const std::vector<CompiledStage>& stages = node.stages[static_cast<std::size_t>(hook)];
    if (std::any_of(stages.begin(), stages.end(), is_track)) {
      return false;
    }
  }
  const std::vector<CompiledStage>& stages = node.stages[static_cast<std::size_t>(Hook::ingress)];
  const auto track = std::find_if(stages.begin(), stages.end(), is_track);
  return track != stages.end() && std::none_of(track + 1, stages.end(), is_track) &&
         std::all_of(stages.begin(), track, [](const CompiledStage& stage) {
           return stage.stage->kind == model::StageKind::filter &&
                  std::none_of(stage.program.outcomes.begin(), stage.program.outcomes.end(),
                               [](const Outcome& outcome) { return outcome.end == End::scramble; });
         });
}

bool asks(const model::Condition& condition, bool (*about)(const model::Test&)) {
  return std::any_of(condition.tests.begin(), condition.tests.end(), [&](const model::Test& test) {
    const auto* any = std::get_if<model::AnyTest>(&test);
    return about(test) ||
           (any != nullptr && std::any_of(any->alternatives.begin(), any->alternatives.end(),
                                          [&](const model::Condition& one) { return asks(one, about); }));
  });
}

// Some rule of the node, or some rule of its routing, has such a test.
bool asks(const model::Node& node, Family family, bool (*about)(const model::Test&)) {
  const auto has = [&](const auto& rule) { return asks(rule.condition, about); };
  const std::vector<model::RouteRule>& routing = node.routing[model::index_of(family)].rules;
  return std::any_of(routing.begin(), routing.end(), has) ||
         std::any_of(node.rules.chains.begin(), node.rules.chains.end(), [&](const model::Chain& chain) {
           return std::any_of(chain.rules.begin(), chain.rules.end(), has);
         });
}

bool asks_for_marks(const model::Test& test) {
  const auto* field = std::get_if<model::FieldTest>(&test);
  const auto* mask = std::get_if<model::MaskTest>(&test);
  const auto is_mark = [](Field asked) { return asked == Field::mark || asked == Field::connection_mark; };
  return std::holds_alternative<model::MarkTest>(test) || (field != nullptr && is_mark(field->field)) ||
         (mask != nullptr && is_mark(mask->field));
}

bool asks_for_translations(const model::Test& test) {
  const auto* track = std::get_if<model::TrackTest>(&test);
  const auto* field = std::get_if<model::FieldTest>(&test);
  const auto* mask = std::get_if<model::MaskTest>(&test);
  return (track != nullptr && track->translated != 0) || (field != nullptr && field->field == Field::translated) ||
         (mask != nullptr && mask->field == Field::translated);
}

bool has_marks(const model::Node& node, const NodeFacts& facts, Family family) {
  return facts.marks.values().size() > 1 || facts.connection_marks.values().size() > 1 || !facts.marks.exact() ||
         !facts.connection_marks.exact() || asks(node, family, asks_for_marks);
}

bool has_translated(const CompiledNode& node) {
  return node.translates || std::any_of(node.stages.begin(), node.stages.end(), [](const auto& hook) {
           return std::any_of(hook.begin(), hook.end(), [](const CompiledStage& stage) {
             return stage.stage->kind == model::StageKind::translate;
           });
         });
}

bool settles_marks(const StageProgram& program, const HeaderSets& headers) {
  return std::all_of(program.outcomes.begin(), program.outcomes.end(), [&](const Outcome& outcome) {
    const bool changes = outcome.effect.connection_mark_unsure || !outcome.effect.connection_mark.empty();
    return !changes || outcome.may.subset_of(headers.with_state(TrackState::fresh));
  });
}

}  // namespace

const PlainWays& CompiledNetwork::plain_ways(NodeId id, Approximation approximation) const {
  const auto [known, is_new] = plain_ways_.try_emplace({id, approximation});
  if (is_new) {
    known->second = reach::plain_ways(node(id), approximation, space());
  }
  return known->second;
}

bool leads_outside(const model::Interface& interface) {
  const bool loopback = interface.name == "lo" ||
                        (!interface.addresses.empty() &&
                         std::all_of(interface.addresses.begin(), interface.addresses.end(),
                                     [](const InterfaceAddress& address) { return is_loopback(address.address); }));
  return !interface.segment.valid() && interface.is_up && !loopback;
}

IntervalSet unlisted_addresses(const Network& network, SegmentId id, Family family) {
  const model::Segment& segment = network.segment(id);
  IntervalSet result = of_prefixes(segment.prefixes, family);
  if (segment.internet) {
    IntervalSet declared;
    for (const model::Zone& zone : network.zones) {
      declared = declared | of_prefixes(zone.prefixes, family);
    }
    for (const model::Segment& other : network.segments) {
      declared = declared | of_prefixes(other.prefixes, family);
    }
    const IntervalSet everything = IntervalSet::range(0, low_ones(address_width(family)));
    const IntervalSet link_only = family == Family::ipv4 ? interval_of("224.0.0.0/4") | interval_of("255.255.255.255") |
                                                               interval_of("127.0.0.0/8")
                                                         : interval_of("ff00::/8") | interval_of("::1");
    result = result | (everything - declared - never_public(family) - link_only);
  } else if (segment.complete && !segment.external) {
    return {};
  }
  std::vector<Interval> listed;
  for (const model::InterfaceId interface : segment.attached) {
    const IntervalSet own = addresses_of(network.interface(interface), family);
    listed.insert(listed.end(), own.intervals().begin(), own.intervals().end());
  }
  return result - IntervalSet::of(std::move(listed));
}

CompiledNetwork::CompiledNetwork(const Network& network, Space& space, Filters filters, const ProgramStore* known)
    : network_(&network),
      headers_(space),
      to_everyone_(space.where(Field::destination, headers_.link_only())),
      answerable_(space.none()),
      order_(graph::Wiring(network).settling_order()) {
  nodes_.reserve(network.nodes.size());
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    compile_node(NodeId(n), filters, known);
  }
  answerable_ = (headers_.syn() & headers_.with_role(Role::own)) - space.where(Field::destination, to_all_hosts());
  segments_.reserve(network.segments.size());
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    compile_segment(SegmentId(s));
  }
}

// Destinations that stand for all hosts of a segment. An address that is the last one of somebody's prefix may be the
// address of somebody else.
IntervalSet CompiledNetwork::to_all_hosts() const {
  std::vector<Interval> broadcast;
  std::vector<Interval> owned;
  const auto add = [](const IntervalSet& addresses, std::vector<Interval>& into) {
    into.insert(into.end(), addresses.intervals().begin(), addresses.intervals().end());
  };
  for (const CompiledNode& node : nodes_) {
    add(node.facts.directed_broadcast, broadcast);
    add(node.facts.own, owned);
  }
  for (const model::Segment& segment : network_->segments) {
    for (const Prefix& prefix : segment.prefixes) {
      if (prefix.address.family == family() && prefix.first() != prefix.last()) {
        owned.push_back({prefix.first(), prefix.last() - 1});
      }
    }
  }
  const IntervalSet unicast_of_a_link = family() == Family::ipv6 ? interval_of("fe80::/10") : IntervalSet{};
  return (IntervalSet::of(std::move(broadcast)) - IntervalSet::of(std::move(owned))) |
         (headers_.link_only() - unicast_of_a_link);
}

void CompiledNetwork::compile_node(NodeId id, Filters filters, const ProgramStore* known) {
  const model::Node& node = network_->node(id);
  const std::size_t f = model::index_of(family());
  nodes_.push_back({NodeFacts(*network_, id, family()),
                    behaviour_of(node, family()),
                    false,
                    false,
                    false,
                    false,
                    true,
                    false,
                    false,
                    false,
                    true,
                    false,
                    {},
                    {},
                    space().none(),
                    space().none(),
                    space().none(),
                    space().none(),
                    space().all()});
  CompiledNode& result = nodes_.back();
  result.to_itself =
      space().where(Field::destination, result.facts.own | result.facts.directed_broadcast) | to_everyone_;
  result.never_forwarded = space().where(Field::destination, result.facts.own) | to_everyone_;
  result.own_flows = space().where(Field::destination, result.facts.own) & headers_.whole();
  if (family() == Family::ipv6) {
    result.feigned_own_flows = space().where(Field::source, result.facts.own) & headers_.whole();
  }
  keeps_headers_ = keeps_headers_ && result.behaviour != Behaviour::open;
  if (result.behaviour != Behaviour::working) {
    return;
  }
  const bool configured_to_forward = node.forwarding[f] == Forwarding::on && node.routes[f] == Known::given;
  result.forwards = configured_to_forward && (node.kind == NodeKind::device || graph::may_forward(node));
  result.passes_freely = node.kind == NodeKind::host && graph::may_forward(node) &&
                         node.forwarding[f] != Forwarding::off && !result.forwards;
  compile_stages(id, filters, known);
  result.splits = tracks_once(result);
  result.has_marks = has_marks(node, result.facts, family());
  result.has_translated = has_translated(result) || asks(node, family(), asks_for_translations);
  result.untouched = headers_.untouched(result.has_marks, result.has_translated);
  result.forward_ignores_egress = ignore_egress(result.stages[static_cast<std::size_t>(Hook::forward)]);
  if (!result.tracks) {
    for (const auto& hook : result.stages) {
      for (const CompiledStage& stage : hook) {
        fragments_matter_ = fragments_matter_ || stage.program.outcomes.size() > 1;
      }
    }
  }
  if (result.forwards) {
    const ConditionSets conditions(result.facts, headers_);
    result.fib = build_fib(*network_, id, result.facts.hops, space(),
                           [&](const model::Condition& condition) { return conditions.of(condition); });
  }
}

void CompiledNetwork::compile_stages(NodeId id, Filters filters, const ProgramStore* known) {
  const model::Node& node = network_->node(id);
  CompiledNode& result = nodes_[id.index()];
  const std::vector<StageProgram>* const programs = known == nullptr ? nullptr : known->find(id);
  std::size_t next = 0;  // of those
  for (const Hook hook : {Hook::ingress, Hook::forward, Hook::deliver, Hook::originate, Hook::egress}) {
    for (const model::Stage* stage : node.rules.at(hook, family())) {
      const bool is_track = stage->kind == model::StageKind::track;
      if (stage->kind == model::StageKind::filter && filters == Filters::all_permit) {
        continue;
      }
      CompiledStage compiled{stage, StageProgram{stage, {}, {}, {}, space().none()}};
      if (!is_track) {
        compiled.program = programs == nullptr ? compile_stage(node.rules, *stage, result.facts, headers_)
                                               : copied(programs->at(next++), *stage, space());
        SEGPROOF_ASSERT(compiled.program.conserves());
      }
      result.tracks = result.tracks || is_track;
      result.settles_marks = result.settles_marks && settles_marks(compiled.program, headers_);
      result.translates = result.translates || !compiled.program.rewrites.empty();
      result.keeps_headers = result.keeps_headers && !result.translates &&
                             std::none_of(compiled.program.outcomes.begin(), compiled.program.outcomes.end(),
                                          [](const Outcome& outcome) { return outcome.end == End::scramble; });
      keeps_headers_ = keeps_headers_ && result.keeps_headers;
      result.stages[static_cast<std::size_t>(hook)].push_back(std::move(compiled));
    }
  }
}

void CompiledNetwork::compile_segment(SegmentId id) {
  const model::Segment& segment = network_->segment(id);
  CompiledSegment result{{}, space().none(), space().none(), segment.external || !segment.complete};
  for (const model::InterfaceId interface_id : segment.attached) {
    const model::Interface& interface = network_->interface(interface_id);
    const CompiledNode& node = nodes_[interface.node.index()];
    if (!interface.is_up) {
      continue;
    }
    IntervalSet destinations = node.facts.own | node.facts.directed_broadcast;
    for (const Prefix& prefix : segment.prefixes) {
      if (prefix.address.family == Family::ipv4 && family() == Family::ipv4 && prefix.length < 31) {
        destinations = destinations | IntervalSet::single(prefix.last());
      }
    }
    // A node answers on any interface for any of its addresses.
    result.neighbours.push_back({interface_id, space().where(Field::destination, destinations) | to_everyone_,
                                 node.behaviour == Behaviour::leaf});
    result.has_senders = result.has_senders || network_->node(interface.node).kind == NodeKind::host;
  }
  if (segment.external || !segment.complete) {
    result.unlisted = space().where(Field::destination, unlisted_addresses(*network_, id, family()));
  }
  result.owned = result.unlisted;
  for (const CompiledSegment::Neighbour& neighbour : result.neighbours) {
    result.owned |= neighbour.destinations;
  }
  segments_.push_back(std::move(result));
}

}  // namespace segproof::reach
