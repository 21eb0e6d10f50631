// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/zone_firewall.h"

#include <fmt/format.h>

#include <algorithm>

namespace segproof::cisco {
namespace {

constexpr unsigned deepest_class = 16;
// Connections that a policy inspects carry this mark: only their answers come back by state.
constexpr std::uint32_t inspected = 1;

model::MarkTest is_inspected() {
  return {.kind = model::MarkKind::connection, .value = inspected, .mask = inspected};
}

}  // namespace

ZoneFirewall::ZoneFirewall(Device& device) : device_(device) {
  const Statements& statements = *device.statements;
  statements.for_each_below(no_statement, [&](std::size_t at) {
    const std::string_view text = statements[at].text;
    if (text.starts_with("class-map type inspect "))
      class_map(at);
    if (text.starts_with("policy-map type inspect "))
      policy_map(at);
    if (text.starts_with("zone-pair security "))
      zone_pair(at);
    if (text.starts_with("zone security ")) {
      zones_.emplace_back(std::string(split_words(text)[2]), at);
      device_.findings->all_below(at, model::LineUse::modelled);
    }
  });
  used_ = std::ranges::any_of(device.ports->all(), [](const Port& port) { return !port.zone.empty(); });
}

// `match [not] access-group name L|protocol P|class-map C`
void ZoneFirewall::take_match(std::size_t at, ClassMap& into) {
  Words words((*device_.statements)[at].text);
  if (!words.take_if("match"))
    return words.peek() == "description" ? device_.findings->irrelevant(at) : void();
  Match match;
  match.statement = at;
  match.negated = words.take_if("not");
  if (words.take_if("access-group")) {
    words.take_if("name");
    match.kind = Match::Kind::list;
  } else if (words.take_if("protocol")) {
    match.kind = Match::Kind::protocol;
  } else if (words.take_if("class-map")) {
    match.kind = Match::Kind::other_class;
  }
  match.name = std::string(words.take());
  const bool exact_protocol = match.kind == Match::Kind::protocol &&
                              (match.name == "tcp" || match.name == "udp" || match.name == "icmp") && words.done();
  if (match.negated || match.kind == Match::Kind::unclear || (match.kind == Match::Kind::protocol && !exact_protocol)) {
    device_.findings->undecided(
        at, match.kind == Match::Kind::protocol ? "an application: its ports, perhaps" : "a match that is not decided");
  } else {
    device_.findings->modelled(at);
  }
  into.matches.push_back(std::move(match));
}

void ZoneFirewall::class_map(std::size_t at) {
  Words words((*device_.statements)[at].text);
  words.skip(3);
  ClassMap made;
  made.statement = at;
  // Maps of an application (`type inspect http ...`) look into the content.
  if (words.left() > 2 || (words.left() == 2 && !words.peek().starts_with("match-"))) {
    for (std::size_t below = at; below < (*device_.statements)[at].end; ++below)
      device_.findings->undecided(below, "an inspection of content");
    return;
  }
  made.needs_all = !words.take_if("match-any");
  words.take_if("match-all");
  device_.findings->modelled(at);
  device_.statements->for_each_below(at, [&](std::size_t below) { take_match(below, made); });
  classes_[std::string(words.take())] = std::move(made);
}

void ZoneFirewall::policy_map(std::size_t at) {
  Words words((*device_.statements)[at].text);
  words.skip(3);
  if (words.left() != 1)
    return;
  device_.findings->modelled(at);
  std::vector<PolicyClass>& made = policies_[std::string(words.take())];
  device_.statements->for_each_below(at, [&](std::size_t below) {
    Words line((*device_.statements)[below].text);
    if (line.peek() == "description")
      return device_.findings->irrelevant(below);
    if (!line.take_if("class"))
      return;
    if (line.take_if("type"))
      line.skip(1);
    PolicyClass one;
    one.name = std::string(line.take());
    one.statement = below;
    device_.findings->modelled(below);
    device_.statements->for_each_below(below, [&](std::size_t deed) {
      const std::string_view word = split_words((*device_.statements)[deed].text).front();
      if (word == "inspect" || word == "pass" || word == "drop") {
        one.deed = word == "inspect" ? Deed::inspect : word == "pass" ? Deed::pass : Deed::drop;
        one.statement = deed;
        device_.findings->modelled(deed);
      } else if (word == "police" || word == "service-policy" || word == "urlfilter") {
        device_.findings->undecided(deed, "drops some of the packets");
      }
    });
    made.push_back(std::move(one));
  });
}

void ZoneFirewall::zone_pair(std::size_t at) {
  Words words((*device_.statements)[at].text);
  words.skip(3);
  Pair pair;
  pair.statement = at;
  while (!words.done()) {
    const std::string_view word = words.take();
    if (word == "source")
      pair.from = std::string(words.take());
    if (word == "destination")
      pair.to = std::string(words.take());
  }
  device_.findings->modelled(at);
  device_.statements->for_each_below(at, [&](std::size_t below) {
    Words line((*device_.statements)[below].text);
    if (line.take_if("service-policy") && line.take_if("type") && line.take_if("inspect")) {
      pair.policy = std::string(line.take());
      device_.findings->modelled(below);
    } else if (line.peek() == "description") {
      device_.findings->irrelevant(below);
    }
  });
  pairs_.push_back(std::move(pair));
}

std::vector<std::string> ZoneFirewall::members(std::string_view zone) const {
  return device_.names_where([&](const Port& port) { return port.zone == zone; });
}

// What a class does with a packet that it matches.
model::ChainId ZoneFirewall::deed_chain(Deed deed, const SourceSpan& origin, RuleBuilder& builder) const {
  const model::ChainId chain = builder.chain("zone firewall action", origin);
  switch (deed) {
    case Deed::drop:
      builder.add(chain, {}, drops, origin);
      break;
    case Deed::inspect:
      // What begins no session is dropped, unless it belongs to one that was not followed.
      builder.add(chain,
                  {field_in(Field::protocol, IntervalSet::single(protocol_number::tcp)),
                   model::MaskTest{.field = Field::tcp_flags,
                                   .value = tcp_flag::syn,
                                   .mask = tcp_flag::syn | tcp_flag::ack | tcp_flag::rst,
                                   .negated = true},
                   perhaps(model::Unknown::history, "begins no session")},
                  drops, origin);
      builder.add(chain,
                  {in_state(state_bit(TrackState::invalid)), perhaps(model::Unknown::history, "begins no session")},
                  drops, origin);
      // Applications that open further connections.
      for (const Bits port : {Bits{21}, Bits{5060}, Bits{1720}, Bits{2000}, Bits{554}}) {
        builder.add(chain,
                    {field_in(Field::destination_port, IntervalSet::single(port)),
                     field_in(Field::protocol, IntervalSet{{6, 6}, {17, 17}})},
                    model::AttachHelper{"inspect"}, origin);
      }
      builder.add(chain, {}, model::SetMark{model::MarkKind::connection, ~inspected, inspected}, origin);
      builder.add(chain, {}, accepts, origin);
      break;
    case Deed::pass:
      builder.add(chain, {}, accepts, origin);
      break;
  }
  return chain;
}

std::vector<std::vector<model::Test>> ZoneFirewall::protocol_tests(const std::string& name) {
  const auto protocol = [](Bits number) { return field_in(Field::protocol, IntervalSet::single(number)); };
  if (name == "tcp" || name == "udp")
    return {{protocol(name == "tcp" ? 6 : 17)}};
  if (name == "icmp")
    return {{field_in(Field::protocol, IntervalSet{{1, 1}, {58, 58}})}};
  const model::UnknownTest unclear = perhaps(model::Unknown::content, fmt::format("protocol {}", name));
  // Perhaps its usual ports, perhaps others (ip port-map).
  return {{unclear}};
}

void ZoneFirewall::match_rules(const std::string& name, const ClassMap& map, model::ChainId chain, model::ChainId deed,
                               RuleBuilder& builder, unsigned depth) {
  // With `match-all` and several matches, the first list (or else the first match) is exact, the others perhaps.
  const bool narrowed = map.needs_all && map.matches.size() > 1;
  std::vector<model::Test> others;
  const Match* leading = nullptr;
  if (narrowed) {
    const auto list = std::ranges::find(map.matches, Match::Kind::list, &Match::kind);
    leading = list != map.matches.end() ? &*list : &map.matches.front();
    for (const Match& match : map.matches) {
      if (&match == leading)
        continue;
      if (match.kind == Match::Kind::protocol && !match.negated) {
        const std::vector<std::vector<model::Test>> tests = protocol_tests(match.name);
        others.insert(others.end(), tests.front().begin(), tests.front().end());
      } else {
        others.emplace_back(perhaps(model::Unknown::not_understood, fmt::format("class {}", name)));
      }
    }
  }
  for (const Match& match : map.matches) {
    if (leading != nullptr && &match != leading)
      continue;
    const SourceSpan origin = device_.span(match.statement);
    const auto rule = [&](std::vector<model::Test> tests, model::Action action) {
      tests.insert(tests.end(), others.begin(), others.end());
      builder.add(chain, std::move(tests), std::move(action), origin);
    };
    const model::Call goes{deed, false};
    const AccessList* list = match.kind == Match::Kind::list ? device_.lists->find(match.name) : nullptr;
    if (match.negated || match.kind == Match::Kind::unclear || (match.kind == Match::Kind::list && list == nullptr)) {
      rule({perhaps(model::Unknown::not_understood, "a match that is not decided")}, goes);
    } else if (match.kind == Match::Kind::list) {
      const ListUse use{.key = fmt::format("class {}", deed.index()),
                        .on_permit = goes,
                        .on_deny = model::ComeBack{},
                        .at_end = std::nullopt,
                        .meaning = {.ipv4 = true, .ipv6 = false, .fragments_apart = false}};
      rule({}, model::Call{builder.list(*list, use), true});
    } else if (match.kind == Match::Kind::protocol) {
      for (std::vector<model::Test>& tests : protocol_tests(match.name))
        rule(std::move(tests), goes);
    } else {
      const auto inner = classes_.find(match.name);
      if (inner == classes_.end() || depth >= deepest_class || narrowed) {
        rule({perhaps(model::Unknown::not_understood, fmt::format("class {}", match.name))}, goes);
      } else {
        match_rules(match.name, inner->second, chain, deed, builder, depth + 1);
      }
    }
  }
}

void ZoneFirewall::class_rules(const PolicyClass& one, model::ChainId chain, model::ChainId deed, RuleBuilder& builder,
                               unsigned depth) {
  const SourceSpan origin = device_.span(one.statement);
  if (one.name == "class-default")
    return builder.add(chain, {}, model::Call{deed, false}, origin);
  const auto map = classes_.find(one.name);
  if (map == classes_.end()) {
    device_.findings->undecided(one.statement, fmt::format("class {} is not defined", one.name));
    return builder.add(chain, {perhaps(model::Unknown::unresolved_name, fmt::format("class {}", one.name))},
                       model::Call{deed, false}, origin);
  }
  match_rules(one.name, map->second, chain, deed, builder, depth);
}

model::ChainId ZoneFirewall::policy_chain(const Pair& pair, RuleBuilder& builder) {
  const SourceSpan origin = device_.span(pair.statement);
  const model::ChainId chain = builder.chain(fmt::format("zone pair {} to {}", pair.from, pair.to), origin);
  builder.add(chain, {in_state(state_bit(TrackState::established)), is_inspected()}, accepts, origin);
  builder.add(chain,
              {in_state(state_bit(TrackState::related)),
               perhaps(model::Unknown::history, "an error or a further connection of an inspected one")},
              accepts, origin);
  const auto policy = policies_.find(pair.policy);
  if (policy == policies_.end()) {
    if (!pair.policy.empty()) {
      device_.findings->undecided(pair.statement, fmt::format("policy {} is not defined", pair.policy));
      builder.add(chain, {perhaps(model::Unknown::unresolved_name, fmt::format("policy {}", pair.policy))}, accepts,
                  origin);
    }
  } else {
    for (const PolicyClass& one : policy->second)
      class_rules(one, chain, deed_chain(one.deed, device_.span(one.statement), builder), builder, 0);
  }
  builder.add(chain, {}, drops, origin);
  return chain;
}

void ZoneFirewall::build(RuleBuilder& builder) {
  const SourceSpan whole = device_.findings->whole_file();
  const model::ChainId forward = builder.chain("zone firewall", whole);
  const model::ChainId to_self = builder.chain("zone firewall, self zone", whole);
  const model::ChainId from_self = builder.chain("zone firewall, from the self zone", whole);
  const auto in = model::Direction::ingress;
  const auto out = model::Direction::egress;
  for (const Pair& pair : pairs_) {
    const std::vector<std::string> from = members(pair.from);
    const std::vector<std::string> to = members(pair.to);
    const model::Call policy{policy_chain(pair, builder), false};
    const SourceSpan origin = device_.span(pair.statement);
    if (pair.to == "self") {
      builder.add(to_self, {one_of(in, from)}, policy, origin);
    } else if (pair.from == "self") {
      builder.add(from_self, {one_of(out, to)}, policy, origin);
    } else {
      builder.add(forward, {one_of(in, from), one_of(out, to)}, policy, origin);
    }
  }
  // Answers to what another pair inspected come back without a pair of their own.
  const model::ChainId answers = builder.chain("zone firewall, answers", whole);
  builder.add(answers, {in_state(state_bit(TrackState::established)), is_inspected()}, accepts, whole);
  builder.add(answers,
              {in_state(state_bit(TrackState::related)),
               perhaps(model::Unknown::history, "an error or a further connection of an inspected one")},
              accepts, whole);
  builder.add(forward, {}, model::Call{answers, true}, whole);
  std::vector<std::string> zoned;
  for (const auto& [zone, statement] : zones_) {
    const std::vector<std::string> inside = members(zone);
    zoned.insert(zoned.end(), inside.begin(), inside.end());
    builder.add(forward, {one_of(in, inside), one_of(out, inside)}, accepts, device_.span(statement));
  }
  for (const Port& port : device_.ports->all()) {
    if (!port.zone.empty() && std::ranges::find(zoned, port.name) == zoned.end())
      zoned.push_back(port.name);
  }
  builder.add(forward, {one_of(in, zoned)}, drops, whole);
  builder.add(forward, {one_of(out, zoned)}, drops, whole);
  builder.stage(model::Hook::forward, model::StageKind::filter, 10, forward);
  builder.stage_if_used(model::Hook::deliver, model::StageKind::filter, 10, to_self);
  builder.stage_if_used(model::Hook::originate, model::StageKind::filter, 10, from_self);
}

}  // namespace segproof::cisco
