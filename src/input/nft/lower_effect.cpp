// SPDX-License-Identifier: Apache-2.0
// Statements that change the packet, its connection or a set, or send it elsewhere.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "input/nft/rule_lowering.h"
#include "packet/address.h"

namespace segproof::nft {
namespace {

using model::Action;
using model::MarkKind;
using model::Test;
using model::Unknown;
using model::UnknownTest;

constexpr std::uint32_t all_ones = 0xffffffffU;

Action set_to(MarkKind kind, Bits mark) {
  return model::SetMark{kind, 0, static_cast<std::uint32_t>(mark)};
}

}  // namespace

RuleLowering::Next RuleLowering::assign(const Statement& statement) {
  if (!statement.left || !statement.right)
    return Next::go_on;
  if (statement.left->kind != ExpressionKind::selector) {
    report({statement.left->span, "this cannot be set"});
    return Next::ended;
  }
  const Selector& target = statement.left->selector;
  if (target.header.starts_with('@'))
    return undecided_effect(statement.text);
  const Key* key = find_key(target.header, target.key);
  if (key == nullptr) {
    report({statement.left->span, fmt::format("{} cannot be set", quote(statement.text))});
    return Next::ended;
  }
  if (key->meaning == Meaning::packet_mark)
    return assign_mark(statement, MarkKind::packet);
  if (key->meaning == Meaning::connection_mark) {
    uses_tracking();
    return assign_mark(statement, MarkKind::connection);
  }
  if (key->header == "ct") {
    uses_tracking();
    if (key->key != "zone")
      return Next::go_on;  // labels, events: they decide about no packet
    scope_.facts->gives_template = true;
    scope_.findings->undecided(rule_.span, "zones of connection tracking count as one");
    return Next::go_on;
  }
  return assign_header(statement, *key);
}

RuleLowering::Next RuleLowering::assign_header(const Statement& statement, const Key& key) {
  add_needs(key, asked_, tests_);
  switch (key.meaning) {
    case Meaning::measure:
      scope_.facts->changes_traffic_class |= key.measure == model::Measure::traffic_class;
      scope_.facts->changes_hop_limit |= key.measure == model::Measure::hop_limit;
      scope_.facts->changes_packet_kind |= key.measure == model::Measure::packet_kind;
      if (key.measure == model::Measure::total_length)
        return undecided_effect(statement.text);
      return Next::go_on;
    case Meaning::undecided:
      // A raw or an inner header could be any part of the packet; the rest is nothing that the model carries.
      return key.unknown == Unknown::extension_header && key.header != "exthdr" ? undecided_effect(statement.text)
                                                                                : Next::go_on;
    case Meaning::field:
    case Meaning::next_header:
    case Meaning::fragment_word:
    case Meaning::version:
    case Meaning::payload_length:
    case Meaning::family:
    case Meaning::ether_type:
    case Meaning::interface:
    case Meaning::packet_mark:
    case Meaning::connection_mark:
    case Meaning::track_state:
    case Meaning::track_status:
    case Meaning::track_direction:
    case Meaning::track_protocol:
    case Meaning::track_family:
    case Meaning::address_type:
      return undecided_effect(statement.text);  // rewritten without any connection
  }
  return Next::go_on;
}

RuleLowering::Next RuleLowering::assign_mark(const Statement& statement, MarkKind kind) {
  const Expression& value = *statement.right;
  if (conflicts(set_to(kind, 0)))
    return nest();
  if (value.kind == ExpressionKind::map)
    return assign_mark_by_map(statement, kind, value);
  const std::size_t before = tests_.size();
  // Without an entry in the connection table nothing happens to its mark, and the rule goes on.
  if (kind == MarkKind::connection && !asked_.entry)
    add(model::TrackTest{with_entry, 0, false});
  Next next = Next::go_on;
  if (const auto mark = ValueReader(Datatype::mark, 32).number(value)) {
    next = effect(set_to(kind, *mark));
  } else {
    next = assign_mark_from(statement, kind, value);
  }
  if (next == Next::go_on && tests_.size() > before && kind == MarkKind::connection && !asked_.entry)
    tests_.erase(tests_.begin() + static_cast<std::ptrdiff_t>(before));
  return next;
}

RuleLowering::Next RuleLowering::assign_mark_from(const Statement& statement, MarkKind kind, const Expression& value) {
  auto read = read_subjects(value, asked_);
  auto* found = std::get_if<std::vector<Subject>>(&read);
  if (found == nullptr || found->size() != 1)
    return undecided_effect(statement.text);
  const Subject& source = found->front();
  if (source.selector.header == "numgen" && source.selector.modulus > 0 && source.selector.modulus <= 64) {
    for (std::uint32_t i = 0; i < source.selector.modulus; ++i) {
      std::vector<Test> tests = tests_;
      tests.emplace_back(UnknownTest{Unknown::chance, statement.text, false});
      has_action_ = true;
      emit_into(out_, std::move(tests), set_to(kind, source.transform.of(Bits{i} + source.selector.offset)));
    }
    return Next::go_on;
  }
  const bool from_packet = source.key->meaning == Meaning::packet_mark;
  const bool from_connection = source.key->meaning == Meaning::connection_mark;
  const auto change = source.transform.without_shift();
  if ((!from_packet && !from_connection) || !change)
    return undecided_effect(statement.text);
  if (from_connection) {
    uses_tracking();
    add_needs(*source.key, asked_, tests_);  // without an entry the rule ends here
  }
  const auto keep = static_cast<std::uint32_t>(change->mask);
  const auto flip = static_cast<std::uint32_t>(change->value);
  if (from_packet == (kind == MarkKind::packet))
    return effect(model::SetMark{kind, keep, flip});
  if (effect(model::CopyMark{kind, all_ones, keep}) == Next::ended)
    return Next::ended;
  return flip == 0 ? Next::go_on : effect(model::SetMark{kind, all_ones, flip});
}

RuleLowering::Next RuleLowering::assign_mark_by_map(const Statement& statement, MarkKind kind, const Expression& map) {
  if (map.parts.size() != 2)
    return undecided_effect(statement.text);
  const auto keys = subjects(map.parts[0]);
  if (!keys)
    return Next::ended;
  const std::optional<Content> pairs = content(map.parts[1]);
  if (!pairs)
    return Next::ended;
  if (pairs->open || pairs->shrinks)
    return undecided_effect(statement.text);
  const bool looks_at_mark = std::ranges::any_of(*keys, [](const Subject& subject) {
    return subject.key->meaning == Meaning::packet_mark || subject.key->meaning == Meaning::connection_mark;
  });
  const std::vector<Group> all = groups(*pairs);
  if (looks_at_mark && all.size() > 1)
    return undecided_effect(statement.text);
  std::vector<model::Rule> choices;
  for (const Group& group : all) {
    const auto mark = group.sample->data ? ValueReader(Datatype::mark, 32).number(*group.sample->data) : std::nullopt;
    std::optional<Test> test = mark ? in_group(*keys, *pairs, group) : std::nullopt;
    if (faulty_)
      return Next::ended;
    if (!test)
      return undecided_effect(statement.text);
    // Without an entry in the connection table nothing happens to its mark, and the rule goes on.
    std::vector<Test> tests{std::move(*test)};
    if (kind == MarkKind::connection && !asked_.entry)
      tests.emplace_back(model::TrackTest{with_entry, 0, false});
    emit_into(choices, std::move(tests), set_to(kind, *mark));
  }
  // A key that the map does not have ends the rule.
  std::optional<Test> listed = lookup(*keys, *pairs);
  if (!listed)
    return Next::ended;
  add(std::move(*listed));
  return effect(model::Call{scope_.helper(std::move(choices)), true});
}

// By itself it makes nothing track connections.
RuleLowering::Next RuleLowering::untrack() {
  switch (scope_.context.tracking) {
    case Tracking::before:
      return effect(model::Untrack{});
    case Tracking::same_time: {
      std::vector<Test> tests = tests_;
      tests.emplace_back(UnknownTest{Unknown::history, "notrack at the priority of connection tracking", false});
      has_action_ = true;
      emit_into(out_, std::move(tests), model::Untrack{});
      return Next::go_on;
    }
    case Tracking::after: {
      // Too late for a packet with an entry; one in state INVALID becomes UNTRACKED.
      const auto invalid = static_cast<std::uint8_t>(1U << static_cast<unsigned>(TrackState::invalid));
      std::vector<Test> tests = tests_;
      tests.emplace_back(model::TrackTest{invalid, 0, false});
      has_action_ = true;
      if (std::ranges::any_of(tests_,
                              [](const Test& test) { return std::holds_alternative<model::TrackTest>(test); })) {
        tests.emplace_back(UnknownTest{Unknown::history, "notrack after connection tracking", false});
        emit_into(out_, std::move(tests), model::Anything{"notrack after connection tracking", false});
      } else {
        emit_into(out_, std::move(tests), model::Untrack{});
      }
      return Next::go_on;
    }
  }
  return Next::go_on;
}

// A helper or an expectation lets related connections follow; a timeout policy decides nothing.
RuleLowering::Next RuleLowering::attach(const Statement& statement) {
  uses_tracking();
  if (statement.word == "timeout")
    return Next::go_on;
  return effect(model::AttachHelper{statement.object.empty() ? statement.text : statement.object});
}

void RuleLowering::update(const Statement& statement) {
  if (statement.left) {
    const auto keys = subjects(*statement.left);
    if (!keys)
      return;
  }
  for (const Statement& inner : statement.body) {
    if (inner.kind == StatementKind::limit)
      add_unknown(Unknown::rate, inner.text);
    if (inner.kind == StatementKind::quota)
      add_unknown(Unknown::quota, inner.text);
    if (inner.kind == StatementKind::connection_limit) {
      uses_tracking();
      add_unknown(Unknown::connection_count, inner.text);
    }
  }
  // A full set ends the rule.
  if (statement.word != "delete")
    add_unknown(Unknown::set_content, fmt::format("@{} may be full", statement.object));
}

void RuleLowering::reject_needs(const Statement& statement) {
  if (statement.word == "tcp reset" && asked_.protocol != protocol_number::tcp) {  // of any fragment
    tests_.emplace_back(model::FieldTest{Field::protocol, IntervalSet::single(protocol_number::tcp)});
    asked_.protocol = protocol_number::tcp;
    asked_.protocols = asked_.protocols & IntervalSet::single(protocol_number::tcp);
  }
  if (statement.word == "icmp")
    add_needs(*find_key("ip", "saddr"), asked_, tests_);
  if (statement.word == "icmpv6")
    add_needs(*find_key("ip6", "saddr"), asked_, tests_);
}

void RuleLowering::reject(const Statement& statement) {
  reject_needs(statement);
  emit(model::Decide{model::Verdict::reject});
}

RuleLowering::Next RuleLowering::send_elsewhere(const Statement& statement) {
  const auto gateway = [&]() -> std::optional<Address> {
    return statement.address && statement.address->kind == ExpressionKind::value
               ? parse_address(statement.address->text)
               : std::nullopt;
  };
  if (statement.kind == StatementKind::duplicate)
    return effect(model::Duplicate{gateway()});
  if (statement.kind == StatementKind::forward) {
    // It leaves by another device at once, and is gone here.
    emit(model::Duplicate{gateway()});
    emit(model::Decide{model::Verdict::drop});
    return Next::ended;
  }
  if (statement.kind == StatementKind::transparent_proxy) {
    if (statement.family == "ip" || statement.family == "ip6")
      add_needs(*find_key(statement.family, "saddr"), asked_, tests_);
    add(model::FieldTest{Field::fragment, IntervalSet::single(0)});
    // Without a socket that listens there the packet goes on with the next rule.
    std::vector<Test> tests = tests_;
    tests.emplace_back(UnknownTest{Unknown::socket_owner, statement.text, false});
    has_action_ = true;
    emit_into(out_, tests, model::Anything{statement.text, true});
    tests_ = std::move(tests);
    return Next::go_on;
  }
  if (statement.kind == StatementKind::syn_proxy) {
    uses_tracking();
    add_needs(*find_key("tcp", "flags"), asked_, tests_);
  }
  emit(model::Anything{statement.text, true});
  return Next::ended;
}

// Later packets of the flow go past all rules that packets on their way meet: RuleSet::let_offloaded_pass.
RuleLowering::Next RuleLowering::offload(const Statement& statement) {
  uses_tracking();
  if (!scope_.facts->offload)
    scope_.facts->offload = rule_.span;
  scope_.findings->undecided(rule_.span, fmt::format("{}: later packets may go past all rules", statement.text));
  return Next::go_on;
}

}  // namespace segproof::nft
