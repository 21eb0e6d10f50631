// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as the files of an evidence bundle.
#include "laws.h"
#include "stop.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  segproof::fuzz::stop_on(segproof::fuzz::broken_by_bundle(segproof::fuzz::text_of(bytes, size)));
  return 0;
}
