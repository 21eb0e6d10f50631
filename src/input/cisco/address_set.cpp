// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/address_set.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace segproof::cisco {

AddressSet AddressSet::any() {
  AddressSet set;
  set.is_any = true;
  return set;
}

AddressSet AddressSet::of(Interval ipv4) {
  AddressSet set;
  set.ipv4 = IntervalSet{ipv4};
  return set;
}

AddressSet AddressSet::of(const Prefix& prefix) {
  AddressSet set;
  (prefix.address.family == Family::ipv4 ? set.ipv4 : set.ipv6) = IntervalSet{prefix.interval()};
  return set;
}

AddressSet AddressSet::of(const MaskedAddress& masked) {
  if (const std::optional<Interval> interval = interval_of(masked))
    return of(*interval);
  AddressSet set;
  set.masked.push_back({masked.value & masked.care, masked.care});
  return set;
}

AddressSet AddressSet::unclear(std::string what) {
  AddressSet set;
  set.unknown.push_back(std::move(what));
  return set;
}

void AddressSet::add(const AddressSet& other) {
  is_any = is_any || other.is_any;
  ipv4 = ipv4 | other.ipv4;
  ipv6 = ipv6 | other.ipv6;
  masked.insert(masked.end(), other.masked.begin(), other.masked.end());
  std::ranges::sort(masked);
  masked.erase(std::unique(masked.begin(), masked.end()), masked.end());
  for (const std::string& one : other.unknown) {
    if (std::ranges::find(unknown, one) == unknown.end() && unknown.size() < 100)
      unknown.push_back(one);
  }
}

bool AddressSet::has(Family family) const {
  if (is_any || !unknown.empty())
    return true;
  return family == Family::ipv4 ? !ipv4.is_empty() || !masked.empty() : !ipv6.is_empty();
}

std::optional<model::Test> AddressSet::test(Field field, Family family) const {
  const IntervalSet& intervals = family == Family::ipv4 ? ipv4 : ipv6;
  const IntervalSet everything = IntervalSet::range(0, field_max(field, family));
  if (is_any || intervals == everything)
    return std::nullopt;
  model::FieldTest exact{.field = field, .values = intervals, .family = family};
  const bool holes = family == Family::ipv4 && !masked.empty();
  if (!holes && unknown.empty())
    return model::Test(std::move(exact));
  model::AnyTest any;
  if (!intervals.is_empty())
    any.alternatives.push_back({{std::move(exact)}});
  if (holes) {
    for (const MaskedAddress& one : masked) {
      any.alternatives.push_back(
          {{model::MaskTest{.field = field, .value = one.value, .mask = one.care, .family = family}}});
    }
  }
  for (const std::string& one : unknown)
    any.alternatives.push_back({{model::UnknownTest{model::Unknown::unresolved_name, one, false}}});
  return any;
}

bool Service::is_every_protocol() const {
  return protocols == IntervalSet::range(0, 255);
}

Service Service::protocol(unsigned number) {
  Service service;
  service.protocols = number == every_protocol ? IntervalSet::range(0, 255) : IntervalSet::single(number);
  return service;
}

namespace {

using Optional = std::optional<IntervalSet>;

Optional united(const Optional& a, const Optional& b) {
  return a && b ? Optional(*a | *b) : std::nullopt;
}

// Merges members that agree in `key`; `join` takes the second into the first.
template <class Key, class Join>
ServiceSet merge_by(const ServiceSet& services, Key key, Join join) {
  ServiceSet result;
  std::map<decltype(key(services.front())), std::size_t> places;
  for (const Service& service : services) {
    const auto [place, is_new] = places.emplace(key(service), result.size());
    if (is_new) {
      result.push_back(service);
    } else {
      join(result[place->second], service);
    }
  }
  return result;
}

}  // namespace

ServiceSet merged(const ServiceSet& services) {
  if (services.size() < 2)
    return services;
  const auto has = [](const Optional& set) { return set.has_value(); };
  ServiceSet result = merge_by(
      services,
      [&](const Service& s) {
        return std::tuple(s.protocols, s.source_ports, has(s.destination_ports), has(s.icmp), s.unknown, s.only_ports);
      },
      [](Service& into, const Service& other) {
        into.destination_ports = united(into.destination_ports, other.destination_ports);
        into.icmp = united(into.icmp, other.icmp);
      });
  return merge_by(
      result,
      [](const Service& s) { return std::tuple(s.source_ports, s.destination_ports, s.icmp, s.unknown, s.only_ports); },
      [](Service& into, const Service& other) { into.protocols = into.protocols | other.protocols; });
}

}  // namespace segproof::cisco
