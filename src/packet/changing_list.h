// SPDX-License-Identifier: Apache-2.0
// A first-match list that changes rule by rule. The rules are kept merged in a tree over blocks of neighbours (in the
// order of the fields, since the minimum of priorities may be taken in any order), so that one rule changed means one
// block and the way up to the top merged again: a few hundred times less than compiling the list. Priorities leave
// gaps for rules to come; when a gap is used up, or most of what was built is no longer needed, everything is numbered
// and merged afresh.
//
// Belongs to one thread. What it gives out are sets of the caller's Space, which must outlive it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "packet/box.h"
#include "packet/node_map.h"
#include "packet/space.h"

namespace segproof {

class ChangingList {
 public:
  enum class Effect : std::uint8_t { take, pass_over };  // of a packet whose first rule this is
  struct Rule {
    std::vector<Box> boxes;  // their union is what the rule matches
    Effect effect = Effect::take;
  };

  // The rules are drawn at once: what their boxes refer to may go afterwards. Throws SpaceExhausted, here and later,
  // when the budget does not do.
  ChangingList(Space& space, std::span<const Rule> rules, Space::Budget budget = {});

  [[nodiscard]] std::size_t size() const { return order_.size(); }
  // The new rule stands at `place`, what stood there comes after it. Precondition: place <= size().
  void insert(std::size_t place, const Rule& rule);
  // Precondition: place < size().
  void erase(std::size_t place);
  void replace(std::size_t place, const Rule& rule);

  // The packets whose first matching rule takes them; a packet without a rule is not taken.
  [[nodiscard]] PacketSet taken();

 private:
  using Number = std::uint32_t;  // of a rule: its terminal
  struct Part {                  // one box of a rule
    BoxKey key;
    NodeId root;
    Number number;
  };
  struct Branch {
    NodeId merged = 0;
    std::size_t left = 0;  // of the tree's branches; 0 in a leaf
    std::size_t right = 0;
    std::vector<Part> parts;  // of a leaf, in the order of keys
    BoxKey last{};            // the largest key on the left side; of an inner branch
  };
  struct Store {
    Store(Family family, Number numbers, std::size_t edges)
        : nodes(family, numbers + 1, edges, NodeStore::Ranges::tracked), effects(numbers) {}
    NodeStore nodes;
    OperationCache cache;
    NodeMap collapsed;
    std::vector<std::optional<Effect>> effects;  // by number, of the rule that has or had it
    std::vector<Branch> tree;                    // the first is the top
    std::size_t edges_when_new = 0;
  };

  [[nodiscard]] NodeId nothing() const { return store_->nodes.terminals() - 1; }
  [[nodiscard]] std::optional<Number> number_between(std::size_t place, Effect effect) const;
  void add_parts(const Rule& rule, Number number);
  void renumber();
  void build(std::vector<Part> parts);
  std::size_t plant(std::span<const Part> parts);
  void change(const Part& part, bool add);
  void change_below(std::size_t branch, const Part& part, bool add);
  void split(std::size_t branch);
  void merge_leaf(Branch& leaf);
  [[nodiscard]] NodeId collapse(NodeId node);
  [[nodiscard]] NodeId moved(const NodeStore& from, NodeId node, Number old_number, Number number, NodeMap& done);

  Space* space_;
  Space::Budget budget_;
  std::unique_ptr<Store> store_;
  std::vector<Number> order_;                     // the numbers of the rules, in their order: ascending
  std::map<Number, std::vector<Part>> parts_of_;  // by rule
};

}  // namespace segproof
