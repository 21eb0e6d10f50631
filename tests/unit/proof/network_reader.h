// SPDX-License-Identifier: Apache-2.0
// Reads the network file back into a model, strictly by docs/certificate.md sections 2 and 3: the other half of the
// round trip, and the test that every line matches the grammar.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source.h"
#include "model/claim.h"
#include "model/network.h"
#include "text_tree.h"

namespace segproof::test {

struct ReadNetwork {
  model::Network network;
  std::vector<claim::Claim> claims;
  std::vector<std::pair<std::string, std::string>> inputs;  // SHA-256, path
  SourceStore sources;                                      // empty files with the paths of all places
};

// Throws NotTheGrammar.
[[nodiscard]] ReadNetwork read_network(std::string_view text);

// Where things were written, as spans of files that hold nothing.
class Places {
 public:
  explicit Places(SourceStore& sources) : sources_(sources) {}
  [[nodiscard]] SourceSpan span(const WrittenPlace& place);

 private:
  SourceStore& sources_;
  std::vector<std::string> paths_;
};

// Lines of one level stand in the order of the grammar.
class Order {
 public:
  // Throws where `position` comes before one that was there.
  void at(std::size_t position, const LineWords& words);

 private:
  std::size_t last_ = 0;
};

[[nodiscard]] model::Condition read_tests(const std::vector<TextLine>& lines);
[[nodiscard]] model::RuleSet read_rules(const std::vector<TextLine>& lines, Places& places);
[[nodiscard]] claim::Claim read_claim(LineWords& words, const TextLine& line, Places& places);
[[nodiscard]] claim::ServiceSpec read_service(LineWords& words);
void read_node(LineWords& words, const TextLine& line, model::Network& network, Places& places);

}  // namespace segproof::test
