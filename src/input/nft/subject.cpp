// SPDX-License-Identifier: Apache-2.0
#include "input/nft/subject.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"

namespace segproof::nft {
namespace {

using model::FieldTest;
using model::Test;
using model::TrackTest;
using model::Unknown;
using model::UnknownTest;

// Raw payload that is a field we know; what it is depends on the header before it.
const Key* known_raw(const Selector& raw, const Asked& asked) {
  struct Place {
    std::string_view base;
    std::optional<Family> family;
    std::uint32_t offset;
    std::uint32_t length;
    std::string_view header;
    std::string_view key;
  };
  constexpr Place places[] = {
      {"@nh", Family::ipv4, 96, 32, "ip", "saddr"},    {"@nh", Family::ipv4, 128, 32, "ip", "daddr"},
      {"@nh", Family::ipv4, 72, 8, "ip", "protocol"},  {"@nh", Family::ipv6, 64, 128, "ip6", "saddr"},
      {"@nh", Family::ipv6, 192, 128, "ip6", "daddr"}, {"@nh", Family::ipv6, 48, 8, "ip6", "nexthdr"},
      {"@th", std::nullopt, 0, 16, "th", "sport"},     {"@th", std::nullopt, 16, 16, "th", "dport"},
  };
  for (const Place& place : places) {
    const bool same = place.base == raw.header && place.offset == raw.offset && place.length == raw.length;
    if (same && (!place.family || place.family == asked.family))
      return find_key(place.header, place.key);
  }
  return nullptr;
}

const Key* raw_key(const Selector& raw, const Asked& asked) {
  static constexpr Key transport{.header = "@th", .key = "", .needs = Needs::transport};
  static constexpr Key network{.header = "@nh", .key = ""};
  static constexpr Key link{.header = "@ll", .key = "", .unknown = Unknown::mac_address};
  if (const Key* known = known_raw(raw, asked))
    return known;
  if (raw.header == "@th" || raw.header == "@ih")
    return &transport;
  return raw.header == "@ll" ? &link : &network;
}

std::variant<Subject, ValueFault> read_subject(const Expression& expression, const Asked& asked) {
  if (expression.kind == ExpressionKind::combination && expression.parts.size() == 2) {
    auto inner = read_subject(expression.parts[0], asked);
    if (std::holds_alternative<ValueFault>(inner))
      return inner;
    Subject& subject = *std::get_if<Subject>(&inner);
    const bool shifts = expression.text == "<<" || expression.text == ">>";
    const ValueReader reader = shifts ? ValueReader(Datatype::number, 7) : subject.reader();
    const auto operand = subject.key->width == 0 ? std::optional<Bits>(0) : reader.number(expression.parts[1]);
    if (!operand || !subject.transform.apply(expression.text, *operand))
      return ValueFault{expression.parts[1].span, "this is no constant that bits can be combined with"};
    return inner;
  }
  if (expression.kind != ExpressionKind::selector)
    return ValueFault{expression.span, "this is nothing that a packet can be asked for"};
  Subject subject;
  subject.selector = expression.selector;
  subject.span = expression.span;
  const Selector& selector = subject.selector;
  subject.key = selector.header.starts_with('@') ? raw_key(selector, asked) : find_key(selector.header, selector.key);
  if (subject.key == nullptr) {
    return ValueFault{expression.span,
                      fmt::format("{} is not known", quote(fmt::format("{} {}", selector.header, selector.key)))};
  }
  subject.transform = Transform(subject.key->width == 0 ? 32 : subject.key->width);
  return subject;
}

FieldTest of_family(Family family) {
  return {Field::protocol, IntervalSet::range(0, 255), family};
}

IntervalSet port_protocols() {
  return {{protocol_number::tcp, protocol_number::tcp},
          {protocol_number::udp, protocol_number::udp},
          {protocol_number::dccp, protocol_number::dccp},
          {protocol_number::sctp, protocol_number::sctp},
          {protocol_number::udplite, protocol_number::udplite}};
}

IntervalSet extension_headers() {
  return {{0, 0}, {43, 44}, {51, 51}, {60, 60}, {135, 135}};
}

bool is_address(Field field) {
  return field == Field::source || field == Field::destination;
}

void need_family(Family family, Asked& asked, std::vector<Test>& tests) {
  if (asked.family == family)
    return;
  tests.emplace_back(of_family(family));
  asked.family = family;
}

void need_protocol(std::uint8_t protocol, Asked& asked, std::vector<Test>& tests) {
  if (asked.protocol != protocol) {
    tests.emplace_back(FieldTest{Field::protocol, IntervalSet::single(protocol)});
    asked.protocols = asked.protocols & IntervalSet::single(protocol);
    asked.protocol = protocol;
  }
}

void need_transport(Asked& asked, std::vector<Test>& tests) {
  if (!asked.no_later_fragment)
    tests.emplace_back(FieldTest{Field::fragment, IntervalSet::single(0)});
  asked.no_later_fragment = true;
}

}  // namespace

std::string Subject::text() const {
  std::string text = selector.header;
  if (!selector.direction.empty())
    text += fmt::format(" {}", selector.direction);
  for (const std::string& flag : selector.flags)
    text += fmt::format(" {}", flag);
  if (!selector.key.empty())
    text += fmt::format(" {}", selector.key);
  if (selector.length != 0)
    text += fmt::format(",{},{}", selector.offset, selector.length);
  return text;
}

std::variant<std::vector<Subject>, ValueFault> read_subjects(const Expression& expression, const Asked& asked) {
  std::vector<Subject> subjects;
  const bool several = expression.kind == ExpressionKind::concatenation;
  const std::size_t count = several ? expression.parts.size() : 1;
  Asked so_far = asked;
  std::vector<Test> ignored;
  for (std::size_t i = 0; i < count; ++i) {
    auto read = read_subject(several ? expression.parts[i] : expression, so_far);
    if (auto* fault = std::get_if<ValueFault>(&read))
      return *fault;
    subjects.push_back(std::move(*std::get_if<Subject>(&read)));
    add_needs(*subjects.back().key, so_far, ignored);
  }
  return subjects;
}

void add_needs(const Key& key, Asked& asked, std::vector<Test>& tests) {
  switch (key.needs) {
    case Needs::nothing:
      return;
    case Needs::ipv4:
      return need_family(Family::ipv4, asked, tests);
    case Needs::ipv6:
      return need_family(Family::ipv6, asked, tests);
    case Needs::transport:
      return need_transport(asked, tests);
    case Needs::protocol:
      need_protocol(key.protocol, asked, tests);
      return need_transport(asked, tests);
    case Needs::icmp:
    case Needs::icmpv6: {
      const bool old = key.needs == Needs::icmp;
      const std::uint8_t protocol = old ? protocol_number::icmp : protocol_number::icmpv6;
      // A table of one family does not ask for the other one's.
      if (asked.protocol != protocol && !asked.family)
        need_family(old ? Family::ipv4 : Family::ipv6, asked, tests);
      need_protocol(protocol, asked, tests);
      return need_transport(asked, tests);
    }
    case Needs::entry:
      if (!asked.entry)
        tests.emplace_back(TrackTest{with_entry, 0, false});
      asked.entry = true;
      return;
  }
}

Test never() {
  return FieldTest{Field::protocol, IntervalSet()};
}

Test any_of(std::vector<model::Condition> alternatives) {
  if (alternatives.empty())
    return never();
  if (alternatives.size() == 1 && alternatives.front().tests.size() == 1)
    return std::move(alternatives.front().tests.front());
  return model::AnyTest{std::move(alternatives), false};
}

Test negated(Test test) {
  if (auto* field = std::get_if<FieldTest>(&test); field != nullptr && !is_address(field->field) && !field->family) {
    field->values = field->values.complement(field_max(field->field, Family::ipv4));
    return test;
  }
  if (auto* field = std::get_if<FieldTest>(&test); field != nullptr && is_address(field->field) && field->family) {
    field->values = field->values.complement(field_max(field->field, *field->family));
    return test;
  }
  if (auto* track = std::get_if<TrackTest>(&test)) {
    track->negated = !track->negated;
  } else if (auto* interface = std::get_if<model::InterfaceTest>(&test)) {
    interface->negated = !interface->negated;
  } else if (auto* mark = std::get_if<model::MarkTest>(&test)) {
    mark->negated = !mark->negated;
  } else if (auto* unknown = std::get_if<UnknownTest>(&test)) {
    unknown->negated = !unknown->negated;
  } else if (auto* any = std::get_if<model::AnyTest>(&test)) {
    any->negated = !any->negated;
  } else if (auto* mask = std::get_if<model::MaskTest>(&test); mask != nullptr && !mask->family) {
    mask->negated = !mask->negated;
  } else if (auto* type = std::get_if<model::AddressTypeTest>(&test)) {
    type->negated = !type->negated;
  } else {
    return model::AnyTest{{{{std::move(test)}}}, true};
  }
  return test;
}

namespace {

// Whether the packet has a later fragment's header or not decides what is known of the word: its flags never are.
Test fragment_word_test(const IntervalSet& words) {
  bool all[2] = {true, true};
  bool any[2] = {false, false};
  for (Bits word = 0; word <= 0xffffU; ++word) {
    const std::size_t later = (word & 0x1fffU) != 0 ? 1 : 0;
    const bool holds = words.contains(word);
    all[later] = all[later] && holds;
    any[later] = any[later] || holds;
  }
  std::vector<model::Condition> alternatives;
  for (std::size_t later = 0; later < 2; ++later) {
    if (!any[later])
      continue;
    model::Condition here{{FieldTest{Field::fragment, IntervalSet::single(later)}}};
    if (!all[later])
      here.tests.emplace_back(UnknownTest{Unknown::content, "flags of fragments"});
    alternatives.push_back(std::move(here));
  }
  return any_of(std::move(alternatives));
}

// Whether a status may hold, and whether it does whatever its bits outside `fixed` are.
std::pair<bool, bool> holds(const std::vector<Transform::Masked>& statuses, Bits status, Bits fixed) {
  bool may = false;
  bool must = false;
  for (const Transform::Masked& block : statuses) {
    const bool fits = ((status ^ block.value) & block.mask & fixed) == 0;
    may = may || fits;
    must = must || (fits && (block.mask & ~fixed) == 0);
  }
  return {may, must};
}

Test status_test(const IntervalSet& statuses, const Transform& transform) {
  constexpr std::size_t most = 4096;
  const auto blocks = transform.masks(statuses, most);
  if (!blocks)
    return UnknownTest{Unknown::not_understood, "too many bits of a status"};
  std::vector<model::Condition> alternatives;
  const auto fresh = static_cast<std::uint8_t>(1U << static_cast<unsigned>(TrackState::fresh));
  // The first packet of a flow has seen no reply; of the rest only the translation is known.
  for (const bool of_fresh : {false, true}) {
    for (unsigned translated = 0; translated < 4; ++translated) {
      const Bits status = ((translated & 1U) != 0 ? 32U : 0U) | ((translated & 2U) != 0 ? 16U : 0U);
      const auto [may, must] = holds(*blocks, status, of_fresh ? 0x37 : 0x30);
      if (!may)
        continue;
      model::Condition here{{TrackTest{fresh, 0, !of_fresh}}};
      for (const unsigned bit : {1U, 2U})
        here.tests.emplace_back(TrackTest{0, static_cast<std::uint8_t>(bit), (translated & bit) == 0});
      if (!must)
        here.tests.emplace_back(UnknownTest{Unknown::history, "ct status"});
      alternatives.push_back(std::move(here));
    }
  }
  return any_of(std::move(alternatives));
}

Test state_test(const IntervalSet& states) {
  constexpr unsigned bits[] = {8, 2, 4, 1, 64};  // by TrackState
  TrackTest test;
  for (std::size_t i = 0; i < track_state_count; ++i) {
    if (states.contains(bits[i]))
      test.states = static_cast<std::uint8_t>(test.states | 1U << i);
  }
  return test;
}

// Original for the first packet of a flow; only the table knows of others.
Test direction_test(const IntervalSet& directions) {
  const bool original = directions.contains(0);
  const bool reply = directions.contains(1);
  if (original && reply)
    return TrackTest{with_entry, 0, false};
  if (!original && !reply)
    return never();
  const auto fresh = static_cast<std::uint8_t>(1U << static_cast<unsigned>(TrackState::fresh));
  model::AnyTest is_original;
  is_original.alternatives.push_back({{TrackTest{fresh, 0, false}}});
  is_original.alternatives.push_back({{UnknownTest{Unknown::history, "ct direction"}}});
  is_original.negated = reply;
  return is_original;
}

// That of the packet, but for an ICMP error: it is related to a flow of any protocol.
Test track_protocol_test(const IntervalSet& protocols) {
  const auto related = static_cast<std::uint8_t>(1U << static_cast<unsigned>(TrackState::related));
  const IntervalSet errors{{protocol_number::icmp, protocol_number::icmp},
                           {protocol_number::icmpv6, protocol_number::icmpv6}};
  std::vector<model::Condition> either;
  either.push_back({{TrackTest{related, 0, true}, FieldTest{Field::protocol, protocols}}});
  either.push_back({{TrackTest{related, 0, false}, FieldTest{Field::protocol, protocols - errors}}});
  either.push_back({{TrackTest{related, 0, false}, FieldTest{Field::protocol, errors},
                     UnknownTest{Unknown::history, "ct protocol"}}});
  return any_of(std::move(either));
}

Test family_test(bool ipv4, bool ipv6) {
  if (ipv4 && ipv6)
    return FieldTest{Field::protocol, IntervalSet::range(0, 255)};
  if (!ipv4 && !ipv6)
    return never();
  return of_family(ipv4 ? Family::ipv4 : Family::ipv6);
}

Test address_type_test(const Subject& subject, const IntervalSet& types) {
  using model::AddressType;
  constexpr AddressType order[] = {AddressType::unspecified, AddressType::unicast,     AddressType::local,
                                   AddressType::broadcast,   AddressType::anycast,     AddressType::multicast,
                                   AddressType::blackhole,   AddressType::unreachable, AddressType::prohibit};
  model::AddressTypeTest test;
  for (std::size_t i = 0; i < std::size(order); ++i) {
    if (types.contains(i))
      test.types = static_cast<std::uint16_t>(test.types | 1U << static_cast<unsigned>(order[i]));
  }
  test.endpoint = model::Endpoint::destination;
  for (const std::string& flag : subject.selector.flags) {
    if (flag == "saddr")
      test.endpoint = model::Endpoint::source;
    if (flag == "iif")
      test.interface_limit = model::Direction::ingress;
    if (flag == "oif")
      test.interface_limit = model::Direction::egress;
    if (flag == "mark")
      return UnknownTest{Unknown::reverse_path, subject.text()};
  }
  return test;
}

Test interface_test(const Subject& subject, const Values& values) {
  const auto direction = subject.key->field == Field::ingress ? model::Direction::ingress : model::Direction::egress;
  const bool by_index = subject.key->key == "iif" || subject.key->key == "oif";
  std::vector<model::Condition> alternatives;
  for (const NamePattern& pattern : values.names) {
    // An interface given by its number: which one that is, the ruleset does not say.
    if (by_index && parse_integer(pattern.name)) {
      alternatives.push_back({{UnknownTest{Unknown::unresolved_name, fmt::format("interface {}", pattern.name)}}});
    } else {
      alternatives.push_back({{model::InterfaceTest{direction, pattern.name, pattern.is_prefix && !by_index, false}}});
    }
  }
  return any_of(std::move(alternatives));
}

Test mark_test(const Subject& subject, const IntervalSet& marks) {
  constexpr std::size_t most = 4096;
  const auto kind =
      subject.key->meaning == Meaning::packet_mark ? model::MarkKind::packet : model::MarkKind::connection;
  const auto blocks = subject.transform.masks(marks, most);
  if (!blocks)
    return UnknownTest{Unknown::not_understood, "too many marks"};
  std::vector<model::Condition> alternatives;
  for (const Transform::Masked& block : *blocks) {
    alternatives.push_back({{model::MarkTest{kind, static_cast<std::uint32_t>(block.value),
                                             static_cast<std::uint32_t>(block.mask), false}}});
  }
  return any_of(std::move(alternatives));
}

Test address_test(const Subject& subject, const IntervalSet& addresses) {
  const Family family = subject.key->width == 32 ? Family::ipv4 : Family::ipv6;
  if (subject.transform.is_identity())
    return FieldTest{subject.key->field, addresses, family};
  constexpr std::size_t most = 4096;
  const auto blocks = subject.transform.masks(addresses, most);
  if (!blocks)
    return UnknownTest{Unknown::not_understood, "too many masks"};
  std::vector<model::Condition> alternatives;
  for (const Transform::Masked& block : *blocks)
    alternatives.push_back({{model::MaskTest{subject.key->field, block.value, block.mask, false, family}}});
  return any_of(std::move(alternatives));
}

// Ports of whatever protocol has some; the same bytes of another protocol are content.
Test any_port_test(const Subject& subject, const IntervalSet& ports, const Asked& asked) {
  const IntervalSet with_ports = asked.protocols & port_protocols();
  const IntervalSet without = asked.protocols - port_protocols();
  const FieldTest port{subject.key->field, ports};
  if (without.is_empty())
    return port;
  std::vector<model::Condition> alternatives;
  alternatives.push_back({{FieldTest{Field::protocol, with_ports}, port}});
  alternatives.push_back(
      {{FieldTest{Field::protocol, without},
        UnknownTest{Unknown::content, fmt::format("{} of a protocol without ports", subject.text())}}});
  return any_of(std::move(alternatives));
}

Test field_test(const Subject& subject, const IntervalSet& values, const Asked& asked) {
  const Key& key = *subject.key;
  if (is_address(key.field))
    return address_test(subject, values);
  const IntervalSet plain = subject.transform.is_identity() ? values : subject.transform.preimage(values);
  if (key.header == "th")
    return any_port_test(subject, plain, asked);
  if (key.field != Field::destination_port || key.width == 16)
    return FieldTest{key.field, plain};
  // Type and code of ICMP share a field.
  if (key.shift == 0 && plain.size() == 1)
    return model::MaskTest{key.field, plain.min(), 0xff, false, std::nullopt};
  std::vector<Interval> both;
  for (const Interval& interval : plain.intervals()) {
    if (key.shift == 8) {
      both.push_back({interval.low * 256, interval.high * 256 + 255});
      continue;
    }
    for (Bits type = 0; type < 256; ++type)
      both.push_back({type * 256 + interval.low, type * 256 + interval.high});
  }
  return FieldTest{key.field, IntervalSet::of(std::move(both))};
}

Test measure_test(const Subject& subject, const IntervalSet& values) {
  const Key& key = *subject.key;
  const IntervalSet plain = subject.transform.is_identity() ? values : subject.transform.preimage(values);
  if (key.measure != model::Measure::traffic_class)
    return model::MeasureTest{key.measure, plain};
  std::vector<Interval> bytes;
  for (Bits byte = 0; byte < 256; ++byte) {
    if (plain.contains(byte >> key.shift & low_ones(key.width)))
      bytes.push_back({byte, byte});
  }
  return model::MeasureTest{key.measure, IntervalSet::of(std::move(bytes))};
}

// The first header after that of IPv6 is the protocol, unless extension headers come before it.
Test next_header_test(const IntervalSet& values) {
  std::vector<model::Condition> alternatives;
  alternatives.push_back({{FieldTest{Field::protocol, values},
                           UnknownTest{Unknown::extension_header, "an extension header comes first", true}}});
  if (values.intersects(extension_headers()))
    alternatives.push_back({{UnknownTest{Unknown::extension_header, "an extension header"}}});
  return any_of(std::move(alternatives));
}

Test payload_length_test(const IntervalSet& lengths) {
  std::vector<Interval> total;
  for (const Interval& interval : lengths.intervals())
    total.push_back({interval.low + 40, interval.high + 40});
  return model::MeasureTest{model::Measure::total_length, IntervalSet::of(std::move(total))};
}

Test value_test(const Subject& subject, const Values& values, const Asked& asked) {
  const IntervalSet& numbers = values.numbers;
  const auto plain = [&] { return subject.transform.is_identity() ? numbers : subject.transform.preimage(numbers); };
  switch (subject.key->meaning) {
    case Meaning::undecided:
      return UnknownTest{subject.key->unknown, subject.text()};
    case Meaning::field:
      return field_test(subject, numbers, asked);
    case Meaning::next_header:
      return next_header_test(plain());
    case Meaning::fragment_word:
      return fragment_word_test(plain());
    case Meaning::version:
      return family_test(plain().contains(4) && subject.key->header == "ip",
                         plain().contains(6) && subject.key->header == "ip6");
    case Meaning::measure:
      return measure_test(subject, numbers);
    case Meaning::payload_length:
      return payload_length_test(plain());
    case Meaning::family:
      return family_test(plain().contains(2), plain().contains(10));
    case Meaning::ether_type:
      return family_test(plain().contains(0x0800), plain().contains(0x86dd));
    case Meaning::interface:
      return interface_test(subject, values);
    case Meaning::packet_mark:
    case Meaning::connection_mark:
      return mark_test(subject, numbers);
    case Meaning::track_state: {
      std::vector<Interval> states;
      for (const Bits state : {Bits{1}, Bits{2}, Bits{4}, Bits{8}, Bits{64}}) {
        if (numbers.contains(subject.transform.of(state)))
          states.push_back({state, state});
      }
      return state_test(IntervalSet::of(std::move(states)));
    }
    case Meaning::track_status:
      return status_test(numbers, subject.transform);
    case Meaning::track_direction:
      return direction_test(plain());
    case Meaning::track_protocol:
      return track_protocol_test(plain());
    case Meaning::track_family:
      return family_test(plain().contains(2), plain().contains(10));
    case Meaning::address_type:
      if (!subject.transform.is_identity())
        return UnknownTest{Unknown::not_understood, subject.text()};
      return address_type_test(subject, numbers);
  }
  return never();
}

}  // namespace

model::Condition has_value(const Subject& subject, const Values& values, const Asked& asked) {
  if (values.unresolved.empty())
    return {{value_test(subject, values, asked)}};
  std::vector<model::Condition> alternatives;
  if (!values.numbers.is_empty() || !values.names.empty())
    alternatives.push_back({{value_test(subject, values, asked)}});
  alternatives.push_back({{UnknownTest{Unknown::unresolved_name, values.unresolved.front()}}});
  return {{any_of(std::move(alternatives))}};
}

void note_value(const Subject& subject, const Values& values, Asked& asked) {
  const bool plain = values.unresolved.empty() && subject.transform.is_identity();
  if (plain && subject.key->meaning == Meaning::field && subject.key->field == Field::protocol)
    asked.protocols = asked.protocols & values.numbers;
}

void note_equality(const Subject& subject, const Values& values, Asked& asked) {
  const bool single = values.unresolved.empty() && values.numbers.size() == 1 && subject.transform.is_identity();
  if (!single)
    return;
  const Bits value = values.numbers.min();
  const Meaning meaning = subject.key->meaning;
  const bool protocol =
      (meaning == Meaning::field && subject.key->field == Field::protocol) || meaning == Meaning::next_header;
  if (protocol) {
    asked.protocol = static_cast<std::uint8_t>(value);
    asked.protocols = asked.protocols & values.numbers;
  }
  if (meaning == Meaning::family && (value == 2 || value == 10))
    asked.family = value == 2 ? Family::ipv4 : Family::ipv6;
  if (meaning == Meaning::ether_type && (value == 0x0800 || value == 0x86dd))
    asked.family = value == 0x0800 ? Family::ipv4 : Family::ipv6;
}

}  // namespace segproof::nft
