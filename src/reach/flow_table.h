// SPDX-License-Identifier: Apache-2.0
// The connection table of one node as sets: for each pair of translations the tuples that flows have as they enter,
// between the two translations, and as they leave. Tuples keep the origin of who opened the flow.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "packet/space.h"
#include "reach/header_sets.h"
#include "reach/rewrite.h"

namespace segproof::reach {

// A flow and the packets that answer it. Made by FlowTable::add.
struct Flow {
  const Rewrite* first = nullptr;   // on entering (destination), null: none
  const Rewrite* second = nullptr;  // on leaving (source), null: none
  PacketSet entered;
  PacketSet middle;
  PacketSet left;
  bool opened_here = false;  // by the node itself: only answers to it arrive
  // The mark that its first packet gave it (an index), where that was followed.
  std::optional<std::size_t> mark = std::nullopt;
};

// An empty table is one pointer: most nodes of a large network are hosts that keep none.
class FlowTable {
 public:
  FlowTable() = default;
  FlowTable(const FlowTable& other) : kept_(other.kept_ ? std::make_unique<Contents>(*other.kept_) : nullptr) {}
  FlowTable(FlowTable&&) noexcept = default;
  FlowTable& operator=(const FlowTable& other) {
    kept_ = other.kept_ ? std::make_unique<Contents>(*other.kept_) : nullptr;
    return *this;
  }
  FlowTable& operator=(FlowTable&&) noexcept = default;
  ~FlowTable() = default;

  // Numbers of the two rewrites within the node, 0 = none: a key that does not depend on addresses in memory.
  using Key = std::pair<std::size_t, std::size_t>;

  // What is kept of a flow beside itself: the answers to it, as they arrive and between the two translations.
  // They are worked out when they are first asked for.
  class Kept : public Flow {
   public:
    explicit Kept(const Flow& flow) : Flow(flow) {}
    [[nodiscard]] PacketSet answer(const HeaderSets& headers) const;
    [[nodiscard]] PacketSet middle_answer(const HeaderSets& headers) const;
    // The same flow with more packets.
    void grow(const Flow& flow);
    // Takes over the answers of a flow of which this one has what `change` makes of its packets.
    void follow(const Kept& other, const std::function<PacketSet(PacketSet)>& change, const HeaderSets& headers);

   private:
    // What was turned round by now; packets that were added since are turned round when they are asked for.
    struct Turned {
      PacketSet from;
      PacketSet answer;
    };
    static PacketSet turned(std::optional<Turned>& known, PacketSet packets, const HeaderSets& headers);
    mutable std::optional<Turned> answer_;
    mutable std::optional<Turned> middle_answer_;
  };

  // True when the table grew.
  bool add(const Key& key, const Flow& flow);
  [[nodiscard]] const std::map<Key, Kept>& flows() const { return contents().flows; }
  // Tuples of flows to which a protocol helper was attached: their parties may open more to each other.
  bool add_helped(PacketSet tuples);
  [[nodiscard]] const std::optional<PacketSet>& helped() const { return contents().helped; }

  // Others, too, send packets of flows that the node itself opened.
  void share_what_was_opened_here();
  // The same flows, whoever opened them.
  [[nodiscard]] FlowTable of_anyone() const;
  // The same flows with other origins: `change` picks and rewrites origins and nothing else. What is known of their
  // answers is taken along, since turning packets round does not touch origins.
  [[nodiscard]] FlowTable with_origins(const std::function<PacketSet(PacketSet)>& change,
                                       const HeaderSets& headers) const;
  // Adds all flows of the other table under keys of their own (`generation` tells the tables apart).
  void add_all(const FlowTable& other, std::size_t generation);

  // The tuples that arrive and belong to a flow, in either direction.
  [[nodiscard]] PacketSet arriving(const HeaderSets& headers) const;

  // Arriving packets of a flow after the first translation, in either direction; and leaving ones after the second.
  // Packets of no flow are left out. State, marks and interfaces of `packets` stay.
  [[nodiscard]] PacketSet after_first(PacketSet packets, const HeaderSets& headers, Approximation approximation) const;
  [[nodiscard]] PacketSet after_second(PacketSet packets, const HeaderSets& headers, Approximation approximation) const;
  // What delivered packets looked like when they entered the node.
  [[nodiscard]] PacketSet as_entered(PacketSet delivered, const HeaderSets& headers, Approximation approximation) const;

 private:
  struct Contents {
    std::map<Key, Kept> flows;
    std::optional<PacketSet> helped;
    mutable std::optional<PacketSet> arriving;  // nothing: to be worked out anew
  };
  [[nodiscard]] const Contents& contents() const {
    static const Contents nothing;
    return kept_ ? *kept_ : nothing;
  }
  [[nodiscard]] Contents& room() {
    if (!kept_) {
      kept_ = std::make_unique<Contents>();
    }
    return *kept_;
  }
  std::unique_ptr<Contents> kept_;  // null: empty
};

}  // namespace segproof::reach
