// SPDX-License-Identifier: Apache-2.0
#include "claim/verdict.h"

#include "base/assert.h"

namespace segproof::claim {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::proved:
      return "proved";
    case Outcome::refuted:
      return "refuted";
    case Outcome::inconclusive:
      return "inconclusive";
    case Outcome::vacuous:
      return "vacuous";
    case Outcome::not_evaluated:
      return "not-evaluated";
  }
  SEGPROOF_UNREACHABLE();
}

std::string_view role_name(StepRole role) {
  switch (role) {
    case StepRole::open:
      return "open";
    case StepRole::reply:
      return "reply";
    case StepRole::related:
      return "related";
    case StepRole::mid:
      return "mid";
    case StepRole::blind:
      return "blind";
    case StepRole::spoofed_open:
      return "spoofed-open";
    case StepRole::pivot:
      return "pivot";
    case StepRole::mention:
      return "mention";
  }
  SEGPROOF_UNREACHABLE();
}

std::string_view kernel_says_name(KernelSays says) {
  switch (says) {
    case KernelSays::confirmed:
      return "confirmed";
    case KernelSays::differs:
      return "differs";
    case KernelSays::not_confirmable:
      return "not-confirmable";
  }
  return {};
}

}  // namespace segproof::claim
