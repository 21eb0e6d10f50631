// SPDX-License-Identifier: Apache-2.0
#include "report/json.h"

#include <array>
#include <utility>

#include "base/json_writer.h"
#include "report/json_parts.h"

namespace segproof::report {
namespace {

void write_inputs(JsonWriter& json, const claim::Results& results) {
  json.key("inputs").begin_array();
  for (const InputFile& input : results.inputs) {
    json.begin_object();
    json.key("path").string(input.path);
    json.key("sha256").string(input.sha256);
    json.key("format").string(input.format);
    json.key("lines").number(input.lines);
    json.key("undecided").number(input.account.count(LineUse::undecided));
    json.key("unmodelled").number(input.account.count(LineUse::unmodelled));
    json.end_object();
  }
  json.end_array();
}

void write_question(JsonWriter& json, const claim::Verdict& verdict) {
  json.key("id").string(verdict.id);
  json.key("kind").string(claim::kind_name(verdict.kind));
  json.key("text").string(verdict.text);
  json.key("from").string_or_null(verdict.from);
  json.key("to").string_or_null(verdict.to);
  json.key("epoch").string_or_null(verdict.epoch);
  json.key("pivot");
  if (verdict.pivot) {
    json.string(claim::pivot_name(*verdict.pivot));
  } else {
    json.null();
  }
  json.key("spoofing").string(claim::spoofing_name(verdict.spoofing));
  json.key("families").begin_object();
  constexpr std::array names = {"ipv4", "ipv6"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    json.key(names[i]).string(verdict.families[i] == claim::Coverage::covered ? "covered" : "not-covered");
  }
  json.end_object();
}

void write_claim(JsonWriter& json, const claim::Verdict& verdict, const SourceStore& sources) {
  json.begin_object();
  write_question(json, verdict);
  json.key("verdict").string(claim::outcome_name(verdict.outcome));
  json.key("reason").string(verdict.reason);
  json.key("witness");
  if (verdict.witness) {
    write_witness(json, *verdict.witness, sources);
  } else {
    json.null();
  }
  json.key("undecided");
  write_undecided(json, verdict.undecided, sources);
  json.key("denied_by");
  write_denials(json, verdict.denied_by, sources);
  json.key("assumptions");
  write_strings(json, verdict.assumptions);
  json.key("controls");
  write_strings(json, verdict.controls);
  json.key("spoofed_only").boolean(verdict.spoofed_only);
  json.key("advisory").boolean(verdict.advisory);
  json.key("blast");
  write_fallen(json, verdict.blast);
  json.key("confirmation");
  write_confirmation(json, verdict.confirmation);
  json.key("certificate").string_or_null(verdict.certificate.value_or(""));
  json.key("uncertified").string_or_null(verdict.uncertified);
  json.key("location");
  write_location(json, verdict.location, sources);
  json.end_object();
}

void write_summary(JsonWriter& json, const claim::Summary& summary) {
  json.key("summary").begin_object();
  json.key("proved").number(summary.proved);
  json.key("refuted").number(summary.refuted);
  json.key("inconclusive").number(summary.inconclusive);
  json.key("vacuous").number(summary.vacuous);
  json.key("not_evaluated").number(summary.not_evaluated);
  json.key("refuted_by_spoofing_only").number(summary.refuted_by_spoofing_only);
  json.end_object();
}

}  // namespace

std::string verify_json(const claim::Results& results, const SourceStore& sources) {
  JsonWriter json(JsonLayout::indented);
  json.begin_object();
  json.key("schema").string("segproof/result/1");
  json.key("tool");
  write_tool(json);
  write_inputs(json, results);
  json.key("claims").begin_array();
  for (const claim::Verdict& verdict : results.verdicts) {
    write_claim(json, verdict, sources);
  }
  json.end_array();
  json.key("assumptions").begin_object();
  for (const auto& [id, text] : results.assumption_texts) {
    json.key(id).string(text);
  }
  json.end_object();
  json.key("notes");
  write_strings(json, results.notes);
  json.key("confirmation");
  write_confirmation(json, results.confirmation);
  write_summary(json, results.summary);
  json.end_object();
  return std::move(json).take();
}

}  // namespace segproof::report
