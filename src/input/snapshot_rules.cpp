// SPDX-License-Identifier: Apache-2.0
// Rule sets on their nodes, those of the epochs before, and files that nobody recognised.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "input/iptables/program.h"
#include "input/snapshot_device.h"
#include "input/snapshot_rule_sets.h"
#include "model/short_fragments.h"

namespace segproof::input {
namespace {

// Calls `visit(Test&)` for every test of a condition, alternatives included.
template <class Visit>
void for_each_test(model::Condition& condition, const Visit& visit) {
  for (model::Test& test : condition.tests) {
    if (auto* any = std::get_if<model::AnyTest>(&test)) {
      for (model::Condition& alternative : any->alternatives) {
        for_each_test(alternative, visit);
      }
    } else {
      visit(test);
    }
  }
}

bool is_known_anywhere(const model::InterfaceTest& test) {
  return test.name.empty() || (test.name == "lo" && !test.is_prefix);
}

// Without names of interfaces a test of one may hold or not.
void make_interface_tests_unknown(NodeRules& rules) {
  for (model::Chain& chain : rules.rules.chains) {
    for (model::Rule& rule : chain.rules) {
      std::string named;
      for_each_test(rule.condition, [&](model::Test& test) {
        const auto* interface = std::get_if<model::InterfaceTest>(&test);
        if (interface == nullptr || is_known_anywhere(*interface)) {
          return;
        }
        named = interface->name;
        test = model::UnknownTest{.kind = model::Unknown::not_understood,
                                  .text = fmt::format("interface {}", interface->name),
                                  .negated = interface->negated};
      });
      if (!named.empty()) {
        rules.gaps.push_back(
            {.span = rule.origin,
             .code = DiagnosticCode::interface_names_unknown,
             .why = fmt::format("the host's interfaces have no names, the rule asks for {}", quote(named)),
             .node = {}});
      }
    }
  }
}

// The interfaces that rules name, each with the first rule that does.
std::map<std::string, SourceSpan> named_interfaces(NodeRules& rules) {
  std::map<std::string, SourceSpan> names;
  for (model::Chain& chain : rules.rules.chains) {
    for (model::Rule& rule : chain.rules) {
      for_each_test(rule.condition, [&](const model::Test& test) {
        const auto* interface = std::get_if<model::InterfaceTest>(&test);
        if (interface != nullptr && !interface->is_prefix && !is_known_anywhere(*interface)) {
          names.emplace(interface->name, rule.origin);
        }
      });
    }
  }
  return names;
}

bool may_be_of_nftables(const GivenRules& given, const SourceStore& sources) {
  switch (given.form) {
    case RuleForm::iptables_save:
    case RuleForm::ip6tables_save:
      return iptables::program_of_text(sources.text(given.file)) != iptables::Program::iptables_legacy;
    case RuleForm::nft:
    case RuleForm::nft_json:
      return true;
    case RuleForm::ipset_save:
    case RuleForm::native:
    case RuleForm::device:
      return false;
  }
  return true;
}

void doubt_short_fragments(NodeRules& rules, const SourceStore& sources) {
  std::vector<FileId> others;
  for (const GivenRules& given : rules.files) {
    if (!may_be_of_nftables(given, sources)) {
      others.push_back(given.file);
    }
  }
  model::doubt_flags_of_short_fragments(rules.rules, [&](const model::Rule& rule) {
    return std::ranges::find(others, rule.origin.file) == others.end();
  });
}

void check_off(const NodeRules& rules, model::NodeId id, Assembly& assembly) {
  const model::Node& node = assembly.node(id);
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const std::size_t index = model::index_of(family);
    // A file of its own says that the family is in use.
    if (node.filter[index] == model::Known::off && rules.given[index] && !rules.of_both) {
      assembly.faults.error(DiagnosticCode::family_switched_off, rules.named_at[index],
                            fmt::format("{} rules of {}, on which the family is switched off",
                                        yaml::family_text(family), quote(node.name)));
    }
  }
}

// Addresses, routes, routing rules, settings, and what was not understood.
std::vector<FileId> host_files(const HostFolder& folder) {
  std::vector<FileId> files = folder.files;
  std::erase_if(files, [&](FileId file) {
    return std::ranges::find(folder.rule_files, file, &HostRuleFile::file) != folder.rule_files.end();
  });
  return files;
}

// Rules that were collected on hosts, unless the policy gives others.
void add_host_rules(std::map<std::string, NodeRules>& sets, Assembly& assembly) {
  for (auto& [name, folder] : assembly.host_folders) {
    const auto node = assembly.node_ids.find(name);
    if (node == assembly.node_ids.end()) {
      continue;
    }
    assembly.node_files[name].host = host_files(folder);
    for (model::Gap& gap : folder.gaps) {
      const bool may_be_anything = gap.code == DiagnosticCode::unrecognised_file;
      gap.node = may_be_anything ? model::NodeId() : node->second;
      assembly.network.gaps.push_back(gap);
    }
    if (folder.rule_files.empty()) {
      continue;
    }
    if (const auto other = sets.find(name); other != sets.end()) {
      assembly.faults.error(DiagnosticCode::contradiction, other->second.named_at[0],
                            fmt::format("the rules of {} are given here and were collected on it", quote(name)),
                            "leave one of the two out", {{.span = folder.named.span, .message = "collected here"}});
      continue;
    }
    sets.emplace(name, read_host_rules(folder, assembly));
  }
}

void report_missing(const std::map<std::string, NodeRules>& sets, Assembly& assembly) {
  for (std::size_t i = 0; i < assembly.network.nodes.size(); ++i) {
    const model::Node& node = assembly.network.nodes[i];
    const auto set = sets.find(node.name);
    const bool has_any = set != sets.end() && (set->second.given[0] || set->second.given[1]);
    const auto is_missing = [&](std::size_t family) { return node.filter[family] == model::Known::missing; };
    if (is_missing(0) && is_missing(1) && !has_any) {
      const std::string why = fmt::format("{} has no configuration: it counts as passing everything", quote(node.name));
      assembly.faults.warning(DiagnosticCode::configuration_missing, node.origin, why,
                              "give its rules in the policy, or `none` if it filters nothing");
      assembly.add_gap(node.origin, DiagnosticCode::configuration_missing, why, model::NodeId(i));
      continue;
    }
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      const std::size_t index = model::index_of(family);
      const bool no_rules = is_missing(index);
      const bool no_routes = node.kind == model::NodeKind::device && node.routes[index] == model::Known::missing;
      if (no_rules || no_routes) {
        const std::string why =
            fmt::format("the {} {} of {} are not given: it counts as {} all {}", yaml::family_text(family),
                        no_rules && no_routes ? "rules and routes"
                        : no_rules            ? "rules"
                                              : "routes",
                        quote(node.name), no_rules ? "passing" : "forwarding", yaml::family_text(family));
        assembly.faults.warning(DiagnosticCode::family_missing, node.origin, why,
                                fmt::format("give them, or say `{}: off`", family == Family::ipv4 ? "ipv4" : "ipv6"));
        assembly.add_gap(node.origin, DiagnosticCode::family_missing, why, model::NodeId(i));
      }
    }
  }
}

