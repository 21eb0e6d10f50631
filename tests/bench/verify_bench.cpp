// SPDX-License-Identifier: Apache-2.0
// Load and verify a whole network, as `segproof verify` does: bench_verify [--benchmark_filter=verifying/10/500/]
// [--benchmark_out=FILE --benchmark_out_format=json]. Prints how the verdicts fall, so that a benchmark that verifies
// nothing shows; and how often a fixed piece of work that runs beside it would have fitted into the time
// (`yardsticks`), since the machine may be slow or busy.
#include <cstdlib>
#include <ctime>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/grouped_firewall.h"
#include "bench/loaded_network.h"
#include "claim/session.h"
#include "reach/stage_program.h"

namespace segproof::bench {
namespace {

HubShape shape_of(const benchmark::State& state) {
  HubShape shape;
  shape.firewalls = static_cast<unsigned>(state.range(0));
  shape.rules_per_firewall = static_cast<unsigned>(state.range(1));
  shape.hosts = static_cast<unsigned>(state.range(2));
  shape.claims = static_cast<unsigned>(state.range(3));
  shape.zones_per_firewall = static_cast<unsigned>(state.range(4));
  return shape;
}

double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// A fixed piece of work of the same kind, for comparison: the forward chain of one firewall, rule by rule.
void compile_rule_by_rule(const model::Network& yardstick) {
  const model::NodeId id = yardstick.find_node("fw0");
  const model::RuleSet& rules = yardstick.node(id).rules;
  Space space(Family::ipv4);
  const reach::HeaderSets headers(space);
  const reach::NodeFacts facts(yardstick, id, Family::ipv4);
  for (const model::Stage* stage : rules.at(model::Hook::forward, Family::ipv4)) {
    if (stage->kind == model::StageKind::filter) {
      benchmark::DoNotOptimize(reach::compile_stage_rule_by_rule(rules, *stage, facts, headers));
    }
  }
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
  HubShape plain;
  plain.claims = 1;
  MemoryFileSystem plain_files;
  add_hub_network(plain, plain_files);
  Loaded yardstick;
  load(plain_files, yardstick);
  claim::Summary summary;
  double verified = 0;
  double compared = 0;
  for (auto _ : state) {
    claim::Options options;
    options.jobs = 1;
    std::clock_t start = std::clock();
    summary = claim::verify(loaded.snapshot.network, loaded.snapshot.claims, loaded.sources, options).summary;
    verified += seconds_since(start);
    state.PauseTiming();
    start = std::clock();
    for (int i = 0; i < 10; ++i) {
      compile_rule_by_rule(yardstick.snapshot.network);
    }
    compared += seconds_since(start) / 10;
    state.ResumeTiming();
  }
  state.counters["proved"] = summary.proved;
  state.counters["refuted"] = summary.refuted;
  state.counters["inconclusive"] = summary.inconclusive;
  state.counters["yardsticks"] = verified / compared;
}

// Who falls when the first zone does, with pivoting in the worst case.
void blasting(benchmark::State& state) {
  MemoryFileSystem files;
  add_hub_network(shape_of(state), files);
  Loaded loaded;
  load(files, loaded);
  std::size_t fallen = 0;
  for (auto _ : state) {
    claim::BlastQuestion question;
    question.from.text = "z0";
    fallen = claim::blast(loaded.snapshot.network, loaded.sources, question).value().fallen.size();
  }
  state.counters["fallen"] = static_cast<double>(fallen);
}

// Five routers of a university's backbone with about 1,800 routes each, from the configurations beside the project
// (SEGPROOF_DATA, else ../shared/data): reading them, and who may open what to whom for all their networks.
void backbone(benchmark::State& state) {
  const char* given = std::getenv("SEGPROOF_DATA");
  const std::string data = join_path(given != nullptr ? given : "../shared/data", "firewall");
  const std::string begin = "net-network/hassell-public_Stanford__Stanford_backbone__";
  constexpr std::size_t limit = std::size_t{16} << 20U;
  MemoryFileSystem files;
  for (const std::string name : {"bbra", "bbrb", "boza", "bozb", "coza"}) {
    Result<std::string> text =
        RealFileSystem().read_file(join_path(data, "cisco/" + begin + name + "_rtr_config.txt"), limit);
    if (!text) {
      state.SkipWithError("the configurations are not beside the project");
      return;
    }
    files.add("net/" + name + ".cfg", std::move(text).value());
    Result<std::string> table =
        RealFileSystem().read_file(join_path(data, "cisco-stanford-routes/" + begin + name + "_rtr_route.txt"), limit);
    if (table)
      files.add("net/" + name + ".routes", std::move(table).value());
  }
  double reading = 0;
  double answering = 0;
  std::size_t zones = 0;
  for (auto _ : state) {
    std::clock_t start = std::clock();
    SourceStore sources;
    DiagnosticSink sink;
    const Result<input::Snapshot> snapshot = input::load_snapshot({{"net"}, {}, {}}, files, sources, sink);
    reading += seconds_since(start);
    start = std::clock();
    const claim::Matrix matrix = claim::matrix(snapshot.value().network, sources, claim::MatrixBetween::zones);
    answering += seconds_since(start);
    zones = snapshot.value().network.zones.size();
    benchmark::DoNotOptimize(matrix.cells.data());
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["zones"] = static_cast<double>(zones);
  state.counters["reading_s"] = reading / runs;
  state.counters["matrix_s"] = answering / runs;
}

// A firewall whose rules lead from object group to object group, read and its claim decided.
void groups(benchmark::State& state) {
  GroupedShape shape;
  shape.groups = static_cast<unsigned>(state.range(0));
  shape.hosts_per_group = static_cast<unsigned>(state.range(1));
  shape.rules = static_cast<unsigned>(state.range(2));
  MemoryFileSystem files;
  add_grouped_firewall(shape, files);
  claim::Summary summary;
  for (auto _ : state) {
    SourceStore sources;
    DiagnosticSink sink;
    const Result<input::Snapshot> snapshot = input::load_snapshot({{"net"}, {}, {"net"}}, files, sources, sink);
    claim::Options options;
    options.jobs = 1;
    summary = claim::verify(snapshot.value().network, snapshot.value().claims, sources, options).summary;
  }
  state.counters["proved"] = summary.proved;
  state.counters["refuted"] = summary.refuted;
  state.counters["inconclusive"] = summary.inconclusive;
}

// Groups, hosts of each, rules.
BENCHMARK(groups)->Args({100, 100, 600})->Args({100, 100, 5000})->Unit(benchmark::kMillisecond);
BENCHMARK(backbone)->Unit(benchmark::kMillisecond);

// Firewalls, rules of each, hosts, claims, zones of each firewall.
BENCHMARK(loading)->Args({10, 500, 200, 50, 2})->Unit(benchmark::kMillisecond);
BENCHMARK(verifying)
    ->Args({10, 500, 200, 50, 2})
    ->Args({10, 2000, 200, 50, 2})
    ->Args({10, 10000, 200, 50, 2})
    ->Args({10, 500, 1000, 50, 5})
    ->Args({10, 500, 5000, 50, 5})
    ->Args({10, 500, 200, 50, 10})
    ->Args({20, 500, 400, 50, 2})
    ->Args({50, 1000, 10000, 200, 2})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(blasting)
    ->Args({10, 500, 200, 1, 2})
    ->Args({10, 500, 5000, 1, 5})
    ->Args({50, 200, 50000, 1, 10})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace segproof::bench

BENCHMARK_MAIN();
