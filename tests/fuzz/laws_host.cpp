// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "base/file.h"
#include "input/host_addresses/host_facts.h"
#include "input/snapshot.h"
#include "laws.h"

namespace segproof::fuzz {
namespace {

void ask_facts(Laws& laws, std::string_view text) {
  if (const auto json = read_host_json(text)) {
    for (const HostInterface& interface : json->interfaces) {
      laws.hold(!interface.name.empty(), "an interface without a name");
      for (const InterfaceAddress& address : interface.addresses) {
        laws.hold(address.address.family == address.prefix.address.family, "an address of two families");
        laws.hold(address.prefix.length <= address_width(address.prefix.address.family), "a prefix beyond its family");
      }
    }
    for (const HostRoute& route : json->routes) {
      laws.hold(route.destination.length <= address_width(route.destination.address.family), "a route's prefix");
      for (const HostHop& hop : route.hops)
        laws.hold(!hop.gateway || hop.gateway->family == route.destination.address.family, "a route's gateway");
    }
    for (const HostRouteRule& rule : json->rules)
      laws.hold(!rule.table.empty() || !rule.action.empty(), "a routing rule that does nothing");
  }
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n') + 1);
  if (const auto settings = read_host_settings(text)) {
    laws.hold(!settings->empty(), "settings without any");
    for (const auto& [name, setting] : *settings)
      laws.hold(setting.line >= 1 && setting.line <= lines, "a setting beyond the last line");
  }
}

constexpr std::string_view topology =
    "segproof: topology/1\nname: fuzz\nzones: {left: {prefixes: [10.1.0.0/24]}, right: {prefixes: [10.2.0.0/24]}}\n"
    "segments: {lan: {prefixes: [10.1.0.0/24]}, srv: {prefixes: [10.2.0.0/24, '2001:db8::/64']}}\n"
    "devices: {fw: {host-folder: fw}}\n";
constexpr std::string_view policy = "segproof: policy/1\nepoch: e0\ndate: 2024-01-01\n";

struct Loading {
  SourceStore sources;
  DiagnosticSink sink{100};
  input::Snapshot snapshot;
  bool loaded = false;

  explicit Loading(const FileSystem& files) {
    auto result = input::load_snapshot({.topology = {"net"}, .policy = {}, .claims = {}}, files, sources, sink);
    loaded = result.ok();
    if (loaded)
      snapshot = std::move(result).value();
  }
  [[nodiscard]] std::uint64_t digest() const {
    Digest digest;
    digest.add(sink).add(snapshot.network.gaps).add(std::uint64_t{loaded});
    for (const model::Node& node : snapshot.network.nodes)
      digest.add(node.name).add(node.rules).add(node.interfaces.size());
    for (const model::Interface& interface : snapshot.network.interfaces)
      digest.add(interface.name).add(interface.addresses.size()).add(interface.origin);
    return digest.value();
  }
};

void ask_routing(Laws& laws, const model::Network& network, const model::Node& node, Family family) {
  const model::Routing& routing = node.routing[model::index_of(family)];
  for (const model::RouteRule& rule : routing.rules)
    laws.hold(rule.table < routing.tables.size(), "a routing rule without its table");
  for (const model::RouteTable& table : routing.tables) {
    for (const model::Route& route : table.routes) {
      laws.hold(route.destination.address.family == family, "a route in the other family's table");
      for (const model::NextHop& hop : route.hops)
        laws.hold(!hop.interface.valid() || hop.interface.index() < network.interfaces.size(), "a hop's interface");
    }
  }
}

void ask_network(Laws& laws, const Loading& loading, std::size_t size) {
  const model::Network& network = loading.snapshot.network;
  laws.gaps(network.gaps);
  for (const model::Node& node : network.nodes) {
    laws.rules(node.rules, size + topology.size());
    for (const model::InterfaceId id : node.interfaces)
      laws.hold(id.index() < network.interfaces.size(), "a node's interface");
    ask_routing(laws, network, node, Family::ipv4);
    ask_routing(laws, network, node, Family::ipv6);
  }
}

// Each file of the folder is listed among the inputs, or a message names it.
bool accounts_for(const Loading& loading, const std::string& path) {
  const bool listed = std::ranges::any_of(loading.snapshot.inputs, [&](const auto& file) { return file.path == path; });
  return listed || std::ranges::any_of(loading.sink.all(), [&](const Diagnostic& diagnostic) {
           return diagnostic.span.file.valid() && loading.sources.path(diagnostic.span.file) == path;
         });
}

void ask_folder(Laws& laws, const MemoryFileSystem& files, const Loading& loading, std::size_t size) {
  laws.diagnostics(loading.sink, Laws::Errors::allowed);
  laws.hold(loading.loaded, "the folder cannot be read");
  ask_network(laws, loading, size);
  laws.hold(loading.digest() == Loading(files).digest(), "a second reading says something else");
}

bool is_file_name(std::string_view name) {
  // Notes (*.md) and dotfiles are nobody's business.
  return !name.empty() && name.front() != '.' && !name.ends_with(".md") &&
         name.find_first_of("/\\") == std::string_view::npos;
}

}  // namespace

std::string broken_by_host(std::string_view text) {
  std::vector<NamedText> parts = split_files(text);
  if (!text.starts_with("--- "))
    parts = {{"collected", std::string(text)}};
  MemoryFileSystem files;
  files.add("net/topology.yaml", std::string(topology));
  files.add("net/policy.yaml", std::string(policy));
  std::vector<std::string> paths;
  for (const NamedText& part : parts) {
    if (!is_file_name(part.name))
      continue;
    paths.push_back(join_path("net/fw", part.name));
    files.add(paths.back(), part.text);
  }
  if (paths.empty())
    return {};
  const Loading loading(files);
  Laws laws(loading.sources);
  for (const NamedText& part : parts)
    ask_facts(laws, part.text);
  ask_folder(laws, files, loading, text.size());
  for (const std::string& path : paths)
    laws.hold(accounts_for(loading, path), "a file of the folder that nobody speaks of");
  return laws.broken();
}

}  // namespace segproof::fuzz
