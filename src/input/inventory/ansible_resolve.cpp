// SPDX-License-Identifier: Apache-2.0
// The second half of AnsibleModel: from groups and variables to what holds for one host.
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "input/inventory/ansible_model.h"
#include "input/inventory/values.h"

namespace segproof::input::inventory {
namespace {

// What hosts may inherit in one file: groups, services, tags and the like, counted once for each host.
constexpr std::size_t largest_copy_total = 4'000'000;
// Circles that are told apart; more of them are the same mistake.
constexpr std::size_t most_cycles = 20;
constexpr std::string_view resolve_hint =
    "resolve the inventory first, for example with `ansible-inventory --list --yaml`";

bool is_computed(const Variable& variable) {
  return std::ranges::any_of(variable.items, [](const Value& item) { return is_expression(item.text); });
}

std::vector<Value> items_of(const Variable& variable, Reporter& reporter) {
  const bool whole = variable.is_list || variable.items.empty() || is_computed(variable);
  return whole ? variable.items : list_items(variable.items.front(), reporter);
}

// Takes over what `from` says about the host.
void merge_meaning(const ListedHost& from, ListedHost& host) {
  for (const ListedAddress& address : from.addresses) {
    const auto known = std::ranges::find(host.addresses, address.address, &ListedAddress::address);
    if (known == host.addresses.end()) {
      host.addresses.push_back(address);
    } else if (!known->prefix_length) {
      known->prefix_length = address.prefix_length;
    }
  }
  const auto take = [](auto& into, const auto& value) {
    if (!value.empty()) {
      into = value;
    }
  };
  take(host.aliases, from.aliases);
  take(host.tags, from.tags);
  take(host.labels, from.labels);
  take(host.zone, from.zone);
  take(host.segment, from.segment);
  take(host.vrf, from.vrf);
  take(host.services, from.services);
  host.services_listed = host.services_listed || from.services_listed;
}

}  // namespace

void AnsibleModel::report_cycle(const std::vector<GroupIndex>& path, GroupIndex closing, SourceSpan span) {
  if (++cycles_ > most_cycles) {
    return;
  }
  std::string circle;
  std::size_t shown = 0;
  for (auto at = std::ranges::find(path, closing); at != path.end() && shown < 6; ++at, ++shown) {
    circle += groups_[at->index()].name + " > ";
  }
  const std::string name = groups_[closing.index()].name;
  reporter_.error(DiagnosticCode::ansible_group_cycle, span,
                  fmt::format("group {} contains itself: {}", quote(name), quote(circle + name, 200)));
}

// Depth first with a stack of its own: the file decides how deep it goes.
void AnsibleModel::cut_cycles() {
  enum class Mark : std::uint8_t { fresh, open, closed };
  struct Step {
    GroupIndex group;
    std::size_t next = 0;
  };
  std::vector<Mark> marks(groups_.size(), Mark::fresh);
  for (std::size_t start = 0; start < groups_.size(); ++start) {
    if (marks[start] != Mark::fresh) {
      continue;
    }
    std::vector<Step> stack{{.group = GroupIndex(start)}};
    std::vector<GroupIndex> path{GroupIndex(start)};
    marks[start] = Mark::open;
    while (!stack.empty()) {
      Step& step = stack.back();
      std::vector<Edge>& edges = groups_[step.group.index()].children;
      if (step.next == edges.size()) {
        marks[step.group.index()] = Mark::closed;
        stack.pop_back();
        path.pop_back();
        continue;
      }
      const Edge edge = edges[step.next];
      if (marks[edge.child.index()] == Mark::open) {
        report_cycle(path, edge.child, edge.span);
        edges[step.next].cut = true;
        ++step.next;
        continue;
      }
      ++step.next;
      groups_[edge.child.index()].parents.push_back(step.group);
      if (marks[edge.child.index()] == Mark::fresh) {
        marks[edge.child.index()] = Mark::open;
        stack.push_back({.group = edge.child});
        path.push_back(edge.child);
      }
    }
  }
}

// The longest way down from `all`, as Ansible counts it. Precondition: no cycles.
void AnsibleModel::measure_depths() {
  std::vector<std::size_t> waiting(groups_.size());
  std::vector<GroupIndex> ready;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    waiting[i] = group.parents.size();
    group.depth = GroupIndex(i) == all_hosts ? 0 : 1;
    if (waiting[i] == 0) {
      ready.emplace_back(i);
    }
    if (const auto& priority = group.variables[static_cast<std::size_t>(VariableKey::priority)]) {
      const Variable& variable = variables_[*priority];
      const auto number =
          variable.items.size() == 1 ? parse_unsigned<std::uint32_t>(variable.items[0].text) : std::nullopt;
      if (!number) {
        reporter_.warning(DiagnosticCode::inventory_value_invalid, variable.span,
                          "`ansible_group_priority` is not a number; 1 is used");
      }
      group.priority = number.value_or(1);
    }
  }
  while (!ready.empty()) {
    const GroupIndex parent = ready.back();
    ready.pop_back();
    for (const Edge& edge : groups_[parent.index()].children) {
      if (edge.cut) {
        continue;
      }
      Group& child = groups_[edge.child.index()];
      child.depth = std::max(child.depth, groups_[parent.index()].depth + 1);
      if (--waiting[edge.child.index()] == 0) {
        ready.push_back(edge.child);
      }
    }
  }
}

