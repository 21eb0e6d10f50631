// SPDX-License-Identifier: Apache-2.0
// -m set: what the sets of the host hold, where they were given.
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "input/iptables/builders.h"

namespace segproof::iptables {
namespace {

constexpr std::size_t longest_set_name = 31;
constexpr std::size_t most_dimensions = 6;

// "src,dst"; as in iptables, the beginnings of the words decide.
std::optional<std::vector<model::Endpoint>> parse_directions(std::string_view text) {
  std::vector<model::Endpoint> ends;
  for (const std::string_view word : split(text, ',')) {
    const bool source = word.starts_with("src");
    if ((!source && !word.starts_with("dst")) || ends.size() == most_dimensions) {
      return std::nullopt;
    }
    ends.push_back(source ? model::Endpoint::source : model::Endpoint::destination);
  }
  return ends;
}

bool is_counter_option(std::string_view name) {
  return name.starts_with("packets-") || name.starts_with("bytes-");
}

}  // namespace

void match_set(const ExtensionUse& use, RuleDraft& draft) {
  const OptionUse* asked = nullptr;
  model::SetQuestion question;
  question.family = draft.family;
  bool counts = false;
  for (const OptionUse& option : use.options) {
    if (option.name == "match-set" || option.name == "set") {
      if (asked != nullptr) {
        return draft.fail("one match `set` asks for one set", option.column);
      }
      asked = &option;
    }
    question.return_nomatch = question.return_nomatch || option.name == "return-nomatch";
    counts = counts || is_counter_option(option.name);
  }
  if (asked == nullptr) {
    return draft.fail("match `set` needs --match-set", use.column);
  }
  question.name = asked->values.front();
  if (question.name.empty() || question.name.size() > longest_set_name) {
    return draft.fail(fmt::format("bad set name {}", quote(question.name)), asked->column);
  }
  const auto directions = parse_directions(asked->values.back());
  if (!directions) {
    return draft.fail(fmt::format("{} is not a list of `src` and `dst`", quote(asked->values.back())), asked->column);
  }
  question.directions = *directions;
  if (!draft.sets || !*draft.sets) {
    return draft.add_unknown(model::Unknown::set_content, text_of(use), asked->negated);
  }
  model::SetAnswer answer = (*draft.sets)(question);
  if (answer.undecided.empty() && counts) {
    answer.undecided = "its counters are asked for";
  }
  if (!answer.undecided.empty()) {
    return draft.add_unknown(model::Unknown::set_content, fmt::format("{}: {}", question.name, answer.undecided),
                             asked->negated);
  }
  answer.content.negated = asked->negated;
  draft.add(std::move(answer.content));
}

std::vector<std::string_view> changed_sets(const Command& command) {
  std::vector<std::string_view> names;
  if (!command.target || command.target->name != "SET") {
    return names;
  }
  for (const OptionUse& option : command.target->options) {
    if ((option.name == "add-set" || option.name == "del-set") && !option.values.empty()) {
      names.push_back(option.values.front());
    }
  }
  return names;
}

}  // namespace segproof::iptables
