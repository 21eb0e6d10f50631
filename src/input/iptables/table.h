// SPDX-License-Identifier: Apache-2.0
// One table while its lines are read: chains that may be named before they are declared, rules that are inserted, moved
// and deleted. finish() turns it into a rule set without flaw, whatever the lines said.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "input/iptables/findings.h"
#include "model/rule.h"

namespace segproof::iptables {

struct BaseChain {
  std::string_view name;
  model::Hook hook;
  int order;
  model::StageKind kind;
};
struct TableKind {
  std::string_view name;
  std::span<const BaseChain> chains;
};
// "filter", "nat", "mangle", "raw", "security"; null for others.
[[nodiscard]] const TableKind* find_table(std::string_view name);

class Table {
 public:
  Table(const TableKind& kind, Family family, SourceSpan origin);

  [[nodiscard]] std::string_view name() const { return kind_->name; }
  [[nodiscard]] SourceSpan origin() const { return origin_; }
  [[nodiscard]] bool is_base(std::string_view chain) const;
  [[nodiscard]] bool is_declared(std::string_view chain) const;
  // The id of a chain, which is made when it is not there yet.
  model::ChainId mention(std::string_view chain, const SourceSpan& from);
  void declare(std::string_view chain, const SourceSpan& origin);
  void set_policy(std::string_view chain, model::Verdict policy, const SourceSpan& origin);

  void append(model::ChainId chain, model::Rule rule);
  // Positions count from 1. False when there is no such place, or when too many were asked for.
  [[nodiscard]] bool insert(model::ChainId chain, std::size_t position, model::Rule rule);
  [[nodiscard]] bool remove(model::ChainId chain, std::size_t position);
  [[nodiscard]] std::vector<model::Rule>& rules(model::ChainId chain);  // all, in order
  void clear(std::optional<model::ChainId> chain);
  // The chain (every base chain) begins with something that may do anything.
  void distrust(model::ChainId chain, const SourceSpan& span, std::string_view why);
  void distrust_all(const SourceSpan& span, std::string_view why);

  // Calls of chains that were never declared, calls in a circle, and translations at the wrong hook may do anything.
  [[nodiscard]] model::RuleSet finish(Findings& findings);

 private:
  struct Draft {
    std::string name;
    std::vector<model::Rule> front;  // inserted before `rules`, last one first
    std::vector<model::Rule> rules;
    std::vector<model::Rule> doubts;  // come before all others in the end, whatever is inserted or deleted
    const BaseChain* base = nullptr;
    bool declared = false;
    bool has_rules = false;  // of its own, when the table is complete
    std::optional<model::Verdict> policy;
    SourceSpan origin;
    SourceSpan policy_origin;
  };
  void settle(Draft& draft);
  void fill_missing(Findings& findings);
  void cut_circles(Findings& findings);
  void check_translations(Findings& findings);
  [[nodiscard]] std::vector<unsigned> hooks_reaching() const;

  const TableKind* kind_;
  Family family_;
  SourceSpan origin_;
  std::vector<Draft> drafts_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::size_t edits_ = 0;
};

// A rule that perhaps matches and then may do anything: the place of a line that is not understood.
[[nodiscard]] model::Rule perhaps_anything(const SourceSpan& span, std::string_view why);

}  // namespace segproof::iptables
