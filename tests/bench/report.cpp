// SPDX-License-Identifier: Apache-2.0
#include "bench/report.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "base/json_writer.h"

namespace segproof::bench {
namespace {

std::string processor() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) {
      return line.substr(line.find(':') + 2);
    }
  }
  return "unknown";
}

std::string compiler() {
#if defined(__clang__)
  return fmt::format("clang {}.{}", __clang_major__, __clang_minor__);
#else
  return fmt::format("g++ {}.{}", __GNUC__, __GNUC_MINOR__);
#endif
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string time_text(double seconds) {
  return seconds < 0.001  ? fmt::format("{:.0f} us", seconds * 1e6)
         : seconds < 0.01 ? fmt::format("{:.2f} ms", seconds * 1e3)
         : seconds < 1    ? fmt::format("{:.0f} ms", seconds * 1e3)
                          : fmt::format("{:.2f} s", seconds);
}

std::string others_text(const Measured& measured) {
  static const std::set<std::string> shown_apart{"seconds", "peak_mb"};
  std::string text;
  for (const auto& [name, value] : measured.figures) {
    if (shown_apart.contains(name)) {
      continue;
    }
    const bool is_time = name == "reading" || name.ends_with("seconds");
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                        is_time ? time_text(value) : fmt::format("{:.0f}", value));
  }
  return text;
}

Curve curve(const Measurements& results, const std::string& group, const std::string& prefix, const std::string& engine,
            const std::string& called, const std::string& figure = "seconds") {
  Curve result{called, {}};
  for (const Measured& measured : results) {
    if (measured.group == group && measured.engine == engine && measured.name.starts_with(prefix) &&
        measured.at(figure) > 0) {
      result.points.emplace_back(std::strtod(measured.name.c_str() + prefix.size(), nullptr), measured.at(figure));
    }
  }
  return result;
}

}  // namespace

const Measured* find(const Measurements& results, const std::string& group, const std::string& name,
                     const std::string& engine) {
  const auto found = std::find_if(results.begin(), results.end(), [&](const Measured& measured) {
    return measured.group == group && measured.name == name && measured.engine == engine;
  });
  return found == results.end() ? nullptr : &*found;
}

std::string as_json(const Measurements& results) {
  JsonWriter json(JsonLayout::indented);
  json.begin_object();
  json.key("machine").begin_object();
  json.key("processor").string(processor());
  json.key("cores").number(std::thread::hardware_concurrency());
  json.key("compiler").string(compiler());
  json.end_object();
  json.key("results").begin_array();
  for (const Measured& measured : results) {
    json.begin_object();
    json.key("group").string(measured.group);
    json.key("case").string(measured.name);
    json.key("engine").string(measured.engine);
    if (!measured.failure.empty()) {
      json.key("failure").string(measured.failure);
    }
    json.key("runs").begin_array();
    for (const double seconds : measured.seconds) {
      json.number(seconds);
    }
    json.end_array();
    json.key("best").begin_object();
    for (const auto& [name, value] : measured.figures) {
      json.key(name).number(value);
    }
    json.end_object();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return std::move(json).take();
}

std::string as_tables(const Measurements& results) {
  std::string text = fmt::format("Machine: {}, {} cores seen; compiler: {}.\n", processor(),
                                 std::thread::hardware_concurrency(), compiler());
  std::string group;
  std::string name;
  double first = 0;
  for (const Measured& measured : results) {
    if (measured.group != group) {
      group = measured.group;
      name.clear();
      text += fmt::format(
          "\n### {}\n\n| case | engine | best | median | ratio | peak memory | |\n|---|---|---:|---:|---:|---:|---|\n",
          group);
    }
    const bool is_first = measured.name != name;
    name = measured.name;
    if (measured.seconds.empty()) {
      text += fmt::format("| {} | {} | {} | | | | |\n", is_first ? name : "", measured.engine, measured.failure);
      continue;
    }
    const double best = measured.at("seconds");
    first = is_first ? best : first;
    text += fmt::format("| {} | {} | {} | {} | {:.2f} | {:.0f} MB | {} |\n", is_first ? name : "", measured.engine,
                        time_text(best), time_text(median(measured.seconds)), first > 0 ? best / first : 1,
                        measured.at("peak_mb"), others_text(measured));
  }
  return text;
}

std::vector<std::pair<std::string, Plot>> growth_curves(const Measurements& results) {
  return {
      {"rules.svg",
       {"Compiling one list",
        "rules",
        "seconds",
        {curve(results, "list", "enterprise ", "merged", "merged"),
         curve(results, "list", "enterprise ", "with attribution", "with attribution"),
         curve(results, "list", "enterprise ", "stage with state", "stage with state"),
         curve(results, "list", "enterprise ", "rule order, own", "rule order, own"),
         curve(results, "list", "enterprise ", "rule order, BuDDy", "rule order, BuDDy")}}},
      {"memory.svg",
       {"Peak memory of compiling one list",
        "rules",
        "MB",
        {curve(results, "list", "enterprise ", "merged", "merged", "peak_mb"),
         curve(results, "list", "enterprise ", "with attribution", "with attribution", "peak_mb"),
         curve(results, "list", "enterprise ", "rule order, BuDDy", "rule order, BuDDy", "peak_mb")}}},
      {"ipv6.svg",
       {"The same list in IPv4 and IPv6",
        "rules",
        "seconds",
        {curve(results, "list", "permits ", "merged", "IPv4"),
         curve(results, "list", "permits, IPv6 ", "merged", "IPv6")}}},
      {"zones.svg",
       {"Who reaches whom among zones",
        "zones",
        "seconds",
        {curve(results, "spine", "", "zone matrix", "zone matrix"),
         curve(results, "spine", "", "sets of all pairs", "sets of all pairs"),
         curve(results, "spine", "", "zone matrix with state", "with state"),
         curve(results, "spine", "", "zone matrix, IPv6", "IPv6")}}},
      {"hosts.svg",
       {"Who falls when a zone does, 500 zones",
        "hosts",
        "seconds",
        {curve(results, "pivoting", "", "blast", "blast")}}},
  };
}

}  // namespace segproof::bench
