// SPDX-License-Identifier: Apache-2.0
#include "read.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../input_iptables/dump.h"

namespace segproof::test {

Read::Read(std::string text, NftIncludes* includes) {
  const FileId file = sources.add("rules.nft", std::move(text));
  result = read_nft(file, sources, includes, sink);
  CHECK(!model::flaw(result.rules).has_value());
  take_back_doubts(result.rules);
}

// The chains around others are the last ones, in the order of the stages, where nothing came after them.
void take_back_doubts(model::RuleSet& rules) {
  for (std::size_t i = rules.stages.size(); i-- > 0;) {
    model::Stage& stage = rules.stages[i];
    if (!stage.doubts_fragments || stage.chain.index() + 1 != rules.chains.size())
      continue;
    stage.chain = std::get<model::Call>(rules.chains.back().rules.back().action).chain;
    stage.doubts_fragments = false;
    rules.chains.pop_back();
  }
}

std::string Read::rules() const {
  std::string text;
  for (const model::Chain& chain : result.rules.chains) {
    text += fmt::format("[{}]\n", chain.name);
    for (const model::Rule& rule : chain.rules)
      text += fmt::format("{}: {}\n", rule.origin.line, dump(rule, result.rules));
  }
  return text;
}

std::string Read::stages(model::Hook hook, Family family) const {
  std::string text;
  for (const model::Stage* stage : result.rules.at(hook, family)) {
    const bool track = stage->kind == model::StageKind::track;
    text += fmt::format("{} {}{};", stage->order, stage->label,
                        track ? "" : fmt::format(" {}", model::verdict_name(stage->policy)));
  }
  return text;
}

std::string Read::faults() const {
  std::string text;
  for (const Diagnostic& fault : sink.all()) {
    text += fmt::format("{}:{} {}\n", fault.span.line, fault.span.column, fault.message);
  }
  return text;
}

std::string dump_rule(std::string_view rule, std::string_view family, std::string_view base) {
  const Read read(
      fmt::format("table {} t {{\n chain user {{\n }}\n chain base {{\n {}\n {}\n }}\n}}\n", family, base, rule));
  if (!read.result.unmodelled.empty())
    return "NOT UNDERSTOOD: " + read.result.unmodelled.front().why;
  std::string found;
  for (const model::Chain& chain : read.result.rules.chains) {
    if (!chain.name.ends_with(" base"))
      continue;
    if (!found.empty())
      found += " || ";  // a helper chain
    for (std::size_t i = 0; i < chain.rules.size(); ++i)
      found += (i > 0 ? " | " : "") + dump(chain.rules[i], read.result.rules);
  }
  return found;
}

}  // namespace segproof::test
