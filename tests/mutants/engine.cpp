// SPDX-License-Identifier: Apache-2.0
// What the engine with its planted bug (SEGPROOF_MUTANT) says of the claims of some networks:
//   planted_engine FIRST COUNT
// prints for each network, and flushes after it,
//   network NUMBER SHA256             of the network file
//   verdict CLAIM OUTCOME             the claims by their place
//   fallen NAME                     * of a claim about compromise
//   packet 4|6 VALUE ...            * of the witness
//   end NUMBER
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/sha256.h"
#include "claim/session.h"
#include "mutants/battery.h"
#include "proof/network_text.h"

namespace segproof::mutants {
namespace {

std::string digits(Bits value) {
  std::string result;
  do {
    result.insert(result.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return result;
}

std::string text_of(const Packet& packet) {
  std::string result = packet.family == Family::ipv4 ? "packet 4" : "packet 6";
  for (std::size_t i = 0; i < field_count; ++i) {
    result += ' ' + digits(packet[static_cast<Field>(i)]);
  }
  return result + '\n';
}

std::string text_of(const claim::Verdict& verdict, std::size_t place) {
  std::string result = fmt::format("verdict {} {}\n", place, claim::outcome_name(verdict.outcome));
  for (const claim::Fallen& fallen : verdict.blast) {
    result += fmt::format("fallen {}\n", fallen.place);
  }
  if (verdict.witness) {
    for (const claim::WitnessStep& step : verdict.witness->steps) {
      result += step.packet ? text_of(*step.packet) : "";
    }
  }
  return result;
}

void answer(std::uint64_t number) {
  const naive::RandomCase made = network_of(number);
  const SourceStore sources;
  std::string text =
      fmt::format("network {} {}\n", number, sha256_hex(proof::network_text(made.network, made.claims, {}, sources)));
  claim::Options options;
  options.jobs = 1;
  std::size_t place = 0;
  for (const claim::Verdict& verdict : claim::verify(made.network, made.claims, sources, options).verdicts) {
    if (!verdict.advisory) {
      text += text_of(verdict, place++);
    }
  }
  text += fmt::format("end {}\n", number);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace
}  // namespace segproof::mutants

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: planted_engine FIRST COUNT\n", stderr);
    return 2;
  }
  const std::uint64_t first = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  for (std::uint64_t number = first; number < first + count; ++number) {
    segproof::mutants::answer(number);
  }
}
