// SPDX-License-Identifier: Apache-2.0
// The rules of one host: iptables-legacy, iptables-nft and nftables are in force together, as one list per hook by
// priority. What iptables-nft put into nftables is printed twice and read once.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "input/iptables/reader.h"
#include "input/nft/reader.h"
#include "input/snapshot_rule_sets.h"

namespace segproof::input {
namespace {

class HostRules {
 public:
  HostRules(const HostFolder& folder, Assembly& assembly) : folder_(folder), assembly_(assembly) {}

  NodeRules read() {
    read_sets();
    for (const HostRuleFile& file : folder_.rule_files) {
      if (file.kind == HostRuleKind::iptables) {
        read_iptables(file);
      }
    }
    read_nftables();
    check_other_back_end();
    join_tracking();
    rules_.of_both = true;  // a family that is switched off has rules all the same
    return std::move(rules_);
  }

 private:
  [[nodiscard]] InputFiles& files() const { return *assembly_.files; }

  void take_gaps(LineUse use, const std::vector<model::Gap>& gaps) {
    files().doubt(use, gaps);
    rules_.gaps.insert(rules_.gaps.end(), gaps.begin(), gaps.end());
  }
  void give(Family family, FileId file) {
    const std::size_t index = model::index_of(family);
    if (!rules_.given[index]) {
      rules_.named_at[index] = {.file = file};
    }
    rules_.given[index] = true;
    if (!rules_.configuration.file.valid()) {
      rules_.configuration = {.file = file};
    }
  }

  void read_sets() {
    const auto found = std::ranges::find(folder_.rule_files, HostRuleKind::sets, &HostRuleFile::kind);
    if (found == folder_.rule_files.end()) {
      return;
    }
    IpsetResult result = read_ipset_save(found->file, files().sources(), files().sink());
    files().take_format(found->file, "ipset-save");
    take_gaps(LineUse::unmodelled, result.unmodelled);
    rules_.sets = std::move(result.sets);
    rules_.files.push_back({found->file, RuleForm::ipset_save});
    for (const HostRuleFile& file : folder_.rule_files) {
      if (file.kind != HostRuleKind::iptables) {
        continue;
      }
      for (const std::string& name : sets_changed_by_rules(file.file, files().sources(), file.family)) {
        rules_.sets->doubt(name, "rules add to it or delete from it");
      }
    }
  }

  void read_iptables(const HostRuleFile& file) {
    const std::string_view text = files().sources().text(file.file);
    give(file.family, file.file);
    rules_.files.push_back(
        {file.file, file.family == Family::ipv4 ? RuleForm::iptables_save : RuleForm::ip6tables_save});
    if (trim(text).empty()) {
      return;
    }
    add_tables_of_iptables(text, file.family, rules_.of_iptables);
    model::SetLookup lookup;
    if (rules_.sets) {
      lookup = [&sets = *rules_.sets](const model::SetQuestion& question) { return sets.answer(question); };
    }
    IptablesResult result = read_iptables_save(file.file, files().sources(), file.family, files().sink(), lookup);
    files().take_format(file.file, file.family == Family::ipv4 ? "iptables-save" : "ip6tables-save");
    take_gaps(LineUse::undecided, result.undecided);
    take_gaps(LineUse::unmodelled, result.unmodelled);
    rules_.rules.append(std::move(result.rules));
  }

  // The text, where it was collected; else the JSON.
  void read_nftables() {
    auto found = std::ranges::find(folder_.rule_files, HostRuleKind::nft, &HostRuleFile::kind);
    if (found == folder_.rule_files.end()) {
      found = std::ranges::find(folder_.rule_files, HostRuleKind::nft_json, &HostRuleFile::kind);
    }
    if (found == folder_.rule_files.end()) {
      return;
    }
    give(Family::ipv4, found->file);
    give(Family::ipv6, found->file);
    if (trim(files().sources().text(found->file)).empty()) {
      return;
    }
    const bool is_text = found->kind == HostRuleKind::nft;
    rules_.files.push_back({found->file, is_text ? RuleForm::nft : RuleForm::nft_json});
    NftResult result = is_text ? read_nft(found->file, files().sources(), nullptr, files().sink(), rules_.of_iptables)
                               : read_nft_json(found->file, files().sources(), files().sink(), rules_.of_iptables);
    files().take_format(found->file, is_text ? "nft" : "nft-json");
    take_gaps(LineUse::undecided, result.undecided);
    take_gaps(LineUse::unmodelled, result.unmodelled);
    rules_.rules.append(std::move(result.rules));
  }

  // iptables-save says when there are tables of iptables-legacy that it does not show.
  void check_other_back_end() {
    for (const HostRuleFile& file : folder_.rule_files) {
      const bool collected = std::ranges::any_of(folder_.rule_files, [&](const HostRuleFile& other) {
        return other.kind == HostRuleKind::iptables && other.family == file.family && !other.is_partial &&
               other.program != iptables::Program::iptables_nft;
      });
      if (file.kind != HostRuleKind::iptables || !file.is_partial || collected) {
        continue;
      }
      const std::string why =
          fmt::format("there are {} tables of iptables-legacy that were not collected", yaml::family_text(file.family));
      assembly_.faults.warning(DiagnosticCode::host_file_not_understood, {.file = file.file}, why,
                               file.family == Family::ipv4 ? "add the output of `iptables-legacy-save`"
                                                           : "add the output of `ip6tables-legacy-save`");
      rules_.gaps.push_back(
          {.span = {.file = file.file}, .code = DiagnosticCode::host_file_not_understood, .why = why, .node = {}});
      rules_.given[model::index_of(file.family)] = false;
    }
  }

  // Connections are tracked once, whoever asks for it.
  void join_tracking() {
    std::vector<model::Stage>& stages = rules_.rules.stages;
    std::vector<model::Stage> tracking;
    std::erase_if(stages, [&](const model::Stage& stage) {
      if (stage.kind != model::StageKind::track) {
        return false;
      }
      const auto same = std::ranges::find_if(
          tracking, [&](const model::Stage& known) { return known.hook == stage.hook && known.order == stage.order; });
      if (same == tracking.end()) {
        tracking.push_back(stage);
      } else {
        same->ipv4 = same->ipv4 || stage.ipv4;
        same->ipv6 = same->ipv6 || stage.ipv6;
      }
      return true;
    });
    stages.insert(stages.end(), tracking.begin(), tracking.end());
  }

  const HostFolder& folder_;
  Assembly& assembly_;
  NodeRules rules_;
};

}  // namespace

NodeRules read_host_rules(const HostFolder& folder, Assembly& assembly) {
  return HostRules(folder, assembly).read();
}

}  // namespace segproof::input
