// SPDX-License-Identifier: Apache-2.0
// What a node of the network knows beside a packet's header, for the rule walk of a replay.
#pragma once

#include "model/walk.h"
#include "reach/replay_ground.h"

namespace segproof::reach {

class ReplayWorld final : public model::Surroundings {
 public:
  ReplayWorld(ReplayGround& ground, model::NodeId node) : ground_(&ground), node_(node) {}

  [[nodiscard]] std::optional<model::AddressType> type_of(const Address& address,
                                                          const std::string& limit) const override;
  [[nodiscard]] std::optional<Bits> measure(model::Measure, const model::Flight&) const override {
    return std::nullopt;
  }
  [[nodiscard]] model::Truth holds(const model::UnknownTest&) const override { return model::Truth::unknown; }
  [[nodiscard]] IntervalSet addresses_of(const std::string& interface, Family family) const override;

 private:
  ReplayGround* ground_;
  model::NodeId node_;
};

}  // namespace segproof::reach
