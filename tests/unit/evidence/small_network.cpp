// SPDX-License-Identifier: Apache-2.0
#include "small_network.h"

#include <doctest/doctest.h>

#include <utility>

#include "base/diagnostic.h"
#include "claim/session.h"
#include "facade/accounts.h"
#include "facade/copied_files.h"

namespace segproof::test {

namespace {

constexpr const char* topology = R"(segproof: topology/1
name: shop  # the password is hunter2
zones:
  office: {prefixes: [10.1.0.0/24]}
  servers: {prefixes: [10.2.0.0/24]}
segments:
  office: {prefixes: [10.1.0.0/24]}
  servers: {prefixes: [10.2.0.0/24]}
hosts:
  laptop1: {address: 10.1.0.20}
  web1: {address: 10.2.0.10, services: [tcp/443, tcp/22]}
  db1: {address: 10.2.0.11, services: [tcp/5432]}
devices:
  fw1:
    interfaces:
      eth0: {segment: office, addresses: [10.1.0.1/24]}
      eth1: {segment: servers, addresses: [10.2.0.1/24]}
    routes: []
    ipv6: off
)";

constexpr const char* rules = R"(# Generated for hunter2
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP
-A FORWARD -i eth1 ! -s 10.2.0.0/24 -j DROP
-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A FORWARD -s 10.1.0.0/24 -d 10.2.0.10/32 -p tcp -m tcp --dport 443 -j ACCEPT
-A FORWARD -s 10.1.0.20/32 -d 10.2.0.0/24 -p tcp -m tcp --dport 22 -m comment --comment "login: hunter2" -j ACCEPT
COMMIT
)";

constexpr const char* policy = R"(segproof: policy/1
epoch: now
date: 2026-11-02
rules:
  fw1: [{format: iptables-save, file: fw1.rules}]
)";

constexpr const char* claims = R"(segproof: claims/1
claims:
  - id: NET-1
    kind: no-new-sessions
    text: servers open no session into the office
    from: servers
    to: office
  - id: NET-2
    kind: only
    text: the office reaches the web server, and nothing else among the servers
    from: office
    to: servers
    services:
      - {service: tcp/443, to: web1}
  - id: NET-3
    kind: isolated
    from: nobody
    to: servers
  - id: NET-4
    kind: no-new-sessions
    text: "the \"database\" opens nothing to the laptop"
    from: db1
    to: laptop1
)";

}  // namespace

std::map<std::string, std::string> small_network() {
  return {{"topology.yaml", topology}, {"fw1.rules", rules}, {"policy.yaml", policy}, {"claims.yaml", claims}};
}

Written evidence_about(const std::map<std::string, std::string>& files, const api::EvidenceRequest& request) {
  api::CopiedFiles disk;
  for (const auto& [path, text] : files) {
    disk.add(path, text);
  }
  api::EvidenceRequest asked = request;
  asked.inputs = {.topology = {"."}, .policy = {}, .claims = {}};
  SourceStore sources;
  DiagnosticSink sink;
  const auto snapshot = input::load_snapshot(asked.inputs, disk, sources, sink);
  REQUIRE_MESSAGE(snapshot.ok(), (snapshot.ok() ? std::string() : snapshot.failure().message));
  REQUIRE_FALSE(sink.has_errors());
  const auto reading = api::read_again(asked.inputs, snapshot.value(), sources, asked.copies);
  REQUIRE_MESSAGE(reading.ok(), (reading.ok() ? std::string() : reading.failure().message));
  claim::Options options;
  options.jobs = 1;
  Written written;
  written.results = claim::verify(reading.value()->snapshot.network, reading.value()->snapshot.claims,
                                  reading.value()->sources, options);
  api::add_accounts(reading.value()->snapshot, written.results);
  auto result = api::evidence_of(*reading.value(), written.results, asked);
  REQUIRE_MESSAGE(result.ok(), (result.ok() ? std::string() : result.failure().message));
  written.files = std::move(result).value();
  return written;
}

}  // namespace segproof::test
