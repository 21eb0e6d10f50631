// SPDX-License-Identifier: Apache-2.0
// Ansible inventories in YAML: groups with `hosts`, `children` and `vars`, nested. Merge keys (`<<`) are followed.
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/text_guard.h"
#include "input/inventory/ansible_model.h"
#include "input/inventory/inventory.h"
#include "input/inventory/reporter.h"
#include "input/inventory/yaml_tree.h"

namespace segproof::input {
namespace inventory {
namespace {

// Aliases make a walk longer than the file; this is the longest.
constexpr std::size_t most_steps = 4'000'000;
// Aliases make groups deeper than the text, too.
constexpr unsigned deepest_group = 64;
constexpr std::string_view shape_hint = "a group is a mapping of `hosts`, `children` and `vars`";

struct Entry {
  const YamlNode* key;
  const YamlNode* value;
};

class YamlReader {
 public:
  YamlReader(const YamlTree& tree, Reporter& reporter) : tree_(tree), reporter_(reporter), model_(reporter) {}

  Inventory run() {
    const YamlNode& root = tree_.at(tree_.root);
    if (root.kind == YamlKind::null) {
      return model_.resolve();
    }
    if (root.kind != YamlKind::mapping) {
      shape(root, "an inventory is a mapping of groups");
      return model_.resolve();
    }
    const std::vector<Entry> groups = entries(root);
    for (const Entry& entry : groups) {
      if (entry.key->text == "plugin" || entry.key->text == "_meta") {
        reporter_.error(DiagnosticCode::inventory_dynamic, entry.key->span,
                        entry.key->text == "plugin" ? "this configures a plugin that makes an inventory"
                                                    : "this is the output of an inventory script",
                        "save the result with `ansible-inventory --list --yaml`");
        return model_.resolve();
      }
    }
    for (const Entry& entry : groups) {
      read_group(entry, all_hosts, 0);
    }
    return model_.resolve();
  }

 private:
  void shape(const YamlNode& node, std::string message, std::string hint = "") {
    reporter_.error(DiagnosticCode::inventory_yaml_shape, node.span, std::move(message), std::move(hint));
  }

  // Counts a step of the walk. False, with an error once, when the walk is too long.
  bool step(const YamlNode& node) {
    if (steps_ > most_steps) {
      return false;
    }
    if (++steps_ > most_steps) {
      reporter_.error(DiagnosticCode::inventory_yaml_limit, node.span,
                      fmt::format("with its aliases the file has more than {} values", most_steps));
      return false;
    }
    return true;
  }

  // The entries of a mapping; those that `<<` merges in stand behind its own and never replace one.
  std::vector<Entry> entries(const YamlNode& mapping) {
    std::vector<Entry> found;
    std::vector<const YamlNode*> merged;
    std::unordered_set<std::string_view> keys;
    const auto take = [&](const YamlNode& from) {
      for (std::size_t i = 0; i + 1 < from.items.size() && step(from); i += 2) {
        const Entry entry{.key = &tree_.at(from.items[i]), .value = &tree_.at(from.items[i + 1])};
        if (entry.key->text == "<<" && entry.key->plain) {
          merged.push_back(entry.value);
        } else if (keys.insert(entry.key->text).second) {
          found.push_back(entry);
        }
      }
    };
    take(mapping);
    for (std::size_t i = 0; i < merged.size() && step(mapping); ++i) {
      const YamlNode* const source = merged[i];
      if (source->kind == YamlKind::mapping) {
        take(*source);
      } else if (source->kind == YamlKind::sequence) {
        for (const YamlIndex item : source->items) {
          if (!step(*source)) {
            break;
          }
          merged.push_back(&tree_.at(item));
        }
      } else {
        shape(*source, "what `<<` merges in is not a mapping");
      }
    }
    return found;
  }

  [[nodiscard]] static Value text_of(const YamlNode& node) { return {.text = node.text, .span = node.span}; }

  bool is_group_name(const YamlNode& key) {
    if (key.kind != YamlKind::scalar || split_words(key.text).size() != 1) {
      shape(key, fmt::format("{} is not the name of a group", quote(key.text)), "names of groups have no spaces");
      return false;
    }
    return true;
  }

  void read_group(const Entry& entry, GroupIndex parent, unsigned depth) {
    if (!is_group_name(*entry.key) || !step(*entry.key)) {
      return;
    }
    const GroupIndex group = model_.group(entry.key->text, entry.key->span);
    if (depth > 0) {
      model_.add_child(parent, group, entry.key->span);
    }
    if (depth > deepest_group) {
      reporter_.error(DiagnosticCode::inventory_yaml_limit, entry.key->span,
                      fmt::format("groups are nested more than {} levels deep", deepest_group));
      return;
    }
    if (entry.value->kind == YamlKind::null) {
      return;
    }
    if (entry.value->kind != YamlKind::mapping) {
      return shape(*entry.value, fmt::format("group {} is not a mapping", quote(entry.key->text)),
                   std::string(shape_hint));
    }
    for (const Entry& part : entries(*entry.value)) {
      read_part(part, group, depth);
    }
  }

