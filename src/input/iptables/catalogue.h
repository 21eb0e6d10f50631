// SPDX-License-Identifier: Apache-2.0
// The matches and targets of iptables: which options they take and what they mean. A match without a builder cannot be
// decided from the configuration; a target without one lets the packet go on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "input/iptables/command.h"
#include "model/rule.h"
#include "model/set_lookup.h"

namespace segproof::iptables {

// What a rule means so far, and what its extensions may ask of it.
struct RuleDraft {
  Family family = Family::ipv4;
  std::string_view table;
  const model::SetLookup* sets = nullptr;  // null or empty: no sets were given
  std::optional<std::uint8_t> protocol;    // given with -p and not negated
  model::Condition condition;
  bool tracks = false;          // something in it needs connection tracking
  bool gives_template = false;  // CT with a zone, a helper or the like
  bool offloads = false;        // hands flows to a flowtable
  std::string remark;           // what is simplified, for the account; empty: nothing
  bool changes_traffic_class = false;
  bool changes_hop_limit = false;
  std::optional<Fault> fault;  // iptables or the kernel would refuse the rule

  void add(model::Test test);
  void add_unknown(model::Unknown kind, std::string text, bool negated = false);
  void fail(std::string message, std::uint32_t column);
  // The field lies in `values`, or outside when negated.
  void add_field(Field field, IntervalSet values, bool negated);
};

using MatchBuilder = void (*)(const ExtensionUse& use, RuleDraft& draft);
using TargetBuilder = model::Action (*)(const ExtensionUse& use, RuleDraft& draft);

enum class Families : std::uint8_t { both, only_ipv4, only_ipv6 };

struct Extension {
  std::string_view name;
  std::string_view options;  // "limit= tcp-flags== loose rateest-bps?": one `=` for each value, `?`: perhaps one
  model::Unknown unknown = model::Unknown::not_understood;  // of a match without a builder
  MatchBuilder match = nullptr;
  TargetBuilder target = nullptr;
  Families families = Families::both;
};

[[nodiscard]] const Extension* find_match(std::string_view name, Family family);
[[nodiscard]] const Extension* find_target(std::string_view name, Family family);
// The match that -p brings along: "tcp" for 6; empty for most.
[[nodiscard]] std::string_view protocol_match(std::uint8_t protocol);

// The number of values of an option that takes one if the next word is no option.
inline constexpr unsigned perhaps_one_value = 255;

// Calls visit(name, number of values) for each option.
template <class Visit>
void for_each_option(const Extension& extension, Visit visit) {
  std::string_view rest = extension.options;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    std::string_view word = rest.substr(0, end);
    const std::size_t name = std::min(word.find_first_of("=?"), word.size());
    visit(word.substr(0, name), word.ends_with('?') ? perhaps_one_value : static_cast<unsigned>(word.size() - name));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace segproof::iptables
