// SPDX-License-Identifier: Apache-2.0
// What was collected on a host, or written in a policy, as programs and settings that bring a fresh namespace there.
// Reads texts, runs nothing.
#pragma once

#include <string>
#include <vector>

#include "base/source.h"
#include "confirm/blueprint.h"
#include "input/snapshot.h"

namespace segproof::confirm {

// Lines for `ip -4 -batch -` and `ip -6 -batch -`: routing rules and routes of the files of a host folder. Routes that
// the kernel adds for addresses are repeated, which changes nothing.
struct RouteLines {
  std::array<std::string, 2> by_family;
  std::string fault;  // why they cannot be loaded; empty: they can
};
[[nodiscard]] RouteLines collected_routes(const std::vector<FileId>& files, const SourceStore& sources);
// The same of a node whose routes stand in the topology or the policy. Connected routes come with the addresses.
[[nodiscard]] RouteLines written_routes(const model::Network& network, model::NodeId node);

// The settings of a host folder that decide where packets go, general ones first.
[[nodiscard]] std::vector<Setting> collected_settings(const std::vector<FileId>& files, const SourceStore& sources);

// The programs that load the rules, sets first. Tables of nftables that iptables-nft made are loaded once, by it.
struct RuleCommands {
  std::vector<Command> commands;
  std::string fault;
};
[[nodiscard]] RuleCommands rule_commands(const std::vector<input::GivenRules>& rules, const SourceStore& sources);

// The text of `nft list ruleset` without these tables ("ip filter").
[[nodiscard]] std::string without_tables(std::string_view ruleset, const std::vector<std::string>& tables);

}  // namespace segproof::confirm