  void read_part(const Entry& part, GroupIndex group, unsigned depth) {
    const std::string& key = part.key->text;
    if (key != "hosts" && key != "children" && key != "vars") {
      constexpr std::array<std::string_view, 3> known{"hosts", "children", "vars"};
      const std::string near = did_you_mean_hint(key, known);
      reporter_.error(DiagnosticCode::inventory_yaml_unknown_key, part.key->span,
                      fmt::format("a group has no key {}", quote(key)), near.empty() ? std::string(shape_hint) : near);
      return;
    }
    const YamlNode& value = *part.value;
    if (value.kind == YamlKind::null) {
      return;
    }
    // One name alone stands for a mapping with that key, as in Ansible.
    const YamlNode nothing;
    std::vector<Entry> inside;
    if (value.kind == YamlKind::mapping) {
      inside = entries(value);
    } else if (value.kind == YamlKind::scalar && key != "vars") {
      inside.push_back({.key = &value, .value = &nothing});
    } else {
      return shape(value, fmt::format("`{}` is not a mapping", key),
                   value.kind == YamlKind::sequence && key != "vars" ? "write each name as a key: `web1:`" : "");
    }
    for (const Entry& entry : inside) {
      if (key == "hosts") {
        read_host(entry, group);
      } else if (key == "children") {
        read_group(entry, group, depth + 1);
      } else if (std::optional<Variable> variable = read_variable(entry)) {
        model_.set_variable(group, std::move(*variable));
      }
    }
  }

  void read_host(const Entry& entry, GroupIndex group) {
    if (entry.key->kind != YamlKind::scalar) {
      return shape(*entry.key, "a host without a name");
    }
    const std::vector<HostIndex> hosts = model_.add_hosts(group, text_of(*entry.key));
    if (entry.value->kind == YamlKind::null) {
      return;
    }
    if (entry.value->kind != YamlKind::mapping) {
      return shape(*entry.value, fmt::format("the variables of host {} are not a mapping", quote(entry.key->text)),
                   "write `ansible_host: ADDRESS` below the host");
    }
    for (const Entry& inside : entries(*entry.value)) {
      if (std::optional<Variable> variable = read_variable(inside)) {
        model_.set_variable(hosts, std::move(*variable));
      }
    }
  }

  std::optional<Variable> read_variable(const Entry& entry) {
    if (!step(*entry.key) || !model_.wants(text_of(*entry.key))) {
      return std::nullopt;
    }
    Variable variable{.key = *variable_key(entry.key->text), .items = {}, .is_list = false, .span = entry.value->span};
    const YamlNode& value = *entry.value;
    switch (value.kind) {
      case YamlKind::null:
        return std::nullopt;
      case YamlKind::scalar:
        variable.items.push_back(item_of(value));
        return variable;
      case YamlKind::mapping:
        shape(value, fmt::format("{} is a mapping", quote(entry.key->text)), "a text or a list is expected");
        return std::nullopt;
      case YamlKind::sequence:
        variable.is_list = true;
        for (const YamlIndex index : value.items) {
          const YamlNode& item = tree_.at(index);
          if (item.kind != YamlKind::scalar) {
            shape(item, fmt::format("an item of {} is not a text", quote(entry.key->text)));
            return std::nullopt;
          }
          if (!reporter_.take_item(item.span)) {
            return std::nullopt;
          }
          variable.items.push_back(item_of(item));
        }
        return variable;
    }
    return std::nullopt;
  }

  // A scalar with a tag (`!vault`) is a value that somebody else computes.
  static Value item_of(const YamlNode& node) {
    const bool computed = !node.tag.empty() && node.tag != "!unsafe" && !node.tag.starts_with("tag:yaml.org,2002:");
    return {.text = computed ? "{{ " + node.tag + " }}" : node.text, .span = node.span};
  }

  const YamlTree& tree_;
  Reporter& reporter_;
  AnsibleModel model_;
  std::size_t steps_ = 0;
};

}  // namespace
}  // namespace inventory

Inventory read_ansible_yaml(FileId file, const SourceStore& sources, DiagnosticSink& sink) {
  inventory::Reporter reporter(file, sources, sink);
  constexpr TextLimits limits{.bytes = std::size_t{64} << 20U};
  Inventory nothing{.hosts = {}, .lines = sources.line_count(file), .notes = {}};
  if (!guard_text(sources, file, limits, sink)) {
    return nothing;
  }
  const std::optional<inventory::YamlTree> tree = inventory::parse_yaml(reporter);
  return tree ? inventory::YamlReader(*tree, reporter).run() : nothing;
}

}  // namespace segproof::input
