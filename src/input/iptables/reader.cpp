// SPDX-License-Identifier: Apache-2.0
#include "input/iptables/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "base/text.h"
#include "input/iptables/command.h"
#include "input/iptables/findings.h"
#include "input/iptables/rule_line.h"
#include "input/iptables/security_order.h"
#include "input/iptables/table.h"
#include "input/iptables/words.h"
#include "model/untracked.h"

namespace segproof {
namespace iptables {
namespace {

constexpr std::size_t longest_line = std::size_t{64} << 10U;

class Reader {
 public:
  Reader(FileId file, const SourceStore& sources, Family family, DiagnosticSink& sink, const model::SetLookup& sets)
      : file_(file), sources_(sources), family_(family), findings_(sink), sets_(sets) {}

  IptablesResult read() {
    result_.lines = sources_.line_count(file_);
    for (number_ = 1; number_ <= sources_.line_count(file_); ++number_)
      line(sources_.line(file_, number_));
    if (table_) {
      findings_.unmodelled(DiagnosticCode::table_not_committed, table_->origin(),
                           fmt::format("table `{}` has no COMMIT: the file is cut off", table_->name()));
      table_->distrust_all(table_->origin(), "a table without COMMIT");
      close_table();
    }
    if (!any_table_)
      no_table();
    return finish();
  }

 private:
  [[nodiscard]] SourceSpan span() const {
    const auto length = static_cast<std::uint32_t>(sources_.line(file_, number_).size());
    return {file_, number_, 1, length};
  }
  [[nodiscard]] SourceSpan at(std::uint32_t column) const { return {file_, number_, column, 1}; }

  void line(std::string_view text) {
    if (text.size() > longest_line)
      return not_understood("the line is too long", 1);
    if (text.find('\0') != std::string_view::npos)
      return not_understood("the line holds a NUL byte", 1);
    const std::string_view trimmed = trim(text);
    if (const auto program = program_of(trimmed))
      program_ = program_ ? both(*program_, *program) : *program;
    if (trimmed.empty() || trimmed.front() == '#')
      return;
    indent_ = static_cast<std::uint32_t>(trimmed.data() - text.data());
    if (is_table_line(trimmed))
      return open_table(trimmed);
    if (trimmed == "COMMIT")
      return commit();
    const bool is_chain = trimmed.front() == ':';
    const bool is_command = is_option(trimmed) || trimmed.front() == '[';
    if (!table_ && in_unknown_table_)
      return;  // the table as a whole may do anything
    if (!table_)
      return outside(trimmed, is_chain || is_command);
    if (is_chain)
      return chain_line(text);
    if (is_command)
      return command_line(text);
    not_understood(fmt::format("line {} is not understood", quote(trimmed, 40)), indent_ + 1);
  }

  // "*filter"; a line "* any text" is an item of a list in somebody's notes.
  static bool is_table_line(std::string_view line) {
    return line.size() > 1 && line.front() == '*' && split_words(line).size() == 1 && !line.ends_with('*');
  }
  // "-A" or "--append"; "---" and "- text" are prose.
  static bool is_option(std::string_view line) {
    const std::size_t dashes = std::min(line.find_first_not_of('-'), line.size());
    return (dashes == 1 || dashes == 2) && dashes < line.size() && !is_space(line[dashes]);
  }

  // A line of the current table that may change any of its chains.
  void not_understood(const std::string& message, std::uint32_t column) {
    findings_.unmodelled(DiagnosticCode::line_not_understood, at(column), message);
    if (table_) {
      table_->distrust_all(span(), message);
    } else {
      doubt_everything(message);
    }
  }

  void outside(std::string_view trimmed, bool looks_like_rule) {
    if (looks_like_rule) {
      return not_understood(fmt::format("{} stands outside a table", quote(trimmed, 40)), indent_ + 1);
    }
    ++prose_lines_;
    if (prose_lines_ > 1)
      return;
    findings_.remark(DiagnosticCode::text_outside_table, at(indent_ + 1), "text outside a table is ignored",
                     "a comment begins with `#`");
  }

