// SPDX-License-Identifier: Apache-2.0
#include "set_world.h"

#include <fmt/format.h>

#include <stdexcept>

#include "input/iptables/reader.h"
#include "model/single_packet.h"
#include "packet/packet.h"

namespace segproof::test {

SetWorld::SetWorld(std::string_view sets, std::string_view rule, Family family) {
  SourceStore sources;
  DiagnosticSink sink;
  const FileId set_file = sources.add("sets", std::string(sets));
  IpsetResult saved = read_ipset_save(set_file, sources, sink);
  const FileId rule_file = sources.add(
      "rules",
      fmt::format("*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n-A FORWARD {} -j DROP\nCOMMIT\n", rule));
  for (const std::string& name : sets_changed_by_rules(rule_file, sources, family)) {
    saved.sets.doubt(name, "rules change it");
  }
  IptablesResult read = read_iptables_save(rule_file, sources, family, sink, [&](const model::SetQuestion& question) {
    return saved.sets.answer(question);
  });
  for (const Diagnostic& diagnostic : sink.all()) {
    complaints_ +=
        fmt::format("{}:{}: {}\n", sources.path(diagnostic.span.file), diagnostic.span.line, diagnostic.message);
  }
  for (const model::Gap& gap : read.undecided) {
    undecided_ += gap.why;
  }
  rules_ = std::move(read.rules);
}

std::string SetWorld::ask(std::string_view packet, std::string_view in) const {
  const auto parsed = parse_packet(packet);
  if (!parsed) {
    throw std::invalid_argument(std::string(packet));
  }
  const model::SinglePacket single{*parsed, std::string(in), "out0"};
  switch (model::judge(rules_, single).fate) {
    case model::Fate::accept:
      return "none";
    case model::Fate::drop:
    case model::Fate::reject:
      return "match";
    case model::Fate::unknown:
      return "perhaps";
  }
  return {};
}

std::size_t SetWorld::alternatives() const {
  std::size_t count = 0;
  for (const model::Chain& chain : rules_.chains) {
    for (const model::Rule& rule : chain.rules) {
      for (const model::Test& test : rule.condition.tests) {
        if (const auto* any = std::get_if<model::AnyTest>(&test)) {
          count += any->alternatives.size();
        }
      }
    }
  }
  return count;
}

}  // namespace segproof::test
