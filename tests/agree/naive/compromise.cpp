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

// The outside itself, and whoever hangs on nothing else.
bool is_outside(const Wiring& wiring, Place place) {
  const auto segments = wiring.segments_of(place);
  return wiring.is_external(place) ||
         (wiring.is_node(place) && !segments.empty() && std::all_of(segments.begin(), segments.end(), [&](auto id) {
            return wiring.network().segment(id).external;
          }));
}

bool is_harmless(const Probe& probe, const CompromiseRules& rules) {
  return std::any_of(rules.harmless.begin(), rules.harmless.end(),
                     [&](const auto& service) { return is_of_service(service, probe); });
}

// Does a New packet with this header make the place fall?
bool falls_to(const Lab& lab, Place place, const Probe& probe, const CompromiseRules& rules) {
  const auto pivot = rules.pivot;
  if (is_harmless(probe, rules)) {
    return false;
  }
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
  if (is_outside(lab.wiring(), place)) {
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

bool is_of_service(const claim::ServiceSpec& service, const Probe& probe) {
  return (!service.protocol || *service.protocol == probe.protocol) &&
         (service.ports.is_empty() || (!probe.fragment && service.ports.contains(probe.destination_port)));
}

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
    const auto is_touched = [&](Place place, const Probe& probe) {
      const bool counts = is_outside(lab.wiring(), place) || rules.pivot == claim::Pivot::direct;
      return counts && !is_harmless(probe, rules);
    };
    const auto hit = [&](Place place, const Probe& probe) {
      if (all.fallen.contains(place)) {
        return;
      }
      if (is_touched(place, probe)) {
        all.reached.insert(place);
      }
      if (can_fall(lab, place, rules) && falls_to(lab, place, probe, rules)) {
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
      const Probe& probe = lab.probe(d.packet);
      return !known &&
             (is_touched(d.place, probe) || (can_fall(lab, d.place, rules) && falls_to(lab, d.place, probe, rules)));
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
        if (is_outside(lab.wiring(), place)) {
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
