// SPDX-License-Identifier: Apache-2.0
// A program of somebody else: reads a network, verifies two claims and prints the verdicts.
#include <segproof/segproof.h>

#include <cstdio>

namespace {

void print(std::string_view text) {
  std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace

int main(int count, char** arguments) {
  print(segproof::version);
  if (count != 3) {
    return 2;
  }
  const auto loaded = segproof::api::load({.topology = {arguments[1]}, .policy = {arguments[2]}, .claims = {}});
  if (!loaded.snapshot) {
    print(loaded.failure);
    return 2;
  }
  const auto results = segproof::api::verify(*loaded.snapshot, {.only = {"FTA-1", "OUT-2"}});
  for (const auto& verdict : results.verdicts) {
    print(verdict.claim.id + " " + std::string(name(verdict.outcome)));
  }
  return results.exit_code;
}
