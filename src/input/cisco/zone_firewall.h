// SPDX-License-Identifier: Apache-2.0
// The zone-based firewall of IOS: zones, zone pairs, class maps and policy maps of type inspect, and the self zone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "input/cisco/device.h"

namespace segproof::cisco {

class ZoneFirewall {
 public:
  // Takes the statements that it understands.
  explicit ZoneFirewall(Device& device);

  [[nodiscard]] bool is_used() const { return used_; }
  // Adds the stages; connection tracking must be there.
  void build(RuleBuilder& builder);

 private:
  struct Match {
    enum class Kind : std::uint8_t { list, protocol, other_class, unclear } kind = Kind::unclear;
    std::string name;
    bool negated = false;
    std::size_t statement = 0;
  };
  struct ClassMap {
    bool needs_all = true;
    std::vector<Match> matches;
    std::size_t statement = 0;
  };
  enum class Deed : std::uint8_t { drop, pass, inspect };
  struct PolicyClass {
    std::string name;
    Deed deed = Deed::drop;
    std::size_t statement = 0;
  };
  struct Pair {
    std::string from, to, policy;
    std::size_t statement = 0;
  };

  void class_map(std::size_t at);
  void policy_map(std::size_t at);
  void zone_pair(std::size_t at);
  void take_match(std::size_t at, ClassMap& into);
  [[nodiscard]] model::ChainId policy_chain(const Pair& pair, RuleBuilder& builder);
  void class_rules(const PolicyClass& one, model::ChainId chain, model::ChainId deed, RuleBuilder& builder,
                   unsigned depth);
  void match_rules(const std::string& name, const ClassMap& map, model::ChainId chain, model::ChainId deed,
                   RuleBuilder& builder, unsigned depth);
  [[nodiscard]] static std::vector<std::vector<model::Test>> protocol_tests(const std::string& name);
  [[nodiscard]] model::ChainId deed_chain(Deed deed, const SourceSpan& origin, RuleBuilder& builder) const;
  [[nodiscard]] std::vector<std::string> members(std::string_view zone) const;

  Device& device_;
  bool used_ = false;
  std::map<std::string, ClassMap, std::less<>> classes_;
  std::map<std::string, std::vector<PolicyClass>, std::less<>> policies_;
  std::vector<std::pair<std::string, std::size_t>> zones_;
  std::vector<Pair> pairs_;
};

}  // namespace segproof::cisco
