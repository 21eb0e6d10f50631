// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as the output of `ip -j addr`, `ip -j route`, `ip -j rule` and `sysctl -a`; with "--- NAME" lines, a
// whole folder of a host.
#include "laws.h"
#include "stop.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  segproof::fuzz::stop_on(segproof::fuzz::broken_by_host(segproof::fuzz::text_of(bytes, size)));
  return 0;
}
