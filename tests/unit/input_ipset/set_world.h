// SPDX-License-Identifier: Apache-2.0
// Sets and one rule that asks for them, for single packets.
#pragma once

#include <string>
#include <string_view>

#include "base/source.h"
#include "input/ipset/reader.h"
#include "model/rule.h"
#include "packet/field.h"

namespace segproof::test {

// "-m set --match-set office src" as the only rule of chain FORWARD, which drops what it matches.
class SetWorld {
 public:
  SetWorld(std::string_view sets, std::string_view rule, Family family = Family::ipv4);

  // "match", "none" or "perhaps": what the rule says of a packet that comes in on `in` and leaves on "out0".
  [[nodiscard]] std::string ask(std::string_view packet, std::string_view in = "in0") const;
  // What the readers complained about, one line each.
  [[nodiscard]] const std::string& complaints() const { return complaints_; }
  // Why the rule is undecided; empty when it is decided.
  [[nodiscard]] const std::string& undecided() const { return undecided_; }
  // How many alternatives the sets became.
  [[nodiscard]] std::size_t alternatives() const;

 private:
  model::RuleSet rules_;
  std::string complaints_;
  std::string undecided_;
};

}  // namespace segproof::test
