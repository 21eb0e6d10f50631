// SPDX-License-Identifier: Apache-2.0
// The kinds of packets of claims.md section 3 by trial: everything that gets from some senders to anybody (R), and what
// of it is New because the senders could make all the state it needs and a TCP handshake can complete.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "agree/naive/search.h"

namespace segproof::naive {

// Who sends: one location, or everything that has fallen.
struct Senders {
  std::vector<Place> places;
  std::optional<model::SegmentId> only_from;
  std::set<Place> fallen;
  bool own_sources = false;
  bool through_output = false;
  bool devices_spoof = false;
  friend bool operator<(const Senders& a, const Senders& b) {
    return std::tie(a.places, a.only_from, a.fallen, a.own_sources, a.through_output, a.devices_spoof) <
           std::tie(b.places, b.only_from, b.fallen, b.own_sources, b.through_output, b.devices_spoof);
  }
};

class Attack {
 public:
  // `before`: the epoch before, whose sessions are still open; or null.
  Attack(Lab& lab, Attack* before) : lab_(lab), before_(before) {}
  Attack(const Attack&) = delete;
  Attack& operator=(const Attack&) = delete;

  [[nodiscard]] Lab& lab() { return lab_; }

  // Open(d) of all devices at once: the entries that anybody can make.
  [[nodiscard]] const Entries& everyones_entries();
  // R: whatever is delivered anywhere, with the help of anybody's state.
  [[nodiscard]] std::set<Delivery> all_packets(const Senders& senders, const std::set<Place>& removed = {},
                                               const std::set<model::SegmentId>& cut = {});
  // New. With `target`, only deliveries for which it holds are considered; with `first_only` one is enough.
  template <class Wanted>
  [[nodiscard]] std::vector<Delivery> new_sessions(const Senders& senders, const Wanted& target, bool first_only) {
    std::vector<Delivery> found;
    Search& search = self_made(senders);
    for (const auto& delivery : search.deliveries()) {
      if (is_sender(senders, delivery.place) || !target(delivery)) {
        continue;
      }
      if (is_new(search, senders, delivery)) {
        found.push_back(delivery);
        if (first_only) {
          break;
        }
      }
    }
    return found;
  }
  // All packets of R that are not Ret: New, Blind, Mid and Rel.
  [[nodiscard]] std::set<Delivery> not_replies(const Senders& senders);

  // Something is delivered or sent when the packet comes in there, with the help of anybody's state.
  [[nodiscard]] bool gets_past(model::InterfaceId interface, ProbeId packet);

 private:
  // The search with state of the senders' own making alone; kept.
  Search& self_made(const Senders& senders);
  [[nodiscard]] static bool is_sender(const Senders& senders, Place place);
  [[nodiscard]] bool is_new(const Search& search, const Senders& senders, const Delivery& delivery);
  [[nodiscard]] bool handshake(const Search& search, const Senders& senders, Place target, const Probe& syn);
  [[nodiscard]] bool comes_back(const Search& search, const Senders& senders) const;

  Lab& lab_;
  Attack* before_;
  std::optional<Entries> everyones_;
  std::map<Senders, Search> self_made_;
  std::map<std::pair<const Search*, Delivery>, bool> judged_;
};

}  // namespace segproof::naive
