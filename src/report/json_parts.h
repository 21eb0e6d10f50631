// SPDX-License-Identifier: Apache-2.0
// The pieces that several JSON formats share. Every key is always written; what does not apply is null.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/source.h"
#include "claim/verdict.h"
#include "packet/packet.h"

namespace segproof::report {

// {"family", "protocol", "source", "source_port", "destination", "destination_port", "icmp_type", "icmp_code",
// "tcp_flags", "fragment"}.
void write_packet(JsonWriter& json, const Packet& packet);

// {"file", "line", "text"}.
void write_rule(JsonWriter& json, const claim::RuleRef& rule, const SourceStore& sources);

// {"file", "line"}, or null for no file.
void write_location(JsonWriter& json, const SourceSpan& span, const SourceStore& sources);

// {"steps": [...]}, with all hops.
void write_witness(JsonWriter& json, const claim::Witness& witness, const SourceStore& sources);
void write_hops(JsonWriter& json, std::span<const claim::Hop> hops, const SourceStore& sources);

void write_undecided(JsonWriter& json, std::span<const claim::UndecidedInput> undecided, const SourceStore& sources);
void write_denials(JsonWriter& json, std::span<const claim::Denial> denials, const SourceStore& sources);
void write_fallen(JsonWriter& json, std::span<const claim::Fallen> fallen);
void write_strings(JsonWriter& json, std::span<const std::string> texts);

// What the kernel said; null where it was not asked. Of a claim: {"says", "kernel", "probes", "reason", "differences"};
// of a run:
// {"kernel", "seed", "probes", "controls", "differences", "control_differences"}.
void write_confirmation(JsonWriter& json, const std::optional<claim::Confirmation>& confirmation);
void write_confirmation(JsonWriter& json, const std::optional<claim::ConfirmationRun>& confirmation);

// {"name": "segproof", "version": "..."}.
void write_tool(JsonWriter& json);

}  // namespace segproof::report