  void open_table(std::string_view trimmed) {
    if (table_) {
      findings_.unmodelled(DiagnosticCode::table_not_committed, at(indent_ + 1),
                           fmt::format("table `{}` has no COMMIT before the next table", table_->name()));
      table_->distrust_all(table_->origin(), "a table without COMMIT");
      close_table();
    }
    const std::string_view name = trim(trimmed.substr(1));
    any_table_ = true;
    const TableKind* kind = find_table(name);
    in_unknown_table_ = kind == nullptr;
    if (kind == nullptr) {
      findings_.unmodelled(DiagnosticCode::unknown_table, at(indent_ + 1),
                           fmt::format("table {} is not known", quote(name)));
      doubt_everything(fmt::format("table {}", quote(name)));
      return;
    }
    table_ = std::make_unique<Table>(*kind, family_, at(indent_ + 1));
  }

  void commit() {
    if (in_unknown_table_) {
      in_unknown_table_ = false;
    } else if (table_) {
      close_table();
    } else {
      findings_.remark(DiagnosticCode::text_outside_table, at(indent_ + 1), "COMMIT outside a table");
    }
  }

  // A table that comes a second time replaces the first, as iptables-restore does.
  void close_table() {
    const std::string name(table_->name());
    model::RuleSet rules = table_->finish(findings_);
    table_.reset();
    if (name == "raw" && gives_templates_) {
      doubt_states(rules);
    }
    const auto known = std::ranges::find(finished_, name, &std::pair<std::string, model::RuleSet>::first);
    if (known == finished_.end()) {
      finished_.emplace_back(name, std::move(rules));
    } else {
      known->second = std::move(rules);
    }
  }

  // CT targets that give packets a template of an entry make them NEW from there on, and make NOTRACK do nothing.
  void doubt_states(model::RuleSet& raw) {
    for (model::Chain& chain : raw.chains) {
      for (model::Rule& rule : chain.rules) {
        const bool noted = !undecided_part(rule.condition).empty();
        doubt_state_tests(rule.condition);
        if (std::holds_alternative<model::Untrack>(rule.action)) {
          rule.condition.tests.emplace_back(
              model::UnknownTest{model::Unknown::history, "NOTRACK beside other CT targets", false});
        }
        if (std::string why = undecided_part(rule.condition); !why.empty() && !noted) {
          findings_.undecided(rule.origin, std::move(why));
        }
      }
    }
  }

  // ":NAME POLICY [packets:bytes]"
  void chain_line(std::string_view text) {
    const Words words(text);
    const std::string_view name = words[0].text.substr(1);
    const std::string_view policy = words.size() > 1 ? words[1].text : std::string_view();
    if (name.empty())
      return not_understood("chain without a name", words[0].column);
    if (policy.empty())
      return not_understood(fmt::format("chain {} has no policy", quote(name)), words[0].column);
    if (!table_->is_base(name)) {
      new_chain(name, words[0].column);
      if (policy != "-") {
        findings_.unmodelled(
            DiagnosticCode::line_not_understood, at(words[1].column),
            fmt::format("chain {} of table `{}` is not built in and takes no policy", quote(name), table_->name()));
        table_->distrust(table_->mention(name, span()), span(), "a chain with a policy that is not built in");
      }
    } else {
      table_->declare(name, span());
      if (policy != "-")
        base_policy(name, policy, words[1].column);
    }
  }

  void new_chain(std::string_view name, std::uint32_t column) {
    if (table_->is_declared(name)) {
      findings_.unmodelled(DiagnosticCode::chain_duplicate, at(column),
                           fmt::format("chain {} is declared twice", quote(name)));
      table_->distrust(table_->mention(name, span()), span(), "a chain that is declared twice");
    }
    table_->declare(name, span());
  }

  void base_policy(std::string_view name, std::string_view policy, std::uint32_t column) {
    if (policy == "ACCEPT" || policy == "DROP") {
      const auto verdict = policy == "ACCEPT" ? model::Verdict::accept : model::Verdict::drop;
      table_->set_policy(name, verdict, span());
      return;
    }
    const std::string message = fmt::format("policy {} is not ACCEPT or DROP", quote(policy));
    findings_.unmodelled(DiagnosticCode::line_not_understood, at(column), message);
    table_->distrust(table_->mention(name, span()), span(), message);
  }

