// SPDX-License-Identifier: Apache-2.0
// The conditions that native rules and translations share: services, addresses, ports, interfaces, states.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "input/yaml/names.h"
#include "model/condition.h"
#include "model/network.h"

namespace segproof::input::yaml {

// Which keys mean something: packets that arrive have no egress, and the other way round.
struct GuardScope {
  bool ingress = true;
  bool egress = true;
  bool stateful = true;
};

struct Guard {
  model::Condition condition;
  std::vector<std::string> unresolved;
  bool has_ports = false;  // every service has ports
};

// `services` is what the rule permits, denies or translates; nothing: any.
[[nodiscard]] Guard read_guard(const Section& rule, const std::optional<View>& services, const GuardScope& scope,
                               const NameTable& names);

// All addresses of both families that the words stand for, or, negated, all others.
[[nodiscard]] model::Test address_test(Field field, const Resolved& addresses, bool negated);

inline constexpr std::array<std::string_view, 8> guard_keys = {"from",       "to", "not-from", "not-to",
                                                               "from-ports", "in", "out",      "comment"};

}  // namespace segproof::input::yaml
