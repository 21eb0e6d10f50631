// SPDX-License-Identifier: Apache-2.0
// Holds segproof against the kernel, one rule set at a time.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "draft.h"
#include "kernel_answer.h"
#include "probe.h"
#include "sandbox.h"

namespace segproof::oracle {

struct Tally {
  std::size_t rule_sets = 0;
  std::size_t refused = 0;  // rule sets that the kernel, or the program that loads them, does not take
  std::size_t probes = 0;
  std::size_t listings = 0;                     // rule sets that were read back from what nft lists of them
  std::map<std::string, std::size_t> fates;     // of probes that agree
  std::map<std::string, std::size_t> unknown;   // by reason
  std::map<std::string, std::size_t> outside;   // by reason
  std::map<std::string, std::size_t> refusals;  // by message
  std::size_t different = 0;
  std::chrono::duration<double> loading{};
  std::chrono::duration<double> probing{};

  void add(const Tally& other);
};
[[nodiscard]] std::string text_of(const Tally& tally);

// Which readers are held against the kernel: that of the text which was loaded, or for nft also those of what it lists.
enum class Readers : std::uint8_t { of_the_text, of_listings_too };

// SEGPROOF_KERNEL_SECONDS, or a minute.
[[nodiscard]] std::chrono::seconds test_seconds();

class Oracle {
 public:
  // The one of this process, which enters its own namespace when it is first asked for. When the kernel cannot be
  // asked here, calls test::skip("kernel", why) and returns null.
  [[nodiscard]] static Oracle* of_this_process();
  // Failure: why the kernel cannot be asked here.
  [[nodiscard]] static Result<std::unique_ptr<Oracle>> create();

  // Loads the rule set, sends the probes and compares. Every difference is minimised and added to `findings` as a text
  // that says all; after `most_findings` of them it stops.
  void examine(const Draft& draft, const std::vector<Probe>& probes, Tally& tally,
               Readers readers = Readers::of_the_text);

  // The kernel's answers, one for each probe, in connection tables of their own. Failure: it refuses the rule set.
  [[nodiscard]] Result<std::vector<KernelAnswer>> answers(const Draft& draft, const std::vector<Probe>& probes);

  // One packet against the rules that were loaded last, which are those of `draft`; `alone`: with an empty connection
  // table.
  [[nodiscard]] KernelAnswer ask(const Draft& draft, const Probe& probe, std::uint16_t number, bool alone);
  // Whether the kernel takes the rule set; its rules as segproof reads them.
  [[nodiscard]] Result<model::RuleSet> rules_of(const Draft& draft);

  // Whether the kernel takes the rule set; segproof is not asked.
  [[nodiscard]] bool loads(const Draft& draft) {
    return kernel_->load(draft.backend, draft.family, render(draft).text, draft.sets_text()).empty();
  }
  // For packets that are no probes.
  [[nodiscard]] Sandbox& sandbox() { return *sandbox_; }
  [[nodiscard]] const std::vector<std::string>& findings() const { return findings_; }
  [[nodiscard]] static constexpr std::size_t most_findings() { return 5; }

 private:
  Oracle() = default;
  struct Loaded {
    Rendered rendered;
    model::RuleSet rules;
    std::string unmodelled;  // lines that segproof does not understand, though the kernel does
    // What segproof makes of what nft lists of it: the text, and the JSON.
    std::vector<std::pair<std::string, model::RuleSet>> listed;
  };
  // Failure: what the kernel says against it.
  [[nodiscard]] Result<Loaded> load(const Draft& draft, Readers readers = Readers::of_the_text);
  // Reads the listings; says what is wrong with them.
  [[nodiscard]] std::string read_listings(Loaded& loaded);
  [[nodiscard]] Comparison once_more(const Draft& draft, const Probe& probe);
  [[nodiscard]] std::string refused_rule(const Draft& draft, const std::string& message);
  [[nodiscard]] Draft minimise(Draft draft, const Probe& probe);
  void note(const Draft& draft, const Probe& probe, const Comparison& first);

  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<KernelRules> kernel_;
  std::vector<std::string> findings_;
  std::size_t refusals_explained_ = 0;
};

}  // namespace segproof::oracle
