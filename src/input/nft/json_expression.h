// SPDX-License-Identifier: Apache-2.0
// Expressions of `nft -j list ruleset` as the expressions that the text reader makes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>

#include "input/nft/expression.h"

namespace segproof::nft {

// Something in a JSON object that is not understood. It is caught where a rule, an element or an object begins.
struct JsonFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using Json = nlohmann::json;

// Each throws JsonFault. `span` is that of the object which holds the expression.
[[nodiscard]] Expression json_expression(const Json& json, const SourceSpan& span);
// Elements of a set or map, as a list: values, or pairs with the data.
[[nodiscard]] std::vector<Element> json_elements(const Json& list, const SourceSpan& span);
// {"accept": null}, {"jump": {"target": "x"}}; nothing for anything else.
[[nodiscard]] std::optional<VerdictWord> json_verdict(const Json& json);
// "80" for 80 and "80", "exists" for true.
[[nodiscard]] std::string json_scalar(const Json& json);
// The text of an object, cut short for messages.
[[nodiscard]] std::string json_text(const Json& json);

}  // namespace segproof::nft
