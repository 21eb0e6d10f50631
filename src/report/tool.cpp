// SPDX-License-Identifier: Apache-2.0
#include "report/tool.h"

#include <segproof/version.h>

namespace segproof::report {

std::string_view tool_version() {
  return version;
}

}  // namespace segproof::report
