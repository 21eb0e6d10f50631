// SPDX-License-Identifier: Apache-2.0
// One rule of the text as rules of the model. A rule with an effect in its middle (a mark, a map) becomes several,
// which together do what it does.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "input/nft/findings.h"
#include "input/nft/ruleset.h"
#include "input/nft/subject.h"
#include "model/rule.h"

namespace segproof::nft {

// Whether connection tracking has seen the packet; a chain of the very same priority may come before or after it.
enum class Tracking : std::uint8_t { before, same_time, after };
enum class NatRole : std::uint8_t { none, destination, source };
// A chain is lowered once for each way in which it is reached.
struct ChainContext {
  Tracking tracking = Tracking::after;
  NatRole nat = NatRole::none;
  friend auto operator<=>(const ChainContext&, const ChainContext&) = default;
};

// What the rules of a ruleset do together.
struct RulesetFacts {
  std::array<bool, 2> tracks{false, false};  // by Family
  bool gives_template = false;               // ct zone set and the like, before connection tracking
  bool changes_traffic_class = false;
  bool changes_hop_limit = false;
  bool changes_packet_kind = false;
  std::optional<SourceSpan> offload;                           // a statement `flow add`
  std::set<std::string, std::less<>> interfaces;               // "eth+" is a prefix
  std::set<std::pair<const Table*, std::string>> updated;      // sets that rules add to or delete from
  std::map<std::pair<const Set*, const Key*>, Values> values;  // of named sets, once read
};

struct RuleScope {
  const Ruleset* ruleset = nullptr;
  const Table* table = nullptr;
  ChainContext context;
  Findings* findings = nullptr;
  RulesetFacts* facts = nullptr;
  // The chain of that name in this context; invalid when there is none.
  std::function<model::ChainId(const std::string& name)> chain;
  // A new chain that holds the rules.
  std::function<model::ChainId(std::vector<model::Rule> rules)> helper;
};

class RuleLowering {
 public:
  RuleLowering(const RuleText& rule, const RuleScope& scope);
  std::vector<model::Rule> run();

 private:
  enum class Next : std::uint8_t { go_on, ended };
  using Elements = std::vector<const Element*>;
  // What a set expression stands for.
  struct Content {
    Elements elements;
    bool open = false;     // elements come and go: others may be in it
    bool shrinks = false;  // those listed may be gone
    std::string why;
    const Set* named = nullptr;
  };
  // Elements of a map with the same data.
  struct Group {
    Elements elements;
    const Element* sample = nullptr;
  };

  std::vector<model::Rule> run_from(std::size_t first);
  Next statement(const Statement& statement);
  void limit(const Statement& statement);
  Next compatibility(const Statement& statement);

  // Comparisons (lower_match.cpp).
  void match(const Statement& statement);
  void compare(const Statement& statement, const Subject& subject, const Expression& right);
  // Adds "not this value", which the nft of the time may have joined with one of another field of the header.
  void add_other_value(const std::string& header, model::Test test);
  void absent_option(const Statement& statement);
  void compare_undecided(const Statement& statement, const Subject& subject, const Expression& right);
  std::optional<Content> content(const Expression& expression);
  // The packet is one of the elements; nothing after a fault.
  std::optional<model::Test> lookup(const std::vector<Subject>& subjects, const Content& content);
  // `named`: the set that has exactly these elements, if one has a name.
  std::optional<model::Test> one_of(const std::vector<Subject>& subjects, const Elements& elements,
                                    const Set* named = nullptr);
  std::optional<Values> values_of(const Subject& subject, const Elements& elements, const Set* named);
  std::optional<model::Test> one_of_products(const std::vector<Subject>& subjects, const Elements& elements);
  std::optional<std::vector<Subject>> subjects(const Expression& expression);  // their needs are added
  [[nodiscard]] static std::vector<Group> groups(const Content& content);
  // The key is that of the group: one of its elements and, for the rest of the map, none of the others.
  std::optional<model::Test> in_group(const std::vector<Subject>& subjects, const Content& content, const Group& group);

  // Verdicts (lower_verdict.cpp).
  Next verdict(const VerdictWord& word);
  Next verdict_map(const Statement& statement);
  void verdict_rule(const VerdictWord& word, const model::Test& test, std::vector<model::Rule>& to);
  std::optional<model::Action> action_of(const VerdictWord& word);

  // Effects (lower_effect.cpp).
  Next assign(const Statement& statement);
  Next assign_mark(const Statement& statement, model::MarkKind kind);
  Next assign_mark_by_map(const Statement& statement, model::MarkKind kind, const Expression& map);
  Next assign_mark_from(const Statement& statement, model::MarkKind kind, const Expression& value);
  Next assign_header(const Statement& statement, const Key& key);
  Next untrack();
  Next attach(const Statement& statement);
  void update(const Statement& statement);
  Next send_elsewhere(const Statement& statement);
  Next offload(const Statement& statement);
  void ask_before_refusing();
  void reject_needs(const Statement& statement);
  void reject(const Statement& statement);

  // Address translation (lower_nat.cpp).
  Next nat(const Statement& statement);
  // What a map in an argument is for.
  enum class Part : std::uint8_t { address, network, port };
  Next nat_by_map(const Expression& map, const model::Translate& base, Part part);

  // An effect in the middle of a rule. `ended`: the rest of the rule went into a chain of its own.
  Next effect(const model::Action& action);
  // Whether it changes what the rule has asked for, so that the tests would have another answer afterwards.
  [[nodiscard]] bool conflicts(const model::Action& action) const;
  Next nest();  // puts the rest of the rule, from the statement at hand, into a chain of its own
  void emit(model::Action action);
  void emit_into(std::vector<model::Rule>& to, std::vector<model::Test> tests, model::Action action);
  void add(model::Test test);
  void add_unknown(model::Unknown kind, std::string text);
  void uses_tracking(std::optional<Family> only = std::nullopt);
  // The rest of the rule may do anything.
  Next give_up(DiagnosticCode code, const SourceSpan& span, const std::string& why);
  Next undecided_effect(const std::string& why);  // may do anything, and is understood
  bool report(const ValueFault& fault);           // false
  void note_undecided(const model::Rule& rule);

  const RuleText& rule_;
  const RuleScope& scope_;
  std::vector<model::Test> tests_;
  Asked asked_;
  struct Joined {
    std::string header;
    std::size_t index = 0;  // in tests_
    std::vector<model::Test> members;
  };
  std::vector<Joined> joined_;  // since the last statement that is no match
  std::vector<model::Rule> out_;
  std::size_t at_ = 0;  // the statement at hand
  bool has_action_ = false;
  bool faulty_ = false;
};

}  // namespace segproof::nft
