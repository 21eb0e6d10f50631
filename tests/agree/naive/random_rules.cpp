// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/random_rules.h"

namespace segproof::naive {

namespace {

constexpr std::uint16_t https = 443;

void append(std::vector<model::Test>& tests, const std::vector<model::Test>& more) {
  tests.insert(tests.end(), more.begin(), more.end());
}

// Ranges of ports, one type of ICMP, later fragments, either of two services.
std::vector<model::Test> rare_service(Dice& dice, const Vocabulary& words) {
  const auto ping = words.family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6;
  const Bits query = words.family == Family::ipv4 ? 8 : 128;
  switch (dice.below(4)) {
    case 0: {
      auto tests = to_port(dice.chance(0.5) ? protocol_number::tcp : protocol_number::udp, https);
      std::get<model::FieldTest>(tests.back()).values = IntervalSet::range(1024, 65535);
      return tests;
    }
    case 1:
      return {of_protocol(ping),
              model::FieldTest{Field::destination_port, IntervalSet::range(query * 256, query * 256 + 255)}};
    case 2:
      return {model::FieldTest{Field::fragment, IntervalSet::single(1)}};
    default: {
      model::AnyTest either;
      either.alternatives.push_back({to_port(protocol_number::tcp, https)});
      either.alternatives.push_back({{of_protocol(protocol_number::udp)}});
      either.negated = dice.chance(0.2);
      return {either};
    }
  }
}

std::vector<model::Test> service(Dice& dice, const Vocabulary& words) {
  if (dice.chance(0.12)) {
    return rare_service(dice, words);
  }
  switch (dice.below(7)) {
    case 0:
    case 1:
      return to_port(protocol_number::tcp, https);
    case 2:
      return {of_protocol(protocol_number::tcp)};
    case 3:
      return {of_protocol(protocol_number::udp)};
    case 4:
      return {of_protocol(words.family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6)};
    case 5:
      return from_port(protocol_number::tcp, https);
    default:
      return to_port(protocol_number::udp, https);
  }
}

// Types of addresses, masks, names of interfaces by their beginning or negated.
model::Test rare_test(Dice& dice, const Vocabulary& words) {
  switch (dice.below(4)) {
    case 0: {
      model::AddressTypeTest test;
      test.endpoint = dice.chance(0.7) ? model::Endpoint::destination : model::Endpoint::source;
      const auto type = dice.chance(0.6)   ? model::AddressType::local
                        : dice.chance(0.5) ? model::AddressType::unicast
                                           : model::AddressType::broadcast;
      test.types = static_cast<std::uint16_t>(1U << static_cast<unsigned>(type));
      test.negated = dice.chance(0.3);
      return test;
    }
    case 1: {
      const auto prefix = parse_prefix(dice.of(words.segments));
      model::MaskTest test{dice.chance(0.5) ? Field::source : Field::destination, prefix->first(), 0};
      const unsigned width = address_width(words.family);
      test.mask = low_ones(width) ^ low_ones(width - prefix->length);
      test.negated = dice.chance(0.3);
      test.family = words.family;
      return test;
    }
    case 2:
      return model::InterfaceTest{model::Direction::ingress, "eth", true, dice.chance(0.2)};
    default:
      return model::InterfaceTest{model::Direction::ingress, dice.of(words.legs).first, false, true};
  }
}

std::vector<model::Test> random_tests(Dice& dice, const Vocabulary& words, Base base) {
  std::vector<model::Test> tests;
  const bool forwards = base == Base::forward || base == Base::mangle_forward;
  if (dice.chance(0.55)) {
    const auto& prefix = dice.of(words.prefixes);
    const bool negated = dice.chance(0.1);
    tests.push_back(from_addresses(prefix, negated));
  }
  if (dice.chance(forwards ? 0.55 : 0.2)) {
    const auto& prefix = dice.of(words.prefixes);
    const bool negated = dice.chance(0.1);
    tests.push_back(to_addresses(prefix, negated));
  }
  if (dice.chance(0.25)) {
    tests.push_back(in_at(dice.of(words.legs).first));
  }
  if (forwards && dice.chance(0.2)) {
    tests.push_back(out_at(dice.of(words.legs).first));
  }
  if (dice.chance(0.6)) {
    append(tests, service(dice, words));
  }
  // Before tracking there is no state: readers decide such tests, so none is made here.
  if (base != Base::raw_prerouting && dice.chance(0.2)) {
    tests.push_back(in_state({TrackState::fresh}));
  }
  if (dice.chance(0.08)) {
    tests.push_back(of_protocol(protocol_number::tcp));
    tests.push_back(bare_syn(dice.chance(0.6)));
  }
  if (forwards && dice.chance(0.05)) {
    tests.push_back(with_mark(1));
  }
  if (forwards && dice.chance(0.06)) {
    tests.push_back(model::TrackTest{0, static_cast<std::uint8_t>(1 + dice.below(2)), dice.chance(0.2)});
  }
  if (dice.chance(0.06)) {
    tests.push_back(rare_test(dice, words));
  }
  if (words.undecided && dice.chance(0.12)) {
    tests.push_back(perhaps("limit: 3/min"));
  }
  return tests;
}

model::Action random_action(Dice& dice, double accepts) {
  if (dice.chance(accepts)) {
    return accept;
  }
  return dice.chance(0.2) ? model::Decide{model::Verdict::reject} : drop;
}

void add_random(Dice& dice, const Vocabulary& words, Base base, double accepts, Rules& rules) {
  auto tests = random_tests(dice, words, base);
  rules.add(base, std::move(tests), random_action(dice, accepts));
}

void to_a_program(Dice& dice, const Vocabulary& words, Rules& rules) {
  const Base base = dice.chance(0.7) ? Base::forward : Base::input;
  const model::Action action(std::in_place_type<model::Anything>, model::Anything{"QUEUE", true});
  rules.add(base, random_tests(dice, words, base), action);
}

void anti_spoofing(Dice& dice, const Vocabulary& words, Rules& rules) {
  const Base base = dice.chance(0.7) ? Base::raw_prerouting : Base::forward;
  for (const auto& [leg, prefix] : words.legs) {
    if (!prefix.empty() && dice.chance(0.9)) {
      rules.add(base, {in_at(leg), from_addresses(prefix, true)}, drop);
    }
  }
}

void state_rules(Dice& dice, Base base, Rules& rules) {
  if (dice.chance(0.15)) {
    rules.add(base, {in_state({TrackState::invalid})}, drop);
  }
  if (dice.chance(0.65)) {
    auto state = dice.chance(0.4) ? in_state({TrackState::established, TrackState::related})
                                  : in_state({TrackState::established});
    rules.add(base, {std::move(state)}, accept);
  }
}

// MASQUERADE or SNAT, now and then from a pool or to ports of the kernel's choice.
model::Action source_translation(Dice& dice, const Vocabulary& words) {
  auto action = dice.chance(0.5) ? masquerade() : to_source(words.public_address);
  if (!action.addresses.empty() && dice.chance(0.25)) {
    action.addresses.front().high += 2;
  }
  if (dice.chance(0.15)) {
    action.family = words.family;
    action.ports = Interval{1024, 65535};
    action.keeps_port = dice.chance(0.5);
  }
  return action;
}

void translation(Dice& dice, const Vocabulary& words, Rules& rules) {
  if (dice.chance(0.6)) {
    auto tests = dice.chance(0.8) ? to_port(protocol_number::tcp, https) : std::vector<model::Test>{};
    tests.push_back(to_addresses(words.public_address));
    std::optional<std::uint16_t> port;
    if (dice.chance(0.3) && tests.size() > 1) {
      port = static_cast<std::uint16_t>(22);
    }
    auto action = to_destination(dice.of(words.hosts), port);
    if (dice.chance(0.15)) {  // REDIRECT
      action.to = model::Translate::To::interface_address;
      action.addresses.clear();
    }
    rules.add(Base::nat_prerouting, tests, action);
  }
  if (dice.chance(0.15)) {
    // One segment appears under the addresses of another.
    model::Translate action;
    action.endpoint = dice.chance(0.5) ? model::Endpoint::destination : model::Endpoint::source;
    action.to = model::Translate::To::network;
    action.family = words.family;
    action.network = parse_prefix(dice.of(words.segments));
    const bool is_source = action.endpoint == model::Endpoint::source;
    const auto& other = dice.of(words.segments);
    rules.add(is_source ? Base::nat_postrouting : Base::nat_prerouting,
              {is_source ? from_addresses(other) : to_addresses(other)}, action);
  }
  if (dice.chance(0.6)) {
    std::vector<model::Test> tests{out_at(dice.of(words.legs).first)};
    if (dice.chance(0.4)) {
      tests.push_back(from_addresses(dice.of(words.prefixes)));
    }
    rules.add(Base::nat_postrouting, tests, source_translation(dice, words));
  }
}

void oddities(Dice& dice, const Vocabulary& words, Rules& rules) {
  if (dice.chance(0.08)) {
    rules.add(Base::raw_prerouting, random_tests(dice, words, Base::raw_prerouting), model::Untrack{});
    if (dice.chance(0.6)) {
      rules.add(Base::forward, {in_state({TrackState::untracked})}, accept);
    }
  }
  if (dice.chance(0.12)) {
    rules.add(Base::mangle_prerouting, random_tests(dice, words, Base::mangle_prerouting),
              model::SetMark{model::MarkKind::packet, 0, 1});
    if (dice.chance(0.5)) {
      rules.add(Base::forward, {with_mark(1)}, random_action(dice, 0.6));
    }
  }
  if (dice.chance(0.06)) {
    // What comes in there is remembered with the flow, and its replies carry the mark.
    model::SetMark remember{model::MarkKind::connection, 0, 1};
    rules.add(Base::mangle_prerouting, {}, model::CopyMark{model::MarkKind::packet});
    rules.add(Base::mangle_prerouting, random_tests(dice, words, Base::mangle_prerouting), remember);
    rules.add(Base::forward, {with_mark(1)}, random_action(dice, 0.7));
    rules.track();
  }
  if (words.undecided && dice.chance(0.05)) {
    to_a_program(dice, words, rules);
  }
  if (words.undecided && dice.chance(0.05)) {
    rules.add(Base::raw_prerouting, random_tests(dice, words, Base::raw_prerouting), model::AttachHelper{"ftp"});
    rules.add(Base::forward, {in_state({TrackState::related})}, accept);
  }
  if (dice.chance(0.06)) {
    rules.add(Base::mangle_forward, random_tests(dice, words, Base::mangle_forward), drop);
  }
}

void user_chain(Dice& dice, const Vocabulary& words, std::size_t number, Rules& rules) {
  const auto user = rules.chain("user" + std::to_string(number));
  auto first = random_tests(dice, words, Base::forward);
  auto action = dice.chance(0.3) ? model::Action{model::ComeBack{}} : random_action(dice, 0.7);
  rules.add_to(user, std::move(first), std::move(action));
  auto second = random_tests(dice, words, Base::forward);
  rules.add_to(user, std::move(second), random_action(dice, 0.6));
  auto entrance = random_tests(dice, words, Base::forward);
  rules.add(Base::forward, std::move(entrance), model::Call{user, dice.chance(0.7)});
}

}  // namespace

Rules firewall_rules(Dice& dice, const Vocabulary& words) {
  Rules rules;
  rules.policy(Base::forward, dice.chance(0.85) ? model::Verdict::drop : model::Verdict::accept);
  if (dice.chance(0.55)) {
    anti_spoofing(dice, words, rules);
  }
  oddities(dice, words, rules);
  state_rules(dice, Base::forward, rules);
  const std::size_t count = dice.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    if (dice.chance(0.12)) {
      user_chain(dice, words, i, rules);
    } else {
      add_random(dice, words, Base::forward, 0.8, rules);
    }
  }
  rules.policy(Base::input, dice.chance(0.75) ? model::Verdict::drop : model::Verdict::accept);
  if (dice.chance(0.4)) {
    state_rules(dice, Base::input, rules);
    rules.add(Base::input, random_tests(dice, words, Base::input), accept);
  }
  if (dice.chance(0.3)) {
    translation(dice, words, rules);
  }
  if (dice.chance(0.08)) {
    rules.policy(Base::output, dice.chance(0.5) ? model::Verdict::drop : model::Verdict::accept);
    add_random(dice, words, Base::output, 0.6, rules);
  }
  return rules;
}

Rules host_rules(Dice& dice, const Vocabulary& words) {
  Rules rules;
  rules.policy(Base::input, dice.chance(0.85) ? model::Verdict::drop : model::Verdict::accept);
  state_rules(dice, Base::input, rules);
  for (std::size_t i = dice.below(3); i > 0; --i) {
    add_random(dice, words, Base::input, 0.8, rules);
  }
  if (dice.chance(0.2)) {
    rules.policy(Base::output, model::Verdict::drop);
    if (dice.chance(0.5)) {
      add_random(dice, words, Base::output, 0.9, rules);
    }
  }
  return rules;
}

}  // namespace segproof::naive
