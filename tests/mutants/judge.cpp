// SPDX-License-Identifier: Apache-2.0
// The guards, without any planted bug, on verdicts of an engine that has one. For each question on standard input,
//   ask NETWORK CLAIM BEFORE AFTER    the outcome without and with the bug
//   before NAME                     * who falls without it
//   fallen NAME                     * who falls with it
//   packet 4|6 VALUE ...            * of the witness with it
//   end
// prints, and flushes after it,
//   said NETWORK CLAIM KIND BEFORE AFTER CHECKER NAIVE
// where the last two are `objects` (the new verdict is wrong, or what it withholds can be known), `agrees` or `silent`.
#include <fmt/format.h>

#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "agree/naive/agreement.h"
#include "mutants/battery.h"
#include "proof/certify.h"
#include "proof/network_text.h"

namespace segproof::mutants {
namespace {

constexpr std::size_t universe_limit = 6000;

struct Question {
  std::uint64_t network = 0;
  std::size_t claim = 0;
  claim::Outcome before{};
  claim::Outcome after{};
  std::vector<std::string> fallen_before;
  std::vector<std::string> fallen;
  std::vector<Packet> witness;
};

[[noreturn]] void refuse(const std::string& line) {
  fmt::print(stderr, "planted_judge: not understood: {}\n", line);
  std::exit(2);
}

claim::Outcome outcome_of(const std::string& name) {
  using claim::Outcome;
  for (const Outcome outcome :
       {Outcome::proved, Outcome::refuted, Outcome::inconclusive, Outcome::vacuous, Outcome::not_evaluated}) {
    if (claim::outcome_name(outcome) == name) {
      return outcome;
    }
  }
  refuse(name);
}

Bits number_of(const std::string& digits) {
  Bits result = 0;
  for (const char digit : digits) {
    result = result * 10 + static_cast<unsigned>(digit - '0');
  }
  return result;
}

Packet packet_of(std::istringstream& words) {
  std::string word;
  words >> word;
  Packet packet{word == "4" ? Family::ipv4 : Family::ipv6, {}};
  for (std::size_t i = 0; i < field_count; ++i) {
    if (!(words >> word)) {
      refuse(words.str());
    }
    packet[static_cast<Field>(i)] = number_of(word);
  }
  return packet;
}

std::optional<Question> next_question() {
  std::optional<Question> result;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "ask") {
      result.emplace();
      std::string before;
      std::string after;
      words >> result->network >> result->claim >> before >> after;
      result->before = outcome_of(before);
      result->after = outcome_of(after);
    } else if (!result) {
      refuse(line);
    } else if (word == "before" || word == "fallen") {
      const std::string name = line.substr(word.size() + 1);
      (word == "before" ? result->fallen_before : result->fallen).push_back(name);
    } else if (word == "packet") {
      result->witness.push_back(packet_of(words));
    } else if (word == "end") {
      return result;
    } else {
      refuse(line);
    }
  }
  return std::nullopt;
}

// A proof needs a certificate; whatever else is said of a claim that has one withholds or denies a proof.
std::string_view checker_says(const Question& question, const naive::RandomCase& made) {
  const std::string text = proof::network_text(made.network, made.claims, {}, SourceStore());
  const bool is_proof = question.after == claim::Outcome::proved;
  const proof::Certified certified =
      proof::certify(text, "hash", made.claims[question.claim].id, is_proof ? question.fallen : question.fallen_before);
  if (certified.certificate) {
    return is_proof ? "agrees" : "objects";
  }
  const bool has_kind = certified.why.find("has no certificate yet") == std::string::npos;
  return is_proof && has_kind ? "objects" : "silent";
}

std::string_view naive_says(const Question& question, const naive::RandomCase& made) {
  const claim::Claim& claim = made.claims[question.claim];
  if (!naive::Judge::knows(claim.kind)) {
    return "silent";
  }
  claim::Verdict verdict;
  verdict.outcome = question.after;
  verdict.witness.emplace();
  for (const Packet& packet : question.witness) {
    verdict.witness->steps.push_back({"", claim::StepRole::open, packet, "", {}});
  }
  switch (naive::compare(question.after, naive::opinion(made, claim, verdict, universe_limit))) {
    case naive::Agreement::wrong_proof:
    case naive::Agreement::wrong_refutation:
    case naive::Agreement::imprecise:
      return "objects";
    case naive::Agreement::agrees:
    case naive::Agreement::undecided:
      return "agrees";
    case naive::Agreement::not_compared:
      break;
  }
  // It evaluates what the engine says that it cannot: the names are those of somebody.
  return question.before == claim::Outcome::proved || question.before == claim::Outcome::refuted ? "objects" : "silent";
}

void answer(const Question& question) {
  const naive::RandomCase made = network_of(question.network);
  if (question.claim >= made.claims.size()) {
    refuse(fmt::format("claim {} of network {}", question.claim, question.network));
  }
  fmt::print("said {} {} {} {} {} {} {}\n", question.network, question.claim,
             claim::kind_name(made.claims[question.claim].kind), claim::outcome_name(question.before),
             claim::outcome_name(question.after), checker_says(question, made), naive_says(question, made));
  std::fflush(stdout);
}

}  // namespace
}  // namespace segproof::mutants

int main() {
  while (const auto question = segproof::mutants::next_question()) {
    segproof::mutants::answer(*question);
  }
}
