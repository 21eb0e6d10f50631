// SPDX-License-Identifier: Apache-2.0
#include "report/tool.h"

namespace segproof::report {

std::string_view tool_version() {
  return SEGPROOF_VERSION;
}

}  // namespace segproof::report
