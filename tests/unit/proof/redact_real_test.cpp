// SPDX-License-Identifier: Apache-2.0
// Real configurations: their redacted copies mean the same network, and hold none of their secrets.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "input/snapshot.h"
#include "proof/network_text.h"
#include "proof/redact.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

void find_files(const std::string& folder, std::vector<std::string>& found) {
  const RealFileSystem files;
  const auto names = files.list_folder(folder);
  for (const std::string& name : names.ok() ? names.value() : std::vector<std::string>()) {
    const std::string path = join_path(folder, name);
    if (files.kind(path) == FileKind::folder) {
      find_files(path, found);
    } else {
      found.push_back(path);
    }
  }
}

bool looks_like(std::string_view text, std::string_view format) {
  const auto has_line = [&](std::string_view start) {
    return std::ranges::any_of(split(text, '\n'), [&](std::string_view line) { return line.starts_with(start); });
  };
  if (format == "iptables-save") {
    return has_line("*filter") && has_line("COMMIT");
  }
  if (format == "nft") {
    return has_line("table ip") || has_line("table inet");
  }
  return has_line("hostname ") || has_line("interface ") || has_line("access-list ") || has_line("ip access-list ");
}

// Without the hashes of inputs, and without words that came from what was removed.
std::string meaning(const std::string& text) {
  std::string result;
  for (std::string_view line : split(text, '\n')) {
    const std::string_view words = trim(line);
    if (words.starts_with("gap ") || words.starts_with("unknown ")) {
      line = line.substr(0, line.find(words.starts_with("gap") ? "\"fw1\"" : " \""));
    }
    if (!line.starts_with("input ")) {
      result += line;
      result += '\n';
    }
  }
  return result;
}

// The network file of one device with that configuration.
std::string network_of(const std::string& configuration, std::string_view format) {
  const MemoryFileSystem files(
      {{"net/topology.yaml", "segproof: topology/1\nname: x\ndevices:\n  fw1: {interfaces: {}}\n"},
       {"net/policy.yaml",
        fmt::format("segproof: policy/1\nepoch: now\ndate: 2024-01-01\nrules:\n  fw1:\n    - {{format: {}, file: "
                    "device}}\n",
                    format)},
       {"net/device", configuration}});
  SourceStore sources;
  DiagnosticSink sink;
  const auto snapshot = input::load_snapshot({.topology = {"net"}, .policy = {}, .claims = {}}, files, sources, sink);
  if (!snapshot) {
    return snapshot.failure().message;
  }
  return fmt::format("errors {}\n", sink.has_errors()) +
         meaning(proof::network_text(snapshot.value().network, snapshot.value().claims, {}, sources));
}

// Each with a place for the secret, as they stand in configurations.
constexpr std::array<std::string_view, 28> planted = {
    "enable password {0}",
    "enable secret 9 {0}",
    "username bob secret 5 {0}",
    "username bob password {0} encrypted privilege 15",
    "passwd {0} encrypted",
    "snmp-server community {0} RW 99",
    "snmp-server host 10.0.0.1 {0}",
    "snmp-server host inside 10.0.0.1 community {0} version 2c",
    "snmp-server user u g v3 auth md5 {0} priv aes 128 {0}",
    "tacacs-server key 7 {0}",
    "radius-server host 10.0.0.1 auth-port 1812 acct-port 1813 key {0}",
    "aaa-server TAC (inside) host 10.0.0.1 {0} timeout 10",
    "crypto isakmp key {0} address 0.0.0.0",
    " pre-shared-key address 0.0.0.0 0.0.0.0 key {0}",
    " ikev2 local-authentication pre-shared-key {0}",
    " neighbor 10.0.0.1 password {0}",
    " ip ospf authentication-key 7 {0}",
    " ip ospf message-digest-key 1 md5 {0}",
    " area 0 virtual-link 10.0.0.1 message-digest-key 1 md5 {0}",
    " standby 1 authentication {0}",
    " vrrp 1 authentication text {0}",
    " key-string {0}",
    "ntp authentication-key 1 md5 {0} 7",
    "failover key {0}",
    " ppp chap password 0 {0}",
    " ldap-login-password {0}",
    " description {0}",
    "access-list 99 remark {0}",
};

TEST_CASE("redacted copies of real configurations mean the same, and do not hold what was taken out of the originals") {
  const auto data = data_folder();
  if (!data) {
    return;
  }
  std::vector<std::string> paths;
  find_files(*data + "/firewall", paths);
  const RealFileSystem files;
  std::size_t compared = 0;
  std::size_t held_secrets = 0;
  for (const std::string& path : paths) {
    const auto read = files.read_file(path, 1U << 20U);
    if (!read.ok() || first_invalid_utf8(read.value())) {
      continue;
    }
    for (const std::string_view format : {"iptables-save", "nft", "cisco-asa", "cisco-ios"}) {
      if (!looks_like(read.value(), format)) {
        continue;
      }
      CAPTURE(path);
      CAPTURE(format);
      const std::string copy = proof::redacted(read.value(), format);
      CHECK(std::ranges::count(copy, '\n') == std::ranges::count(read.value(), '\n'));
      CHECK(proof::redacted(copy, format) == copy);
      const bool same = network_of(copy, format) == network_of(read.value(), format);
      CHECK(same);
      ++compared;
      if (format.starts_with("cisco")) {
        held_secrets += read.value().find("REDACTED") != std::string::npos ? 1U : 0U;  // as these files were published
        CHECK(copy.find("REDACTED") == std::string::npos);
        std::string with_secrets = read.value() + "\n";
        for (const std::string_view line : planted) {
          with_secrets += fmt::format(fmt::runtime(line), "hunter2") + "\n";
        }
        CHECK(proof::redacted(with_secrets, format).find("hunter2") == std::string::npos);
      }
    }
  }
  MESSAGE(compared, " compared");
  CHECK(compared >= 100);
  CHECK(held_secrets >= 4);
}

}  // namespace
}  // namespace segproof::test
