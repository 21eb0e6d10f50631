// SPDX-License-Identifier: Apache-2.0
// A union to which many small sets are added and that is asked for seldom: they are united when it is, all at once.
// One by one, the whole would be built anew for each of them.
#pragma once

#include <utility>
#include <vector>

#include "packet/space.h"

namespace segproof::reach {

class GrowingSet {
 public:
  explicit GrowingSet(PacketSet first) : known_(first) {}

  void add(PacketSet packets) {
    if (!packets.is_empty() && (parts_.empty() || !(parts_.back() == packets))) {
      parts_.push_back(packets);
    }
  }
  [[nodiscard]] PacketSet get() const {
    unite();
    return known_;
  }
  // Whether it has become larger since this was last asked, whoever asked for the set in between.
  [[nodiscard]] bool take_growth() {
    unite();
    return std::exchange(has_grown_, false);
  }

 private:
  void unite() const {
    if (parts_.empty()) {
      return;
    }
    const PacketSet before = known_;
    parts_.push_back(before);
    known_ = before.space().any_of(parts_);
    parts_.clear();
    has_grown_ = has_grown_ || !(known_ == before);
  }

  mutable PacketSet known_;
  mutable std::vector<PacketSet> parts_;
  mutable bool has_grown_ = false;
};

}  // namespace segproof::reach
