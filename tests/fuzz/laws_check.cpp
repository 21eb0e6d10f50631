// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "check/core/verdict.h"
#include "laws.h"

namespace segproof::fuzz {
namespace {

using check::Outcome;
using check::Result;

constexpr std::size_t longest_reason = 1 << 16U;

bool are_equal(const Result& a, const Result& b) {
  return a.outcome == b.outcome && a.claim == b.claim && a.kind == b.kind && a.from == b.from && a.to == b.to &&
         a.verdict == b.verdict && a.why == b.why;
}

// The hash that the certificate names, so that a changed network is still looked at.
std::string named_hash(std::string_view certificate) {
  for (const std::string_view line : split(certificate, '\n')) {
    const auto words = split_words(line);
    if (words.size() == 2 && words[0] == "network")
      return std::string(words[1]);
  }
  return "none";
}

// A proof is about these texts, to the last line of them.
std::string broken_by_more(const Result& result, const std::string& certificate, const std::string& network,
                           const std::string& hash) {
  if (result.outcome != Outcome::verified)
    return {};
  if (check::check_certificate(certificate + "more\n", network, hash).outcome == Outcome::verified)
    return "a certificate with a line that says nothing is verified";
  if (check::check_certificate(certificate, network + "more\n", hash).outcome == Outcome::verified)
    return "a network with a line that says nothing is taken";
  if (check::check_certificate(certificate, network, hash + "0").outcome == Outcome::verified)
    return "a certificate about another network is verified";
  return {};
}

}  // namespace

std::string broken_by_check(std::string_view text) {
  std::string network;
  std::string certificate;
  for (const NamedText& file : split_files(text)) {
    (file.name == "certificate" ? certificate : network) = file.text;
  }
  const std::string hash = named_hash(certificate);
  const Result result = check::check_certificate(certificate, network, hash);
  if (!are_equal(result, check::check_certificate(certificate, network, hash)))
    return "checking twice does not give the same";
  const bool verified = result.outcome == Outcome::verified;
  if (verified != result.why.empty())
    return "what is not verified has no reason, or what is verified has one";
  if (result.why.size() > longest_reason)
    return "a reason of great length";
  if (verified && (result.claim.empty() || result.kind.empty() ||
                   (result.verdict != "proved" && result.verdict != "refuted" && result.verdict != "vacuous")))
    return "something is verified, and nobody knows what";
  return broken_by_more(result, certificate, network, hash);
}

}  // namespace segproof::fuzz
