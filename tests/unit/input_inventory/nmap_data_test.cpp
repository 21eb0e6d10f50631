// SPDX-License-Identifier: Apache-2.0
// Real scans beside the project (the fixtures of a library that reads nmap's XML), read where they lie.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "dump.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

// Counted in the files by hand: hosts that are up, ports that are open, ports whose state is told.
struct Scan {
  std::string_view file;
  std::size_t hosts;
  unsigned open;
  unsigned known;
};

TEST_CASE("real scans") {
  const std::optional<std::string> data = data_folder();
  if (!data) {
    return;
  }
  for (const Scan& scan : std::vector<Scan>{
           {"1_hosts_banner.xml", 1, 5, 1000},
           {"1_hosts_banner_ports_notsyn.xml", 1, 2, 4},
           {"1_hosts_diff.xml", 1, 4, 1000},
           {"1_hosts_down.xml", 1, 0, 1000},
           {"2_hosts.xml", 2, 8, 2000},
           {"2_tcp_hosts.xml", 2, 8, 2000},
           {"diff_1_host_ping_mac_changed.xml", 1, 0, 0},
           {"dionaea_scan.xml", 1, 16, 65535},
           {"extra_ports.xml", 1, 16, 65535},
           {"full_sudo5.xml", 4, 11, 4000},
       }) {
    const std::string path = *data + "/firewall/inventory-nmap/python-libnmap/" + std::string(scan.file);
    CAPTURE(path);
    const Result<std::string> text = RealFileSystem().read_file(path, default_file_limit);
    REQUIRE(text.ok());
    const ReadResult result = read("nmap", text.value());
    CAPTURE(result.diagnostics);
    CHECK(result.errors == 0);
    CHECK(result.inventory.hosts.size() == scan.hosts);
    Bits open = 0;
    Bits known = 0;
    for (const input::ListedHost& host : result.inventory.hosts) {
      for (const auto& [protocol, ports] : host.scanned) {
        known += ports.size();
      }
      for (const input::ListedService& service : host.services) {
        open += service.certain ? service.ports.size() : 0;
      }
    }
    CHECK(static_cast<unsigned>(open) == scan.open);
    CHECK(static_cast<unsigned>(known) == scan.known);
  }
}

TEST_CASE("a real file that includes another one") {
  const std::optional<std::string> data = data_folder();
  if (!data) {
    return;
  }
  const Result<std::string> text = RealFileSystem().read_file(
      *data + "/firewall/inventory-nmap/python-libnmap/defused_et_local_includer.xml", default_file_limit);
  REQUIRE(text.ok());
  const ReadResult result = read("nmap", text.value());
  CHECK(result.errors == 1);
  CHECK(result.inventory.hosts.empty());
  CHECK(result.diagnostics.starts_with("hosts:2:1: error: the file declares a document type of its own [SP0467]\n"));
}

}  // namespace
}  // namespace segproof::test
