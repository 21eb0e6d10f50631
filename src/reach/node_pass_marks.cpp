// SPDX-License-Identifier: Apache-2.0
// Where it counts in a pass which marks packets and connections have.
#include <map>
#include <optional>

#include "reach/node_pass.h"

namespace segproof::reach {

// Whether what is certain depends on the marks of connections.
bool NodePass::follows_marks() const {
  return approximation_ == Approximation::certain && node_->facts.connection_marks.values().size() > 1;
}

// Packets of flows with more than one mark, or with one that was not followed.
PacketSet NodePass::of_unsure_mark() const {
  std::map<std::optional<std::size_t>, PacketSet> by_mark;
  for (const auto& [key, flow] : anyone_->flows()) {
    const PacketSet packets = flow.entered | flow.answer(*headers_);
    const auto [known, is_new] = by_mark.emplace(flow.mark, packets);
    if (!is_new) {
      known->second |= packets;
    }
  }
  PacketSet result = network_->space().none();
  PacketSet seen = result;
  for (const auto& [mark, packets] : by_mark) {
    result |= mark ? seen & packets : packets;
    seen |= packets;
  }
  return result;
}

// Headers for which two packets of these records differ in their marks, which later rules may ask for.
PacketSet NodePass::unsure_by_marks(const std::vector<Translated>& record) const {
  Space& space = network_->space();
  PacketSet result = space.none();
  for (const auto& [field, values] : {std::pair{Field::mark, &node_->facts.marks},
                                      std::pair{Field::connection_mark, &node_->facts.connection_marks}}) {
    PacketSet seen = space.none();
    for (std::size_t value = 0; values->values().size() > 1 && value < values->values().size(); ++value) {
      PacketSet here = space.none();
      for (const Translated& part : record) {
        here |= within(part.after & space.where(field, value));
      }
      result |= seen & here;
      seen |= here;
    }
  }
  return result;
}

// A packet with what tells, beside its header, how the device goes on with it: interfaces, flags and which of the two
// translations it has. Marks do too, but change on the way (unsure_by_marks).
PacketSet NodePass::within(PacketSet packets) const {
  return (packets & headers_->whole()).forget({Field::state, Field::mark, Field::connection_mark});
}

}  // namespace segproof::reach
