// SPDX-License-Identifier: Apache-2.0
// What must hold for any inventory: cells survive quoting, order and repetition do not matter where they should not,
// one network written in four formats is one network.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/source.h"
#include "dump.h"
#include "input/inventory/csv_table.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

std::string quoted_cell(std::string_view cell) {
  std::string text = "\"";
  for (const char c : cell) {
    text += c == '"' ? "\"\"" : std::string(1, c);
  }
  return text + "\"";
}

TEST_CASE("CSV cells come back from quotes") {
  std::mt19937_64 random(seed("csv quoting", 20261121));
  constexpr std::string_view letters = "ab ,;\t\"\n\r'=";
  for (int round = 0; round < 2000; ++round) {
    const char delimiter = ",;\t"[random() % 3];
    const bool carriage = random() % 2 == 0;
    std::vector<std::vector<std::string>> rows(1 + random() % 4, std::vector<std::string>(2 + random() % 3));
    std::string text;
    for (auto& row : rows) {
      for (std::string& cell : row) {
        for (std::size_t i = random() % 6; i > 0; --i) {
          cell += letters[random() % letters.size()];
        }
        text += (&cell == &row.front() ? "" : std::string(1, delimiter)) + quoted_cell(cell);
      }
      text += carriage ? "\r\n" : "\n";
    }
    SourceStore sources;
    DiagnosticSink sink;
    const FileId file = sources.add("hosts", text);
    input::inventory::Reporter reporter(file, sources, sink);
    input::inventory::CsvRows reader(reporter, delimiter);
    CAPTURE(text);
    for (const auto& row : rows) {
      const auto cells = reader.next();
      REQUIRE(cells.has_value());
      std::vector<std::string> texts;
      for (const auto& cell : *cells) {
        texts.push_back(cell.text);
      }
      CHECK(texts == row);
    }
    CHECK_FALSE(reader.next().has_value());
    CHECK(sink.all().empty());
  }
}

std::vector<std::string> sorted_hosts(const ReadResult& result) {
  std::vector<std::string> lines;
  for (const input::ListedHost& host : result.inventory.hosts) {
    lines.push_back(dump(host));
  }
  std::ranges::sort(lines);
  return lines;
}

struct RandomHost {
  std::string name, address, zone, tags, services;
};

std::vector<RandomHost> random_hosts(std::mt19937_64& random) {
  std::vector<RandomHost> hosts(1 + random() % 8);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    RandomHost& host = hosts[i];
    host.name = fmt::format("host{}", i);
    host.address = random() % 2 == 0 ? fmt::format("10.{}.0.{}", random() % 256, i + 1)
                                     : fmt::format("2001:db8:{:x}::{:x}", random() % 65536, i + 1);
    host.zone = random() % 3 == 0 ? "" : fmt::format("zone{}", random() % 3);
    host.tags = random() % 3 == 0 ? "" : fmt::format("t{} t{}", random() % 4, random() % 4);
    host.services = random() % 4 == 0 ? ""
                    : random() % 4 == 0
                        ? "none"
                        : fmt::format("tcp/{} udp/{}-{}", 1 + random() % 9, 10 + random() % 9, 20 + random() % 9);
  }
  return hosts;
}

TEST_CASE("the same hosts in INI, YAML and CSV") {
  std::mt19937_64 random(seed("three formats", 20261121));
  for (int round = 0; round < 500; ++round) {
    std::vector<RandomHost> hosts = random_hosts(random);
    std::string ini = "[servers]\n";
    std::string yaml = "all:\n  children:\n    servers:\n      hosts:\n";
    std::string csv = "name,address,zone,tags,services,group\n";
    for (const RandomHost& host : hosts) {
      ini += fmt::format("{} ansible_host={}", host.name, host.address);
      yaml += fmt::format("        {}:\n          ansible_host: {:?}\n", host.name, host.address);
      csv += fmt::format("{},{},{},{},{},servers\n", host.name, host.address, host.zone, host.tags, host.services);
      const std::vector<std::pair<std::string_view, std::string>> variables{
          {"zone", host.zone}, {"tags", host.tags}, {"services", host.services}};
      for (const auto& [name, value] : variables) {
        if (!value.empty()) {
          ini += fmt::format(" segproof_{}='{}'", name, value);
          yaml += fmt::format("          segproof_{}: {}\n", name, value);
        }
      }
      ini += "\n";
    }
    const ReadResult from_ini = read("ini", ini);
    CAPTURE(ini);
    CHECK(from_ini.diagnostics == "");
    CHECK(from_ini.inventory.hosts.size() == hosts.size());
    CHECK(dump(from_ini.inventory) == dump(read("yaml", yaml).inventory));
    CHECK(dump(from_ini.inventory) == dump(read("csv", csv).inventory));
  }
}

TEST_CASE("the order of lines does not matter, nor does a second reading") {
  std::mt19937_64 random(seed("line order", 20261121));
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> sections;
    const std::size_t groups = 2 + random() % 5;
    for (std::size_t g = 0; g < groups; ++g) {
      std::string section = fmt::format("[g{}]\n", g);
      for (std::size_t i = random() % 4; i > 0; --i) {
        section += fmt::format("h{}\n", random() % 6);
      }
      sections.push_back(section);
      if (random() % 2 == 0 && g > 0) {
        sections.push_back(fmt::format("[g{}:children]\ng{}\n", g, random() % g));
      }
      if (random() % 2 == 0) {
        sections.push_back(fmt::format("[g{}:vars]\nsegproof_zone=z{}\nsegproof_tags=t{}\n", g, random() % 3, g));
      }
    }
    std::string text;
    for (const std::string& section : sections) {
      text += section;
    }
    std::ranges::shuffle(sections, random);
    std::string shuffled;
    for (const std::string& section : sections) {
      shuffled += section;
    }
    const ReadResult first = read("ini", text);
    CAPTURE(text);
    CHECK(first.errors == 0);
    CHECK(sorted_hosts(first) == sorted_hosts(read("ini", shuffled)));
    const ReadResult again = read("ini", text);
    CHECK(dump(first.inventory) + first.diagnostics == dump(again.inventory) + again.diagnostics);
  }
}

}  // namespace
}  // namespace segproof::test
