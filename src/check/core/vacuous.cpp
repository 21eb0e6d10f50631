// SPDX-License-Identifier: Apache-2.0
#include "check/core/vacuous.h"

#include <algorithm>
#include <functional>

#include "check/core/closure.h"

namespace check {
namespace {

void each_family(const Network& network, const std::function<void(const Surroundings&)>& use) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Sets sets(family);
    use(Surroundings(network, sets, 0));
  }
}

// The name of a place that is on both sides, if there is one.
std::string on_both_sides(const Claim& claim, const Network& network) {
  std::string result;
  each_family(network, [&](const Surroundings& world) {
    const Places from = places_of(world, claim.from);
    for (const auto& [place, part] : places_of(world, claim.to)) {
      const auto both = from.find(place);
      if (both != from.end() && (part.is_whole || both->second.is_whole ||
                                 world.sets().meet(part.addresses, both->second.addresses) != no_value)) {
        result = name_of(network, place);
      }
    }
  });
  return result;
}

bool is_of_sides(std::string_view kind) {
  return kind != "reachable" && kind != "unreferenced" && kind != "anti-spoofed" && kind != "detached";
}

}  // namespace

void check_sides(const Claim& claim, const Network& network) {
  const std::string both = on_both_sides(claim, network);
  if (!both.empty()) {
    throw Rejected("the two sides have " + both + " in common");
  }
  bool is_covered = claim.kind == "unreferenced";
  each_family(network, [&](const Surroundings& world) { is_covered = is_covered || covers(claim, world); });
  if (!is_covered) {
    throw Rejected("the claim speaks of nobody in either family");
  }
}

void check_vacuous(const Line& line, const Claim& claim, const Network& network) {
  Words words(line);
  const std::size_t what = words.one_of({"nothing", "both", "apart"});
  const std::string name = what == 0 ? words.string() : "";
  words.leaf();
  if (what == 0) {
    const auto names = {&claim.from, &claim.to, &claim.through, &claim.zones, &claim.hosts};
    if (std::none_of(names.begin(), names.end(),
                     [&](const auto* list) { return std::find(list->begin(), list->end(), name) != list->end(); })) {
      throw Rejected("the claim does not speak of " + name);
    }
    each_family(network, [&](const Surroundings& world) {
      if (!places_of(world, {name}).empty()) {
        throw Rejected(name + " is somebody");
      }
    });
  } else if (what == 1 && (!is_of_sides(claim.kind) || on_both_sides(claim, network).empty())) {
    throw Rejected("nobody is on both sides");
  } else if (what == 2) {
    each_family(network, [&](const Surroundings& world) {
      if (!is_of_sides(claim.kind) || covers(claim, world)) {
        throw Rejected("the sides have a family in common");
      }
    });
  }
}

}  // namespace check
