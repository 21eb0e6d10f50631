// SPDX-License-Identifier: Apache-2.0
// state, conntrack, mark, connmark: what connection tracking and earlier rules know about the packet.
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "input/iptables/builders.h"
#include "input/iptables/values.h"

namespace segproof::iptables {
namespace {

using model::TrackTest;
using model::Unknown;

constexpr std::uint8_t bit(TrackState state) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(state));
}
// Packets that belong to an entry of the connection table.
constexpr std::uint8_t with_entry =
    static_cast<std::uint8_t>(bit(TrackState::fresh) | bit(TrackState::established) | bit(TrackState::related));
constexpr std::uint8_t destination_translated = 1;
constexpr std::uint8_t source_translated = 2;

struct StateName {
  std::string_view name;
  std::uint8_t states;
  std::uint8_t translated;
};
constexpr std::array<StateName, 7> state_names{{
    {"INVALID", bit(TrackState::invalid), 0},
    {"NEW", bit(TrackState::fresh), 0},
    {"ESTABLISHED", bit(TrackState::established), 0},
    {"RELATED", bit(TrackState::related), 0},
    {"UNTRACKED", bit(TrackState::untracked), 0},
    {"SNAT", 0, source_translated},
    {"DNAT", 0, destination_translated},
}};

// "NEW,ESTABLISHED"; the beginning of a name will do, as in iptables.
std::optional<TrackTest> parse_states(std::string_view text, std::size_t names) {
  TrackTest test;
  for (const std::string_view word : split(text, ',')) {
    bool found = false;
    for (std::size_t i = 0; i < names && !found && !word.empty(); ++i) {
      if (!same_word(state_names[i].name.substr(0, word.size()), word))
        continue;
      test.states = static_cast<std::uint8_t>(test.states | state_names[i].states);
      test.translated = static_cast<std::uint8_t>(test.translated | state_names[i].translated);
      found = true;
    }
    if (!found)
      return std::nullopt;
  }
  return test;
}

// What `--ctdir ORIGINAL` says: the first packet of a flow is in the original direction; of others only the table
// knows.
model::AnyTest original_direction(const OptionUse& option, std::string text) {
  model::AnyTest either;
  either.alternatives.push_back({{TrackTest{bit(TrackState::fresh), 0, false}}});
  either.alternatives.push_back({{TrackTest{static_cast<std::uint8_t>(with_entry & ~bit(TrackState::fresh)), 0, false},
                                  model::UnknownTest{Unknown::history, std::move(text)}}});
  const bool reply = same_word(option.values.front(), "REPLY");
  either.negated = option.negated != reply;
  return either;
}

// EXPECTED, SEEN_REPLY and ASSURED are never true of the first packet of a flow.
void status_option(const OptionUse& option, model::Condition& rest, const std::string& text) {
  bool later_only = true;
  for (const std::string_view word : split(option.values.front(), ',')) {
    if (!same_word(word, "NONE") && !same_word(word, "EXPECTED") && !same_word(word, "SEEN_REPLY") &&
        !same_word(word, "ASSURED")) {
      later_only = false;
    }
  }
  if (!later_only) {
    rest.tests.emplace_back(model::UnknownTest{Unknown::history, text});
    return;
  }
  model::AnyTest later;
  later.alternatives.push_back(
      {{TrackTest{bit(TrackState::fresh), 0, true}, model::UnknownTest{Unknown::history, text}}});
  later.negated = option.negated;
  rest.tests.emplace_back(std::move(later));
}

