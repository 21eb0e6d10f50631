// SPDX-License-Identifier: Apache-2.0
// The names that native rules use for addresses, as a policy resolves them. A name may consist of other names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "input/yaml/network_words.h"
#include "model/network.h"
#include "packet/interval_set.h"

namespace segproof::input::yaml {

// What a word in place of an address stands for.
struct Resolved {
  model::PerFamily<IntervalSet> addresses;
  std::vector<std::string> unresolved;  // names without addresses, in the order met
};

class NameTable {
 public:
  // Adds the entries of a `names` mapping; a name that is there already is replaced (a rules file has the last word).
  void read(Faults& faults, const View& view);

  // An address, prefix or range, or a name. A name that the table does not have is unresolved, as is one that says so.
  // What can only be meant as an address and is none is reported. O(size of the table).
  [[nodiscard]] Resolved resolve(Faults& faults, const Word& word) const;
  [[nodiscard]] bool has(const std::string& name) const { return members_.contains(name); }
  [[nodiscard]] std::vector<std::string> all() const;

 private:
  struct Walk;
  void add(const Word& word, Walk& walk) const;
  std::map<std::string, std::vector<Word>> members_;  // "unresolved" alone: unresolved
};

}  // namespace segproof::input::yaml
