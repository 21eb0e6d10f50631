// SPDX-License-Identifier: Apache-2.0
// Comparisons: single values, ranges, flags, sets, concatenations.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.h"
#include "input/nft/rule_lowering.h"

namespace segproof::nft {
namespace {

using model::Condition;
using model::Test;
using model::Unknown;
using model::UnknownTest;

bool is_negative(Operator op) {
  return op == Operator::not_equal;
}

// The numbers that a comparison with `value` holds for.
IntervalSet compared(Operator op, Bits value, Bits most) {
  switch (op) {
    case Operator::less:
      return value == 0 ? IntervalSet() : IntervalSet::range(0, value - 1);
    case Operator::less_equal:
      return IntervalSet::range(0, value);
    case Operator::greater:
      return value >= most ? IntervalSet() : IntervalSet::range(value + 1, most);
    case Operator::greater_equal:
      return IntervalSet::range(value, most);
    case Operator::implicit:
    case Operator::equal:
    case Operator::not_equal:
    case Operator::no_bit:
      return IntervalSet::single(value);
  }
  return {};
}

bool is_order(Operator op) {
  return op == Operator::less || op == Operator::less_equal || op == Operator::greater || op == Operator::greater_equal;
}

// What is told apart by "exists" and "missing": a negation for the packet that has none.
bool asks_for_absence(const Expression& right, Operator op) {
  const bool absent = right.text == "missing" || right.text == "0" || right.text == "false";
  return absent != is_negative(op);
}

// nft does not ask for the protocol first: where it is another one, the option is missing.
bool asks_for_absent_option(const Expression& left, const Expression& right, Operator op) {
  constexpr std::array<std::string_view, 3> headers{"tcp option", "sctp chunk", "dccp option"};
  constexpr std::array<std::string_view, 4> words{"missing", "exists", "false", "true"};
  const bool is_option =
      left.kind == ExpressionKind::selector && std::ranges::find(headers, left.selector.header) != headers.end();
  const bool is_presence = right.kind == ExpressionKind::value && std::ranges::find(words, right.text) != words.end();
  return is_option && is_presence && asks_for_absence(right, op);
}

// Fields of a packet's headers, but for addresses, which nft leaves alone.
bool lies_beside_others(const Key& key) {
  constexpr std::array<std::string_view, 10> headers{"tcp", "udp",  "udplite", "sctp", "dccp",
                                                     "th",  "icmp", "icmpv6",  "ip",   "ip6"};
  const bool is_address = key.key == "saddr" || key.key == "daddr";
  return std::ranges::find(headers, key.header) != headers.end() && !is_address;
}

std::string shape(const Expression& expression) {
  std::string text = fmt::format("{}:{}(", static_cast<int>(expression.kind), expression.text);
  for (const Expression& part : expression.parts)
    text += shape(part) + ",";
  return text + ")";
}

}  // namespace

std::optional<std::vector<Subject>> RuleLowering::subjects(const Expression& expression) {
  auto read = read_subjects(expression, asked_);
  if (const auto* fault = std::get_if<ValueFault>(&read)) {
    report(*fault);
    return std::nullopt;
  }
  std::vector<Subject>& found = *std::get_if<std::vector<Subject>>(&read);
  for (const Subject& subject : found) {
    add_needs(*subject.key, asked_, tests_);
    if (subject.key->header == "ct")
      uses_tracking();
  }
  return std::move(found);
}

void RuleLowering::match(const Statement& statement) {
  if (!statement.left || !statement.right)
    return;
  if (asks_for_absent_option(*statement.left, *statement.right, statement.op))
    return absent_option(statement);
  const auto found = subjects(*statement.left);
  if (!found)
    return;
  const Expression* right = &*statement.right;
  const bool is_set = right->kind == ExpressionKind::set || right->kind == ExpressionKind::set_reference;
  // A set of one element is that element, for flags as well.
  const bool single = right->kind == ExpressionKind::set && right->elements.size() == 1 && found->size() == 1 &&
                      right->elements.front().key.kind != ExpressionKind::wildcard;
  if (found->size() == 1 && (!is_set || single))
    return compare(statement, found->front(), single ? right->elements.front().key : *right);
  std::optional<Content> what;
  if (is_set) {
    what = content(*right);
  } else {
    what = Content{};
  }
  if (!what)
    return;
  Element product;
  if (!is_set) {  // ip saddr . tcp dport 10.0.0.1 . 22
    product.key = *right;
    what->elements.push_back(&product);
  }
  std::optional<Test> test = lookup(*found, *what);
  if (!test)
    return;
  add(is_negative(statement.op) ? negated(std::move(*test)) : std::move(*test));
  const bool protocols = found->size() == 1 && found->front().key->meaning == Meaning::field &&
                         found->front().key->field == Field::protocol;
  if (!protocols || what->open || what->shrinks)
    return;
  if (auto values = values_of(found->front(), what->elements, what->named)) {
    if (is_negative(statement.op))
      values->numbers = values->numbers.complement(255);
    note_value(found->front(), *values, asked_);
  }
}

void RuleLowering::absent_option(const Statement& statement) {
  const auto read = read_subjects(*statement.left, asked_);
  if (const auto* fault = std::get_if<ValueFault>(&read)) {
    report(*fault);
    return;
  }
  const Key& key = *std::get_if<std::vector<Subject>>(&read)->front().key;
  Condition present;
  Asked asked = asked_;
  add_needs(key, asked, present.tests);
  present.tests.emplace_back(UnknownTest{key.unknown, statement.text, false});
  add(negated(any_of({std::move(present)})));
}

void RuleLowering::compare_undecided(const Statement& statement, const Subject& subject, const Expression& right) {
  const Key& key = *subject.key;
  UnknownTest test{key.unknown, statement.text, false};
  const bool presence = key.unknown == Unknown::ipsec_policy || key.unknown == Unknown::extension_header;
  if (presence && right.kind == ExpressionKind::value && (right.text == "missing" || right.text == "exists"))
    test.negated = asks_for_absence(right, statement.op);
  const bool device_type = key.key == "iiftype" || key.key == "oiftype";
  if (device_type && right.text == "ether") {
    test.negated = is_negative(statement.op);
  } else if (device_type) {
    test.kind = Unknown::set_content;
  }
  // Without an IPsec policy or an extension header there is nothing that could have any other value.
  add(std::move(test));
}

void RuleLowering::compare(const Statement& statement, const Subject& subject, const Expression& right) {
  if (subject.key->meaning == Meaning::undecided)
    return compare_undecided(statement, subject, right);
  Subject asked = subject;
  Values values;
  if (const auto fault = subject.reader().read(right, values)) {
    report(*fault);
    return;
  }
  values.settle();
  for (const NamePattern& pattern : values.names)
    scope_.facts->interfaces.insert(pattern.is_prefix ? pattern.name + "+" : pattern.name);
  bool negative = is_negative(statement.op);
  const bool flags = is_bitmask(subject.key->type) && subject.transform.is_identity() &&
                     (statement.op == Operator::implicit || statement.op == Operator::no_bit);
  if ((flags || statement.op == Operator::no_bit) && values.numbers.size() == 1) {
    // "One of these bits": (x & bits) != 0.
    static_cast<void>(asked.transform.apply("&", values.numbers.min()));
    values.numbers = IntervalSet::single(0);
    negative = statement.op != Operator::no_bit;
  } else if (is_order(statement.op)) {
    if (values.numbers.size() != 1) {
      report({right.span, "only a single value can be compared in that way"});
      return;
    }
    values.numbers = compared(statement.op, values.numbers.min(), low_ones(subject.key->width));
  }
  Condition condition = has_value(asked, values, asked_);
  if (!negative) {
    note_value(asked, values, asked_);
    if (statement.op == Operator::implicit || statement.op == Operator::equal)
      note_equality(asked, values, asked_);
    std::ranges::move(condition.tests, std::back_inserter(tests_));
    return;
  }
  if (asked.transform.is_identity() && values.unresolved.empty()) {
    Values others;
    others.numbers = values.numbers.complement(low_ones(subject.key->width));
    note_value(asked, others, asked_);
  }
  Test test = negated(any_of({std::move(condition)}));
  const bool is_single = right.kind == ExpressionKind::value && values.numbers.size() == 1;
  const bool may_join = is_single && asked.transform.is_identity() && lies_beside_others(*subject.key);
  return may_join ? add_other_value(std::string(subject.key->header), std::move(test)) : add(std::move(test));
}

void RuleLowering::add_other_value(const std::string& header, Test test) {
  const auto known = std::ranges::find(joined_, header, &Joined::header);
  if (known == joined_.end()) {
    joined_.push_back({header, tests_.size(), {test}});
    return add(std::move(test));
  }
  known->members.push_back(std::move(test));
  const UnknownTest joined{Unknown::content, "values of one header, all negated, which nft 1.0.6 takes for one", false};
  std::vector<Condition> alternatives{{known->members}};
  for (const Test& member : known->members)
    alternatives.push_back({{member, joined}});
  tests_[known->index] = any_of(std::move(alternatives));
}

std::optional<RuleLowering::Content> RuleLowering::content(const Expression& expression) {
  Content found;
  if (expression.kind == ExpressionKind::set) {
    for (const Element& element : expression.elements)
      found.elements.push_back(&element);
    return found;
  }
  const Set* set = expression.kind == ExpressionKind::set_reference ? scope_.table->find_set(expression.text) : nullptr;
  if (set == nullptr) {
    const std::string why = fmt::format("set {} does not exist", quote(expression.text));
    scope_.findings->unmodelled(DiagnosticCode::named_set_missing, expression.span, why);
    found.open = true;
    found.why = why;
    return found;
  }
  found.named = set;
  const bool dynamic = set->has_flag("dynamic") || set->has_flag("timeout") || set->has_timeout ||
                       scope_.facts->updated.contains({scope_.table, set->name});
  found.open =
      dynamic || set->doubt || (set->elements.empty() && scope_.ruleset->is_source && !set->has_flag("constant"));
  found.shrinks = set->doubt.has_value() || scope_.facts->updated.contains({scope_.table, set->name});
  found.why = set->doubt ? *set->doubt : fmt::format("@{}", set->name);
  for (const Element& element : set->elements) {
    found.open = found.open || element.conditional;
    if (!element.expires && !element.conditional)
      found.elements.push_back(&element);
  }
  return found;
}

std::optional<Test> RuleLowering::lookup(const std::vector<Subject>& subjects, const Content& content) {
  std::optional<Test> known = one_of(subjects, content.elements, content.named);
  if (!known || (!content.open && !content.shrinks))
    return known;
  const UnknownTest open{Unknown::set_content, content.why, false};
  if (content.shrinks || content.elements.empty())
    return open;
  std::vector<Condition> alternatives;
  alternatives.push_back({{std::move(*known)}});
  alternatives.push_back({{open}});
  return any_of(std::move(alternatives));
}

std::optional<Test> RuleLowering::one_of(const std::vector<Subject>& subjects, const Elements& elements,
                                         const Set* named) {
  const auto is_rest = [](const Element* element) { return element->key.kind == ExpressionKind::wildcard; };
  if (std::ranges::any_of(elements, is_rest))
    return model::FieldTest{Field::protocol, IntervalSet::range(0, 255)};
  for (const Subject& subject : subjects) {
    if (subject.key->meaning == Meaning::undecided)
      return elements.empty() ? never() : Test(UnknownTest{subject.key->unknown, subject.text(), false});
  }
  if (subjects.size() > 1)
    return one_of_products(subjects, elements);
  const std::optional<Values> values = values_of(subjects.front(), elements, named);
  if (!values)
    return std::nullopt;
  return any_of({has_value(subjects.front(), *values, asked_)});
}

std::optional<Values> RuleLowering::values_of(const Subject& subject, const Elements& elements, const Set* named) {
  auto& cache = scope_.facts->values;
  if (const auto known = cache.find({named, subject.key}); named != nullptr && known != cache.end())
    return known->second;
  Values values;
  const ValueReader reader = subject.reader();
  for (const Element* element : elements) {
    if (const auto fault = reader.read(element->key, values)) {
      report(*fault);
      return std::nullopt;
    }
  }
  values.settle();
  for (const NamePattern& pattern : values.names)
    scope_.facts->interfaces.insert(pattern.is_prefix ? pattern.name + "+" : pattern.name);
  if (named != nullptr)
    cache.emplace(std::pair(named, subject.key), values);
  return values;
}

std::optional<Test> RuleLowering::one_of_products(const std::vector<Subject>& subjects, const Elements& elements) {
  // Products that differ in their last part only become one.
  std::map<std::vector<Values>, Values> products;
  for (const Element* element : elements) {
    const Expression& key = element->key;
    if (key.kind != ExpressionKind::concatenation || key.parts.size() != subjects.size()) {
      report({key.span, fmt::format("expected {} values joined by `.`", subjects.size())});
      return std::nullopt;
    }
    std::vector<Values> parts(subjects.size());
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      if (const auto fault = subjects[i].reader().read(key.parts[i], parts[i])) {
        report(*fault);
        return std::nullopt;
      }
      parts[i].settle();
      for (const NamePattern& pattern : parts[i].names)
        scope_.facts->interfaces.insert(pattern.is_prefix ? pattern.name + "+" : pattern.name);
    }
    Values last = std::move(parts.back());
    parts.pop_back();
    Values& known = products[std::move(parts)];
    const auto more = last.numbers.intervals();
    known.pending.insert(known.pending.end(), more.begin(), more.end());
    known.names.insert(known.names.end(), last.names.begin(), last.names.end());
    known.unresolved.insert(known.unresolved.end(), last.unresolved.begin(), last.unresolved.end());
  }
  std::vector<Condition> alternatives;
  for (auto& [first, last] : products) {
    last.settle();
    Condition product;
    Asked so_far = asked_;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      const Values& values = i + 1 < subjects.size() ? first[i] : last;
      note_value(subjects[i], values, so_far);
    }
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      Condition part = has_value(subjects[i], i + 1 < subjects.size() ? first[i] : last, so_far);
      std::ranges::move(part.tests, std::back_inserter(product.tests));
    }
    alternatives.push_back(std::move(product));
  }
  if (alternatives.empty())
    return never();
  return model::AnyTest{std::move(alternatives), false};
}

