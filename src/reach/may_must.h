// SPDX-License-Identifier: Apache-2.0
// The packets for which a condition may hold and those for which it surely does: must <= exact <= may.
#pragma once

#include "packet/space.h"

namespace segproof::reach {

struct MayMust {
  PacketSet may;
  PacketSet must;
};

[[nodiscard]] inline MayMust operator&(const MayMust& a, const MayMust& b) {
  return {a.may & b.may, a.must & b.must};
}
[[nodiscard]] inline MayMust operator|(const MayMust& a, const MayMust& b) {
  return {a.may | b.may, a.must | b.must};
}
[[nodiscard]] inline MayMust operator!(const MayMust& a) {
  return {a.must.complement(), a.may.complement()};
}

}  // namespace segproof::reach
