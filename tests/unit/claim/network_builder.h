// SPDX-License-Identifier: Apache-2.0
// Small networks as text, for tests: a plan of lines, and the rules of each node as iptables-save writes them.
//
//   segment dmz 10.1.0.0/24 [complete] [external] [internet]
//   zone corp 10.2.0.0/24 [under outer] [external] [falls]
//   host web eth0=dmz:10.1.0.10/24 [forwarding=off|on] [down=eth0]
//   device fw eth0=dmz:10.1.0.1/24,2001:db8:1::1/64 eth1=-:10.2.0.1/24 [missing] [ipv6=off|missing] [twin=fw2]
//   route fw 10.9.0.0/16 via 10.1.0.254 [10.1.0.253 ...]      route fw 10.9.0.0/16 dev eth0      route fw 10.9.0.0/16
//   blackhole
//
// A segment that is `external` gets a zone of its name. Nodes have every family that one of their addresses has; a
// device without IPv6 rules has IPv6 switched off unless it says otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claim/session.h"
#include "model/network.h"

namespace segproof::test {

// out --- a --- fw --- b --- in
inline constexpr const char* one_firewall = R"(
  segment a 198.51.100.0/24 complete
  segment b 10.2.0.0/24 complete
  host out eth0=a:198.51.100.10/24
  host in eth0=b:10.2.0.10/24
  device fw eth0=a:198.51.100.1/24 eth1=b:10.2.0.1/24
)";

// Rules of iptables-save: of table nat, and of table filter, which drops in INPUT and FORWARD.
[[nodiscard]] std::string nat_and_filter(const std::string& nat_rules, const std::string& filter_rules);

class Plan {
 public:
  explicit Plan(std::string_view lines);

  // The whole iptables-save text of a node (ip6tables-save for IPv6); files are called "NODE.rules" and "NODE.rules6".
  Plan& rules(const std::string& node, const std::string& text, Family family = Family::ipv4);
  // Only rules of the filter table: its policies are DROP (ACCEPT for OUTPUT).
  Plan& filter(const std::string& node, const std::string& rules, Family family = Family::ipv4);
  // A whole text as the rules of an epoch before; the newest epoch first.
  Plan& earlier(const std::string& node, const std::string& text, std::size_t epochs_ago = 1);

  // Registers an assumption, with services that it lists as harmless.
  Plan& assume(const std::string& id, std::vector<std::string> harmless = {});

  // Puts an action that the reader does not write at the front of the chains whose name ends so ("filter FORWARD").
  Plan& first_in(const std::string& node, std::string_view chain, const model::Action& action);

  [[nodiscard]] model::Network& network() { return network_; }
  [[nodiscard]] model::Node& node(std::string_view name);
  [[nodiscard]] model::Segment& segment(std::string_view name);
  [[nodiscard]] const SourceStore& sources() const { return sources_; }

  [[nodiscard]] claim::Verdict verify(const claim::Claim& claim) const;
  [[nodiscard]] std::vector<claim::Verdict> verify_all(const claim::Claim& claim) const;
  // "proved": the outcome alone.
  [[nodiscard]] std::string outcome(const claim::Claim& claim) const;
  [[nodiscard]] claim::BlastAnswer blast(const std::string& from, claim::Pivot pivot = claim::Pivot::worst_case,
                                         std::optional<unsigned> hops = std::nullopt) const;
  // Where a packet ends: "delivered web", "denied fw", with the fates of all paths joined by ", ".
  [[nodiscard]] std::string trace(const std::string& from, const std::string& packet) const;

 private:
  void add_line(const std::vector<std::string>& words);
  void add_segment(const std::vector<std::string>& words);
  void add_zone(const std::vector<std::string>& words);
  void add_node(const std::vector<std::string>& words, model::NodeKind kind);
  void add_interface(model::NodeId node, const std::string& word);
  void add_route(const std::vector<std::string>& words);
  [[nodiscard]] model::RuleSet read(const std::string& path, const std::string& text, Family family);

  model::Network network_;
  SourceStore sources_;
};

// The verdict in one text, for failing tests: outcome, reason, and each step of the witness with its hops.
[[nodiscard]] std::string told(const claim::Verdict& verdict);

// Names as claims write them: "web, corp".
[[nodiscard]] std::vector<claim::Name> names(std::string_view text);
[[nodiscard]] claim::Allowed allow(std::string_view service, std::string_view from = "", std::string_view to = "");
[[nodiscard]] claim::Claim claim_of(claim::Kind kind, std::string_view from, std::string_view to);
[[nodiscard]] inline claim::Claim isolated(std::string_view from, std::string_view to) {
  return claim_of(claim::Kind::isolated, from, to);
}
[[nodiscard]] inline claim::Claim no_new(std::string_view from, std::string_view to) {
  return claim_of(claim::Kind::no_new_sessions, from, to);
}
[[nodiscard]] inline claim::Claim contained(std::string_view from, std::string_view to) {
  return claim_of(claim::Kind::contained, from, to);
}
// `only` or `reachable` with these services.
[[nodiscard]] claim::Claim with_services(claim::Kind kind, std::string_view from, std::string_view to,
                                         std::vector<claim::Allowed> services);

}  // namespace segproof::test
