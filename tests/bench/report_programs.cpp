// SPDX-License-Identifier: Apache-2.0
// segproof as its user runs it, from its start to its end.
#include <filesystem>

#include <fmt/format.h>

#include "base/file.h"
#include "bench/hub_network.h"
#include "bench/report.h"

namespace segproof::bench {
namespace {

void put_on_disk(const MemoryFileSystem& files, const std::string& folder) {
  std::filesystem::create_directories(folder);
  const std::vector<std::string> names = files.list_folder("net").value();
  for (const std::string& name : names) {
    const std::string text = files.read_file("net/" + name, default_file_limit).value();
    if (!write_file(join_path(folder, name), text)) {
      throw std::runtime_error("cannot write to " + folder);
    }
  }
}

}  // namespace

void measure_programs(const Plan& plan, Measurements& results) {
  if (plan.program.empty()) {
    fmt::print(stderr, "whole processes: skipped, no program was named\n");
    return;
  }
  const auto append = [&](std::vector<Measured> more) {
    results.insert(results.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  const auto running = [&](std::vector<std::string> arguments, unsigned jobs) {
    std::vector<std::string> command{plan.program, "verify", fmt::format("--jobs={}", jobs)};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return [command] { return run_program(command); };
  };
  const std::vector<std::string> example{"--topology", plan.example + "/topologies/transfer-enclave",
                                         "--policy",   plan.example + "/policies/transfer-enclave/e0",
                                         "--claims",   plan.example + "/policies/transfer-enclave"};
  append(measure("program", "verify the shipped example",
                 {{"1 job", running(example, 1)}, {"2 jobs", running(example, 2)}}, plan.rounds, plan.limit));

  HubShape shape{50, 2, 10000, 1000, 200, 1, true};
  if (plan.quick) {
    shape = {4, 2, 100, 50, 10, 1, true};
  }
  MemoryFileSystem files;
  add_hub_network(shape, files);
  const std::string folder = join_path(plan.scratch, "hub");
  put_on_disk(files, folder);
  append(measure("program",
                 fmt::format("verify {} hosts, {} firewalls of {} rules, {} claims", shape.hosts, shape.firewalls,
                             shape.rules_per_firewall, shape.claims),
                 {{"1 job", running({folder}, 1)}, {"2 jobs", running({folder}, 2)}}, plan.rounds, plan.limit));
}

}  // namespace segproof::bench
