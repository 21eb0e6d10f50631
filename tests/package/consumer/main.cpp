// SPDX-License-Identifier: Apache-2.0
#include <segproof/version.h>

#include <cstdio>

int main() {
  return std::printf("%.*s\n", static_cast<int>(segproof::version.size()), segproof::version.data()) > 0 ? 0 : 1;
}
