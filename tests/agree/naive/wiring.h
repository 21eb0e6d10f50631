// SPDX-License-Identifier: Apache-2.0
// Who is where, in one family: places, the segments they hang on, the addresses they own. A place is a listed node, the
// unlisted host of a segment (for an external segment: the outside itself) or the node `unknown`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/network.h"

namespace segproof::naive {

using Place = std::size_t;

class Wiring {
 public:
  Wiring(const model::Network& network, Family family);

  [[nodiscard]] const model::Network& network() const { return network_; }
  [[nodiscard]] Family family() const { return family_; }

  [[nodiscard]] std::size_t place_count() const { return network_.nodes.size() + network_.segments.size() + 1; }
  [[nodiscard]] Place place_of(model::NodeId node) const { return node.index(); }
  [[nodiscard]] Place unlisted_on(model::SegmentId segment) const { return network_.nodes.size() + segment.index(); }
  [[nodiscard]] Place unknown() const { return place_count() - 1; }
  [[nodiscard]] bool is_node(Place place) const { return place < network_.nodes.size(); }
  [[nodiscard]] bool is_unlisted(Place place) const { return !is_node(place) && place != unknown(); }
  // The segment of an unlisted host. Precondition: is_unlisted(place).
  [[nodiscard]] model::SegmentId segment_of_unlisted(Place place) const;
  // False for the unlisted host of a complete segment, and of one without addresses of this family. The outside always
  // exists.
  [[nodiscard]] bool exists(Place place) const;
  [[nodiscard]] bool is_external(Place place) const;
  [[nodiscard]] bool is_device(Place place) const;
  [[nodiscard]] std::string name_of(Place place) const;

  // Segments on which the place can send, ascending.
  [[nodiscard]] std::vector<model::SegmentId> segments_of(Place place) const;
  // Interfaces that are up, ascending.
  [[nodiscard]] const std::vector<model::InterfaceId>& interfaces_on(model::SegmentId segment) const;
  [[nodiscard]] std::vector<model::InterfaceId> interfaces_of(model::NodeId node) const;

  // The interface on the segment that owns the address; invalid when there is none.
  [[nodiscard]] model::InterfaceId owner_on(model::SegmentId segment, Bits address) const;
  // All of them: twins share addresses.
  [[nodiscard]] std::vector<model::InterfaceId> owners_on(model::SegmentId segment, Bits address) const;
  [[nodiscard]] model::InterfaceId owner(Bits address) const;  // on any segment
  [[nodiscard]] bool unlisted_owns(model::SegmentId segment, Bits address) const;
  [[nodiscard]] bool on_link(model::SegmentId segment, Bits address) const;  // within its prefixes
  [[nodiscard]] bool owns(Place place, Bits address) const;
  [[nodiscard]] bool is_own(model::NodeId node, Bits address) const;
  // The broadcast address of a prefix of one of the node's interfaces.
  [[nodiscard]] bool is_own_broadcast(model::NodeId node, Bits address) const;
  [[nodiscard]] bool is_broadcast_of(model::SegmentId segment, Bits address) const;
  // 255.255.255.255, 224/4, fe80::/10, ff00::/8: to every node of the segment and no further.
  [[nodiscard]] bool stays_on_segment(Bits address) const;
  [[nodiscard]] bool is_multicast(Bits address) const;

 private:
  [[nodiscard]] bool is_declared(Bits address) const;

  const model::Network& network_;
  Family family_;
  std::vector<std::vector<model::InterfaceId>> on_segment_;
};

}  // namespace segproof::naive
