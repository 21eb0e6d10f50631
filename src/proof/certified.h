// SPDX-License-Identifier: Apache-2.0
// What every certificate begins and ends with: the claim is found in the network file, and the checker verifies what
// was written before anybody gets it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "check/core/network.h"
#include "check/core/places.h"

namespace segproof::proof {

struct Certified {
  std::optional<std::string> certificate;  // nothing: see why
  std::string why;                         // one sentence
};

// What `write` makes of the claim of that name; what it throws, or that there is no such claim, is why there is
// nothing.
[[nodiscard]] Certified certified(std::string_view network, std::string_view claim,
                                  const std::function<Certified(const check::Network&, const check::Claim&)>& write);
// The certificate, when the checker verifies it.
[[nodiscard]] Certified checked(std::string certificate, std::string_view network, std::string_view sha256);
// The first lines of a certificate.
[[nodiscard]] std::string head_of(std::string_view sha256, std::string_view claim, std::string_view verdict);
// As verdicts print places: `fta01`, `device:fw`, `unlisted@lan`, an external segment.
[[nodiscard]] std::string printed_name(const check::Network& network, const check::Place& place);

}  // namespace segproof::proof