  void command_line(std::string_view text) {
    const Words words(text);
    Command command;
    const std::size_t first = words[0].text.front() == '[' ? 1 : 0;
    std::optional<Fault> fault = parse_command(words, first, family_, command);
    if (words.unterminated() && !fault)
      fault = Fault{"a quote is not closed", static_cast<std::uint32_t>(text.size())};
    if (!fault && command.action == 0)
      fault = Fault{"no command", words[0].column};
    if (fault)
      return faulty(command, *fault);
    switch (command.action) {
      case 'A':
      case 'I':
      case 'R':
        return rule(command);
      case 'D':
        return delete_rule(command);
      case 'N':
        return new_chain(command.chain, words[0].column);
      case 'P':
        return policy(command, words[0].column);
      case 'F':
        return flush(command);
      case 'X':
      case 'Z':
      case 'C':
      case 'L':
      case 'S':
        return;  // empty chains, counters and questions
      default:
        return faulty(command, {fmt::format("command -{} is not supported", command.action), words[0].column});
    }
  }

  // A line that iptables-restore would refuse, or that is beyond this reader.
  void faulty(const Command& command, const Fault& fault) {
    if (command.chain.empty())
      return not_understood(fault.message, fault.column);
    findings_.unmodelled(DiagnosticCode::line_not_understood, at(fault.column), fault.message);
    const model::ChainId chain = table_->mention(command.chain, span());
    if (command.action == 'A') {
      table_->append(chain, perhaps_anything(span(), fault.message));
    } else if (command.action == 'E' || command.action == 'X') {
      table_->distrust_all(span(), fault.message);
    } else {
      table_->distrust(chain, span(), fault.message);
    }
  }

  void policy(const Command& command, std::uint32_t column) {
    if (!table_->is_base(command.chain)) {
      return faulty(command, {fmt::format("chain {} takes no policy", quote(command.chain)), column});
    }
    base_policy(command.chain, command.argument, column);
  }

  void flush(const Command& command) {
    if (command.chain.empty())
      return table_->clear(std::nullopt);
    table_->clear(table_->mention(command.chain, span()));
  }

  void rule(const Command& command) {
    if (const auto fault = impossible_interface(command)) {
      return faulty(command, *fault);
    }
    RuleMeaning meaning = meaning_of(command, family_, table_->name(), interfaces_, sets_);
    if (meaning.draft.fault)
      return faulty(command, *meaning.draft.fault);
    result_.tracks = result_.tracks || meaning.draft.tracks;
    gives_templates_ = gives_templates_ || meaning.draft.gives_template;
    if (meaning.draft.offloads && !result_.rules.offload) {
      result_.rules.offload = span();
    }
    if (!meaning.draft.remark.empty()) {
      findings_.undecided(span(), meaning.draft.remark);
    }
    changes_traffic_class_ = changes_traffic_class_ || meaning.draft.changes_traffic_class;
    changes_hop_limit_ = changes_hop_limit_ || meaning.draft.changes_hop_limit;
    if (!meaning.chain.empty()) {
      meaning.action = model::Call{table_->mention(meaning.chain, span()), meaning.comes_back};
    }
    const model::ChainId chain = table_->mention(command.chain, span());
    if (command.action == 'R' && (!command.position || !table_->remove(chain, *command.position))) {
      return faulty(command, {"there is no rule in that place", 1});
    }
    std::size_t position = command.position.value_or(1);
    for (model::Condition& condition : meaning.conditions) {
      model::Rule rule{std::move(condition), meaning.action, span()};
      note_undecided(rule);
      if (command.action == 'A') {
        table_->append(chain, std::move(rule));
      } else if (!table_->insert(chain, position++, std::move(rule))) {
        return faulty(command, {"a rule cannot be inserted in that place", 1});
      }
    }
  }

  // iptables refuses an interface that a built-in chain never sees.
  static std::optional<Fault> impossible_interface(const Command& command) {
    const bool no_input = command.chain == "OUTPUT" || command.chain == "POSTROUTING";
    const bool no_output = command.chain == "INPUT" || command.chain == "PREROUTING";
    const OptionUse* option = no_input    ? command.basic("in-interface")
                              : no_output ? command.basic("out-interface")
                                          : nullptr;
    if (option == nullptr) {
      return std::nullopt;
    }
    return Fault{fmt::format("option --{} in chain {}", option->name, quote(command.chain)), option->column};
  }

