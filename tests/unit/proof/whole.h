// SPDX-License-Identifier: Apache-2.0
// All that the network file promises to hold, member by member, for comparing networks. Every struct of the model is
// taken apart by structured bindings: a member that somebody adds does not compile here before it was decided whether
// the file holds it.
#pragma once

#include <string>
#include <vector>

#include "base/source.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::test {

// Equal for networks that mean the same; references between elements stand as names and numbers within their owner.
[[nodiscard]] std::string whole(const model::Network& network, const std::vector<claim::Claim>& claims,
                                const SourceStore& sources);

[[nodiscard]] std::string service_text(const claim::ServiceSpec& service);

}  // namespace segproof::test
