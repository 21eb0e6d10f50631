// SPDX-License-Identifier: Apache-2.0
// A YAML document as a small tree with places, built from the library's events under limits: nesting, number of nodes,
// duplicate keys, aliases to unfinished nodes. Scalars stay text. Aliases share nodes, so that a file of aliases stays
// as small as it is written; whoever walks the tree counts the steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.h"
#include "input/inventory/reporter.h"

namespace segproof::input::inventory {

using YamlIndex = StrongId<struct YamlNodeTag>;

enum class YamlKind : std::uint8_t { null, scalar, sequence, mapping };

struct YamlNode {
  YamlKind kind = YamlKind::null;
  bool plain = false;            // a scalar without quotes
  SourceSpan span;               // of a scalar all of its first line; of the rest the first character
  std::string text;              // of a scalar
  std::string tag;               // "!vault"; empty without one
  std::vector<YamlIndex> items;  // of a mapping: key, value, key, value, ...
};

class YamlTree {
 public:
  explicit YamlTree(std::vector<YamlNode> nodes) : nodes_(std::move(nodes)) {}
  [[nodiscard]] const YamlNode& at(YamlIndex index) const { return nodes_[index.index()]; }
  // The last node that is finished, which is the whole document.
  YamlIndex root;

 private:
  std::vector<YamlNode> nodes_;
};

// Nothing after an error, which is reported. An empty file is a null.
[[nodiscard]] std::optional<YamlTree> parse_yaml(Reporter& reporter);

}  // namespace segproof::input::inventory