  void note_undecided(const model::Rule& rule) {
    if (noted_line_ == number_ || std::holds_alternative<model::GoOn>(rule.action))
      return;
    std::string why = undecided_part(rule.condition);
    if (const auto* anything = std::get_if<model::Anything>(&rule.action); why.empty() && anything != nullptr) {
      why = fmt::format("target: {}", anything->text);
    }
    if (why.empty())
      return;
    noted_line_ = number_;
    findings_.undecided(span(), std::move(why));
  }

  // By number, or the first rule whose line says the same after its chain.
  void delete_rule(const Command& command) {
    const model::ChainId chain = table_->mention(command.chain, span());
    std::size_t position = command.position.value_or(0);
    if (position == 0) {
      const std::string_view wanted = after_chain(sources_.line(file_, number_), command.chain);
      const std::vector<model::Rule>& rules = table_->rules(chain);
      for (std::size_t i = 0; i < rules.size() && position == 0; ++i) {
        const std::string_view line = sources_.line(file_, rules[i].origin.line);
        if (after_chain(line, command.chain) == wanted)
          position = i + 1;
      }
    }
    if (position == 0 || !table_->remove(chain, position))
      faulty(command, {"the rule to delete is not found", 1});
  }

  static std::string_view after_chain(std::string_view line, std::string_view chain) {
    const std::size_t found = line.find(chain);
    return found == std::string_view::npos ? line : trim(line.substr(found + chain.size()));
  }

  void doubt_everything(std::string_view why) {
    if (doubt_)
      return;
    doubt_ = perhaps_anything(span(), why);
  }

  void no_table() {
    const SourceSpan whole{file_, 0, 0, 0};
    if (prose_lines_ == 0 && !doubt_) {
      findings_.remark(DiagnosticCode::no_table, whole, "there is no table in this file; every packet is accepted");
      return;
    }
    findings_.unmodelled(DiagnosticCode::no_table, whole, "this is not the output of iptables-save");
    number_ = 1;
    doubt_everything("a file without tables");
  }

  IptablesResult finish() {
    for (auto& [name, rules] : finished_) {
      result_.rules.append(std::move(rules));
    }
    const Program program = program_.value_or(Program::unknown);
    place_table_security(result_.rules, program, findings_);
    add_track_stages();
    add_doubt_stages();
    hide_changed_measures();
    model::doubt_translations_without_tracking(result_.rules);
    if (family_ == Family::ipv6 && program != Program::iptables_legacy && !result_.tracks)
      result_.rules.doubt_fragments_of_ipv6();
    result_.rules.let_offloaded_pass();
    result_.undecided = std::move(findings_.undecided_lines());
    result_.unmodelled = std::move(findings_.unmodelled_lines());
    std::ranges::stable_sort(result_.undecided, {}, &model::Gap::span);
    std::ranges::stable_sort(result_.unmodelled, {}, &model::Gap::span);
    result_.interfaces.assign(interfaces_.begin(), interfaces_.end());
    return std::move(result_);
  }

  void add_track_stages() {
    if (!result_.tracks)
      return;
    for (const model::Hook hook : {model::Hook::ingress, model::Hook::originate}) {
      model::Stage stage;
      stage.hook = hook;
      stage.kind = model::StageKind::track;
      stage.order = -200;
      stage.policy_origin = {file_, 0, 0, 0};
      stage.label = "connection tracking";
      restrict_to_family(stage);
      result_.rules.stages.push_back(std::move(stage));
    }
  }

  // Something that is not understood may stand at any hook, and it may have changed every chain that does: a stage of
  // its own could not pass what another chain drops.
  void add_doubt_stages() {
    if (!doubt_)
      return;
    std::set<model::ChainId> distrusted;
    for (const model::Stage& stage : result_.rules.stages) {
      if (stage.kind == model::StageKind::track || !distrusted.insert(stage.chain).second)
        continue;
      std::vector<model::Rule>& rules = result_.rules.chains[stage.chain.index()].rules;
      rules.insert(rules.begin(), *doubt_);
    }
    const model::ChainId chain(result_.rules.chains.size());
    result_.rules.chains.push_back({"what is not understood", {*doubt_}, doubt_->origin});
    for (const model::Hook hook : {model::Hook::ingress, model::Hook::forward, model::Hook::deliver,
                                   model::Hook::originate, model::Hook::egress}) {
      model::Stage stage;
      stage.hook = hook;
      stage.order = -400;
      stage.chain = chain;
      stage.policy_origin = doubt_->origin;
      stage.label = "what is not understood";
      restrict_to_family(stage);
      result_.rules.stages.push_back(std::move(stage));
    }
  }

