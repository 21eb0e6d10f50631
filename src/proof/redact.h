// SPDX-License-Identifier: Apache-2.0
// Copies of inputs without secrets, for evidence that goes to others (docs/evidence.md section 3). What decides about
// packets stays; what it says to people (comments, remarks, log prefixes) does not. A help, not a proof.
#pragma once

#include <string>
#include <string_view>

namespace segproof::proof {

// `format` as in the accounts of inputs: "iptables-save", "cisco-asa", "topology/1", ...; one that is not known is
// taken as other text. The copy has as many lines. Redacting a copy changes nothing.
[[nodiscard]] std::string redacted(std::string_view text, std::string_view format);

}  // namespace segproof::proof
