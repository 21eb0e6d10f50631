// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as an nftables ruleset, with files that it includes behind "--- NAME" lines.
#include "laws.h"
#include "stop.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  segproof::fuzz::stop_on(segproof::fuzz::broken_by_nft(segproof::fuzz::text_of(bytes, size)));
  return 0;
}
