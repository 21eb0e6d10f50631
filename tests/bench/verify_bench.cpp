// SPDX-License-Identifier: Apache-2.0
// Load and verify a whole network, as `segproof verify` does: bench_verify [--benchmark_...]. Prints how the verdicts
// fall, so that a benchmark that verifies nothing shows.
#include <cstdio>
#include <cstdlib>

#include <benchmark/benchmark.h>

#include "bench/hub_network.h"
#include "claim/session.h"
#include "input/snapshot.h"

namespace segproof::bench {
namespace {

struct Loaded {
  SourceStore sources;
  input::Snapshot snapshot;
};

void load(const MemoryFileSystem& files, Loaded& into) {
  DiagnosticSink sink;
  Result<input::Snapshot> snapshot = input::load_snapshot(
      {{"net/topology.yaml"}, {"net/policy.yaml"}, {"net/claims.yaml"}}, files, into.sources, sink);
  if (!snapshot || sink.has_errors()) {
    for (const Diagnostic& diagnostic : sink.all()) {
      std::fputs(render(diagnostic, into.sources).c_str(), stderr);
    }
    std::abort();
  }
  into.snapshot = std::move(snapshot).value();
}

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
