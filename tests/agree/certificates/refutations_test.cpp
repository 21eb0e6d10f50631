// SPDX-License-Identifier: Apache-2.0
// Refuted and inconclusive claims of random networks: their certificates, and those changed in one thing. What the
// checker verifies, the naive engine finds with these packets: of refutations in every world, else in some.
// SEGPROOF_SEED sets the first network, SEGPROOF_AGREE_ROUNDS their number.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <random>

#include "agree/naive/agreement.h"
#include "agree/naive/random_network.h"
#include "base/text.h"
#include "check/core/certificate.h"
#include "check/core/verdict.h"
#include "claim/session.h"
#include "packet/address.h"
#include "proof/certify.h"
#include "proof/network_text.h"

namespace segproof::test {
namespace {

using Words = std::vector<std::string>;

constexpr unsigned usual_rounds = 60;
constexpr std::size_t most_packets = 300;  // of the universe, beside those of a certificate
constexpr unsigned mutants_of_each = 30;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::vector<Words> lines_of(const std::string& text) {
  std::vector<Words> result;
  for (const std::string_view line : split(std::string_view(text).substr(0, text.size() - 1), '\n')) {
    const std::size_t depth = line.find_first_not_of(' ');
    Words& words = result.emplace_back();
    words.emplace_back(depth, ' ');
    for (const std::string_view word : split(line.substr(depth), ' ')) {
      words.emplace_back(word);
    }
  }
  return result;
}

std::string joined(const std::vector<Words>& lines) {
  std::string result;
  for (const Words& words : lines) {
    result += words.front();
    for (std::size_t i = 1; i < words.size(); ++i) {
      result += (i == 1 ? "" : " ") + words[i];
    }
    result += '\n';
  }
  return result;
}

// The packets of a certificate, as the witness of a verdict.
claim::Verdict witness_of(const std::string& certificate) {
  claim::Verdict verdict;
  verdict.witness.emplace();
  for (const Words& words : lines_of(certificate)) {
    if (words.size() != 16 || words[1] != "packet") {
      continue;
    }
    Packet packet;
    packet.family = parse_address(words[5])->family;
    packet[Field::protocol] = std::stoul(words[3]);
    packet[Field::source] = parse_address(words[5])->bits;
    packet[Field::destination] = parse_address(words[7])->bits;
    packet[Field::source_port] = std::stoul(words[9]);
    packet[Field::destination_port] = std::stoul(words[11]);
    packet[Field::tcp_flags] = std::stoul(words[13]);
    packet[Field::fragment] = std::stoul(words[15]);
    verdict.witness->steps.emplace_back();
    verdict.witness->steps.back().packet = packet;
  }
  return verdict;
}

enum class Change : std::uint8_t {
  hops_swapped,
  hop_dropped,
  interface_changed,
  header_changed,
  step_dropped,
  node_renamed,
  kind_of_step_changed,
  frame_changed,
  answer_dropped,
  claim_exchanged,
  hash_changed,
  supposition_dropped,
  supposition_changed,
  supposition_repeated,
  verdict_exchanged,
};
constexpr std::array<std::string_view, 15> change_names{
    "two hops swapped",        "a hop dropped",
    "an interface changed",    "a header changed",
    "a step dropped",          "a node renamed",
    "opens for breaks",        "a frame changed",
    "an answer dropped",       "presented for another claim",
    "the hash changed",        "a supposition dropped",
    "a supposition changed",   "a supposition said of something else, too",
    "refuted for inconclusive"};

class Changer {
 public:
  Changer(const std::string& certificate, const naive::RandomCase& made, std::mt19937_64& random)
      : lines_(lines_of(certificate)), made_(&made), random_(&random) {}

  // Nothing where there is no such thing in the certificate.
  std::optional<std::string> make(Change change) {
    const std::string before = joined(lines_);
    switch (change) {
      case Change::hops_swapped:
        swap_hops();
        break;
      case Change::hop_dropped:
        drop("hop");
        break;
      case Change::interface_changed:
        if (Words* hop = some("hop")) {
          (*hop)[3 + below(2)] = std::to_string(below(3));
        }
        break;
      case Change::header_changed:
        change_header();
        break;
      case Change::step_dropped:
        drop("step");
        break;
      case Change::node_renamed:
        rename();
        break;
      case Change::kind_of_step_changed:
        if (Words* step = some("step")) {
          (*step)[3] = std::array{"opens", "fells", "breaks"}[below(3)];
        }
        break;
      case Change::frame_changed:
        change_frame();
        break;
      case Change::answer_dropped:
        drop("answer");
        break;
      case Change::claim_exchanged:
        lines_[2][2] = check::quoted(made_->claims[below(made_->claims.size())].id);
        break;
      case Change::hash_changed:
        lines_[1][2] = "other";
        break;
      case Change::supposition_dropped:
        drop("suppose");
        break;
      case Change::supposition_changed:
        if (Words* suppose = some("suppose")) {
          suppose_otherwise(*suppose);
        }
        break;
      case Change::supposition_repeated:
        repeat_supposition();
        break;
      case Change::verdict_exchanged:
        lines_[3][2] = lines_[3][2] == "refuted" ? "inconclusive" : "refuted";
        break;
    }
    const std::string after = joined(lines_);
    return after == before ? std::nullopt : std::optional(after);
  }

