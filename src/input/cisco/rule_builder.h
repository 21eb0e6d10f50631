// SPDX-License-Identifier: Apache-2.0
// Chains, rules and stages while a device's rule set is put together; access lists become chains, each one once for
// each way in which it is used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/cisco/access_lists.h"
#include "model/rule.h"

namespace segproof::cisco {

inline constexpr std::uint8_t state_bit(TrackState state) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(state));
}

// Tests that many rules share.
[[nodiscard]] model::InterfaceTest enters(std::string_view interface);
[[nodiscard]] model::InterfaceTest leaves(std::string_view interface);
// One of the interfaces; never, for none.
[[nodiscard]] model::Test one_of(model::Direction direction, const std::vector<std::string>& interfaces,
                                 bool negated = false);
[[nodiscard]] model::FieldTest field_in(Field field, IntervalSet values, std::optional<Family> family = std::nullopt);
[[nodiscard]] model::UnknownTest perhaps(model::Unknown kind, std::string why);
[[nodiscard]] model::TrackTest in_state(std::uint8_t states);
[[nodiscard]] model::Condition all_of(std::vector<model::Test> tests);

inline constexpr model::Decide accepts{model::Verdict::accept};
inline constexpr model::Decide drops{model::Verdict::drop};

// What an access list is used for. `key` tells uses apart.
struct ListUse {
  std::string key;
  model::Action on_permit = accepts;
  model::Action on_deny = drops;
  std::optional<model::Action> at_end = drops;  // nothing: the chain comes back
  Meaning meaning;
};

class RuleBuilder {
 public:
  [[nodiscard]] model::ChainId chain(std::string name, const SourceSpan& origin);
  void add(model::ChainId chain, std::vector<model::Test> tests, model::Action action, const SourceSpan& origin);
  [[nodiscard]] bool is_empty(model::ChainId chain) const { return rules_.chains[chain.index()].rules.empty(); }
  void stage(model::Hook hook, model::StageKind kind, int order, model::ChainId chain,
             model::Verdict policy = model::Verdict::accept);
  // The same, unless the chain is empty.
  void stage_if_used(model::Hook hook, model::StageKind kind, int order, model::ChainId chain);
  // Connection tracking where packets arrive and where they begin.
  void track(int order);
  // The chain of an access list for a use; made when it is asked for the first time.
  [[nodiscard]] model::ChainId list(const AccessList& list, const ListUse& use);
  // Asks `known` about packets of known connections, in `chain`: see RuleSet::known_connections.
  void known_connections(model::ChainId known, model::ChainId chain, const SourceSpan& origin);
  [[nodiscard]] model::RuleSet take() { return std::move(rules_); }

 private:
  model::RuleSet rules_;
  std::map<std::string, model::ChainId> lists_;
};

}  // namespace segproof::cisco
