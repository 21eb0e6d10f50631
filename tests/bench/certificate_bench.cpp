// SPDX-License-Identifier: Apache-2.0
// Certificates of networks without state: bench_certificates [ZONES RULES] (100 zones, 800 rules; more take long).
// Prints what it takes to prove the claims, to write their certificates, and to check each of them, with the network
// file read anew; then the peak of the memory that a process has which only checks.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/sha256.h"
#include "bench/loaded_network.h"
#include "bench/spine_network.h"
#include "check/core/verdict.h"
#include "claim/session.h"
#include "proof/certify.h"
#include "proof/network_text.h"

namespace segproof::bench {
namespace {

constexpr unsigned pairs = 12;

double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Checks in a process of its own, so that nothing of the engine is in its memory.
void check(const std::string& certificate, const std::string& network, const std::string& hash) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const std::clock_t start = std::clock();
    const check::Result result = check::check_certificate(certificate, network, hash);
    const bool is_verified = result.outcome == check::Outcome::verified;
    fmt::print("  checked in {:.3f} s: {}\n", seconds_since(start), is_verified ? "verified" : result.why);
    std::fflush(stdout);
    std::_Exit(is_verified ? 0 : 1);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  if (status != 0) {
    std::exit(1);
  }
  // What the parent had when it forked counts as well: the figure is an upper bound.
  fmt::print("  peak {} MB\n", used.ru_maxrss / 1024);
}

// Between many zones, since permits are drawn: some claims are proved.
std::string claims_between(unsigned zones) {
  std::string text = "segproof: claims/1\nclaims:\n";
  for (unsigned i = 0; i < pairs; ++i) {
    text += fmt::format(
        "  - {{id: C{0}, kind: {1}, text: generated, author: bench, date: 2026-01-01, from: z{2}, to: z{3}}}\n", i,
        i % 2 == 0 ? "no-new-sessions" : "isolated", i * 7 % zones, (i * 13 + zones / 2) % zones);
  }
  return text;
}

void run(const SpineShape& shape) {
  MemoryFileSystem files;
  add_spine_network(shape, files);
  files.add("net/claims.yaml", claims_between(shape.zones));
  Loaded loaded;
  load(files, loaded);
  const model::Network& network = loaded.snapshot.network;
  std::clock_t start = std::clock();
  claim::Options options;
  options.jobs = 1;
  const std::vector<claim::Verdict> verdicts =
      claim::verify(network, loaded.snapshot.claims, loaded.sources, options).verdicts;
  const std::string text = proof::network_text(network, loaded.snapshot.claims, {}, loaded.sources);
  const std::string hash = sha256_hex(text);
  fmt::print("{} zones, {} rules: network file of {} kB, {} claims judged in {:.3f} s\n", shape.zones, shape.rules,
             text.size() / 1024, verdicts.size(), seconds_since(start));
  for (const claim::Verdict& verdict : verdicts) {
    start = std::clock();
    const proof::Certified certified = proof::certify(text, hash, verdict);
    fmt::print("{} ({}): {}; ", verdict.id, claim::kind_name(verdict.kind), claim::outcome_name(verdict.outcome));
    if (!certified.certificate) {
      fmt::print("no certificate after {:.3f} s: {}\n", seconds_since(start), certified.why);
      continue;
    }
    fmt::print("certificate of {} bytes in {:.3f} s\n", certified.certificate->size(), seconds_since(start));
    check(*certified.certificate, text, hash);
  }
}

}  // namespace
}  // namespace segproof::bench

int main(int argc, char** argv) {
  segproof::bench::SpineShape shape;
  shape.zones = argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10)) : 100;
  shape.rules = argc > 2 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)) : 800;
  segproof::bench::run(shape);
}