 private:
  std::size_t below(std::size_t count) { return (*random_)() % count; }

  void swap_hops() {
    Words* one = some("hop");
    Words* other = some("hop");
    if (one != nullptr) {
      std::swap(*one, *other);
    }
  }

  void repeat_supposition() {
    const std::vector<std::size_t> found = all("suppose");
    if (!found.empty()) {
      const auto at = lines_.begin() + static_cast<std::ptrdiff_t>(found[below(found.size())]);
      Words more = *at;
      suppose_otherwise(more);
      lines_.insert(at + static_cast<std::ptrdiff_t>(below(2)), std::move(more));
    }
  }

  std::vector<std::size_t> all(std::string_view word) const {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i][1] == word) {
        result.push_back(i);
      }
    }
    return result;
  }
  Words* some(std::string_view word) {
    const std::vector<std::size_t> found = all(word);
    return found.empty() ? nullptr : &lines_[found[below(found.size())]];
  }
  // One such line, with the deeper lines after it.
  void drop(std::string_view word) {
    const std::vector<std::size_t> found = all(word);
    if (found.empty()) {
      return;
    }
    const std::size_t at = found[below(found.size())];
    std::size_t end = at + 1;
    while (end < lines_.size() && lines_[end].front().size() > lines_[at].front().size()) {
      ++end;
    }
    lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(at), lines_.begin() + static_cast<std::ptrdiff_t>(end));
  }
  void change_header() {
    Words& packet = *some("packet");
    const std::size_t field = below(7);
    std::string& value = packet[3 + 2 * field];
    if (const std::optional<Address> address = parse_address(value); field == 1 || field == 2) {
      const std::vector<std::size_t> packets = all("packet");
      const bool is_near = below(2) == 0;
      value = is_near ? to_string(Address{address->family, address->bits + 1}) : packet[field == 1 ? 7 : 5];
      return;
    }
    static constexpr std::array numbers{0, 1, 2, 6, 16, 17, 18, 22, 53, 58, 80, 443, 1024, 2048, 40000};
    const int number = numbers[below(numbers.size())];
    value = std::to_string(field == 0 || field == 5 ? number % 256 : field == 6 ? number % 2 : number);
  }
  // Another node, another outcome, or another thing that a node may do.
  void suppose_otherwise(Words& words) {
    const model::Network& network = made_->network;
    const bool is_rule = words[2] == "rule";
    const std::size_t what = below(3);
    if (what == 0) {
      words[3] = check::quoted(network.nodes[below(network.nodes.size())].name);
    } else if (is_rule && what == 1) {
      words.back() = std::array{"holds", "fails", "accepts", "continues"}[below(4)];
    } else if (!is_rule) {
      words = {words[0], words[1], std::array{"forwards", "chooses"}[below(2)], words[3]};
    } else {
      const std::string& place = words[4];
      words[4] = place.substr(0, place.rfind(':') + 1) + std::to_string(below(12));
    }
  }
  void rename() {
    std::vector<std::string*> names;
    for (std::size_t i = 4; i < lines_.size(); ++i) {
      for (std::string& word : lines_[i]) {
        if (word.starts_with('"')) {
          names.push_back(&word);
        }
      }
    }
    const model::Network& network = made_->network;
    std::string& name = *names[below(names.size())];
    const bool is_segment = std::ranges::any_of(
        network.segments, [&](const model::Segment& segment) { return check::quoted(segment.name) == name; });
    name = check::quoted(is_segment ? network.segments[below(network.segments.size())].name
                                    : network.nodes[below(network.nodes.size())].name);
  }
  void change_frame() {
    Words& line = *some(below(2) == 0 && !all("answer").empty() ? "answer" : "step");
    const auto to = std::ranges::find(line, "to");
    if (to != line.end() && below(2) == 0) {
      line.erase(to, line.end());
    } else if (to != line.end()) {
      line.back() = std::to_string(below(3));
    } else {
      const model::Network& network = made_->network;
      line.insert(line.end(), {"to", check::quoted(network.nodes[below(network.nodes.size())].name), "0"});
    }
  }

  std::vector<Words> lines_;
  const naive::RandomCase* made_;
  std::mt19937_64* random_;
};

struct Count {
  unsigned told = 0, untold = 0;
  std::map<std::string, unsigned> why;
  unsigned mutants = 0;
  std::array<unsigned, change_names.size()> made{};
  std::array<unsigned, change_names.size()> verified{};
  std::size_t bytes = 0, longest = 0;
};

