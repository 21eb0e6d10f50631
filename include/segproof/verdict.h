// SPDX-License-Identifier: Apache-2.0
// The answer to a claim. Complete: whoever prints it needs nothing else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "segproof/claim.h"
#include "segproof/diagnostic.h"

namespace segproof::api {

enum class Outcome { proved, refuted, inconclusive, vacuous, not_evaluated };
[[nodiscard]] std::string_view name(Outcome outcome);  // "not-evaluated"

// A line of configuration that had a say. Its text is as in the file; the path is empty where a default decided.
struct Rule {
  Location location;
  std::string text;
};

// What one stage of one device did with a packet.
struct Hop {
  std::string device;
  std::string stage;    // "filter FORWARD", "route", "deliver"
  std::string in, out;  // interfaces, may be empty
  std::string action;   // "permit", "deny", "translate", "route", "deliver"
  Rule rule;
  std::string packet_after;  // the header where it changed, else empty
};

// Somebody sends one packet.
struct Step {
  std::string actor;
  std::string role;       // "open", "reply", "spoofed-open", "pivot", "mention", ...
  std::string packet;     // "tcp 10.1.0.20:40000 > 10.2.0.10:22 [syn]"; empty for a mention
  std::string delivered;  // where; empty when it was not
  std::vector<Hop> hops;
};

struct Undecided {
  Location location;
  std::string code;
  std::string why;
};

struct Denial {
  std::string device;
  Rule rule;
};

struct Verdict {
  Claim claim;
  std::string from, to;  // as written, joined by ", "
  Outcome outcome = Outcome::not_evaluated;
  std::string reason;  // one sentence, no full stop
  bool covers_ipv4 = false, covers_ipv6 = false;
  bool advisory = false;                 // an entry beside the claim's own ("ID/responder"): not part of the result
  bool by_spoofing_only = false;         // refuted, but only with spoofed sources or self-made state
  std::vector<Step> witness;             // refuted
  std::vector<Denial> denied_by;         // proved
  std::vector<Undecided> undecided;      // inconclusive
  std::vector<std::string> assumptions;  // ids, sorted
};

struct Results {
  std::vector<Verdict> verdicts;  // in the order of the claims, each advisory entry after its claim
  // The exit code that `segproof verify` would have: 0 all proved, 1 some refuted, 3 neither; 2 without any verdict.
  int exit_code = 2;
  std::string text;  // as the program prints it: 80 columns, no colour
  std::string json;  // segproof/result/1 (schemas/result.schema.json)
};

}  // namespace segproof::api
