// SPDX-License-Identifier: Apache-2.0
#include "proof/certified.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "check/core/verdict.h"

namespace segproof::proof {

Certified certified(std::string_view network, std::string_view claim,
                    const std::function<Certified(const check::Network&, const check::Claim&)>& write) {
  try {
    const check::Network read = check::read_network(network);
    const auto found =
        std::find_if(read.claims.begin(), read.claims.end(), [&](const check::Claim& one) { return one.id == claim; });
    return found == read.claims.end() ? Certified{std::nullopt, "the network file has no such claim"}
                                      : write(read, *found);
  } catch (const std::runtime_error& error) {
    return {std::nullopt, error.what()};
  }
}

Certified checked(std::string certificate, std::string_view network, std::string_view sha256) {
  const check::Result result = check::check_certificate(certificate, network, sha256);
  return result.outcome == check::Outcome::verified ? Certified{std::move(certificate), ""}
                                                    : Certified{std::nullopt, result.why};
}

std::string head_of(std::string_view sha256, std::string_view claim, std::string_view verdict) {
  return "segproof-certificate 1\nnetwork " + std::string(sha256) + "\nclaim " + check::quoted(claim) + "\nverdict " +
         std::string(verdict) + '\n';
}

std::string printed_name(const check::Network& network, const check::Place& place) {
  const bool is_external = place.kind == check::Place::Kind::unlisted && network.segments[place.number].is_external;
  return is_external ? network.segments[place.number].name : check::name_of(network, place);
}

}  // namespace segproof::proof
