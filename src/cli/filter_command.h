// SPDX-License-Identifier: Apache-2.0
// `segproof filter`: one rule set, many packets, no topology. Plain values in and out; arguments and terminal are the
// business of the caller.
#pragma once

#include <optional>
#include <string>

#include "base/file.h"
#include "cli/exit_code.h"

namespace segproof::cli {

struct FilterRequest {
  std::string ruleset;  // path, "-" if `files` knows it
  std::string syntax;   // "iptables-save", "ip6tables-save" or "nft"; never guessed
  // Exactly one of the two is given.
  std::optional<std::string> packets;  // path of a table
  std::optional<std::string> packet;   // one packet as packet/packet.h writes it
  std::string in = "LOCAL";            // of `packet`; LOCAL: generated here
  std::string out = "LOCAL";           // of `packet`; LOCAL: delivered here
  std::string host;                    // folder with the output of `ip -j addr`; empty: none
  std::string ipset;                   // file with the output of `ipset save`; empty: none
};

struct FilterAnswer {
  ExitCode code = ExitCode::good;
  std::string lines;     // one for each packet, in their order: verdict, rule, header after NAT, reason; tab-separated
  std::string messages;  // for standard error: diagnostics, or why it could not run
};

[[nodiscard]] FilterAnswer run_filter(const FilterRequest& request, const FileSystem& files);

}  // namespace segproof::cli
