// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"

namespace segproof::cli {

// Why no bundle can be written there: it exists and is no empty folder, or nothing can be created beside it.
[[nodiscard]] std::optional<std::string> unusable_folder(const std::string& path);

// Writes files (path within the folder, at most one folder deep) so that the folder is seen whole or not at all: into a
// temporary folder beside it, then renamed. Interrupts wait meanwhile. Returns the number of files.
[[nodiscard]] Result<std::size_t> write_folder(const std::string& path,
                                               const std::map<std::string, std::string>& files);

}  // namespace segproof::cli
