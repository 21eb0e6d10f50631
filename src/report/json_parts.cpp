// SPDX-License-Identifier: Apache-2.0
#include "report/json_parts.h"

#include "report/cite.h"
#include "report/tool.h"

namespace segproof::report {
namespace {

void write_file_and_line(JsonWriter& json, const SourceSpan& span, const SourceStore& sources) {
  json.key("file").string_or_null(path_of(span, sources));
  json.key("line");
  if (span.file.valid() && span.line > 0) {
    json.number(span.line);
  } else {
    json.null();
  }
}

void write_port(JsonWriter& json, std::string_view key, const Packet& packet, Field field) {
  json.key(key);
  if (has_ports(packet.protocol()) && packet[Field::fragment] == 0) {
    json.number(static_cast<std::uint16_t>(packet[field]));
  } else {
    json.null();
  }
}

void write_icmp(JsonWriter& json, const Packet& packet) {
  const auto type_and_code = static_cast<std::uint16_t>(packet[Field::destination_port]);
  const bool shown = is_icmp(packet.protocol()) && packet[Field::fragment] == 0;
  json.key("icmp_type");
  shown ? json.number(type_and_code / 256) : json.null();
  json.key("icmp_code");
  shown ? json.number(type_and_code % 256) : json.null();
}

void write_step(JsonWriter& json, const claim::WitnessStep& step, const SourceStore& sources) {
  json.begin_object();
  json.key("actor").string(step.actor);
  json.key("role").string(claim::role_name(step.role));
  json.key("packet");
  if (step.packet) {
    write_packet(json, *step.packet);
  } else {
    json.null();
  }
  json.key("delivered").string_or_null(step.delivered);
  json.key("hops");
  write_hops(json, step.hops, sources);
  json.end_object();
}

}  // namespace

void write_packet(JsonWriter& json, const Packet& packet) {
  json.begin_object();
  json.key("family").string(packet.family == Family::ipv4 ? "ipv4" : "ipv6");
  json.key("protocol").string(protocol_name(packet.protocol()));
  json.key("source").string(to_string(packet.source()));
  write_port(json, "source_port", packet, Field::source_port);
  json.key("destination").string(to_string(packet.destination()));
  write_port(json, "destination_port", packet, Field::destination_port);
  write_icmp(json, packet);
  json.key("tcp_flags");
  if (packet.protocol() == protocol_number::tcp && packet[Field::fragment] == 0) {
    json.begin_array();
    for (const std::string_view flag : tcp_flag_names(static_cast<std::uint8_t>(packet[Field::tcp_flags]))) {
      json.string(flag);
    }
    json.end_array();
  } else {
    json.null();
  }
  json.key("fragment").boolean(packet[Field::fragment] != 0);
  json.end_object();
}

void write_rule(JsonWriter& json, const claim::RuleRef& rule, const SourceStore& sources) {
  json.begin_object();
  write_file_and_line(json, rule.span, sources);
  json.key("text").string(rule.text);
  json.end_object();
}

void write_location(JsonWriter& json, const SourceSpan& span, const SourceStore& sources) {
  if (!span.file.valid()) {
    json.null();
    return;
  }
  json.begin_object();
  write_file_and_line(json, span, sources);
  json.end_object();
}

void write_hops(JsonWriter& json, std::span<const claim::Hop> hops, const SourceStore& sources) {
  json.begin_array();
  for (const claim::Hop& hop : hops) {
    json.begin_object();
    json.key("device").string(hop.device);
    json.key("stage").string(hop.stage);
    json.key("in").string_or_null(hop.in);
    json.key("out").string_or_null(hop.out);
    json.key("action").string(hop.action);
    json.key("rule");
    if (hop.rule) {
      write_rule(json, *hop.rule, sources);
    } else {
      json.null();
    }
    json.key("packet_after");
    if (hop.packet_after) {
      write_packet(json, *hop.packet_after);
    } else {
      json.null();
    }
    json.end_object();
  }
  json.end_array();
}

void write_witness(JsonWriter& json, const claim::Witness& witness, const SourceStore& sources) {
  json.begin_object();
  json.key("steps").begin_array();
  for (const claim::WitnessStep& step : witness.steps) {
    write_step(json, step, sources);
  }
  json.end_array();
  json.end_object();
}

void write_undecided(JsonWriter& json, std::span<const claim::UndecidedInput> undecided, const SourceStore& sources) {
  json.begin_array();
  for (const claim::UndecidedInput& input : undecided) {
    json.begin_object();
    write_file_and_line(json, input.span, sources);
    json.key("code").string(code_text(input.code));
    json.key("why").string(input.why);
    json.end_object();
  }
  json.end_array();
}

void write_denials(JsonWriter& json, std::span<const claim::Denial> denials, const SourceStore& sources) {
  json.begin_array();
  for (const claim::Denial& denial : denials) {
    json.begin_object();
    json.key("device").string(denial.device);
    json.key("rule");
    write_rule(json, denial.rule, sources);
    json.end_object();
  }
  json.end_array();
}

void write_fallen(JsonWriter& json, std::span<const claim::Fallen> fallen) {
  json.begin_array();
  for (const claim::Fallen& host : fallen) {
    json.begin_object();
    json.key("place").string(host.place);
    json.key("hops").number(host.hops);
    json.key("because_of").string_or_null(host.because_of);
    json.end_object();
  }
  json.end_array();
}

void write_strings(JsonWriter& json, std::span<const std::string> texts) {
  json.begin_array();
  for (const std::string& text : texts) {
    json.string(text);
  }
  json.end_array();
}

void write_tool(JsonWriter& json) {
  json.begin_object();
  json.key("name").string(tool_name);
  json.key("version").string(tool_version());
  json.end_object();
}

namespace {

void write_contradictions(JsonWriter& json, std::span<const claim::Contradiction> contradictions) {
  json.begin_array();
  for (const claim::Contradiction& contradiction : contradictions) {
    json.begin_object();
    json.key("actor").string(contradiction.actor);
    json.key("packet");
    write_packet(json, contradiction.packet);
    json.key("expected").string_or_null(contradiction.expected);
    json.key("seen").string_or_null(contradiction.seen);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_confirmation(JsonWriter& json, const std::optional<claim::Confirmation>& confirmation) {
  if (!confirmation) {
    json.null();
    return;
  }
  json.begin_object();
  json.key("says").string(claim::kernel_says_name(confirmation->says));
  json.key("kernel").string(confirmation->kernel);
  json.key("probes").number(confirmation->probes);
  json.key("reason").string_or_null(confirmation->reason);
  json.key("differences");
  write_contradictions(json, confirmation->differences);
  json.end_object();
}

void write_confirmation(JsonWriter& json, const std::optional<claim::ConfirmationRun>& confirmation) {
  if (!confirmation) {
    json.null();
    return;
  }
  json.begin_object();
  json.key("kernel").string(confirmation->kernel);
  json.key("seed").number(confirmation->seed);
  json.key("probes").number(confirmation->probes);
  json.key("controls").number(confirmation->controls);
  json.key("differences").number(confirmation->differences);
  json.key("control_differences");
  write_contradictions(json, confirmation->control_differences);
  json.end_object();
}

}  // namespace segproof::report
