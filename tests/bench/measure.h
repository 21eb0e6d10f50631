// SPDX-License-Identifier: Apache-2.0
// One measurement, each in a process of its own: nothing is warm, nothing is left behind, and its peak memory is known.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace segproof::bench {

// What a measured piece of work says of itself; "seconds" is what counts as its time.
using Figures = std::map<std::string, double>;

struct Measured {
  std::string group;   // "list"
  std::string name;    // "enterprise 10000"
  std::string engine;  // "merged"
  Figures figures;     // of the run with the smallest time; with "peak_mb"
  std::vector<double> seconds;
  std::string failure;  // why there are no figures: killed, out of time

  [[nodiscard]] double at(const std::string& figure) const;  // 0 where there is none
};

struct Work {
  std::string engine;
  std::function<Figures()> run;
};

// Runs the works of one case in turns, `rounds` times each, so that whatever slows the machine slows all of them.
// A work that takes longer than `limit` seconds is ended, and not run again.
[[nodiscard]] std::vector<Measured> measure(const std::string& group, const std::string& name,
                                            const std::vector<Work>& works, unsigned rounds, unsigned limit);

// A program from its start to its end: wall and processor seconds, peak memory.
[[nodiscard]] Figures run_program(const std::vector<std::string>& command);

}  // namespace segproof::bench
