// SPDX-License-Identifier: Apache-2.0
#include "check/core/mentions.h"

#include <algorithm>

#include "check/core/rule_lines.h"

namespace check {
namespace {

class Wanted {
 public:
  Wanted(const Claim& claim, Family family) : sets_(family), addresses_(no_value) {
    for (const std::string& name : claim.addresses) {
      const bool has_length = name.find('/') != std::string::npos;
      const std::string word = has_length ? name : name + (name.find(':') != std::string::npos ? "/128" : "/32");
      const Line line{0, {word}, {}};
      const Prefix prefix = Words(line).prefix();
      if (prefix.address.family == family) {
        addresses_ = sets_.join(destination, addresses_, sets_.of(destination, {prefix.range()}));
      }
    }
  }

  [[nodiscard]] bool is_in(const Rule& rule) {
    const Action& action = rule.action;
    const bool is_here = !action.family || *action.family == sets_.family();
    return are_in(rule.tests) ||
           (action.kind == Action::Kind::translate && is_here && action.addresses && has_one(*action.addresses)) ||
           (action.gateway && action.gateway->family == sets_.family() &&
            has_one({{action.gateway->value, action.gateway->value}}));
  }

 private:
  // One of the ranges lies within the addresses.
  bool has_one(const Ranges& ranges) {
    return std::any_of(ranges.begin(), ranges.end(), [this](const Range& range) {
      const SetId set = sets_.of(destination, {range});
      return set != no_value && sets_.within(set, addresses_);
    });
  }
  bool are_in(const Tests& tests) {
    return std::any_of(tests.begin(), tests.end(), [this](const Test& test) { return is_in(test); });
  }
  bool is_in(const Test& test) {
    if (test.kind == Test::Kind::any) {
      return std::any_of(test.alternatives.begin(), test.alternatives.end(),
                         [this](const Tests& tests) { return are_in(tests); });
    }
    const bool is_address = test.field == source || test.field == destination;
    if (!is_address || (test.family && *test.family != sets_.family())) {
      return false;
    }
    if (test.kind == Test::Kind::mask) {
      return test.mask != 0 && has_one({{test.value, test.value}});
    }
    if (test.kind != Test::Kind::is) {
      return false;
    }
    // Of a test that was turned round the file has the other addresses.
    const SetId others = sets_.without(destination, any_value, sets_.of(destination, test.values));
    return has_one(test.values) || (others != no_value && sets_.within(others, addresses_));
  }

  Sets sets_;
  SetId addresses_;
};

}  // namespace

std::vector<Mention> mentions_of(const Claim& claim, const Network& network) {
  std::vector<Mention> result;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Wanted wanted(claim, family);
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
      for (const std::vector<Rule>& chain : network.nodes[n].rules.front().chains) {
        for (const Rule& rule : chain) {
          if (wanted.is_in(rule)) {
            result.emplace_back(n, rule.origin);
          }
        }
      }
    }
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

void check_mentions(const std::vector<Line>& lines, const Claim& claim, const Network& network) {
  if (claim.kind != "unreferenced" || lines.empty()) {
    throw Rejected("a mention says nothing about a claim of this kind");
  }
  const std::vector<Mention> mentions = mentions_of(claim, network);
  for (const Line& line : lines) {
    Words words(line);
    static_cast<void>(words.one_of({"mention"}));
    const std::size_t node = read_node_name(words, network);
    const Mention mention(node, read_place(words));
    words.leaf();
    if (std::find(mentions.begin(), mentions.end(), mention) == mentions.end()) {
      throw Rejected(network.nodes[node].name + " has no rule there that mentions such an address");
    }
  }
}

}  // namespace check
