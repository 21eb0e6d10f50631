// SPDX-License-Identifier: Apache-2.0
// Certificates of verdicts. For a proved claim rows are grown from what the senders put on their wires until no step
// leads out of them; each step is the checker's own, so that what is written is what the checker will find closed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "claim/verdict.h"
#include "proof/certified.h"

namespace segproof::proof {

// `network` is the text of the network file. The claim is named by its id; `fallen` names the places that fall when it
// is about compromise, as verdicts print them. Work is bounded.
[[nodiscard]] Certified certify(std::string_view network, std::string_view sha256, std::string_view claim,
                                const std::vector<std::string>& fallen);

// The same by the rows of `other`, the certificate of the proved claim `other_id`, where they prove this one too.
[[nodiscard]] Certified certify_alike(std::string_view network, std::string_view sha256, std::string_view claim,
                                      std::string_view other_id, std::string_view other);

// That the claim speaks of nobody.
[[nodiscard]] Certified certify_vacuous(std::string_view network, std::string_view sha256, std::string_view claim);
// For a verdict of any kind; nothing where there is no certificate of its kind.
[[nodiscard]] Certified certify(std::string_view network, std::string_view sha256, const claim::Verdict& verdict);

}  // namespace segproof::proof
