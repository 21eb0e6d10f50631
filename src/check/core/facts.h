// SPDX-License-Identifier: Apache-2.0
// What follows of a node for one family: its addresses, what it does with packets as a whole, where its routes lead.
// Nothing of a claim.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "check/core/network.h"

namespace check {

enum class Behaviour : std::uint8_t {
  closed,   // the family is switched off
  leaf,     // a host without rules that forwards nothing
  working,  // filters, translates or forwards as written
  open,     // not configured: passes anything, rewritten to anything
};

// A choice of ways for some destinations; the first routing rule that may ask the table comes first.
struct Way {
  SetId destinations = any_value;
  std::vector<Hop> hops;  // empty: the packet ends
};
struct WayTable {
  const Select* select = nullptr;  // null: every packet
  std::vector<Way> ways;           // disjoint
};

struct Facts {
  Behaviour behaviour = Behaviour::closed;
  bool tracks = false, translates = false, forwards = false, passes_freely = false;
  SetId own = no_value;  // addresses
  SetId directed_broadcast = no_value;
  SetId to_itself = no_value;        // destinations that it takes: those, and link_only
  SetId never_forwarded = no_value;  // destinations: its own, and link_only
  std::vector<SetId> on_interface;   // addresses by interface
  std::vector<WayTable> ways;
};

// Everything about one family of a network.
class Surroundings {
 public:
  // `epoch`: 0 for the rules of now, n for those of n epochs before.
  Surroundings(const Network& network, Sets& sets, std::size_t epoch);
  // The same network and epoch in the other family, with sets of its own: names mean places whatever their family.
  [[nodiscard]] const Surroundings& other_family() const;

  [[nodiscard]] const Network& network() const { return *network_; }
  [[nodiscard]] Sets& sets() const { return *sets_; }
  [[nodiscard]] const Facts& facts(std::size_t node) const { return facts_[node]; }
  [[nodiscard]] const RuleSet& rules(std::size_t node) const;
  [[nodiscard]] std::size_t family() const { return static_cast<std::size_t>(sets_->family()); }
  [[nodiscard]] SetId link_only() const { return link_only_; }  // destinations that all nodes of a segment take
  // What unlisted hosts of a segment own; what anybody on it takes.
  [[nodiscard]] SetId unlisted(std::size_t segment) const { return unlisted_[segment]; }
  [[nodiscard]] SetId owned(std::size_t segment) const { return owned_[segment]; }
  // What a node takes on a segment: its addresses, the last address of the segment's prefixes, link_only.
  [[nodiscard]] SetId taken(std::size_t node, std::size_t segment) const;
  // Later fragments may go where their packet does not: some node without connection tracking has rules.
  [[nodiscard]] bool fragments_matter() const { return fragments_matter_; }
  // The addresses of a type, when no route of the node ends packets.
  [[nodiscard]] SetId of_type(std::size_t node, unsigned type, std::optional<std::size_t> interface) const;
  [[nodiscard]] bool has_ended_routes(std::size_t node) const;
  [[nodiscard]] SetId of_prefixes(const std::vector<Prefix>& prefixes) const;
  // An interface that is wired to nothing known.
  [[nodiscard]] static bool leads_outside(const Interface& interface);
  // The values of a test of kind `is`.
  [[nodiscard]] SetId values_of(const Test& test) const;
  // Somebody outside the model can send into it: an interface is wired to nothing known, or a route leads to a gateway
  // that nobody on its segment is.
  [[nodiscard]] bool has_outside() const;
  // The nodes that own an address on a segment.
  [[nodiscard]] std::vector<std::size_t> owners(std::size_t segment, const Address& address) const;

 private:
  [[nodiscard]] Facts facts_of(const Node& node, std::size_t number) const;
  [[nodiscard]] std::vector<WayTable> ways_of(const Node& node) const;
  [[nodiscard]] bool has_lost_gateway(std::size_t node) const;
  [[nodiscard]] std::vector<Way> ways_of_table(const Node& node, std::size_t table) const;
  [[nodiscard]] SetId unlisted_of(std::size_t segment) const;

  const Network* network_;
  Sets* sets_;
  std::vector<RuleSet> before_;  // of the epoch, by node; empty for the present one
  std::size_t epoch_;
  SetId link_only_;
  std::vector<Facts> facts_;
  std::vector<SetId> unlisted_, owned_;
  bool fragments_matter_ = false;
  mutable std::unordered_map<const Test*, SetId> values_;
  mutable std::unique_ptr<Sets> other_sets_;
  mutable std::unique_ptr<Surroundings> other_;
};

}  // namespace check
