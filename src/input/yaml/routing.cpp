// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/routing.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/text.h"

namespace segproof::input::yaml {
namespace {

using namespace std::string_view_literals;

constexpr std::array families = {"ipv4"sv, "ipv6"sv};

std::optional<Family> family_at(const Section& section) {
  const std::optional<View> view = section.get("family");
  const auto choice = view ? read_choice(section.faults(), *view, "`family`", families) : std::nullopt;
  return choice ? std::optional<Family>(*choice == 0 ? Family::ipv4 : Family::ipv6) : std::nullopt;
}

std::vector<PlacedAddress> read_gateways(const Section& section) {
  std::vector<PlacedAddress> gateways;
  if (const std::optional<View> via = section.get("via")) {
    for_each_item(*via, [&](const View& item) {
      if (const auto gateway = read_address(section.faults(), item, "`via`: address")) {
        gateways.push_back(*gateway);
      }
    });
  }
  return gateways;
}

// The destination, given the family that everything else in the route points to.
std::optional<Prefix> read_destination(const Section& section, const std::vector<PlacedAddress>& gateways) {
  Faults& faults = section.faults();
  const std::optional<View> view = section.require("to");
  const std::optional<Word> word = view ? read_word(faults, *view, "`to`") : std::nullopt;
  if (!word) {
    return std::nullopt;
  }
  const std::optional<Family> family = family_at(section);
  if (word->text != "default") {
    const std::optional<PlacedPrefix> prefix = read_prefix(faults, *view, "`to`: prefix");
    if (prefix && family && *family != prefix->prefix.address.family) {
      faults.error(DiagnosticCode::contradiction, word->span,
                   fmt::format("{} is no {} prefix", quote(word->text), family_text(*family)));
    }
    return prefix ? std::optional<Prefix>(prefix->prefix) : std::nullopt;
  }
  if (gateways.empty() && !family && section.get("via") == std::nullopt) {
    faults.error(DiagnosticCode::missing_key, word->span, "a default route without `via` needs key `family`",
                 "write `family: ipv4` or `family: ipv6`");
    return std::nullopt;
  }
  if (gateways.empty() && !family) {
    return std::nullopt;  // `via` was reported
  }
  const Family chosen = family ? *family : gateways.front().address.family;
  return Prefix{.address = {.family = chosen, .bits = 0}, .length = 0};
}

void check_gateways(Faults& faults, const WrittenRoute& route, const std::vector<PlacedAddress>& gateways) {
  for (const PlacedAddress& gateway : gateways) {
    if (gateway.address.family != route.destination.address.family) {
      faults.error(DiagnosticCode::contradiction, gateway.span,
                   fmt::format("gateway {} of a route for {} `{}`", quote(to_string(gateway.address)),
                               family_text(route.destination.address.family), to_string(route.destination)),
                   "a gateway is of the family of the route");
    }
  }
  const bool leads_on = !gateways.empty() || route.interface.has_value();
  if (route.kind == model::RouteKind::unicast && !leads_on) {
    faults.error(DiagnosticCode::missing_key, route.span, "a route needs key `via` or `dev`",
                 "to drop packets write `type: blackhole`");
  } else if (route.kind != model::RouteKind::unicast && leads_on) {
    faults.error(DiagnosticCode::contradiction, route.span, "a route that drops packets has no `via` and no `dev`");
  }
}

void read_route(Faults& faults, const View& view, std::optional<Family> expected, WrittenRouting& routing) {
  static constexpr std::array keys = {"to"sv, "via"sv, "dev"sv, "type"sv, "metric"sv, "table"sv, "family"sv};
  static constexpr std::array types = {"unicast"sv, "blackhole"sv, "unreachable"sv, "prohibit"sv};
  static constexpr std::array kinds = {model::RouteKind::unicast, model::RouteKind::blackhole,
                                       model::RouteKind::unreachable, model::RouteKind::prohibit};
  const std::optional<Section> section = Section::open(faults, view, "a route", keys);
  if (!section) {
    return;
  }
  WrittenRoute route;
  route.span = section->span();
  if (const std::optional<View> type = section->get("type")) {
    route.kind = kinds[read_choice(faults, *type, "`type`", types).value_or(0)];
  }
  const std::vector<PlacedAddress> gateways = read_gateways(*section);
  for (const PlacedAddress& gateway : gateways) {
    route.gateways.push_back(gateway.address);
  }
  route.interface = word_at(*section, "dev");
  if (const std::optional<View> metric = section->get("metric")) {
    route.metric = read_number(faults, *metric, "`metric`", 0xffffffffU).value_or(0);
  }
  if (const std::optional<Word> table = word_at(*section, "table")) {
    route.table = table->text;
  }
  const std::optional<Prefix> destination = read_destination(*section, gateways);
  if (!destination) {
    return;
  }
  route.destination = *destination;
  const Family family = destination->address.family;
  if (expected && *expected != family) {
    faults.error(DiagnosticCode::bad_address, route.span,
                 fmt::format("an {} route among the {} routes", family_text(family), family_text(*expected)));
    return;
  }
  check_gateways(faults, route, gateways);
  routing.given[model::index_of(family)] = true;
  routing.routes.push_back(std::move(route));
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> read_mark(Faults& faults, const Word& word) {
  const std::string_view text = word.text;
  const std::size_t slash = text.find('/');
  const auto number = [](std::string_view part) {
    return part.starts_with("0x") ? parse_hex<std::uint32_t>(part) : parse_unsigned<std::uint32_t>(part);
  };
  const auto value = number(text.substr(0, slash));
  const auto mask =
      slash == std::string_view::npos ? std::optional<std::uint32_t>(0xffffffffU) : number(text.substr(slash + 1));
  if (value && mask) {
    return std::pair(*value, *mask);
  }
  faults.error(DiagnosticCode::bad_value, word.span,
               fmt::format("`mark` is VALUE or VALUE/MASK of 32 bits, decimal or 0x, not {}", quote(word.text)));
  return std::nullopt;
}

void read_route_rule(Faults& faults, const View& view, WrittenRouting& routing) {
  static constexpr std::array keys = {"priority"sv, "from"sv, "to"sv, "iif"sv, "mark"sv, "table"sv, "family"sv};
  const std::optional<Section> section = Section::open(faults, view, "a route rule", keys);
  if (!section) {
    return;
  }
  WrittenRouteRule rule;
  rule.span = section->span();
  rule.family = family_at(*section);
  const std::optional<View> priority = section->require("priority");
  const std::optional<View> table = section->require("table");
  const auto number = priority ? read_number(faults, *priority, "`priority`", 32765) : std::nullopt;
  const auto name = table ? read_word(faults, *table, "`table`") : std::nullopt;
  const auto prefix_at = [&](std::string_view key) -> std::optional<Prefix> {
    const std::optional<View> value = section->get(key);
    const auto prefix = value ? read_prefix(faults, *value, fmt::format("`{}`: prefix", key)) : std::nullopt;
    if (!prefix) {
      return std::nullopt;
    }
    const Family family = prefix->prefix.address.family;
    if (rule.family && *rule.family != family) {
      faults.error(DiagnosticCode::contradiction, prefix->span,
                   fmt::format("an {} prefix in a route rule for {}", family_text(family), family_text(*rule.family)));
    }
    rule.family = family;
    return prefix->prefix;
  };
  rule.from = prefix_at("from");
  rule.to = prefix_at("to");
  rule.interface = word_at(*section, "iif");
  if (const std::optional<Word> mark = word_at(*section, "mark")) {
    rule.mark = read_mark(faults, *mark);
  }
  if (number && name) {
    rule.priority = *number;
    rule.table = *name;
    routing.rules.push_back(std::move(rule));
  }
}

}  // namespace

void read_routes(Faults& faults, const View& view, WrittenRouting& routing) {
  if (view.shape() == Shape::list) {
    if (view.items().empty()) {
      routing.given = {true, true};
    }
    for (const View& item : view.items()) {
      read_route(faults, item, std::nullopt, routing);
    }
    return;
  }
  const std::optional<Section> section = Section::open(faults, view, "`routes`", families);
  if (!section) {
    return;
  }
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const std::optional<View> list = section->get(families[model::index_of(family)]);
    if (!list) {
      continue;
    }
    if (list->shape() != Shape::list) {
      faults.error(DiagnosticCode::wrong_shape, list->span(),
                   fmt::format("routes are a list, not {}", shape_text(list->shape())));
      continue;
    }
    routing.given[model::index_of(family)] = true;
    for (const View& item : list->items()) {
      read_route(faults, item, family, routing);
    }
  }
}

void read_route_rules(Faults& faults, const View& view, WrittenRouting& routing) {
  if (view.shape() != Shape::list) {
    faults.error(DiagnosticCode::wrong_shape, view.span(),
                 fmt::format("route rules are a list, not {}", shape_text(view.shape())));
    return;
  }
  for (const View& item : view.items()) {
    read_route_rule(faults, item, routing);
  }
}

}  // namespace segproof::input::yaml
