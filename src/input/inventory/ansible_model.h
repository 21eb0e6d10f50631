// SPDX-License-Identifier: Apache-2.0
// What both syntaxes of an Ansible inventory say: groups, who is whose child, hosts, variables; and Ansible's rules for
// what follows from it for one host (ancestors, precedence of variables). Only variables that mean something here are
// kept: ansible_host, ansible_group_priority and those that begin with segproof_.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/strong_id.h"
#include "input/inventory/host_list.h"
#include "input/inventory/inventory.h"
#include "input/inventory/reporter.h"

namespace segproof::input::inventory {

enum class VariableKey : std::uint8_t { host, priority, addresses, zone, segment, vrf, services, tags, labels };
inline constexpr std::size_t variable_key_count = 9;

// Nothing for variables without a meaning here.
[[nodiscard]] std::optional<VariableKey> variable_key(std::string_view name);

// A variable as it is written: a text, or the items of a YAML list.
struct Variable {
  VariableKey key = VariableKey::host;
  std::vector<Value> items;
  bool is_list = false;
  SourceSpan span;
  friend bool same_value(const Variable& a, const Variable& b);
};

using GroupIndex = StrongId<struct AnsibleGroupTag>;
using HostIndex = StrongId<struct AnsibleHostTag>;
inline constexpr GroupIndex all_hosts{0};

// Invariant: the group all_hosts is `all`. Not thread-safe.
class AnsibleModel {
 public:
  explicit AnsibleModel(Reporter& reporter);

  // The group of that name, made if it is new. `origin` is kept of the first call.
  GroupIndex group(std::string_view name, SourceSpan origin);
  [[nodiscard]] bool has_group(std::string_view name) const { return group_of_.contains(std::string(name)); }
  void add_child(GroupIndex parent, GroupIndex child, SourceSpan span);

  // The hosts of a pattern, put into the group. Faults of the pattern are reported; the result is then empty.
  std::vector<HostIndex> add_hosts(GroupIndex group, const Value& pattern);

  // True when a variable of this name is to be kept. A name of ours that does not exist is an error.
  [[nodiscard]] bool wants(const Value& name);
  void set_variable(GroupIndex group, Variable variable);
  void set_variable(const std::vector<HostIndex>& hosts, Variable variable);

  // Everything that follows, with the closing diagnostics. Call once.
  [[nodiscard]] Inventory resolve();

 private:
  using Winners = std::array<std::optional<std::uint32_t>, variable_key_count>;  // indexes into variables_
  struct Edge {
    GroupIndex child;
    SourceSpan span;
    bool cut = false;  // it closed a circle
  };
  struct Group {
    std::string name;
    SourceSpan origin;
    std::vector<Edge> children;
    std::vector<GroupIndex> parents;
    Winners variables;
    unsigned depth = 0;
    std::int64_t priority = 1;
  };
  struct Host {
    std::string name;
    SourceSpan origin;
    std::vector<GroupIndex> groups;  // direct ones
    Winners variables;
  };
  // What all hosts with the same direct groups have in common.
  struct Membership {
    std::vector<std::string> names;
    Winners variables;
  };

  std::optional<HostIndex> add_host(GroupIndex group, std::string_view name, const Value& pattern);
  [[nodiscard]] bool is_host_name(std::string_view name, const Value& pattern);
  void keep(Winners& winners, std::uint32_t variable, std::string_view owner);
  void cut_cycles();
  void report_cycle(const std::vector<GroupIndex>& path, GroupIndex closing, SourceSpan span);
  void measure_depths();
  const Membership& membership(const std::vector<GroupIndex>& direct);
  [[nodiscard]] std::vector<GroupIndex> ancestors(const std::vector<GroupIndex>& direct);
  void merge_group(const Group& group, Membership& merged, const std::vector<GroupIndex>& earlier);
  ListedHost make_host(const Host& host, HostList& list);
  // What a variable says, read once however many hosts have it; `host` is named in its diagnostics.
  const ListedHost& meaning(std::uint32_t variable, const std::string& host, HostList& list);
  void read_variable(const Variable& variable, ListedHost& into, HostList& list);
  void read_word(const Variable& variable, std::string& into);
  void read_services(const Variable& variable, ListedHost& into, HostList& list);

  Reporter& reporter_;
  std::vector<Group> groups_;
  std::vector<Host> hosts_;
  std::vector<Variable> variables_;
  std::unordered_map<std::string, GroupIndex> group_of_;
  std::unordered_map<std::string, HostIndex> host_of_;
  std::map<std::vector<GroupIndex>, Membership> memberships_;
  std::unordered_map<std::uint32_t, ListedHost> meanings_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> reported_;  // pairs of variables that contradict each other
  std::unordered_set<std::size_t> edges_;                       // parent and child, so that none is kept twice
  std::size_t cycles_ = 0;
  std::size_t expanded_ = 0;  // names that patterns stood for, repetitions included
  std::size_t copied_ = 0;    // groups, services and the like that hosts inherited
  bool too_large_ = false;
};

}  // namespace segproof::input::inventory
