// SPDX-License-Identifier: Apache-2.0
// What the closures of one network share: its bodies by number, and who can make whom fall alone. Worked out on demand
// and kept, since claims ask for the same again and again. Sets of origins are kept once each and named by a number:
// where hosts are many, most of them have the same.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "claim/felling.h"

namespace segproof::claim {

struct Worlds {
  World* ipv4 = nullptr;
  World* ipv6 = nullptr;
  [[nodiscard]] std::vector<World*> all() const { return {ipv4, ipv6}; }
  [[nodiscard]] World& of(Family family) const { return family == Family::ipv4 ? *ipv4 : *ipv6; }
};

class ClosureTables {
 public:
  explicit ClosureTables(const Worlds& worlds);

  [[nodiscard]] const Worlds& worlds() const { return worlds_; }
  [[nodiscard]] const model::Network& network() const { return worlds_.ipv4->network(); }

  // Everything that could fall comes first, sorted; then what questions started from beside that.
  using Number = std::uint32_t;
  [[nodiscard]] Number size() const { return static_cast<Number>(bodies_.size()); }
  [[nodiscard]] Number candidates() const { return candidates_; }
  [[nodiscard]] const Body& body(Number number) const { return bodies_[number]; }
  [[nodiscard]] Number number_of(const Body& body);
  // What becomes of a body when it is reached.
  enum class Fate : std::uint8_t { stands, is_touched, falls };
  [[nodiscard]] Fate fate(Number number) const { return fates_[number]; }

  // Attached to external segments and to nothing else.
  [[nodiscard]] bool is_outside(Number number) const { return outside_[number]; }

  // Sets of origins by number.
  using Origins = std::uint32_t;
  [[nodiscard]] const IntervalSet& origins(Origins number) const { return *sets_[number]; }
  [[nodiscard]] Origins set_count() const { return static_cast<Origins>(sets_.size()); }
  // Those under which a body sends (at the level `any`).
  [[nodiscard]] Origins own(Family family, Number body);
  // Those that alone make it fall. Precondition: a candidate.
  [[nodiscard]] Origins fellers(Family family, Approximation approximation, Pivot pivot, Number body);
  // Those that alone open sessions to it, once it has fallen.
  [[nodiscard]] Origins openers(Family family, Approximation approximation, Number body);

 private:
  using Column = std::vector<std::optional<Origins>>;  // by number of the body
  void describe(const Body& body);
  [[nodiscard]] Origins number_of_set(IntervalSet set);
  [[nodiscard]] static std::optional<Origins>& entry(Column& column, Number body);
  [[nodiscard]] Felling& felling_by_one(Family family, Approximation approximation, Pivot pivot);
  [[nodiscard]] Felling& any_session(Family family, Approximation approximation);
  [[nodiscard]] IntervalSet find_openers(World& world, Approximation approximation, const Body& body);

  Worlds worlds_;
  std::vector<Body> bodies_;
  std::vector<Fate> fates_;  // these two by number
  std::vector<bool> outside_;
  Number candidates_ = 0;
  std::map<Body, Number> others_;
  std::map<IntervalSet, Origins> numbers_of_sets_;
  std::vector<const IntervalSet*> sets_;
  std::map<Family, Column> own_;
  std::map<std::tuple<Family, Approximation, Pivot>, Column> fellers_;
  std::map<std::pair<Family, Approximation>, Column> openers_;
  std::map<std::tuple<Family, Approximation, Pivot>, std::unique_ptr<Felling>> fellings_;
  std::map<std::pair<Family, Approximation>, std::unique_ptr<Felling>> any_session_;
};

}  // namespace segproof::claim
