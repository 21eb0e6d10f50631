// SPDX-License-Identifier: Apache-2.0
// A run as an in-toto Statement (test-result/v0.1), and the DSSE envelope that signs one.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "proof/bundle.h"

namespace segproof::proof {

[[nodiscard]] std::string statement_json(const Evidence& evidence);

// What DSSE signs: type and payload with their lengths, so that neither can be taken for the other.
[[nodiscard]] std::string pre_authentication(std::string_view type, std::string_view payload);

[[nodiscard]] Result<std::string> envelope_json(std::string_view statement, std::string_view secret_key);

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace segproof::proof