void report_unrecognised(const Written& written, Assembly& assembly) {
  for (const FoundFile& found : written.found) {
    const std::string path(assembly.files->sources().path(found.file));
    if (assembly.named_paths.contains(path)) {
      continue;
    }
    const std::string why = found.is_native ? "native rules that no policy names" : "a file that is not recognised";
    assembly.faults.warning(DiagnosticCode::unrecognised_file, {.file = found.file}, why,
                            "name it in a policy or topology, move it away, or let its name begin with a dot");
    assembly.files->doubt({LineUse::unmodelled, {.file = found.file}, DiagnosticCode::unrecognised_file, why});
    if (found.where == FoundIn::policy) {
      assembly.add_gap({.file = found.file}, DiagnosticCode::unrecognised_file, why, {});
    }
  }
}

// The rule sets of an earlier epoch by node. Devices that were there without one are gaps.
std::map<std::string, model::RuleSet> rules_of_epoch(std::map<std::string, NodeRules>& sets, const std::string& epoch,
                                                     const SourceSpan& named, Assembly& assembly) {
  std::map<std::string, model::RuleSet> rules;
  for (std::size_t i = 0; i < assembly.network.nodes.size(); ++i) {
    const model::NodeId id(i);
    const model::Node& node = assembly.network.nodes[i];
    const yaml::WrittenNode* element = assembly.written_nodes[i];
    const bool existed = element != nullptr && (element->epochs.empty() ||
                                                std::ranges::find(element->epochs, epoch) != element->epochs.end());
    const auto set = sets.find(node.name);
    const bool is_device = node.kind == model::NodeKind::device;
    const bool complete = set != sets.end() && (set->second.given[0] || node.filter[0] == model::Known::off) &&
                          (set->second.given[1] || node.filter[1] == model::Known::off);
    if (is_device && existed && !complete) {
      const std::string why = fmt::format("{} had no configuration in epoch {}: any session may still be open",
                                          quote(node.name), quote(epoch));
      assembly.faults.warning(DiagnosticCode::previous_missing, named, why);
      assembly.add_gap(named, DiagnosticCode::previous_missing, why, {});
    }
    if (set != sets.end()) {
      const std::string name = node.name;
      fit_to_node(set->second, id, assembly);
      if (set->second.device) {
        resolve_ways_back_of(*set->second.device, id, set->second.rules, assembly);
      }
      rules.emplace(name, std::move(set->second.rules));
    }
  }
  return rules;
}

