// SPDX-License-Identifier: Apache-2.0
// The places that the names of a claim mean, in one family.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "check/core/facts.h"

namespace check {

struct Place {
  enum class Kind : std::uint8_t { interface, device, unlisted, outside } kind = Kind::outside;
  std::size_t node = 0;    // interface, device
  std::size_t number = 0;  // interface of the node; segment of the unlisted hosts
  friend auto operator<=>(const Place&, const Place&) = default;
};
struct Part {
  bool is_whole = true;
  SetId addresses = no_value;  // of the place, as far as they are meant
};
using Places = std::map<Place, Part>;

// Empty where a name means nothing; the names are those of docs/certificate.md, section 4.
[[nodiscard]] Places places_of(const Surroundings& world, const std::vector<std::string>& names);
[[nodiscard]] Places all_places(const Surroundings& world);
[[nodiscard]] Places external_places(const Surroundings& world);
// Of the first those that are in none of the second; the interfaces of one host belong together.
[[nodiscard]] Places others(const Places& all, const Places& some);
// Where a place puts its packets.
[[nodiscard]] std::vector<std::size_t> segments_of(const Place& place, const Network& network);
[[nodiscard]] std::string name_of(const Network& network, const Place& place);

}  // namespace check
