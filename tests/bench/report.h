// SPDX-License-Identifier: Apache-2.0
// The sections of the report: each measures its workloads side by side and appends what it measured.
#pragma once

#include <string>
#include <vector>

#include "bench/growth_plot.h"
#include "bench/measure.h"

namespace segproof::bench {

struct Plan {
  bool quick = false;    // small workloads only: does everything still run?
  unsigned rounds = 3;   // of each measurement
  unsigned limit = 120;  // seconds for one
  std::string program;   // path of segproof; empty: whole processes are not measured
  std::string example;   // folder of the project, for the shipped example
  std::string scratch;   // a folder for generated files
  std::string data;      // rule sets and filters beside the project (SEGPROOF_DATA); empty: skipped
};

using Measurements = std::vector<Measured>;

void measure_lists(const Plan& plan, Measurements& results);
void measure_real_lists(const Plan& plan, Measurements& results);
void measure_networks(const Plan& plan, Measurements& results);
void measure_programs(const Plan& plan, Measurements& results);

// Where there is none: nothing.
[[nodiscard]] const Measured* find(const Measurements& results, const std::string& group, const std::string& name,
                                   const std::string& engine);

[[nodiscard]] std::string as_json(const Measurements& results);
// For people: a table of each group, with ratios to the first engine of each case.
[[nodiscard]] std::string as_tables(const Measurements& results);
// {file name, drawing}.
[[nodiscard]] std::vector<std::pair<std::string, Plot>> growth_curves(const Measurements& results);

}  // namespace segproof::bench