// Sessions pass from each epoch to all after it. Of `epochs` the newest comes first, and knows its neighbours as they
// are written: the rule sets of older ones are added before those of newer ones change.
void keep_connections(std::vector<std::map<std::string, model::RuleSet>>& epochs, Assembly& assembly) {
  const std::vector<std::map<std::string, model::RuleSet>> written = epochs;
  const auto keep = [&](const std::string& name, model::RuleSet& rules, std::size_t from) {
    for (std::size_t older = from; rules.known_connections && older < written.size(); ++older) {
      if (const auto found = written[older].find(name); found != written[older].end())
        rules.keep_connections_of(found->second);
    }
  };
  for (model::Node& node : assembly.network.nodes)
    keep(node.name, node.rules, 0);
  for (std::size_t at = 0; at < epochs.size(); ++at) {
    for (auto& [name, rules] : epochs[at])
      keep(name, rules, at + 1);
  }
}

// Every chain of epochs, newest first, until the tables were flushed or nothing comes before.
void read_chain(const yaml::PolicyFile& start, const std::string& start_path, Assembly& assembly) {
  std::set<std::string> seen = {start_path, normal_path(folder_of(start_path))};
  yaml::PolicyFile policy = start;
  std::vector<std::map<std::string, model::RuleSet>> epochs;
  while (policy.previous && !policy.state_flushed) {
    const yaml::Word named = *policy.previous;
    const std::string path = assembly.files->path_from(named);
    if (!seen.insert(path).second) {
      assembly.faults.error(DiagnosticCode::previous_cycle, named.span,
                            fmt::format("epoch {} comes before itself", quote(policy.epoch)));
      break;
    }
    Result<Written> earlier = read_epoch(path, *assembly.files);
    if (!earlier) {
      assembly.faults.error(DiagnosticCode::file_unreadable, named.span, earlier.failure().message);
      break;
    }
    if (earlier.value().policies.empty()) {
      assembly.faults.error(DiagnosticCode::unknown_reference, named.span,
                            fmt::format("there is no policy in {}", quote(named.text)));
      break;
    }
    for (const std::string& read : earlier.value().policy_paths) {
      if (read != path && !seen.insert(read).second) {
        assembly.faults.error(DiagnosticCode::previous_cycle, named.span,
                              fmt::format("epoch {} comes before itself", quote(policy.epoch)));
        return;
      }
    }
    for (const yaml::TopologyFile& topology : earlier.value().topologies) {
      for (const yaml::WrittenInventory& inventory : topology.inventories) {
        assembly.named_paths.insert(assembly.files->path_from(inventory.file));
      }
    }
    std::map<std::string, NodeRules> sets = read_rule_sets(earlier.value().policies, earlier.value().found, assembly);
    report_unrecognised(earlier.value(), assembly);
    policy = earlier.value().policies.front();
    for (std::size_t i = 1; i < earlier.value().policies.size(); ++i) {
      const yaml::PolicyFile& other = earlier.value().policies[i];
      policy.state_flushed |= other.state_flushed;
      policy.previous = policy.previous ? policy.previous : other.previous;
    }
    epochs.push_back(rules_of_epoch(sets, policy.epoch, named.span, assembly));
  }
  keep_connections(epochs, assembly);
  if (!epochs.empty()) {
    assembly.network.previous_rules = std::move(epochs.front());
    epochs.erase(epochs.begin());
    assembly.network.earlier_rules = std::move(epochs);
  }
}

}  // namespace

