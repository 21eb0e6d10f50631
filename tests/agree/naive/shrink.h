// SPDX-License-Identifier: Apache-2.0
// Makes a failing case smaller: takes away rules, routes, interfaces and oddities one by one as long as it still fails.
#pragma once

#include <functional>

#include "agree/naive/random_network.h"

namespace segproof::naive {

[[nodiscard]] RandomCase shrink(RandomCase failing, const std::function<bool(const RandomCase&)>& fails);

}  // namespace segproof::naive
