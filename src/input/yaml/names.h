// SPDX-License-Identifier: Apache-2.0
// The names that native rules use for addresses, as a policy resolves them. A name may consist of other names.
#pragma once

#include <map>
#include <memory>
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
  // "did you mean ...?"; empty for large tables.
  [[nodiscard]] std::string hint(const std::string& name) const;

 private:
  struct Walk;
  void add(const Word& word, Walk& walk) const;
  bool report_budget(Faults& faults, const Word& word, const Walk& walk) const;
  std::map<std::string, std::vector<Word>> members_;  // "unresolved" alone: unresolved
  // Words that may still be looked at, for this table and all its copies together: names of names could otherwise
  // unfold without end.
  std::shared_ptr<std::size_t> budget_ = std::make_shared<std::size_t>(20'000'000);
};

}  // namespace segproof::input::yaml
