// SPDX-License-Identifier: Apache-2.0
// What must hold of whatever a reader makes of arbitrary bytes. The fuzz targets stop at the first law that is broken;
// tests/regress asks the same of every input that once broke one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"
#include "model/network.h"
#include "model/rule.h"

namespace segproof::fuzz {

// Collects broken laws; the first one is kept.
class Laws {
 public:
  explicit Laws(const SourceStore& sources) : sources_(sources) {}

  void hold(bool holds, std::string_view law) {
    if (!holds && broken_.empty())
      broken_ = law;
  }
  [[nodiscard]] const std::string& broken() const { return broken_; }

  // A place is the whole file, or a line of it, or (`at_end`) the end of the text behind its last line.
  void place(const SourceSpan& span, std::string_view whose);
  // Every message has a place within the text, and nothing in it reaches a terminal as a control character; none of
  // them is an error where `errors` says so. A file cannot bring in more messages than the sink takes.
  enum class Errors : std::uint8_t { never, allowed };
  void diagnostics(const DiagnosticSink& sink, Errors errors);
  // Lines that are in doubt have a place and a reason.
  void gaps(const std::vector<model::Gap>& gaps);
  // The engine may walk them, and they are not much larger than the text they came from.
  void rules(const model::RuleSet& rules, std::size_t text_size);

 private:
  const SourceStore& sources_;
  std::string broken_;
};

// How much there is to compile: rules, tests, and the intervals in them.
[[nodiscard]] std::size_t weight(const model::RuleSet& rules);

// Equal for equal content; "reading twice gives the same" is asked of it.
class Digest {
 public:
  [[nodiscard]] std::uint64_t value() const { return value_; }
  Digest& add(std::uint64_t number);
  Digest& add(std::string_view text);
  Digest& add(const SourceSpan& span);
  Digest& add(const IntervalSet& set);
  Digest& add(const model::Condition& condition);
  Digest& add(const model::RuleSet& rules);
  Digest& add(const std::vector<model::Gap>& gaps);
  Digest& add(const DiagnosticSink& sink);

 private:
  Digest& add_wide(Bits value);
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

// "--- NAME" lines part a text into files. What stands before the first of them belongs to none.
struct NamedText {
  std::string name;
  std::string text;
};
[[nodiscard]] std::vector<NamedText> split_files(std::string_view text);

// The first law that the text breaks in a reader; empty: none.
[[nodiscard]] std::string broken_by_iptables(std::string_view text);
[[nodiscard]] std::string broken_by_nft(std::string_view text);  // may hold files to include, see split_files
[[nodiscard]] std::string broken_by_nft_json(std::string_view text);
[[nodiscard]] std::string broken_by_ipset(std::string_view text);
[[nodiscard]] std::string broken_by_host(std::string_view text);  // one file, or a folder of them, see split_files
[[nodiscard]] std::string broken_by_cisco(std::string_view text);
// The files of an evidence bundle, see split_files; "@NAME@" in one of them stands for the hash of another.
[[nodiscard]] std::string broken_by_bundle(std::string_view text);
[[nodiscard]] bool takes_bundle(std::string_view text);
// A network file (`--- network`) and a certificate (`--- certificate`).
[[nodiscard]] std::string broken_by_check(std::string_view text);
// "SYNTAX IN OUT PACKET" and then a rule set: the sets of the engine against the walk of single packets.
[[nodiscard]] std::string broken_by_filter(std::string_view text);

}  // namespace segproof::fuzz
