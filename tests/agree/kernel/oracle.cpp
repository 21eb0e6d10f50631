// SPDX-License-Identifier: Apache-2.0
#include "oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/diagnostic.h"
#include "base/source.h"
#include "base/text.h"
#include "confirm/process.h"
#include "input/ipset/reader.h"
#include "input/iptables/reader.h"
#include "input/nft/reader.h"
#include "support/skip.h"

namespace segproof::oracle {
namespace {

using confirm::Ran;
using confirm::run;

using Clock = std::chrono::steady_clock;
constexpr std::size_t most_explanations = 60;
constexpr std::chrono::seconds patience{30};  // for the minimising of one difference

void list(std::string& text, std::string_view title, const std::map<std::string, std::size_t>& counts) {
  for (const auto& [name, count] : counts)
    text += fmt::format("  {}: {} ({})\n", title, name, count);
}

std::string fate_name(model::Fate fate) {
  switch (fate) {
    case model::Fate::accept:
      return "accept";
    case model::Fate::drop:
      return "drop";
    case model::Fate::reject:
      return "reject";
    case model::Fate::unknown:
      return "unknown";
  }
  return {};
}

// "rate" of "undecided: rate (limit ...)".
std::string kind_of_unknown(const std::string& reason) {
  return reason.substr(0, reason.find(" ("));
}

// nft 1.0.6 lists `meta l4proto gre th dport 80` as `th dport 80`, and makes one range of two neighbouring comparisons,
// whatever they compare: `tcp sport >= 80 tcp dport <= 100` is listed as `tcp dport 80-100`. Before a test of an
// address it leaves out `meta protocol`, even that of the other family.
bool is_listed_otherwise(const std::string& text) {
  if (text.find("gre th ") != std::string::npos || text.find("meta protocol ip") != std::string::npos)
    return true;
  const auto compares = [](std::string_view word) {
    return word == "<" || word == "<=" || word == ">" || word == ">=";
  };
  const std::vector<std::string_view> words = split_words(text);
  for (std::size_t i = 0; i + 4 < words.size(); ++i) {
    const bool follows = compares(words[i + 3]) || compares(words[i + 4]);
    if (compares(words[i]) && follows)
      return true;
  }
  return false;
}

// What was said, in one line and without the number of the line.
std::string one_line(const std::string& message) {
  std::string said(trim(message.substr(0, message.find("\nError occurred"))));
  std::ranges::replace(said, '\n', ' ');
  std::string plain;
  for (const char c : said.substr(0, 100)) {
    if (c < '0' || c > '9')
      plain += c;
  }
  return plain;
}

}  // namespace

void Tally::add(const Tally& other) {
  rule_sets += other.rule_sets;
  refused += other.refused;
  probes += other.probes;
  listings += other.listings;
  different += other.different;
  loading += other.loading;
  probing += other.probing;
  const auto merge = [](auto& into, const auto& from) {
    for (const auto& [name, count] : from)
      into[name] += count;
  };
  merge(fates, other.fates);
  merge(unknown, other.unknown);
  merge(outside, other.outside);
  merge(refusals, other.refusals);
}

std::string text_of(const Tally& tally) {
  std::string text = fmt::format(
      "{} rule sets, {} refused, {} read back from listings, {} probes, {} differ; loading {:.1f} s, probing {:.1f} "
      "s\n",
      tally.rule_sets, tally.refused, tally.listings, tally.probes, tally.different, tally.loading.count(),
      tally.probing.count());
  list(text, "agree", tally.fates);
  list(text, "unknown", tally.unknown);
  list(text, "not compared", tally.outside);
  list(text, "the kernel refuses", tally.refusals);
  return text;
}

std::chrono::seconds test_seconds() {
  const char* given = std::getenv("SEGPROOF_KERNEL_SECONDS");
  return std::chrono::seconds(given == nullptr ? 60 : std::strtol(given, nullptr, 10));
}

Oracle* Oracle::of_this_process() {
  static const Result<std::unique_ptr<Oracle>> oracle = create();
  if (oracle)
    return oracle.value().get();
  test::skip("kernel", oracle.failure().message);
  return nullptr;
}

Result<std::unique_ptr<Oracle>> Oracle::create() {
  for (const char* program : {"ip", "nft", "iptables-legacy-restore", "iptables-nft-restore",
                              "ip6tables-legacy-restore", "ip6tables-nft-restore", "ipset"}) {
    if (!confirm::is_installed(program))
      return Failure{fmt::format("{} is not installed", program)};
  }
  auto sandbox = Sandbox::create();
  if (!sandbox)
    return sandbox.failure();
  std::unique_ptr<Oracle> oracle(new Oracle());
  oracle->sandbox_ = std::move(sandbox).value();
  oracle->kernel_ = std::make_unique<KernelRules>();
  if (!oracle->kernel_->ok())
    return Failure{"the kernel tells no traces"};
  if (const std::string why = oracle->kernel_->prepare(true, true); !why.empty())
    return Failure{"nft: " + why};
  return oracle;
}

Result<Oracle::Loaded> Oracle::load(const Draft& draft, Readers readers) {
  Loaded loaded;
  loaded.rendered = render(draft);
  if (auto why = kernel_->load(draft.backend, draft.family, loaded.rendered.text, draft.sets_text()); !why.empty())
    return Failure{why};
  const bool zones = !draft.sees_zones();
  if (auto why = kernel_->prepare(zones, draft.backend != Backend::legacy); !why.empty())
    return Failure{why};
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add("rules", loaded.rendered.text);
  const auto take = [&](auto read) {
    for (const model::Gap& gap : read.unmodelled)
      loaded.unmodelled += fmt::format("line {}: {}\n", gap.span.line, gap.why);
    loaded.rules = std::move(read.rules);
  };
  if (draft.backend == Backend::nft) {
    take(read_nft(file, sources, nullptr, sink));
    if (readers == Readers::of_listings_too)
      loaded.unmodelled += read_listings(loaded);
    return loaded;
  }
  if (draft.sets.empty()) {
    take(read_iptables_save(file, sources, draft.family, sink));
    return loaded;
  }
  const Ran saved = run({"ipset", "save"}, {});
  if (saved.code != 0)
    return Failure{"ipset save did not end"};
  IpsetResult sets = read_ipset_save(sources.add("sets", saved.output), sources, sink);
  for (const model::Gap& gap : sets.unmodelled)
    loaded.unmodelled += fmt::format("ipset save, line {}: {}\n{}", gap.span.line, gap.why, saved.output);
  take(read_iptables_save(file, sources, draft.family, sink,
                          [&](const model::SetQuestion& question) { return sets.sets.answer(question); }));
  return loaded;
}

std::string Oracle::read_listings(Loaded& loaded) {
  const NftTableNames not_ours{std::string("inet ") + std::string(KernelRules::own_table())};
  std::string wrong;
  const auto take = [&](std::string name, const std::string& text, NftResult read) {
    for (const model::Gap& gap : read.unmodelled)
      wrong += fmt::format("{}, line {}: {}\n{}", name, gap.span.line, gap.why, text);
    loaded.listed.emplace_back(std::move(name), std::move(read.rules));
  };
  SourceStore sources;
  DiagnosticSink sink;
  const Ran text = run({"nft", "list", "ruleset"}, {});
  const Ran json = run({"nft", "-j", "list", "ruleset"}, {});
  // nft 1.0.6 ends with a failed assertion on some of the rules that it loads.
  if (text.code != 0 || json.code != 0 || is_listed_otherwise(loaded.rendered.text))
    return wrong;
  take("nft list ruleset", text.output, read_nft(sources.add("text", text.output), sources, nullptr, sink, not_ours));
  take("nft -j list ruleset", json.output, read_nft_json(sources.add("json", json.output), sources, sink, not_ours));
  return wrong;
}

KernelAnswer Oracle::ask(const Draft& draft, const Probe& probe, std::uint16_t number, bool alone) {
  if (!sandbox_->set_way(probe.way) || (alone && !sandbox_->forget_connections()))
    return {};
  const auto sightings = sandbox_->send(probe.ingress, probe.packet, number);
  KernelAnswer answer = answer_of(probe, number, sightings);
  if (draft.backend != Backend::legacy)
    answer.trace = kernel_->take_trace(draft.family, number, confirm::to_bytes(probe.packet, number).size());
  return answer;
}

void Oracle::examine(const Draft& draft, const std::vector<Probe>& probes, Tally& tally, Readers readers) {
  ++tally.rule_sets;
  const auto began = Clock::now();
  const auto loaded = load(draft, readers);
  if (!loaded) {
    ++tally.refused;
    ++tally.refusals[refused_rule(draft, loaded.failure().message)];
    return;
  }
  const std::string& text = loaded.value().rendered.text;
  if (!loaded.value().unmodelled.empty()) {
    ++tally.different;
    findings_.push_back(fmt::format("the kernel loads what segproof does not understand\n{}{}{}",
                                    loaded.value().unmodelled, draft.sets_text(), text));
    return;
  }
  const auto probing = Clock::now();
  tally.loading += probing - began;
  const bool alone = draft.sees_zones();
  // By zones or not, this sandbox may track connections where no rule of the draft does.
  const bool tracks = model::tracks(loaded.value().rules.at(model::Hook::ingress, draft.family));
  const bool may_be_unknown = draft.any(&DraftRule::is_open) || draft.any(&DraftRule::chooses) || !tracks;
  static_cast<void>(sandbox_->forget_connections());
  std::uint16_t number = 0;
  for (const Probe& probe : probes) {
    const KernelAnswer answer = ask(draft, probe, ++number, alone);
    ++tally.probes;
    Comparison found = compare(draft, loaded.value().rendered, loaded.value().rules, probe, answer);
    for (const auto& [name, rules] : loaded.value().listed) {
      if (found.agreement == Agreement::same || found.agreement == Agreement::unknown)
        found = compare_listed(found, name, loaded.value().rules, rules, probe, answer);
    }
    switch (found.agreement) {
      case Agreement::same:
        ++tally.fates[fate_name(answer.fate)];
        continue;
      case Agreement::outside:
        ++tally.outside[found.what];
        continue;
      case Agreement::unknown:
        ++tally.unknown[kind_of_unknown(found.what)];
        if (may_be_unknown)
          continue;
        ++tally.different;
        if (findings_.size() < most_findings()) {
          findings_.push_back(
              fmt::format("unknown without an open rule: {}\n  packet: {}\n{}", found.what, text_of(probe), text));
        }
        return;
      case Agreement::different:
        break;
    }
    ++tally.different;
    if (findings_.size() < most_findings())
      note(draft, probe, found);
    return;  // one difference of a rule set is enough, and the rules are others now
  }
  tally.listings += loaded.value().listed.empty() ? std::size_t{0} : std::size_t{1};
  tally.probing += Clock::now() - probing;
}

Result<model::RuleSet> Oracle::rules_of(const Draft& draft) {
  auto loaded = load(draft);
  if (!loaded)
    return loaded.failure();
  if (!loaded.value().unmodelled.empty())
    return Failure{loaded.value().unmodelled};
  static_cast<void>(sandbox_->forget_connections());
  return std::move(loaded.value().rules);
}

Result<std::vector<KernelAnswer>> Oracle::answers(const Draft& draft, const std::vector<Probe>& probes) {
  const auto loaded = load(draft);
  if (!loaded)
    return loaded.failure();
  std::vector<KernelAnswer> all;
  all.reserve(probes.size());
  const bool alone = draft.sees_zones();
  static_cast<void>(sandbox_->forget_connections());
  for (const Probe& probe : probes)
    all.push_back(ask(draft, probe, static_cast<std::uint16_t>(all.size() + 1), alone));
  return all;
}

std::string Oracle::refused_rule(const Draft& draft, const std::string& message) {
  const std::string said = one_line(message);
  if (refusals_explained_ >= most_explanations)
    return said + " (not looked into)";
  ++refusals_explained_;
  for (std::size_t t = 0; t < draft.tables.size(); ++t) {
    for (std::size_t c = 0; c < draft.tables[t].chains.size(); ++c) {
      for (const DraftRule& rule : draft.tables[t].chains[c].rules) {
        Draft alone = draft;
        alone.tables = {draft.tables[t]};
        for (DraftChain& chain : alone.tables.front().chains)
          chain.rules.clear();
        alone.tables.front().chains[c].rules = {rule};
        if (!load(alone))
          return fmt::format("{}: {} {}", said, draft.tables[t].chains[c].name, rule.text);
      }
    }
  }
  return said;
}

Comparison Oracle::once_more(const Draft& draft, const Probe& probe) {
  const auto loaded = load(draft, draft.backend == Backend::nft ? Readers::of_listings_too : Readers::of_the_text);
  if (!loaded)
    return {};
  const KernelAnswer answer = ask(draft, probe, 1, true);
  Comparison found = compare(draft, loaded.value().rendered, loaded.value().rules, probe, answer);
  for (const auto& [name, rules] : loaded.value().listed) {
    if (found.agreement == Agreement::same)
      found = compare_listed(found, name, loaded.value().rules, rules, probe, answer);
  }
  return found;
}

Draft Oracle::minimise(Draft draft, const Probe& probe) {
  const auto end = std::chrono::steady_clock::now() + patience;
  bool smaller = true;
  while (smaller && std::chrono::steady_clock::now() < end) {
    smaller = false;
    for (std::size_t t = 0; t < draft.tables.size(); ++t) {
      for (std::size_t c = 0; c < draft.tables[t].chains.size(); ++c) {
        for (std::size_t r = draft.tables[t].chains[c].rules.size(); r-- > 0;) {
          Draft less = draft;
          auto& rules = less.tables[t].chains[c].rules;
          rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(r));
          if (once_more(less, probe).agreement != Agreement::different)
            continue;
          draft = std::move(less);
          smaller = true;
        }
      }
    }
  }
  return draft;
}

void Oracle::note(const Draft& draft, const Probe& probe, const Comparison& first) {
  const bool again = once_more(draft, probe).agreement == Agreement::different;
  const Draft least = again ? minimise(draft, probe) : draft;
  const Comparison found = again ? once_more(least, probe) : first;
  findings_.push_back(fmt::format("{} {}: {}{}\n  packet: {}\n{}", name_of(draft.backend),
                                  draft.family == Family::ipv4 ? "IPv4" : "IPv6", found.what,
                                  again ? "" : " (only once)", text_of(probe), least.sets_text() + render(least).text));
}

}  // namespace segproof::oracle