// The protocol of the connection is the packet's own, but for an ICMP error: that is related to a flow of any protocol.
bool protocol_option(const OptionUse& option, Family family, model::Condition& rest, const std::string& text) {
  const auto protocol = parse_protocol_option(option.values.front());
  if (!protocol || *protocol == 0) {
    return false;
  }
  IntervalSet values = IntervalSet::single(*protocol);
  if (option.negated) {
    values = values.complement(field_max(Field::protocol, family));
  }
  const IntervalSet errors =
      IntervalSet::single(family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6);
  const IntervalSet others = errors.complement(field_max(Field::protocol, family));
  model::AnyTest either;
  either.alternatives.push_back(
      {{TrackTest{bit(TrackState::related), 0, true}, model::FieldTest{Field::protocol, values}}});
  either.alternatives.push_back(
      {{TrackTest{bit(TrackState::related), 0, false}, model::FieldTest{Field::protocol, values & others}}});
  either.alternatives.push_back(
      {{TrackTest{bit(TrackState::related), 0, false}, model::FieldTest{Field::protocol, errors},
        model::UnknownTest{Unknown::history, text}}});
  rest.tests.emplace_back(std::move(either));
  return true;
}

void mark_option(const OptionUse& option, RuleDraft& draft, model::MarkKind kind) {
  const auto mark = parse_value_mask(option.values.front());
  if (!mark)
    return draft.fail(fmt::format("bad mark {}", quote(option.values.front())), option.column);
  draft.add(model::MarkTest{kind, mark->first, mark->second, option.negated});
}

}  // namespace

void match_state(const ExtensionUse& use, RuleDraft& draft) {
  const OptionUse* option = use.find("state");
  if (option == nullptr)
    return draft.fail("match `state` needs --state", use.column);
  auto test = parse_states(option->values.front(), 5);
  if (!test)
    return draft.fail(fmt::format("bad state {}", quote(option->values.front())), option->column);
  test->negated = option->negated;
  draft.tracks = true;
  draft.add(*test);
}

void match_conntrack(const ExtensionUse& use, RuleDraft& draft) {
  draft.tracks = true;
  std::optional<TrackTest> states;
  model::Condition rest;  // tests of the entry
  for (const OptionUse& option : use.options) {
    if (option.name == "ctstate") {
      states = parse_states(option.values.front(), state_names.size());
      if (!states)
        return draft.fail(fmt::format("bad state {}", quote(option.values.front())), option.column);
      states->negated = option.negated;
    } else if (option.name == "ctproto") {
      if (!protocol_option(option, draft.family, rest, text_of(use))) {
        return draft.fail(fmt::format("bad protocol {}", quote(option.values.front())), option.column);
      }
    } else if (option.name == "ctdir") {
      rest.tests.emplace_back(original_direction(option, text_of(use)));
    } else if (option.name == "ctstatus") {
      status_option(option, rest, text_of(use));
    } else {
      rest.tests.emplace_back(model::UnknownTest{Unknown::history, text_of(use)});
    }
  }
  if (states)
    draft.add(*states);
  if (rest.tests.empty())
    return;
  // Without an entry there is nothing to look at: the kernel then matches if a state was asked for (and found).
  rest.tests.insert(rest.tests.begin(), TrackTest{with_entry, 0, false});
  if (!states) {
    for (model::Test& test : rest.tests)
      draft.add(std::move(test));
    return;
  }
  model::AnyTest either;
  either.alternatives.push_back({{TrackTest{with_entry, 0, true}}});
  either.alternatives.push_back(std::move(rest));
  draft.add(std::move(either));
}

void match_mark(const ExtensionUse& use, RuleDraft& draft) {
  if (use.options.empty())
    return draft.fail("match `mark` needs --mark", use.column);
  for (const OptionUse& option : use.options)
    mark_option(option, draft, model::MarkKind::packet);
}

void match_connmark(const ExtensionUse& use, RuleDraft& draft) {
  if (use.options.empty())
    return draft.fail("match `connmark` needs --mark", use.column);
  draft.tracks = true;
  draft.add(TrackTest{with_entry, 0, false});  // no entry, no match, negated or not
  for (const OptionUse& option : use.options)
    mark_option(option, draft, model::MarkKind::connection);
}

void match_tracked_unknown(const ExtensionUse& use, RuleDraft& draft) {
  draft.tracks = true;
  const bool counts = use.name == "connlimit";
  draft.add_unknown(counts ? Unknown::connection_count : Unknown::history, text_of(use));
}

}  // namespace segproof::iptables