void fit_to_node(NodeRules& rules, model::NodeId id, Assembly& assembly) {
  doubt_short_fragments(rules, assembly.files->sources());
  if (!assembly.interfaces_named[id.index()]) {
    make_interface_tests_unknown(rules);
    return;
  }
  for (const auto& [name, span] : named_interfaces(rules)) {
    if (assembly.network.find_interface(id, name).valid() || assembly.is_interface_of_other_epoch(id, name)) {
      continue;
    }
    assembly.faults.warning(DiagnosticCode::interface_unwired, span,
                            fmt::format("the rules of {} name interface {}, which the topology does not have: packets "
                                        "that leave there may come out anywhere",
                                        quote(assembly.node(id).name), quote(name)),
                            "add it with its segment, or with `up: false`");
    model::Interface interface;
    interface.name = name;
    interface.node = id;
    interface.origin = span;
    static_cast<void>(assembly.add_interface(std::move(interface)));
  }
}

void assemble_rules(const Written& written, Assembly& assembly) {
  std::map<std::string, NodeRules> sets = read_rule_sets(written.policies, written.found, assembly);
  for (const yaml::PolicyFile& policy : written.policies) {
    for (const yaml::WrittenRules& rules : policy.rules) {
      static_cast<void>(assembly.node_of(rules.node));
    }
  }
  add_host_rules(sets, assembly);
  for (auto& [name, set] : sets) {
    const auto found = assembly.node_ids.find(name);
    if (found == assembly.node_ids.end()) {
      continue;
    }
    const model::NodeId id = found->second;
    check_off(set, id, assembly);
    fit_to_node(set, id, assembly);
    model::Node& node = assembly.node(id);
    for (const std::size_t family : {0U, 1U}) {
      if (node.filter[family] != model::Known::off) {
        node.filter[family] = set.given[family] ? model::Known::given : model::Known::missing;
      }
    }
    for (model::Gap& gap : set.gaps) {
      gap.node = id;
      assembly.network.gaps.push_back(std::move(gap));
    }
    node.rules = std::move(set.rules);
    node.configuration = set.configuration;
    if (!set.files.empty()) {
      assembly.node_files[name].rules = std::move(set.files);
    }
    if (set.device) {
      apply_device(*set.device, id, assembly);
      resolve_ways_back_of(*set.device, id, assembly.node(id).rules, assembly);
    }
  }
  report_missing(sets, assembly);
}

void assemble_previous(const Written& written, Assembly& assembly) {
  for (std::size_t i = 0; i < written.policies.size(); ++i) {
    if (written.policies[i].previous && !assembly.network.state_flushed) {
      read_chain(written.policies[i], written.policy_paths[i], assembly);
      break;
    }
  }
  report_unrecognised(written, assembly);
}

}  // namespace segproof::input
