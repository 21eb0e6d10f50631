// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/compromise.h"

#include <algorithm>

namespace segproof::naive {

namespace {

bool has_tag(const model::Service& service, std::string_view tag) {
  return std::find(service.tags.begin(), service.tags.end(), tag) != service.tags.end();
}

bool is_at(const model::Service& service, const Probe& probe) {
  return service.protocol == probe.protocol &&
         (service.ports.is_empty() || service.ports.contains(probe.destination_port));
}

bool was_scanned(const model::Node& node, const Probe& probe) {
  return node.scanned.empty() || std::any_of(node.scanned.begin(), node.scanned.end(), [&](const auto& scan) {
           return scan.first == probe.protocol && scan.second.contains(probe.destination_port);
         });
}

// Does a New packet with this header make the place fall?
bool falls_to(const Lab& lab, Place place, const Probe& probe, claim::Pivot pivot) {
  if (pivot == claim::Pivot::worst_case || pivot == claim::Pivot::paranoid) {
    return true;
  }
  if (pivot == claim::Pivot::direct) {
    return false;
  }
  const model::Node* node = lab.wiring().is_node(place) ? &lab.wiring().network().nodes[place] : nullptr;
  if (pivot == claim::Pivot::vulnerable) {
    return node != nullptr && std::any_of(node->services.begin(), node->services.end(), [&](const auto& service) {
             return is_at(service, probe) && has_tag(service, "vulnerable");
           });
  }
  if (node == nullptr || !node->services_known || !was_scanned(*node, probe)) {
    return true;
  }
  return std::any_of(node->services.begin(), node->services.end(),
                     [&](const auto& service) { return is_at(service, probe); });
}

bool can_fall(const Lab& lab, Place place, const CompromiseRules& rules) {
  if (place == lab.wiring().unknown()) {
    return false;
  }
  if (lab.wiring().is_external(place)) {
    return rules.external_falls.contains(place);
  }
  return !lab.wiring().is_device(place) || rules.devices_fall;
}

// Whoever opens a session into the fallen.
std::vector<Place> initiators(Attack& attack, const Compromise& so_far) {
  std::vector<Place> found;
  const auto& wiring = attack.lab().wiring();
  const Senders fallen = joint(attack.lab(), so_far);
  for (Place place = 0; place < wiring.place_count(); ++place) {
    if (place == wiring.unknown() || !wiring.exists(place) || so_far.has(place) ||
        (wiring.is_device(place) && !attack.lab().setting().readings.devices_initiate)) {
      continue;
    }
    Senders one;
    one.places = {place};
    one.fallen = fallen.fallen;
    one.own_sources = !attack.lab().setting().readings.initiators_spoof;
    const auto into = [&](const Delivery& d) { return so_far.fallen.contains(d.place); };
    if (!attack.new_sessions(one, into, true).empty()) {
      found.push_back(place);
    }
  }
  return found;
}

}  // namespace

Senders joint(Lab& lab, const Compromise& so_far) {
  Senders all;
  for (const auto& [place, round] : so_far.fallen) {
    all.places.push_back(place);
    if (lab.wiring().is_node(place)) {
      all.fallen.insert(place);
    }
  }
  return all;
}

Compromise compromise(Attack& attack, const std::set<Place>& start, const CompromiseRules& rules) {
  Compromise all;
  for (const Place place : start) {
    all.fallen.emplace(place, 0);
  }
  Lab& lab = attack.lab();
  for (unsigned round = 1; !rules.hops || round <= *rules.hops; ++round) {
    std::set<Place> next;
    const auto hit = [&](Place place, const Probe& probe) {
      if (all.fallen.contains(place)) {
        return;
      }
      if (lab.wiring().is_external(place) || rules.pivot == claim::Pivot::direct) {
        all.reached.insert(place);
      }
      if (can_fall(lab, place, rules) && falls_to(lab, place, probe, rules.pivot)) {
        next.insert(place);
      }
    };
    const Senders senders = joint(lab, all);
    if (rules.pivot == claim::Pivot::paranoid) {
      for (const auto& delivery : attack.not_replies(senders)) {
        hit(delivery.place, lab.probe(delivery.packet));
      }
    }
    const auto interesting = [&](const Delivery& d) {
      const bool known = all.has(d.place) || next.contains(d.place);
      return !known && (lab.wiring().is_external(d.place) || rules.pivot == claim::Pivot::direct ||
                        (can_fall(lab, d.place, rules) && falls_to(lab, d.place, lab.probe(d.packet), rules.pivot)));
    };
    for (bool more = true; more;) {
      const auto found = attack.new_sessions(senders, interesting, true);
      more = !found.empty();
      for (const auto& delivery : found) {
        hit(delivery.place, lab.probe(delivery.packet));
      }
    }
    if (rules.initiators_fall && rules.pivot != claim::Pivot::direct) {
      for (const Place place : initiators(attack, all)) {
        if (lab.wiring().is_external(place)) {
          all.reached.insert(place);
        }
        if (can_fall(lab, place, rules)) {
          next.insert(place);
        }
      }
    }
    if (next.empty()) {
      break;
    }
    for (const Place place : next) {
      all.fallen.emplace(place, round);
    }
  }
  return all;
}

}  // namespace segproof::naive
