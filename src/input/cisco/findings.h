// SPDX-License-Identifier: Apache-2.0
// How each line of a configuration was taken, and what is to be said about it: the account of the input, the gaps that
// verdicts lean on, and diagnostics for what is not understood.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "input/cisco/statements.h"
#include "model/network.h"

namespace segproof::cisco {

class Findings {
 public:
  Findings(FileId file, Statements& statements, DiagnosticSink& sink)
      : file_(file), statements_(statements), sink_(sink), taken_(statements.all.size(), false) {}

  [[nodiscard]] SourceSpan span(std::size_t statement) const {
    const Statement& at = statements_[statement];
    return {file_, at.line, at.column, static_cast<std::uint32_t>(at.text.size())};
  }
  [[nodiscard]] SourceSpan whole_file() const { return {file_, 0, 0, 0}; }
  [[nodiscard]] bool is_taken(std::size_t statement) const { return taken_[statement]; }

  void modelled(std::size_t statement) { take(statement, model::LineUse::modelled); }
  void irrelevant(std::size_t statement) { take(statement, model::LineUse::irrelevant); }
  // The statement and everything below it.
  void all_below(std::size_t statement, model::LineUse use);
  // A line whose meaning is known and depends on what no configuration says.
  void undecided(std::size_t statement, std::string why);
  // A line that may do anything in the model.
  void unmodelled(std::size_t statement, DiagnosticCode code, std::string message, std::string hint = {});
  // A fault of the text that belongs to no statement.
  void damaged(std::uint32_t line, std::string message);
  // Something odd that changes no verdict.
  void remark(std::size_t statement, DiagnosticCode code, std::string message, std::string hint = {});

  // From now on lines are still counted, and nothing is reported.
  void be_silent() { silent_ = true; }

  // By line, each line once.
  [[nodiscard]] std::vector<model::Gap> undecided_lines() const { return sorted(undecided_); }
  [[nodiscard]] std::vector<model::Gap> unmodelled_lines() const { return sorted(unmodelled_); }

 private:
  void take(std::size_t statement, model::LineUse use);
  [[nodiscard]] static std::vector<model::Gap> sorted(std::vector<model::Gap> gaps);

  FileId file_;
  Statements& statements_;
  DiagnosticSink& sink_;
  std::vector<bool> taken_;
  std::vector<model::Gap> undecided_;
  std::vector<model::Gap> unmodelled_;
  std::set<std::uint32_t> undecided_at_;
  bool silent_ = false;
};

}  // namespace segproof::cisco
