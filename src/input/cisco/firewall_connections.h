// SPDX-License-Identifier: Apache-2.0
// Packets of known connections at a firewall since release 8.3. A connection belongs to the two interfaces that its
// first packet took, and that packet passed their lists: so a later packet is the first one's like, or its answer, and
// the lists of its two interfaces permit it, or permit it turned round.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "input/cisco/device.h"
#include "input/cisco/inspection.h"

namespace segproof::cisco {

// What the top of the configuration says beside interfaces and translations.
struct FirewallSettings {
  bool between_equals = false;    // same-security-traffic permit inter-interface
  bool back_out = false;          // ... intra-interface
  bool real_addresses = true;     // lists see the addresses behind the translation
  bool lists_are_unified = true;  // one list for both families
  bool needs_lists = false;       // FWSM: no traffic without a list
  std::optional<std::size_t> nat_control;
  bool tunnels_bypass = true;
  std::optional<Binding> global;
  std::map<std::string, Binding> control_plane;
  std::optional<std::size_t> extra_connections;  // `established`
};

// The mark of a connection between two interfaces, by their numbers; 0 is a connection of the firewall itself.
[[nodiscard]] std::uint32_t pair_mark(std::size_t a, std::size_t b);
// Beyond that, connections are not told apart by their interfaces: there would be too many marks.
inline constexpr std::size_t most_bound_interfaces = 40;

class FirewallConnections {
 public:
  // `diverts`: translation may send packets another way than the routes.
  FirewallConnections(const Device& device, const FirewallSettings& settings, const Inspection& inspection,
                      bool diverts, RuleBuilder& builder)
      : device_(device), settings_(settings), inspection_(inspection), diverts_(diverts), builder_(builder) {}

  // The chain that accepts, at the forward hook, established and related packets which their connection lets pass. It
  // comes back for all others. It asks for the outbound lists as well.
  [[nodiscard]] model::ChainId build();

 private:
  enum class Side : std::uint8_t { like_the_first, answer };
  void bypasses(model::ChainId chain);
  void not_bound(model::ChainId chain);
  void inbound(const Port& port, Side side, model::ChainId chain);
  void without_list(const Port& port, Side side, std::vector<model::Test> tests, model::ChainId chain);
  void outbound(Side side);
  void ask(const Binding& binding, bool ipv6, Side side, std::vector<model::Test> tests, model::Action passes,
           model::ChainId chain);
  void errors(model::ChainId chain);
  void may_be_party(const Binding& binding, bool ipv6, bool initiator, std::vector<model::Test> tests,
                    model::ChainId chain);
  [[nodiscard]] const AccessList* list_of(const Binding& binding, bool ipv6) const;
  [[nodiscard]] Meaning meaning(bool ipv6) const;
  [[nodiscard]] std::vector<model::Test> of_family(bool ipv6) const;
  // Interfaces whose level lets a first packet in from `port` without a list; the other way round for answers.
  [[nodiscard]] std::vector<std::string> unlisted_peers(const Port& port, Side side) const;

  const Device& device_;
  const FirewallSettings& settings_;
  const Inspection& inspection_;
  bool diverts_;
  RuleBuilder& builder_;
  std::map<Side, model::Action> at_outbound_;  // what an inbound list's permit leads to
};

}  // namespace segproof::cisco
