// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as a network file and a certificate.
#include "laws.h"
#include "stop.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  segproof::fuzz::stop_on(segproof::fuzz::broken_by_check(segproof::fuzz::text_of(bytes, size)));
  return 0;
}
