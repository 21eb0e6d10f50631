// SPDX-License-Identifier: Apache-2.0
// What the kernel did with a packet, and what segproof says that it does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "draft.h"
#include "model/single_packet.h"
#include "probe.h"
#include "sandbox.h"

namespace segproof::oracle {

struct KernelAnswer {
  model::Fate fate = model::Fate::drop;  // never unknown
  std::string interface;                 // of an accepted packet; empty: delivered here
  Packet packet;                         // of an accepted packet: its header at the end
  std::vector<TraceEvent> trace;
};

[[nodiscard]] KernelAnswer answer_of(const Probe& probe, std::uint16_t number, const std::vector<Sighting>& sightings);

// The line of the rule or policy that decided, in the sense of model::Judgement::decided_by; 0: none.
[[nodiscard]] std::uint32_t deciding_line(const Draft& draft, const Rendered& rendered, const Probe& probe,
                                          const KernelAnswer& answer);

// segproof's answer for a probe in the sandbox: packets for its own addresses stay there, whatever the way.
[[nodiscard]] model::Judgement judge(const model::RuleSet& rules, const Probe& probe);

enum class Agreement : std::uint8_t { same, different, unknown, outside };
struct Comparison {
  Agreement agreement = Agreement::same;
  std::string what;  // the difference, or why it is unknown or outside of the comparison
};
// The same rules as another reader read them, elsewhere: whether the packet fares alike. `found` when it does. Where
// only the other reading is decided, it is held to the kernel's answer.
[[nodiscard]] Comparison compare_listed(const Comparison& found, const std::string& reader, const model::RuleSet& rules,
                                        const model::RuleSet& listed, const Probe& probe, const KernelAnswer& answer);
[[nodiscard]] Comparison compare(const Draft& draft, const Rendered& rendered, const model::RuleSet& rules,
                                 const Probe& probe, const KernelAnswer& answer);

}  // namespace segproof::oracle
