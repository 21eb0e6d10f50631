// SPDX-License-Identifier: Apache-2.0
// Every case of tests/unit/input_inventory/*.cases (what is read) and tests/regress/inventory/*.cases (what is refused
// or recovered from): whole outputs. SEGPROOF_BLESS=1 writes what came out into the files instead of comparing.
#include <doctest/doctest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "cases.h"
#include "dump.h"

namespace segproof::test {
namespace {

constexpr std::string_view heading =
    "SPDX-License-Identifier: Apache-2.0\n"
    "Inputs and all that comes out of them; the format is described in tests/unit/input_inventory/cases.h.\n";

void run_cases(std::string_view reader, const std::string& path, std::size_t at_least) {
  std::vector<Case> cases = load_cases(path);
  CHECK(cases.size() >= at_least);
  const bool bless = std::getenv("SEGPROOF_BLESS") != nullptr;
  std::set<std::string> names;
  for (Case& one : cases) {
    CAPTURE(path);
    CAPTURE(one.name);
    CHECK(names.insert(one.name).second);
    const ReadResult result = read(reader, one.input);
    const std::string output = dump(result.inventory) + result.diagnostics;
    if (bless) {
      one.expected = output;
    }
    CHECK(output == one.expected);
  }
  if (bless) {
    save_cases(path, heading, cases);
  }
}

TEST_CASE("Ansible INI: what is read") {
  run_cases("ini", "tests/unit/input_inventory/ansible_ini.cases", 15);
}
TEST_CASE("Ansible YAML: what is read") {
  run_cases("yaml", "tests/unit/input_inventory/ansible_yaml.cases", 10);
}
TEST_CASE("CSV: what is read") {
  run_cases("csv", "tests/unit/input_inventory/csv.cases", 10);
}
TEST_CASE("nmap: what is read") {
  run_cases("nmap", "tests/unit/input_inventory/nmap_xml.cases", 10);
}

TEST_CASE("Ansible INI: bad files") {
  run_cases("ini", "tests/regress/inventory/ansible_ini.cases", 20);
}
TEST_CASE("Ansible YAML: bad files") {
  run_cases("yaml", "tests/regress/inventory/ansible_yaml.cases", 20);
}
TEST_CASE("CSV: bad files") {
  run_cases("csv", "tests/regress/inventory/csv.cases", 20);
}
TEST_CASE("nmap: bad files") {
  run_cases("nmap", "tests/regress/inventory/nmap_xml.cases", 20);
}

}  // namespace
}  // namespace segproof::test
