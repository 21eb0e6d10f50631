// SPDX-License-Identifier: Apache-2.0
// Compile one firewall's forward chain, merged and rule by rule beside it: the machine may be slow or busy, the ratio
// says what counts. bench_compile [--benchmark_format=json].
#include <ctime>

#include <benchmark/benchmark.h>

#include "bench/loaded_network.h"
#include "reach/stage_program.h"

namespace segproof::bench {
namespace {

struct Firewall {
  Loaded loaded;
  const model::Node* node = nullptr;
  const model::Stage* stage = nullptr;
};

void find_forward(Firewall& firewall) {
  const model::Network& network = firewall.loaded.snapshot.network;
  firewall.node = &network.node(network.find_node("fw0"));
  for (const model::Stage* stage : firewall.node->rules.at(model::Hook::forward, Family::ipv4)) {
    if (stage->kind == model::StageKind::filter) {
      firewall.stage = stage;
    }
  }
}

using Compile = reach::StageProgram (*)(const model::RuleSet&, const model::Stage&, const reach::NodeFacts&,
                                        const reach::HeaderSets&);

// Processor time: others may be at work on the machine.
double seconds(const Firewall& firewall, Compile compile, std::size_t& edges) {
  Space space(Family::ipv4);
  const reach::HeaderSets headers(space);
  const model::Network& network = firewall.loaded.snapshot.network;
  const reach::NodeFacts facts(network, network.find_node("fw0"), Family::ipv4);
  const std::clock_t start = std::clock();
  const reach::StageProgram program = compile(firewall.node->rules, *firewall.stage, facts, headers);
  const std::clock_t end = std::clock();
  edges = space.size(program.may(reach::End::accept)).edges;
  return static_cast<double>(end - start) / CLOCKS_PER_SEC;
}

void compiling(benchmark::State& state) {
  HubShape shape;
  shape.rules_per_firewall = static_cast<unsigned>(state.range(0));
  shape.claims = 1;
  MemoryFileSystem files;
  add_hub_network(shape, files);
  Firewall firewall;
  load(files, firewall.loaded);
  find_forward(firewall);
  double merged = 0;
  double walked = 0;
  std::size_t edges = 0;
  for (auto _ : state) {  // in turns, so that whatever slows the machine slows both
    merged += seconds(firewall, reach::compile_stage, edges);
    walked += seconds(firewall, reach::compile_stage_rule_by_rule, edges);
  }
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["merged_ms"] = merged * 1000 / rounds;
  state.counters["rule_by_rule_ms"] = walked * 1000 / rounds;
  state.counters["times_faster"] = walked / merged;
  state.counters["edges"] = static_cast<double>(edges);
}

BENCHMARK(compiling)->Arg(500)->Arg(2000)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace segproof::bench

BENCHMARK_MAIN();
