// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as a packet and a rule set: the packet sets of the engine against the walk of single packets.
#include "laws.h"
#include "stop.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  segproof::fuzz::stop_on(segproof::fuzz::broken_by_filter(segproof::fuzz::text_of(bytes, size)));
  return 0;
}
