// SPDX-License-Identifier: Apache-2.0
// The question API: a network and a question in, a complete answer out. The functions keep nothing between calls, and
// may be called from several threads at once with the same network. Equal questions get equal answers, whatever the
// number of threads. A question whose names resolve to nothing is a Failure that names the word, with a hint.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/source.h"
#include "claim/answers.h"
#include "claim/claim.h"
#include "claim/matrix.h"
#include "claim/verdict.h"
#include "model/network.h"
#include "packet/packet.h"

namespace segproof::claim {

struct Options {
  unsigned jobs = 0;              // threads; 0: as many as the machine has
  std::vector<std::string> only;  // ids of the claims to answer; empty: all. The caller has checked that they exist.
  // What claims share is thrown away and made anew when it has more edges of diagrams than these, so that a long list
  // of claims needs no more memory than a short one; a claim that alone needs more gets it.
  std::size_t most_edges = std::size_t{1} << 26U;
  // Called from one thread at a time, after each claim.
  std::function<void(std::size_t done, std::size_t total)> progress;
  // Set from outside to stop early: what was not answered by then is not-evaluated.
  std::atomic<bool>* cancel = nullptr;
};

// Claims that cannot be meant: a place on both sides, an address that only exists in a translation. Errors, since
// nothing can be verified until they are mended; names that resolve to nothing are not among them (they make a claim
// vacuous).
void check(const model::Network& network, std::span<const Claim> claims, DiagnosticSink& sink);

// Verdicts in the order of the claims. `inputs` of the result is left empty (the caller knows what was read).
[[nodiscard]] Results verify(const model::Network& network, std::span<const Claim> claims, const SourceStore& sources,
                             const Options& options);

enum class Sessions : std::uint8_t { all, new_only };

struct ReachQuestion {
  std::vector<Name> from;
  std::vector<Name> to;
  std::optional<ServiceSpec> service;
  Sessions sessions = Sessions::all;
  Spoofing spoofing = Spoofing::any;
};
[[nodiscard]] Result<ReachAnswer> reach(const model::Network& network, const SourceStore& sources,
                                        const ReachQuestion& question);

[[nodiscard]] Matrix matrix(const model::Network& network, const SourceStore& sources, MatrixBetween between);

struct BlastQuestion {
  Name from;
  std::optional<unsigned> hops;
  Pivot pivot = Pivot::worst_case;
};
[[nodiscard]] Result<BlastAnswer> blast(const model::Network& network, const SourceStore& sources,
                                        const BlastQuestion& question);

struct TraceQuestion {
  std::string from;  // a host, or DEVICE:INTERFACE for a packet that arrives there
  Packet packet;
};
[[nodiscard]] Result<TraceAnswer> trace(const model::Network& network, const SourceStore& sources,
                                        const TraceQuestion& question);

}  // namespace segproof::claim