// Whatever is verified, is so: with these packets the naive engine breaks the claim in every world, or in some.
void check_true(const naive::RandomCase& made, const std::string& certificate, const check::Result& result,
                std::string_view about) {
  const std::string& claim_id = result.claim;
  const auto claim = std::ranges::find(made.claims, claim_id, &claim::Claim::id);
  REQUIRE(claim != made.claims.end());
  const naive::Opinion opinion = naive::opinion(made, *claim, witness_of(certificate), most_packets);
  CHECK_MESSAGE(opinion.in_some_world,
                fmt::format("seed {}: {}: {} is refuted by nothing\n{}", made.seed, about, claim_id, certificate));
  CHECK_MESSAGE((!opinion.safe_world || result.verdict == "inconclusive"),
                fmt::format("seed {}: {}: {} is not refuted in world {}\n{}", made.seed, about, claim_id,
                            opinion.safe_world.value_or(""), certificate));
}

void try_network(const naive::RandomCase& made, claim::Outcome outcome, std::mt19937_64& random, Count& count) {
  const SourceStore sources;
  const std::string text = proof::network_text(made.network, made.claims, {}, sources);
  claim::Options options;
  options.jobs = 1;
  for (const claim::Verdict& verdict : claim::verify(made.network, made.claims, sources, options).verdicts) {
    if (verdict.outcome != outcome || verdict.advisory) {
      continue;
    }
    const proof::Certified certified = proof::certify(text, "hash", verdict);
    if (!certified.certificate) {
      ++count.untold;
      ++count.why[fmt::format("{}: {}", claim::kind_name(verdict.kind), certified.why)];
      if (std::getenv("SEGPROOF_UNTOLD") != nullptr) {
        MESSAGE(fmt::format("seed {}: {} {}: {}: {}", made.seed, claim::kind_name(verdict.kind), verdict.id,
                            verdict.reason, certified.why));
      }
      continue;
    }
    ++count.told;
    count.bytes += certified.certificate->size();
    count.longest = std::max(count.longest, certified.certificate->size());
    check_true(made, *certified.certificate, check::check_certificate(*certified.certificate, text, "hash"),
               "as written");
    for (unsigned times = 0; times < mutants_of_each; ++times) {
      const std::size_t which = times % change_names.size();
      const auto mutant = Changer(*certified.certificate, made, random).make(static_cast<Change>(which));
      if (!mutant) {
        continue;
      }
      ++count.mutants;
      ++count.made[which];
      const check::Result result = check::check_certificate(*mutant, text, "hash");
      if (result.outcome == check::Outcome::verified) {
        ++count.verified[which];
        check_true(made, *mutant, result, change_names[which]);
      }
    }
  }
}

Count run(naive::Flavour flavour, claim::Outcome outcome, std::uint64_t first) {
  Count count;
  const std::uint64_t rounds = number_from("SEGPROOF_AGREE_ROUNDS", usual_rounds);
  first = number_from("SEGPROOF_SEED", first);
  for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
    std::mt19937_64 random(seed);
    try_network(naive::random_case(seed, flavour), outcome, random, count);
  }
  MESSAGE(fmt::format("seeds {} to {}: {} claims {} with a certificate ({} bytes, the longest {}), {} without", first,
                      first + rounds - 1, count.told, claim::outcome_name(outcome), count.bytes, count.longest,
                      count.untold));
  for (const auto& [why, times] : count.why) {
    MESSAGE(fmt::format("without: {} {}", times, why));
  }
  MESSAGE(fmt::format("{} mutants", count.mutants));
  for (std::size_t i = 0; i < change_names.size(); ++i) {
    MESSAGE(fmt::format("{}: {} mutants, {} of them true still", change_names[i], count.made[i], count.verified[i]));
  }
  CHECK(count.verified[static_cast<std::size_t>(Change::hash_changed)] == 0);
  CHECK(count.verified[static_cast<std::size_t>(Change::hop_dropped)] == 0);
  CHECK(count.verified[static_cast<std::size_t>(Change::hops_swapped)] == 0);
  CHECK(count.verified[static_cast<std::size_t>(Change::supposition_dropped)] == 0);
  CHECK(count.verified[static_cast<std::size_t>(Change::verdict_exchanged)] == 0);
  return count;
}

TEST_CASE("refutations have certificates, and none that the naive engine does not find") {
  const Count count = run(naive::Flavour::decided, claim::Outcome::refuted, 1);
  CHECK(count.untold * 5 < count.told);
}

TEST_CASE("so it is where not everything is decided") {
  const Count count = run(naive::Flavour::undecided, claim::Outcome::refuted, 100001);
  CHECK(count.untold * 5 < count.told);
}

TEST_CASE("inconclusive verdicts have certificates, and none that is true in no world") {
  const Count count = run(naive::Flavour::undecided, claim::Outcome::inconclusive, 200001);
  CHECK(count.told * 10 > count.untold);
}

}  // namespace
}  // namespace segproof::test
