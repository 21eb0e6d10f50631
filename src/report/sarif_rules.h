// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "base/json_writer.h"
#include "claim/claim.h"

namespace segproof::report {

// What a kind of claim promises, in one sentence.
[[nodiscard]] std::string_view kind_promise(claim::Kind kind);

// An array of SARIF reportingDescriptors, one for each kind.
void write_sarif_rules(JsonWriter& json, std::span<const claim::Kind> kinds);

}  // namespace segproof::report
