// SPDX-License-Identifier: Apache-2.0
// Packets on their way through one node, as they arrived and as they are now; and what a test makes of them. Whatever
// cannot be said exactly errs towards more packets.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "check/core/facts.h"

namespace check {

enum Role : std::uint8_t { own_role, foreign_role, related_role };  // values of Field role
enum State : std::uint8_t { fresh, established, related, invalid, untracked };

// Boxes of arriving headers that are surely elsewhere; the newest first.
struct Except {
  Box box;
  std::shared_ptr<const Except> before;
};

struct Passage {
  Box box{};  // headers as they arrived
  std::shared_ptr<const Except> except;
  std::array<std::optional<SetId>, field_count> now;      // nothing: as it arrived; else any of these values
  std::array<std::optional<SetId>, field_count> outward;  // to become so at the egress or deliver hook
  std::array<std::optional<SetId>, field_count> inward;   // to become so at the end of the ingress hook
  std::optional<std::size_t> in;                          // interface; nothing: made here
  std::optional<Hop> out;                                 // nothing: not known yet, or for the node itself
  State state = fresh;
  std::optional<Value> mark = 0, connection_mark = 0;           // nothing: undecided
  std::array<std::optional<bool>, 2> translated{false, false};  // destination, source; nothing: undecided
  bool is_helped = false;
  std::optional<std::size_t> connection;  // in a replay: the one of the node's table that it belongs to
};

// The headers that packets have now.
[[nodiscard]] Box header_of(const Passage& packets);

// What a rule asks, in this place: one of these, each a box of arriving headers.
struct Term {
  Box box{};
  std::vector<Box> minus;
  bool is_exact = true;
};

class Asker {
 public:
  Asker(const Surroundings& world, std::size_t node) : world_(&world), node_(node) {}

  std::optional<bool> unknown;  // how tests come out that nothing decides; nothing: either way

  [[nodiscard]] std::vector<Term> terms(const Tests& tests, const Passage& passage) const;
  // The packets for which the tests may hold, and those for which they may not. False: they hold for none.
  bool split(const Tests& tests, const Passage& passage, std::vector<Passage>& yes, std::vector<Passage>& no) const;
  // Keeps what may have one of the values in the field, as it is now. False: nothing is left.
  [[nodiscard]] bool keep(Passage& passage, Field field, SetId values) const;

 private:
  [[nodiscard]] std::vector<Term> terms_of(const Test& test, const Passage& passage, const Box& box) const;
  [[nodiscard]] bool narrow(const Test& test, const Passage& passage, Term& term) const;
  [[nodiscard]] std::optional<bool> decided(const Test& test, const Passage& passage) const;
  [[nodiscard]] std::optional<SetId> values_of(const Test& test, const Passage& passage) const;

  const Surroundings* world_;
  std::size_t node_;
};

}  // namespace check
