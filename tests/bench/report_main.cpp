// SPDX-License-Identifier: Apache-2.0
// bench_report: measures everything side by side and writes results.json, tables and growth curves.
//   bench_report --out DIR [--program PATH] [--only lists|real|networks|programs]... [--rounds N] [--limit SECONDS]
//                [--quick] [--page FILE]
// --page puts the tables into a page between two marks, so that its figures come from a run and from nothing else.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "bench/report.h"

namespace segproof::bench {
namespace {

constexpr std::string_view begin_mark = "<!-- figures of a run: begin -->\n";
constexpr std::string_view end_mark = "<!-- figures of a run: end -->\n";

struct Arguments {
  Plan plan;
  std::string out;
  std::string page;
  std::vector<std::string> only;

  [[nodiscard]] bool wants(const std::string& section) const {
    return only.empty() || std::find(only.begin(), only.end(), section) != only.end();
  }
};

bool read(int count, char** words, Arguments& into) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--quick") {
      into.plan.quick = true;
      continue;
    }
    if (i + 1 == count) {
      return false;
    }
    const std::string value = words[++i];
    if (word == "--out") {
      into.out = value;
    } else if (word == "--page") {
      into.page = value;
    } else if (word == "--program") {
      into.plan.program = std::filesystem::absolute(value).string();
    } else if (word == "--only") {
      into.only.push_back(value);
    } else if (word == "--rounds") {
      into.plan.rounds = static_cast<unsigned>(std::max(1, std::atoi(value.c_str())));
    } else if (word == "--limit") {
      into.plan.limit = static_cast<unsigned>(std::max(1, std::atoi(value.c_str())));
    } else {
      return false;
    }
  }
  return !into.out.empty();
}

bool write(const std::string& path, const std::string& text) {
  const bool written = static_cast<bool>(write_file(path, text));
  if (!written) {
    fmt::print(stderr, "cannot write {}\n", path);
  }
  return written;
}

bool put_into_page(const std::string& path, const std::string& tables) {
  const Result<std::string> page = RealFileSystem().read_file(path, default_file_limit);
  if (!page) {
    fmt::print(stderr, "cannot read {}\n", path);
    return false;
  }
  const std::string& text = page.value();
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find(end_mark);
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    fmt::print(stderr, "{} has no marks\n", path);
    return false;
  }
  return write(path, text.substr(0, begin + begin_mark.size()) + tables + text.substr(end));
}

int report(const Arguments& arguments) {
  Plan plan = arguments.plan;
  plan.example = ".";
  plan.scratch = join_path(arguments.out, "scratch");
  const char* data = std::getenv("SEGPROOF_DATA");
  plan.data = data != nullptr ? data : "../shared/data";
  std::filesystem::create_directories(plan.scratch);
  Measurements results;
  if (arguments.wants("lists")) {
    measure_lists(plan, results);
  }
  if (arguments.wants("real")) {
    measure_real_lists(plan, results);
  }
  if (arguments.wants("networks")) {
    measure_networks(plan, results);
  }
  if (arguments.wants("programs")) {
    measure_programs(plan, results);
  }
  const std::string tables = as_tables(results);
  bool written = write(join_path(arguments.out, "results.json"), as_json(results));
  written = write(join_path(arguments.out, "tables.md"), tables) && written;
  for (const auto& [name, plot] : growth_curves(results)) {
    const bool drawable =
        std::any_of(plot.curves.begin(), plot.curves.end(), [](const Curve& curve) { return !curve.points.empty(); });
    written = (!drawable || write(join_path(arguments.out, name), draw(plot))) && written;
  }
  written = (arguments.page.empty() || put_into_page(arguments.page, tables)) && written;
  std::filesystem::remove_all(plan.scratch);
  std::fputs(tables.c_str(), stdout);
  return written ? 0 : 1;
}

}  // namespace
}  // namespace segproof::bench

int main(int count, char** words) {
  segproof::bench::Arguments arguments;
  if (!segproof::bench::read(count, words, arguments)) {
    fmt::print(stderr,
               "usage: bench_report --out DIR [--program PATH] [--only SECTION]... [--rounds N] [--limit SECONDS] "
               "[--quick] [--page FILE]\n");
    return 2;
  }
  return segproof::bench::report(arguments);
}