  void restrict_to_family(model::Stage& stage) const {
    stage.ipv4 = family_ == Family::ipv4;
    stage.ipv6 = family_ == Family::ipv6;
  }

  // Where a target writes the TOS byte or the hop limit, tests of it depend on the way that the packet took.
  void hide_changed_measures() {
    if (!changes_traffic_class_ && !changes_hop_limit_)
      return;
    for (model::Chain& chain : result_.rules.chains) {
      for (model::Rule& rule : chain.rules) {
        for (model::Test& test : rule.condition.tests) {
          const auto* measure = std::get_if<model::MeasureTest>(&test);
          if (measure == nullptr)
            continue;
          const bool changed = (changes_traffic_class_ && measure->measure == model::Measure::traffic_class) ||
                               (changes_hop_limit_ && measure->measure == model::Measure::hop_limit);
          if (changed)
            test = model::UnknownTest{model::Unknown::content, "a byte that other rules write"};
        }
      }
    }
  }

  FileId file_;
  const SourceStore& sources_;
  Family family_;
  Findings findings_;
  const model::SetLookup& sets_;
  IptablesResult result_;
  std::unique_ptr<Table> table_;
  std::vector<std::pair<std::string, model::RuleSet>> finished_;
  std::set<std::string, std::less<>> interfaces_;
  std::optional<model::Rule> doubt_;
  std::uint32_t number_ = 0;
  std::uint32_t indent_ = 0;
  std::uint32_t noted_line_ = 0;
  std::size_t prose_lines_ = 0;
  bool any_table_ = false;
  bool in_unknown_table_ = false;
  bool gives_templates_ = false;
  std::optional<Program> program_;
  bool changes_traffic_class_ = false;
  bool changes_hop_limit_ = false;
};

}  // namespace
}  // namespace iptables

IptablesResult read_iptables_save(FileId file, const SourceStore& sources, Family family, DiagnosticSink& sink,
                                  const model::SetLookup& sets) {
  return iptables::Reader(file, sources, family, sink, sets).read();
}

std::vector<std::string> sets_changed_by_rules(FileId file, const SourceStore& sources, Family family) {
  std::set<std::string, std::less<>> names;
  for (std::uint32_t number = 1; number <= sources.line_count(file); ++number) {
    const std::string_view line = sources.line(file, number);
    if (line.find("SET") == std::string_view::npos || line.size() > iptables::longest_line)
      continue;
    const iptables::Words words(line);
    if (words.size() == 0)
      continue;
    iptables::Command command;
    const std::size_t first = words[0].text.starts_with('[') ? 1 : 0;
    const bool understood = !iptables::parse_command(words, first, family, command);
    for (const std::string_view name : iptables::changed_sets(command))
      names.emplace(name);
    for (std::size_t i = 0; !understood && i + 1 < words.size(); ++i) {
      if (words[i].text.starts_with("--add-set") || words[i].text.starts_with("--del-set"))
        names.emplace(words[i + 1].text);
    }
  }
  return {names.begin(), names.end()};
}

bool comment_names_family(std::string_view text, Family family) {
  constexpr std::array<std::string_view, 3> ipv4{"# Generated by iptables-save", "# Generated by iptables-nft-save",
                                                 "# Generated by iptables-legacy-save"};
  constexpr std::array<std::string_view, 3> ipv6{"# Generated by ip6tables-save", "# Generated by ip6tables-nft-save",
                                                 "# Generated by ip6tables-legacy-save"};
  return std::ranges::any_of(family == Family::ipv4 ? ipv4 : ipv6,
                             [&](std::string_view comment) { return text.find(comment) != std::string_view::npos; });
}

bool looks_like_iptables_save(std::string_view text) {
  constexpr std::array<std::string_view, 5> headers{"*filter", "*nat", "*mangle", "*raw", "*security"};
  bool table = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    if (table && (line == "COMMIT" || line.starts_with(':') || line.starts_with("-A ")))
      return true;
    table = table || std::ranges::find(headers, line) != headers.end();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

}  // namespace segproof