// The groups and all above them in the order in which Ansible applies their variables.
std::vector<GroupIndex> AnsibleModel::ancestors(const std::vector<GroupIndex>& direct) {
  std::vector<GroupIndex> found{all_hosts};
  std::set<GroupIndex> seen{all_hosts};
  std::vector<GroupIndex> todo(direct.begin(), direct.end());
  while (!todo.empty()) {
    const GroupIndex group = todo.back();
    todo.pop_back();
    if (!seen.insert(group).second) {
      continue;
    }
    if (++copied_ > largest_copy_total) {
      break;
    }
    found.push_back(group);
    std::ranges::copy(groups_[group.index()].parents, std::back_inserter(todo));
  }
  std::ranges::sort(found, [this](GroupIndex a, GroupIndex b) {
    const auto key = [this](GroupIndex g) {
      const Group& group = groups_[g.index()];
      return std::tie(group.depth, group.priority, group.name);
    };
    return key(a) < key(b);
  });
  return found;
}

void AnsibleModel::merge_group(const Group& group, Membership& merged, const std::vector<GroupIndex>& earlier) {
  for (std::size_t key = 0; key < variable_key_count; ++key) {
    const std::optional<std::uint32_t>& value = group.variables[key];
    if (!value) {
      continue;
    }
    std::optional<std::uint32_t>& winner = merged.variables[key];
    if (winner && key != static_cast<std::size_t>(VariableKey::priority) &&
        !same_value(variables_[*winner], variables_[*value])) {
      // Only a group of the same rank contradicts; a child refines its parent.
      const auto rival = std::ranges::find_if(earlier, [&](GroupIndex g) {
        const Group& other = groups_[g.index()];
        return other.variables[key] == winner && other.depth == group.depth && other.priority == group.priority;
      });
      if (rival != earlier.end() && reported_.emplace(*winner, *value).second) {
        reporter_.add(Severity::warning, DiagnosticCode::inventory_value_twice, variables_[*value].span,
                      fmt::format("groups {} and {} of one host give it different values; {} counts, as in Ansible",
                                  quote(groups_[rival->index()].name), quote(group.name), quote(group.name)),
                      {.span = variables_[*winner].span, .message = "the other value is given here"},
                      "set the variable on the host, or `ansible_group_priority` on a group");
      }
    }
    winner = value;
  }
}

const AnsibleModel::Membership& AnsibleModel::membership(const std::vector<GroupIndex>& direct) {
  const auto [found, is_new] = memberships_.try_emplace(direct);
  Membership& merged = found->second;
  if (is_new) {
    std::vector<GroupIndex> earlier;
    for (const GroupIndex index : ancestors(direct)) {
      const Group& group = groups_[index.index()];
      merge_group(group, merged, earlier);
      earlier.push_back(index);
      if (index != all_hosts) {
        merged.names.push_back(group.name);
      }
    }
    if (merged.names.empty()) {
      merged.names.emplace_back("ungrouped");
    }
    std::ranges::sort(merged.names);
  }
  return merged;
}

