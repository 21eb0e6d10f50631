// SPDX-License-Identifier: Apache-2.0
// Reads what `ipset save` writes and `ipset restore` reads. A set of which anything is in doubt (a line that is not
// understood, elements that time out, rules that add to it) answers no question: whoever asks treats it as one that may
// hold anything.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"
#include "input/ipset/set_collection.h"
#include "model/network.h"

namespace segproof {

struct IpsetResult {
  SetCollection sets;
  std::size_t lines = 0;
  std::vector<model::Gap> unmodelled;  // lines that put a set, or all of them, in doubt
};

// Never fails; faults of the text are warnings in `sink`, each with its line.
[[nodiscard]] IpsetResult read_ipset_save(FileId file, const SourceStore& sources, DiagnosticSink& sink);

// Whether a text looks like the output of `ipset save`.
[[nodiscard]] bool looks_like_ipset_save(std::string_view text);

}  // namespace segproof
