// SPDX-License-Identifier: Apache-2.0
// How `include` finds files: whoever reads a ruleset says where they may come from.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"

namespace segproof {

class NftIncludes {
 public:
  NftIncludes() = default;
  NftIncludes(const NftIncludes&) = delete;
  NftIncludes& operator=(const NftIncludes&) = delete;
  virtual ~NftIncludes() = default;

  // The files that `include "pattern"` in `from` names, in order; `*` stands for any part of a file name. Why not, when
  // one cannot be read or lies outside the folder that may be read. No file for a pattern with a `*` is no failure.
  [[nodiscard]] virtual Result<std::vector<FileId>> open(FileId from, std::string_view pattern) = 0;
};

}  // namespace segproof
