// SPDX-License-Identifier: Apache-2.0
// A claim, as lines of the network file (docs/certificate.md section 3): names as they were written.
#pragma once

#include <string>

#include "base/source.h"
#include "model/claim.h"
#include "proof/words.h"

namespace segproof::proof {

// "6 443", "any 0-65535".
[[nodiscard]] std::string service_words(const claim::ServiceSpec& service);

// `date` is the network's: entries of allow-lists that expired before it are marked.
void write_claim(const claim::Claim& claim, const std::string& date, const SourceStore& sources, Page& page);

}  // namespace segproof::proof
