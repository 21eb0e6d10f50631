// SPDX-License-Identifier: Apache-2.0
// Files and folders as they are: no links, nothing special, nothing too large.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace check {

using Files = std::map<std::string, std::string>;  // path within the folder, bytes

// All bytes of a file of at most 1 GiB.
[[nodiscard]] std::optional<std::string> contents(const std::string& path);
// Throws Rejected where the folder holds something else than files, or folders of files, or more than 2 GiB.
[[nodiscard]] Files files_in(const std::string& folder);

}  // namespace check
