// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/draft.h"

#include <algorithm>

#include "base/assert.h"

namespace segproof::naive {

using model::Hook;
using model::StageKind;

namespace {

IntervalSet set_of(const Prefix& prefix, bool negated) {
  const IntervalSet set{prefix.interval()};
  return negated ? set.complement(field_max(Field::source, prefix.address.family)) : set;
}

model::Test addresses(Field field, std::string_view text, bool negated) {
  const auto prefix = parse_prefix(text);
  SEGPROOF_ASSERT(prefix);
  return model::FieldTest{field, set_of(*prefix, negated), prefix->address.family};
}

std::vector<model::Test> port_tests(Field field, std::uint8_t protocol, std::uint16_t port) {
  return {of_protocol(protocol), model::FieldTest{Field::fragment, IntervalSet::single(0)},
          model::FieldTest{field, IntervalSet::single(port)}};
}

struct Shape {
  Hook hook;
  StageKind kind;
  int order;
  const char* label;
};

Shape shape_of(Base base) {
  switch (base) {
    case Base::raw_prerouting:
      return {Hook::ingress, StageKind::filter, -300, "raw PREROUTING"};
    case Base::mangle_prerouting:
      return {Hook::ingress, StageKind::filter, -150, "mangle PREROUTING"};
    case Base::nat_prerouting:
      return {Hook::ingress, StageKind::translate, -100, "nat PREROUTING"};
    case Base::input:
      return {Hook::deliver, StageKind::filter, 0, "filter INPUT"};
    case Base::forward:
      return {Hook::forward, StageKind::filter, 0, "filter FORWARD"};
    case Base::mangle_forward:
      return {Hook::forward, StageKind::filter, -150, "mangle FORWARD"};
    case Base::nat_postrouting:
      return {Hook::egress, StageKind::translate, 100, "nat POSTROUTING"};
    case Base::raw_output:
      return {Hook::originate, StageKind::filter, -300, "raw OUTPUT"};
    case Base::output:
      return {Hook::originate, StageKind::filter, 0, "filter OUTPUT"};
  }
  return {Hook::forward, StageKind::filter, 0, ""};
}

}  // namespace

model::Test from_addresses(std::string_view prefix, bool negated) {
  return addresses(Field::source, prefix, negated);
}
model::Test to_addresses(std::string_view prefix, bool negated) {
  return addresses(Field::destination, prefix, negated);
}
model::Test of_protocol(std::uint8_t protocol) {
  return model::FieldTest{Field::protocol, IntervalSet::single(protocol)};
}
std::vector<model::Test> to_port(std::uint8_t protocol, std::uint16_t port) {
  return port_tests(Field::destination_port, protocol, port);
}
std::vector<model::Test> from_port(std::uint8_t protocol, std::uint16_t port) {
  return port_tests(Field::source_port, protocol, port);
}
model::Test in_state(std::initializer_list<TrackState> states) {
  model::TrackTest test;
  for (const auto state : states) {
    test.states = static_cast<std::uint8_t>(test.states | (1U << static_cast<unsigned>(state)));
  }
  return test;
}
model::Test in_at(std::string_view interface) {
  return model::InterfaceTest{model::Direction::ingress, std::string(interface)};
}
model::Test out_at(std::string_view interface) {
  return model::InterfaceTest{model::Direction::egress, std::string(interface)};
}
model::Test bare_syn(bool negated) {
  return model::MaskTest{Field::tcp_flags, tcp_flag::syn, tcp_flag::syn | tcp_flag::ack | tcp_flag::rst | tcp_flag::fin,
                         negated};
}
model::Test perhaps(std::string_view text) {
  return model::UnknownTest{model::Unknown::rate, std::string(text)};
}
model::Test with_mark(std::uint32_t mark) {
  return model::MarkTest{model::MarkKind::packet, mark};
}

model::Translate to_destination(std::string_view address, std::optional<std::uint16_t> port) {
  const auto parsed = parse_address(address);
  SEGPROOF_ASSERT(parsed);
  model::Translate action;
  action.endpoint = model::Endpoint::destination;
  action.addresses = {{parsed->bits, parsed->bits}};
  action.family = parsed->family;
  if (port) {
    action.ports = Interval{*port, *port};
  }
  return action;
}

model::Translate to_source(std::string_view address) {
  model::Translate action = to_destination(address);
  action.endpoint = model::Endpoint::source;
  return action;
}

model::Translate masquerade() {
  model::Translate action;
  action.endpoint = model::Endpoint::source;
  action.to = model::Translate::To::interface_address;
  return action;
}

Rules::Part& Rules::part(Base base) {
  const auto at = std::find_if(parts_.begin(), parts_.end(), [base](const Part& p) { return p.base == base; });
  if (at != parts_.end()) {
    return *at;
  }
  Part fresh;
  fresh.base = base;
  fresh.chain = chain(shape_of(base).label);
  parts_.push_back(fresh);
  return parts_.back();
}

Rules& Rules::policy(Base base, model::Verdict verdict) {
  part(base).policy = verdict;
  return *this;
}

Rules& Rules::add(Base base, std::vector<model::Test> tests, model::Action action) {
  return add_to(part(base).chain, std::move(tests), std::move(action));
}

Rules& Rules::track() {
  tracks_ = true;
  return *this;
}

model::ChainId Rules::chain(std::string name) {
  chains_.push_back({std::move(name), {}, {}});
  return model::ChainId(chains_.size() - 1);
}

Rules& Rules::add_to(model::ChainId chain, std::vector<model::Test> tests, model::Action action) {
  for (const auto& test : tests) {
    tracks_ = tracks_ || std::holds_alternative<model::TrackTest>(test);
  }
  tracks_ = tracks_ || std::holds_alternative<model::Translate>(action);
  chains_[chain.index()].rules.push_back({{std::move(tests)}, std::move(action), {}});
  return *this;
}

model::RuleSet Rules::build() const {
  model::RuleSet set;
  set.chains = chains_;
  for (const auto& part : parts_) {
    const auto shape = shape_of(part.base);
    model::Stage stage;
    stage.hook = shape.hook;
    stage.kind = shape.kind;
    stage.order = shape.order;
    stage.chain = part.chain;
    stage.policy = part.policy;
    stage.label = shape.label;
    set.stages.push_back(stage);
  }
  if (tracks_) {
    for (const Hook hook : {Hook::ingress, Hook::originate}) {
      model::Stage stage;
      stage.hook = hook;
      stage.kind = StageKind::track;
      stage.order = -200;
      stage.label = "tracking";
      set.stages.push_back(stage);
    }
  }
  return set;
}

Draft::Draft(Family family) : family_(family) {
  network_.epoch = "e";
  network_.date = "2026-01-01";
}

model::SegmentId Draft::segment(std::string name, std::string_view prefix, bool complete) {
  model::Segment segment;
  segment.name = std::move(name);
  const auto parsed = parse_prefix(prefix);
  SEGPROOF_ASSERT(parsed);
  segment.prefixes = {*parsed};
  segment.complete = complete;
  network_.segments.push_back(segment);
  return model::SegmentId(network_.segments.size() - 1);
}

model::SegmentId Draft::internet(std::string name, std::string_view prefix) {
  const auto id = partner(std::move(name), prefix);
  network_.segments.back().internet = true;
  return id;
}

model::SegmentId Draft::partner(std::string name, std::string_view prefix) {
  const auto id = segment(name, prefix);
  network_.segments.back().external = true;
  model::Zone zone;
  zone.name = std::move(name);
  zone.external = true;
  zone.segments = {id};
  network_.zones.push_back(zone);
  return id;
}

model::NodeId Draft::node(std::string name, model::NodeKind kind) {
  model::Node node;
  node.name = std::move(name);
  node.kind = kind;
  const bool is_device = kind == model::NodeKind::device;
  node.forwarding.fill(is_device ? model::Forwarding::on : model::Forwarding::unknown);
  node.routes.fill(is_device ? model::Known::given : model::Known::missing);
  for (auto& routing : node.routing) {
    routing.tables.push_back({"main", {}});
  }
  network_.nodes.push_back(node);
  return model::NodeId(network_.nodes.size() - 1);
}

model::NodeId Draft::host(std::string name) {
  return node(std::move(name), model::NodeKind::host);
}
model::NodeId Draft::device(std::string name) {
  return node(std::move(name), model::NodeKind::device);
}

model::InterfaceId Draft::wire(model::NodeId node, std::string name, model::SegmentId segment,
                               std::string_view address) {
  model::Interface interface;
  interface.name = std::move(name);
  interface.node = node;
  interface.segment = segment;
  const auto parsed = parse_interface_address(address);
  SEGPROOF_ASSERT(parsed);
  interface.addresses = {*parsed};
  network_.interfaces.push_back(interface);
  const model::InterfaceId id(network_.interfaces.size() - 1);
  network_.nodes[node.index()].interfaces.push_back(id);
  if (segment.valid()) {
    network_.segments[segment.index()].attached.push_back(id);
  }
  return id;
}

void Draft::rules(model::NodeId node, const Rules& rules) {
  network_.nodes[node.index()].rules = rules.build();
}

void Draft::route(model::NodeId node, std::string_view prefix, std::initializer_list<std::string_view> gateways) {
  model::Route route;
  const auto parsed = parse_prefix(prefix);
  SEGPROOF_ASSERT(parsed);
  route.destination = *parsed;
  if (gateways.size() == 0) {
    route.kind = model::RouteKind::blackhole;
  }
  for (const auto gateway : gateways) {
    route.hops.push_back({parse_address(gateway), {}});
  }
  network_.nodes[node.index()].routing[model::index_of(family_)].tables.front().routes.push_back(route);
}

void Draft::zone(std::string name, std::string_view prefix) {
  model::Zone zone;
  zone.name = std::move(name);
  const auto parsed = parse_prefix(prefix);
  SEGPROOF_ASSERT(parsed);
  zone.prefixes = {*parsed};
  network_.zones.push_back(zone);
}

void Draft::assume(std::string id) {
  model::Assumption assumption;
  assumption.id = std::move(id);
  network_.assumptions.push_back(assumption);
}

claim::Claim make_claim(claim::Kind kind, std::initializer_list<std::string_view> from,
                        std::initializer_list<std::string_view> to) {
  claim::Claim claim;
  claim.id = std::string(claim::kind_name(kind));
  claim.kind = kind;
  for (const auto name : from) {
    claim.from.push_back({std::string(name), {}});
  }
  for (const auto name : to) {
    claim.to.push_back({std::string(name), {}});
  }
  return claim;
}

}  // namespace segproof::naive
