// SPDX-License-Identifier: Apache-2.0
// Routes and the rules that select their tables, as a topology or a policy writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "input/yaml/network_words.h"
#include "model/network.h"

namespace segproof::input::yaml {

struct WrittenRoute {
  Prefix destination;
  model::RouteKind kind = model::RouteKind::unicast;
  std::vector<Address> gateways;
  std::optional<Word> interface;
  std::uint32_t metric = 0;
  std::string table = "main";
  SourceSpan span;
};

struct WrittenRouteRule {
  std::uint32_t priority = 0;
  std::optional<Prefix> from;
  std::optional<Prefix> to;
  std::optional<Word> interface;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> mark;  // value, mask
  std::optional<Family> family;                                 // nothing: both
  Word table;
  SourceSpan span;
};

struct WrittenRouting {
  std::vector<WrittenRoute> routes;
  std::vector<WrittenRouteRule> rules;
  model::PerFamily<bool> given{false, false};  // all routes of the family are here
};

// A list of routes, or {ipv4: [...], ipv6: [...]}.
void read_routes(Faults& faults, const View& view, WrittenRouting& routing);
void read_route_rules(Faults& faults, const View& view, WrittenRouting& routing);

}  // namespace segproof::input::yaml
