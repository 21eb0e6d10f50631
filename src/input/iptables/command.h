// SPDX-License-Identifier: Apache-2.0
// A rule line taken apart as getopt_long and iptables do it: long options may be cut short where that is unambiguous,
// options of a match follow its -m, options of the protocol's own match need no -m, and `!` stands before an option or,
// in the old style, before its value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/iptables/words.h"
#include "packet/field.h"

namespace segproof::iptables {

struct Extension;  // catalogue.h

struct OptionUse {
  std::string_view name;  // in full, without dashes
  bool negated = false;
  std::vector<std::string_view> values;
  std::uint32_t column = 0;
};

// One -m or -j and the options that belong to it.
struct ExtensionUse {
  const Extension* known = nullptr;  // null: not in the catalogue
  std::string_view name;
  std::vector<OptionUse> options;
  std::uint32_t column = 0;

  [[nodiscard]] const OptionUse* find(std::string_view option) const;  // the last use
};
// "limit --limit 3/min --limit-burst 5", for messages.
[[nodiscard]] std::string text_of(const ExtensionUse& use);

struct Command {
  char action = 0;                      // A, I, D, R, N, X, F, P, Z, E, C, L, S; 0: none
  std::string_view chain;               // empty: all chains (F, X, Z)
  std::string_view argument;            // policy of P, new name of E
  std::optional<std::size_t> position;  // of I, D, R; from 1
  std::vector<OptionUse> basics;        // protocol, source, destination, in-interface, out-interface, fragments
  std::vector<ExtensionUse> matches;
  std::optional<ExtensionUse> target;
  bool goes_to = false;  // -g

  [[nodiscard]] const OptionUse* basic(std::string_view option) const;  // the last use
};

struct Fault {
  std::string message;
  std::uint32_t column = 1;
};

// Reads words from `first` on. Returns a fault when iptables would refuse the line; `command` then holds what was read
// before it (the chain is usually known).
[[nodiscard]] std::optional<Fault> parse_command(const Words& words, std::size_t first, Family family,
                                                 Command& command);

}  // namespace segproof::iptables