std::vector<RuleLowering::Group> RuleLowering::groups(const Content& content) {
  std::vector<Group> found;
  std::map<std::string, std::size_t> index;
  for (const Element* element : content.elements) {
    std::string what;
    if (element->verdict) {
      what = fmt::format("{} {}", static_cast<int>(element->verdict->kind), element->verdict->chain);
    } else if (element->data) {
      what = shape(*element->data);
    }
    // Everything else is a group of its own: it is the complement of the others.
    if (element->key.kind == ExpressionKind::wildcard)
      what += "*";
    const auto [entry, added] = index.emplace(std::move(what), found.size());
    if (added)
      found.push_back({{}, element});
    found[entry->second].elements.push_back(element);
  }
  return found;
}

std::optional<Test> RuleLowering::in_group(const std::vector<Subject>& subjects, const Content& content,
                                           const Group& group) {
  if (group.sample->key.kind != ExpressionKind::wildcard)
    return one_of(subjects, group.elements);
  Elements others;
  for (const Element* element : content.elements) {
    if (element->key.kind != ExpressionKind::wildcard)
      others.push_back(element);
  }
  std::optional<Test> listed = one_of(subjects, others);
  if (!listed)
    return std::nullopt;
  return negated(std::move(*listed));
}

}  // namespace segproof::nft
