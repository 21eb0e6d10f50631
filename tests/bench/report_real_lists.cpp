// SPDX-License-Identifier: Apache-2.0
// Lists that we did not make: ClassBench filters and the largest real rule sets, where they lie beside the project.
#include <algorithm>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>

#include "base/file.h"
#include "bench/list_engines.h"
#include "bench/report.h"
#include "input/iptables/reader.h"
#include "reach/stage_program.h"

namespace segproof::bench {
namespace {

constexpr std::size_t rule_sets_taken = 6;

void append(Measurements& results, std::vector<Measured> more) {
  results.insert(results.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void measure_classbench(const Plan& plan, const std::filesystem::path& file, Measurements& results) {
  const Result<std::string> text = RealFileSystem().read_file(file.string(), default_file_limit);
  std::optional<RuleList> list;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    if (text && !list) {
      list = parse_classbench(text.value(), family);
    }
  }
  if (!list) {
    fmt::print(stderr, "{}: not a list of filters\n", file.string());
    return;
  }
  const auto compile = [&list](Numbers numbers) {
    return [&list, numbers]() -> Figures {
      const Compiled compiled = compile_merged(*list, numbers);
      if (disagreements(*list, compiled, 200) > 0) {
        throw std::runtime_error("its answers are wrong");
      }
      return {{"seconds", compiled.seconds},
              {"edges", static_cast<double>(compiled.edges)},
              {"rules", static_cast<double>(list->rules.size())},
              {"live_rules", static_cast<double>(compiled.live_rules)}};
    };
  };
  append(results, measure("ClassBench", file.filename().string(),
                          {{"merged", compile(Numbers::runs)}, {"with attribution", compile(Numbers::rules)}},
                          plan.rounds, plan.limit));
}

std::size_t rules_in(const model::RuleSet& rules) {
  std::size_t count = 0;
  for (const model::Chain& chain : rules.chains) {
    count += chain.rules.size();
  }
  return count;
}

// Every stage of the rule set, of both families, on a device without interfaces.
Figures stage_figures(const std::filesystem::path& file, bool rule_by_rule) {
  SourceStore sources;
  DiagnosticSink sink;
  model::Network network;
  network.nodes.push_back({});
  const FileId id = sources.add(file.string(), RealFileSystem().read_file(file.string(), default_file_limit).value());
  std::clock_t start = std::clock();
  network.nodes.front().rules = read_iptables_save(id, sources, Family::ipv4, sink).rules;
  const model::RuleSet& rules = network.nodes.front().rules;
  const double reading = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  Space space(Family::ipv4);
  const reach::HeaderSets headers(space);
  const reach::NodeFacts facts(network, model::NodeId(0), Family::ipv4);
  start = std::clock();
  for (const model::Stage& stage : rules.stages) {
    if (stage.kind != model::StageKind::track && stage.ipv4) {
      const reach::StageProgram program = rule_by_rule ? reach::compile_stage_rule_by_rule(rules, stage, facts, headers)
                                                       : reach::compile_stage(rules, stage, facts, headers);
      static_cast<void>(program);
    }
  }
  return {{"seconds", static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC},
          {"reading", reading},
          {"rules", static_cast<double>(rules_in(rules))},
          {"edges", static_cast<double>(space.size().edges)}};
}

}  // namespace

void measure_real_lists(const Plan& plan, Measurements& results) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(plan.data) / "firewall";
  if (plan.data.empty() || !fs::exists(folder)) {
    fmt::print(stderr, "ClassBench filters and real rule sets: skipped, SEGPROOF_DATA does not lead to them\n");
    return;
  }
  std::vector<fs::path> filters;
  std::vector<std::pair<std::uintmax_t, fs::path>> rule_sets;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".cb") {
      filters.push_back(entry.path());
    } else if (entry.is_regular_file() && name.find("iptables-save") != std::string::npos &&
               name.find("ip6tables") == std::string::npos &&
               entry.path().string().find("/iptables/") != std::string::npos) {
      rule_sets.emplace_back(entry.file_size(), entry.path());
    }
  }
  std::sort(filters.begin(), filters.end());
  for (const fs::path& file : filters) {
    if (!plan.quick || file.string().find("_500.") != std::string::npos) {
      measure_classbench(plan, file, results);
    }
  }
  std::sort(rule_sets.begin(), rule_sets.end(), [](const auto& a, const auto& b) { return a > b; });
  rule_sets.resize(std::min(rule_sets.size(), plan.quick ? 1 : rule_sets_taken));
  unsigned number = 0;
  for (const auto& [size, file] : rule_sets) {
    append(results, measure("real rule set", fmt::format("no. {}, {} kB of iptables-save", ++number, size / 1024),
                            {{"merged", [&file = file] { return stage_figures(file, false); }},
                             {"rule by rule", [&file = file] { return stage_figures(file, true); }}},
                            plan.rounds, plan.limit));
  }
}

}  // namespace segproof::bench
