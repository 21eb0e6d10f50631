// SPDX-License-Identifier: Apache-2.0
// A claim as somebody wrote it.
#pragma once

#include <string>

#include "segproof/diagnostic.h"

namespace segproof::api {

struct Claim {
  std::string id;
  std::string kind;  // "no-new-sessions"
  std::string text;  // the wording, verbatim; may be empty
  std::string author;
  std::string date;  // YYYY-MM-DD, or empty
  Location location;
};

}  // namespace segproof::api
