// SPDX-License-Identifier: Apache-2.0
// Growth curves as a drawing (SVG): both axes logarithmic, one line for each engine.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace segproof::bench {

struct Curve {
  std::string name;
  std::vector<std::pair<double, double>> points;  // both above 0
};

struct Plot {
  std::string title;
  std::string x;  // what grows
  std::string y;
  std::vector<Curve> curves;
};

// Equal plots give equal bytes.
[[nodiscard]] std::string draw(const Plot& plot);

}  // namespace segproof::bench
