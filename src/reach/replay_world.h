// SPDX-License-Identifier: Apache-2.0
// What a node of the network knows beside a packet's header, for the rule walk of a replay.
#pragma once

#include "model/network.h"
#include "model/walk.h"

namespace segproof::reach {

class ReplayWorld final : public model::Surroundings {
 public:
  ReplayWorld(const model::Network& network, model::NodeId node, Family family)
      : network_(&network), node_(node), family_(family) {}

  [[nodiscard]] std::optional<model::AddressType> type_of(const Address& address,
                                                          const std::string& limit) const override;
  [[nodiscard]] std::optional<Bits> measure(model::Measure, const model::Flight&) const override {
    return std::nullopt;
  }
  [[nodiscard]] model::Truth holds(const model::UnknownTest&) const override { return model::Truth::unknown; }
  [[nodiscard]] IntervalSet addresses_of(const std::string& interface, Family family) const override;

 private:
  const model::Network* network_;
  model::NodeId node_;
  Family family_;
};

// The addresses that unlisted hosts of the segment (or its external zone) may have.
[[nodiscard]] IntervalSet unlisted_for_replay(const model::Network& network, model::SegmentId segment, Family family);

}  // namespace segproof::reach