void AnsibleModel::read_word(const Variable& variable, std::string& into) {
  if (is_computed(variable)) {
    reporter_.error(DiagnosticCode::inventory_value_invalid, variable.span,
                    "the value is computed, it is not in this file", std::string(resolve_hint));
  } else if (variable.is_list || variable.items.size() != 1) {
    reporter_.error(DiagnosticCode::inventory_value_invalid, variable.span, "a single value is expected here");
  } else {
    into = std::string(trim(variable.items.front().text));
  }
}

void AnsibleModel::read_services(const Variable& variable, ListedHost& into, HostList& list) {
  const std::vector<Value> items = items_of(variable, reporter_);
  ServiceList services = parse_services(items, list.bare_port, reporter_);
  // An empty list in brackets says that there are none; an empty text says nothing.
  const bool says_something = !items.empty() || variable.is_list;
  into.services_listed = services.readable && !services.any && says_something;
  if (into.services_listed) {
    into.services = std::move(services.services);
  }
}

void AnsibleModel::read_variable(const Variable& variable, ListedHost& into, HostList& list) {
  switch (variable.key) {
    case VariableKey::host:
      if (variable.is_list || variable.items.size() != 1) {
        reporter_.error(DiagnosticCode::inventory_value_invalid, variable.span, "a single value is expected here");
        return;
      }
      return add_address(into, variable.items.front(), std::nullopt, "", NamesAllowed::yes, reporter_);
    case VariableKey::priority:
      return;
    case VariableKey::addresses:
      for (const Value& item : items_of(variable, reporter_)) {
        add_address(into, item, std::nullopt, "", NamesAllowed::no, reporter_);
      }
      return;
    case VariableKey::zone:
      return read_word(variable, into.zone);
    case VariableKey::segment:
      return read_word(variable, into.segment);
    case VariableKey::vrf:
      return read_word(variable, into.vrf);
    case VariableKey::services:
      return read_services(variable, into, list);
    case VariableKey::tags:
    case VariableKey::labels:
      if (is_computed(variable)) {
        reporter_.error(DiagnosticCode::inventory_value_invalid, variable.span,
                        "the value is computed, it is not in this file", std::string(resolve_hint));
        return;
      }
      return add_words(variable.key == VariableKey::tags ? into.tags : into.labels, items_of(variable, reporter_));
  }
}

const ListedHost& AnsibleModel::meaning(std::uint32_t variable, const std::string& host, HostList& list) {
  const auto [found, is_new] = meanings_.try_emplace(variable);
  if (is_new) {
    found->second.name = host;
    read_variable(variables_[variable], found->second, list);
  }
  return found->second;
}

ListedHost AnsibleModel::make_host(const Host& host, HostList& list) {
  const Membership& member = membership(host.groups);
  ListedHost listed;
  listed.name = host.name;
  listed.origin = host.origin;
  listed.groups = member.names;
  if (parse_address(host.name)) {
    add_address(listed, {.text = host.name, .span = host.origin}, std::nullopt, "", NamesAllowed::no, reporter_);
  }
  for (std::size_t key = 0; key < variable_key_count; ++key) {
    const std::optional<std::uint32_t> own = host.variables[key];
    const std::optional<std::uint32_t> value = own ? own : member.variables[key];
    if (value) {
      const ListedHost& said = meaning(*value, host.name, list);
      copied_ += said.addresses.size() + 3 * said.services.size() + said.tags.size() + said.labels.size();
      merge_meaning(said, listed);
    }
  }
  copied_ += member.names.size();
  return listed;
}

Inventory AnsibleModel::resolve() {
  cut_cycles();
  measure_depths();
  HostList list(reporter_);
  for (Host& host : hosts_) {
    std::ranges::sort(host.groups);
    host.groups.erase(std::unique(host.groups.begin(), host.groups.end()), host.groups.end());
    list.add(make_host(host, list));
    if (copied_ > largest_copy_total) {
      reporter_.error(
          DiagnosticCode::inventory_too_large, host.origin,
          fmt::format("the hosts of this file inherit more than {} groups and values together", largest_copy_total));
      break;
    }
  }
  return std::move(list).finish();
}

}  // namespace segproof::input::inventory
