// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/ansible_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "input/inventory/host_range.h"
#include "input/inventory/values.h"

namespace segproof::input::inventory {
namespace {

constexpr std::size_t largest_edge_count = 1'000'000;
constexpr std::size_t largest_expansion_total = 2'000'000;

struct VariableName {
  std::string_view name;
  VariableKey key;
};
constexpr std::array<VariableName, 11> variable_names{{{"ansible_host", VariableKey::host},
                                                       {"ansible_ssh_host", VariableKey::host},
                                                       {"ansible_group_priority", VariableKey::priority},
                                                       {"segproof_address", VariableKey::addresses},
                                                       {"segproof_addresses", VariableKey::addresses},
                                                       {"segproof_zone", VariableKey::zone},
                                                       {"segproof_segment", VariableKey::segment},
                                                       {"segproof_vrf", VariableKey::vrf},
                                                       {"segproof_services", VariableKey::services},
                                                       {"segproof_tags", VariableKey::tags},
                                                       {"segproof_labels", VariableKey::labels}}};

std::string_view key_name(VariableKey key) {
  if (key == VariableKey::addresses) {
    return "segproof_addresses";
  }
  return std::ranges::find(variable_names, key, &VariableName::key)->name;
}

std::size_t index_of(VariableKey key) {
  return static_cast<std::size_t>(key);
}

}  // namespace

std::optional<VariableKey> variable_key(std::string_view name) {
  const auto* const found = std::ranges::find(variable_names, name, &VariableName::name);
  return found == variable_names.end() ? std::nullopt : std::optional(found->key);
}

bool same_value(const Variable& a, const Variable& b) {
  return a.is_list == b.is_list && std::ranges::equal(a.items, b.items, {}, &Value::text, &Value::text);
}

AnsibleModel::AnsibleModel(Reporter& reporter) : reporter_(reporter) {
  group("all", reporter.whole());
}

GroupIndex AnsibleModel::group(std::string_view name, SourceSpan origin) {
  const auto [found, is_new] = group_of_.try_emplace(std::string(name), GroupIndex(groups_.size()));
  if (is_new) {
    groups_.push_back({.name = std::string(name),
                       .origin = origin,
                       .children = {},
                       .parents = {},
                       .variables = {},
                       .depth = 0,
                       .priority = 1});
  }
  return found->second;
}

void AnsibleModel::add_child(GroupIndex parent, GroupIndex child, SourceSpan span) {
  if (child == all_hosts) {
    reporter_.error(
        DiagnosticCode::ansible_group_cycle, span,
        fmt::format("group {} cannot contain `all`, which contains it", quote(groups_[parent.index()].name)));
    return;
  }
  const std::size_t edge = (parent.index() << 32U) | child.index();
  if (edges_.size() > largest_edge_count || !edges_.insert(edge).second) {
    return;
  }
  if (edges_.size() > largest_edge_count) {
    reporter_.error(DiagnosticCode::inventory_too_large, span,
                    fmt::format("more than {} groups are children of groups", largest_edge_count));
    return;
  }
  groups_[parent.index()].children.push_back({.child = child, .span = span, .cut = false});
}

bool AnsibleModel::is_host_name(std::string_view name, const Value& pattern) {
  const bool printable = std::ranges::none_of(name, [](char c) { return is_space(c) || (c >= 0 && c < 0x20); });
  if (name.empty() || !printable) {
    reporter_.error(DiagnosticCode::inventory_name_invalid, pattern.span,
                    fmt::format("{} is not the name of a host", quote(name)));
    return false;
  }
  const bool dotted_quad =
      std::ranges::count(name, '.') == 3 && std::ranges::all_of(name, [](char c) { return is_digit(c) || c == '.'; });
  if ((dotted_quad || name.find(':') != std::string_view::npos) && !parse_address(name)) {
    reporter_.error(DiagnosticCode::inventory_address_invalid, pattern.span,
                    fmt::format("{} is not an {} address", quote(name), dotted_quad ? "IPv4" : "IPv6"));
    return false;
  }
  return true;
}

std::optional<HostIndex> AnsibleModel::add_host(GroupIndex group, std::string_view name, const Value& pattern) {
  const auto [found, is_new] = host_of_.try_emplace(std::string(name), HostIndex(hosts_.size()));
  if (is_new) {
    if (!is_host_name(name, pattern)) {
      host_of_.erase(found);
      return std::nullopt;
    }
    hosts_.push_back({.name = std::string(name), .origin = pattern.span, .groups = {}, .variables = {}});
  }
  std::vector<GroupIndex>& groups = hosts_[found->second.index()].groups;
  if (group != all_hosts && (groups.empty() || groups.back() != group)) {
    groups.push_back(group);
  }
  return found->second;
}

std::vector<HostIndex> AnsibleModel::add_hosts(GroupIndex group, const Value& pattern) {
  if (too_large_) {
    return {};  // said already; expanding on and on would only cost time
  }
  if (is_expression(pattern.text)) {
    const char* const why = "the name of the host is computed, its value is not in this file; the host is left out";
    reporter_.doubt(LineUse::undecided, pattern.span, DiagnosticCode::inventory_expression, why);
    reporter_.warning(DiagnosticCode::inventory_expression, pattern.span, why,
                      "resolve the inventory first, for example with `ansible-inventory --list --yaml`");
    return {};
  }
  const std::string_view name_part = without_port(pattern.text);
  // An address in brackets lost them above, so that no bracket is left unless it is a range.
  const HostExpansion expansion = expand_host_pattern(name_part);
  if (expansion.fault) {
    const SourceSpan span =
        reporter_.part_span(pattern, name_part.substr(expansion.fault->offset, expansion.fault->length));
    reporter_.error(expansion.fault->code, span, expansion.fault->message, expansion.fault->hint);
    return {};
  }
  expanded_ += expansion.names.size();
  const bool room = hosts_.size() + expansion.names.size() <= largest_host_count ||
                    std::ranges::all_of(expansion.names, [&](const std::string& n) { return host_of_.contains(n); });
  if (!room || expanded_ > largest_expansion_total) {
    if (!std::exchange(too_large_, true)) {
      reporter_.error(
          DiagnosticCode::inventory_too_large, pattern.span,
          room ? fmt::format("the patterns of this file stand for more than {} hosts", largest_expansion_total)
               : fmt::format("the inventory has more than {} hosts", largest_host_count),
          "split it, or list networks as zones or segments instead");
    }
    return {};
  }
  std::vector<HostIndex> hosts;
  for (const std::string& name : expansion.names) {
    const std::optional<HostIndex> host = add_host(group, name, pattern);
    if (!host) {
      break;  // said once for the pattern
    }
    hosts.push_back(*host);
  }
  return hosts;
}

bool AnsibleModel::wants(const Value& name) {
  if (variable_key(name.text)) {
    return true;
  }
  if (name.text.starts_with("segproof_")) {
    std::vector<std::string_view> ours;
    for (const VariableName& variable : variable_names) {
      if (variable.name.starts_with("segproof_")) {
        ours.push_back(variable.name);
      }
    }
    reporter_.error(DiagnosticCode::inventory_key_unknown, name.span,
                    fmt::format("there is no variable {}", quote(name.text)), did_you_mean_hint(name.text, ours));
  }
  return false;
}

void AnsibleModel::keep(Winners& winners, std::uint32_t variable, std::string_view owner) {
  const Variable& later = variables_[variable];
  std::optional<std::uint32_t>& winner = winners[index_of(later.key)];
  if (winner && !same_value(variables_[*winner], later) && reported_.emplace(*winner, variable).second) {
    reporter_.add(Severity::warning, DiagnosticCode::inventory_value_twice, later.span,
                  fmt::format("`{}` of {} is given twice with different values; the later one counts, as in Ansible",
                              key_name(later.key), quote(owner)),
                  {.span = variables_[*winner].span, .message = "first given here"});
  }
  winner = variable;
}

void AnsibleModel::set_variable(GroupIndex group, Variable variable) {
  variables_.push_back(std::move(variable));
  Group& owner = groups_[group.index()];
  keep(owner.variables, static_cast<std::uint32_t>(variables_.size() - 1), owner.name);
}

void AnsibleModel::set_variable(const std::vector<HostIndex>& hosts, Variable variable) {
  variables_.push_back(std::move(variable));
  for (const HostIndex host : hosts) {
    keep(hosts_[host.index()].variables, static_cast<std::uint32_t>(variables_.size() - 1), hosts_[host.index()].name);
  }
}

}  // namespace segproof::input::inventory
