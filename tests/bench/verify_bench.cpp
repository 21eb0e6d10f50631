// SPDX-License-Identifier: Apache-2.0
// Load and verify a whole network, as `segproof verify` does: bench_verify [--benchmark_...]. Prints how the verdicts
// fall, so that a benchmark that verifies nothing shows.
#include <benchmark/benchmark.h>

#include "bench/loaded_network.h"
#include "claim/session.h"

namespace segproof::bench {
namespace {

HubShape shape_of(const benchmark::State& state) {
  HubShape shape;
  shape.firewalls = static_cast<unsigned>(state.range(0));
  shape.rules_per_firewall = static_cast<unsigned>(state.range(1));
  shape.hosts = static_cast<unsigned>(state.range(2));
  shape.claims = static_cast<unsigned>(state.range(3));
  return shape;
}

void loading(benchmark::State& state) {
  MemoryFileSystem files;
  add_hub_network(shape_of(state), files);
  for (auto _ : state) {
    Loaded loaded;
    load(files, loaded);
    benchmark::DoNotOptimize(loaded.snapshot.network.nodes.data());
  }
}

void verifying(benchmark::State& state) {
  MemoryFileSystem files;
  add_hub_network(shape_of(state), files);
  Loaded loaded;
  load(files, loaded);
  claim::Summary summary;
  for (auto _ : state) {
    claim::Options options;
    options.jobs = 1;
    summary = claim::verify(loaded.snapshot.network, loaded.snapshot.claims, loaded.sources, options).summary;
  }
  state.counters["proved"] = summary.proved;
  state.counters["refuted"] = summary.refuted;
  state.counters["inconclusive"] = summary.inconclusive;
}

// Firewalls, rules of each, hosts, claims.
BENCHMARK(loading)->Args({10, 500, 200, 50})->Unit(benchmark::kMillisecond);
BENCHMARK(verifying)
    ->Args({10, 500, 200, 50})
    ->Args({10, 1000, 200, 50})
    ->Args({20, 500, 400, 50})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace segproof::bench

BENCHMARK_MAIN();
