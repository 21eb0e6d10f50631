// SPDX-License-Identifier: Apache-2.0
// Which keys a claim of each kind takes, beside the common ones, and which of them it needs.
#pragma once

#include <span>
#include <string_view>

#include "model/claim.h"

namespace segproof::input::yaml {

// All keys of any claim.
[[nodiscard]] std::span<const std::string_view> all_claim_keys();
[[nodiscard]] bool claim_takes(claim::Kind kind, std::string_view key);
// For `unreferenced` nothing: it needs one of two.
[[nodiscard]] std::span<const std::string_view> needed_claim_keys(claim::Kind kind);

}  // namespace segproof::input::yaml
