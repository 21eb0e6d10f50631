// SPDX-License-Identifier: Apache-2.0
// Reads what `ip -j addr` prints on a Linux host: which addresses its interfaces have.
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "model/single_packet.h"

namespace segproof {

// All `*.json` files of a folder that are the output of `ip -j addr` (an array of objects with `ifname`), together, in
// the order of their names. A Failure when the folder cannot be read, a file is not JSON, or none is of that kind.
[[nodiscard]] Result<model::OwnAddresses> read_host_addresses(const std::string& folder, const FileSystem& files);

}  // namespace segproof
