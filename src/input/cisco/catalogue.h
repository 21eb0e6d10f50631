// SPDX-License-Identifier: Apache-2.0
// The maintained list of commands that have no meaning in the model of their own: those that cannot change which
// packets pass, and those that can, in a way that no configuration decides. What is in neither, and nobody reads, is
// unmodelled.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "input/cisco/dialect.h"

namespace segproof::cisco {

enum class Effect : std::uint8_t {
  none,      // management, layer 1, layer 2 within a VLAN, quality of service, names
  drops,     // can only make fewer packets pass
  routes,    // may change the way that packets take
  anything,  // may change which packets pass
};

struct Command {
  std::string_view begins = {};
  Effect effect = Effect::none;
  std::string_view why = {};  // for people; empty for `none`
};

class Catalogue {
 public:
  explicit Catalogue(CiscoDialect dialect);
  // A command at the top, which stands for all below it; null when it is not listed.
  [[nodiscard]] const Command* top(std::string_view text) const { return longest(top_, text); }
  // A command below an interface.
  [[nodiscard]] const Command* on_interface(std::string_view text) const { return longest(interface_, text); }

 private:
  using Table = std::map<std::string_view, Command>;
  static void add(std::string_view list, Table& table);
  [[nodiscard]] static const Command* longest(const Table& table, std::string_view text);

  Table top_;
  Table interface_;
};

}  // namespace segproof::cisco
