// SPDX-License-Identifier: Apache-2.0
// Expressions of `nft -j list ruleset` as the expressions that the text reader makes.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "input/nft/expression.h"

namespace segproof::nft {

// Something in a JSON object that is not understood. It is caught where a rule, an element or an object begins.
struct JsonFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// `Value` is the JSON library's type, which stays in the .cpp files; there these are defined for it. Each throws
// JsonFault. `span` is that of the object which holds the expression.
template <class Value>
[[nodiscard]] Expression json_expression(const Value& json, const SourceSpan& span);
// Elements of a set or map, as a list: values, or pairs with the data.
template <class Value>
[[nodiscard]] std::vector<Element> json_elements(const Value& list, const SourceSpan& span);
// {"accept": null}, {"jump": {"target": "x"}}; nothing for anything else.
template <class Value>
[[nodiscard]] std::optional<VerdictWord> json_verdict(const Value& json);
// "80" for 80 and "80", "exists" for true.
template <class Value>
[[nodiscard]] std::string json_scalar(const Value& json);
// The text of an object, cut short for messages.
template <class Value>
[[nodiscard]] std::string json_text(const Value& json);

}  // namespace segproof::nft
