// SPDX-License-Identifier: Apache-2.0
// The named sets of one host, and their answers to rules.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "input/ipset/element.h"
#include "model/set_lookup.h"

namespace segproof {

// The sets of one host. Not thread-safe: answers are kept for the next question.
class SetCollection {
 public:
  struct Set {
    ipset::SetShape shape;
    std::vector<ipset::Element> elements;
    std::string doubt;  // not empty: why its content is not known
    SourceSpan origin;
  };

  [[nodiscard]] const std::map<std::string, Set, std::less<>>& sets() const { return sets_; }
  void replace(std::map<std::string, Set, std::less<>> sets) { sets_ = std::move(sets); }

  // Undecided for a set that is not there, and for one in doubt. The first question of a kind costs O(n log n).
  [[nodiscard]] model::SetAnswer answer(const model::SetQuestion& question);
  // The set (and if it is a list, its members) may hold other elements than those that were read.
  void doubt(std::string_view name, const std::string& why);

 private:
  [[nodiscard]] model::SetAnswer computed(const model::SetQuestion& question, unsigned depth) const;
  std::map<std::string, Set, std::less<>> sets_;
  std::map<std::string, model::SetAnswer> answers_;
};

}  // namespace segproof
