// SPDX-License-Identifier: Apache-2.0
#include "check/core/verdict.h"

#include <algorithm>
#include <set>

#include "check/core/closure.h"
#include "check/core/mentions.h"
#include "check/core/refuted.h"
#include "check/core/rule_lines.h"
#include "check/core/vacuous.h"

namespace check {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) {
    result += (result.empty() ? "" : ", ") + name;
  }
  return result;
}

// The nodes that the claim speaks of and that are on no segment that is known: they may be anywhere. Throws Rejected
// where a name of the claim means nothing.
std::set<std::string> unplaced(const Claim& claim, const Network& network) {
  std::set<std::string> result;
  for (const std::vector<std::string>* names : {&claim.from, &claim.to, &claim.hosts, &claim.zones}) {
    for (const std::string& name : *names) {
      bool means_something = false;
      for (const Family family : {Family::ipv4, Family::ipv6}) {
        Sets sets(family);
        for (const auto& [place, part] : places_of(Surroundings(network, sets, 0), {name})) {
          means_something = true;
          if (place.kind == Place::Kind::interface && network.nodes[place.node].interfaces[place.number].is_up &&
              !network.nodes[place.node].interfaces[place.number].segment) {
            result.insert(network.nodes[place.node].name);
          }
        }
      }
      if (!means_something) {
        throw Rejected("nothing is called " + name);
      }
    }
  }
  return result;
}

// A claim that speaks of nothing is not proved, nor is anything where input was not understood.
void check_names(const Claim& claim, const Network& network) {
  if (std::any_of(network.gaps.begin(), network.gaps.end(), [](const auto& gap) { return gap.second; })) {
    throw Rejected("some input was not understood, and it may concern every claim");
  }
  const std::set<std::string> nowhere = unplaced(claim, network);
  check_sides(claim, network);
  for (const std::string& node : nowhere) {
    throw Rejected(node + " is on no segment that is known and may be anywhere");
  }
}

// What is in the way of every proof of the claim: `gap PLACE`, `unplaced STRING`; or packets.
void check_open(const std::vector<Line>& lines, const Claim& claim, const Network& network) {
  const std::set<std::string> nowhere = unplaced(claim, network);
  check_sides(claim, network);
  if (lines.empty() || lines.front().words[0] == "step") {
    check_inconclusive(lines, claim, network);
    return;
  }
  const bool by_any = claim.kind == "unreferenced";  // the text of what is not understood may mention it
  for (const Line& line : lines) {
    Words words(line);
    const bool is_gap = words.one_of({"gap", "unplaced"}) == 0;
    const std::string what = is_gap ? read_place(words) : words.string();
    words.leaf();
    const bool is_so = is_gap
                           ? std::any_of(network.gaps.begin(), network.gaps.end(),
                                         [&](const auto& gap) { return gap.first == what && (by_any || gap.second); })
                           : !by_any && nowhere.contains(what);
    if (!is_so) {
      throw Rejected(what + " is not in the way of a proof");
    }
  }
}

void check_families(const Certificate& certificate, const Claim& claim, const Network& network) {
  check_kind(claim, false);
  std::size_t next = 0;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Sets sets(family);
    const Surroundings world(network, sets, 0);
    if (!needs(claim, world)) {
      continue;
    }
    if (next == certificate.below.size()) {
      throw Rejected("a family is missing");
    }
    const FamilyProof proof = read_proof(certificate.below[next++], network, sets);
    if (proof.family != family) {
      throw Rejected("a family is missing");
    }
    check_proof(proof, claim, read_fallen(certificate, world), network, sets);
  }
  if (next != certificate.below.size()) {
    throw Rejected("the claim speaks of nobody in this family");
  }
}

}  // namespace

Result check_certificate(std::string_view text, std::string_view network_text, std::string_view network_hash) {
  Result result;
  try {
    const std::vector<Line> lines = read_lines(text);
    const Certificate certificate = read_certificate(lines);
    result.claim = certificate.claim;
    result.outcome = Outcome::rejected;
    if (certificate.network != network_hash) {
      result.why = "it is about another network file";
      return result;
    }
    const Network network = read_network(network_text);
    const auto claim = std::find_if(network.claims.begin(), network.claims.end(),
                                    [&](const Claim& other) { return other.id == certificate.claim; });
    if (claim == network.claims.end()) {
      result.why = "the network file has no such claim";
      return result;
    }
    result.kind = claim->kind;
    result.from = joined(claim->kind == "detached"       ? claim->hosts
                         : claim->kind == "anti-spoofed" ? claim->zones
                                                         : claim->from);
    result.to = joined(claim->to);
    if (certificate.verdict == "vacuous") {
      check_vacuous(certificate.below.front(), *claim, network);
    } else if (certificate.verdict == "refuted" && claim->kind == "unreferenced") {
      check_mentions(certificate.below, *claim, network);
    } else if (certificate.verdict == "inconclusive") {
      check_open(certificate.below, *claim, network);
    } else if (certificate.verdict == "refuted") {
      check_sides(*claim, network);
      check_refuted(certificate.below, *claim, network);
    } else {
      check_names(*claim, network);
      check_families(certificate, *claim, network);
    }
    result.verdict = certificate.verdict;
    result.outcome = Outcome::verified;
  } catch (const Malformed& error) {
    result.outcome = Outcome::not_a_certificate;
    result.why = error.what();
  } catch (const std::exception& error) {
    result.outcome = Outcome::rejected;
    result.why = error.what();
  }
  return result;
}

}  // namespace check
