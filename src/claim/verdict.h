// SPDX-License-Identifier: Apache-2.0
// The answer to a claim, complete: whoever prints it asks nothing more of the network.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic_code.h"
#include "base/input_file.h"
#include "base/source.h"
#include "claim/claim.h"
#include "packet/packet.h"

namespace segproof::claim {

enum class Outcome : std::uint8_t { proved, refuted, inconclusive, vacuous, not_evaluated };
[[nodiscard]] std::string_view outcome_name(Outcome outcome);  // "not-evaluated"

// A line of configuration that had a say, with its text as in the file.
struct RuleRef {
  SourceSpan span;  // invalid file: no line (a default of the device)
  std::string text;
};

struct Hop {
  std::string device;
  std::string stage;  // "filter FORWARD", "route", "deliver"
  std::string in;
  std::string out;
  std::string action;  // "permit", "deny", "translate", "route", "deliver"
  std::optional<RuleRef> rule;
  std::optional<Packet> packet_after;  // when it changed
};

enum class StepRole : std::uint8_t { open, reply, related, mid, blind, spoofed_open, pivot, mention };
[[nodiscard]] std::string_view role_name(StepRole role);  // "spoofed-open"

struct WitnessStep {
  std::string actor;  // host or place that sends
  StepRole role = StepRole::open;
  std::optional<Packet> packet;  // as sent; nothing for a mention
  std::string delivered;         // where it is delivered
  std::vector<Hop> hops;
};

struct Witness {
  std::vector<WitnessStep> steps;
};

struct UndecidedInput {
  SourceSpan span;
  DiagnosticCode code{};
  std::string why;
};

struct Denial {
  std::string device;
  RuleRef rule;
};

enum class Coverage : std::uint8_t { covered, not_covered };

// One fallen host of a blast radius.
struct Fallen {
  std::string place;
  unsigned hops = 0;       // pivots from the start
  std::string because_of;  // who reached it; empty for the start
};

// What the kernel of a machine said to a verdict, when it was asked (src/confirm).
struct Contradiction {
  std::string actor;
  Packet packet;
  std::string expected;  // where it had to end; empty: nowhere
  std::string seen;      // where it did
};
enum class KernelSays : std::uint8_t { confirmed, differs, not_confirmable };
[[nodiscard]] std::string_view kernel_says_name(KernelSays says);  // "not-confirmable"
struct Confirmation {
  KernelSays says = KernelSays::confirmed;
  std::string kernel;  // "Linux 6.1.0"
  unsigned probes = 0;
  std::string reason;  // of not_confirmable
  std::vector<Contradiction> differences;
};
// The same of a whole run.
struct ConfirmationRun {
  std::string kernel;
  std::uint64_t seed = 0;
  unsigned probes = 0;    // controls included
  unsigned controls = 0;  // packets between any places that had to arrive
  std::vector<Contradiction> control_differences;
  unsigned differences = 0;
};

struct Verdict {
  std::string id;
  Kind kind = Kind::isolated;
  std::string text;
  std::string from;  // as written, joined by ", "
  std::string to;
  std::string epoch;
  std::optional<Pivot> pivot;
  Spoofing spoofing = Spoofing::any;
  std::array<Coverage, 2> families{Coverage::covered, Coverage::covered};  // by Family
  Outcome outcome = Outcome::not_evaluated;
  std::string reason;  // one sentence, no full stop
  std::optional<Witness> witness;
  std::vector<UndecidedInput> undecided;
  // Inconclusive: packets that may break the claim, one of each, in this order; who falls by one may send the next.
  // They are where to look for a certificate, and not all that there is.
  std::vector<std::vector<WitnessStep>> perhaps;
  std::vector<Denial> denied_by;
  std::vector<std::string> assumptions;  // ids, sorted
  std::vector<std::string> controls;
  bool spoofed_only = false;                 // refuted, but rests on spoofed sources or self-made state alone
  bool advisory = false;                     // an extra entry (ID/responder) outside the exit code
  std::vector<Fallen> blast;                 // contained: who falls, with hop counts
  std::optional<Confirmation> confirmation;  // where the kernel was asked
  std::optional<std::string> certificate;    // where it stands in a bundle of evidence
  std::string uncertified;                   // why there is none, where evidence was asked for
  SourceSpan location;
};

struct Summary {
  unsigned proved = 0, refuted = 0, inconclusive = 0, vacuous = 0, not_evaluated = 0;
  unsigned refuted_by_spoofing_only = 0;
};

struct Results {
  std::vector<InputFile> inputs;                        // what was read, by path
  std::vector<Verdict> verdicts;                        // in the order of the claims
  Summary summary;                                      // without advisory entries
  std::map<std::string, std::string> assumption_texts;  // id -> text, of all that a verdict leans on
  std::optional<ConfirmationRun> confirmation;          // where the kernel was asked
  std::vector<std::string> notes;                       // "claim FTA-9 is for epochs e3: not part of this run"
};

}  // namespace segproof::claim
