// SPDX-License-Identifier: Apache-2.0
#include "support/skip.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

namespace segproof::test {
namespace {

bool skipped = false;

bool required(std::string_view need) {
  const char* list = std::getenv("SEGPROOF_REQUIRE");
  const std::string text = "," + std::string(list == nullptr ? "" : list) + ",";
  return text.find("," + std::string(need) + ",") != std::string::npos;
}

}  // namespace

void skip(std::string_view need, std::string_view reason) {
  const std::string message = "skipped (" + std::string(need) + "): " + std::string(reason);
  std::fprintf(stderr, "%s\n", message.c_str());
  if (required(need)) {
    FAIL(message);
  }
  skipped = true;
}

bool any_skipped() {
  return skipped;
}

std::optional<std::string> data_folder() {
  const char* given = std::getenv("SEGPROOF_DATA");
  std::string folder = given == nullptr ? "../shared/data" : given;
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    skip("data", "no real rule sets at " + folder);
    return std::nullopt;
  }
  return folder;
}

unsigned long long seed(std::string_view test, unsigned long long fallback) {
  const char* given = std::getenv("SEGPROOF_SEED");
  const unsigned long long value = given == nullptr ? fallback : std::strtoull(given, nullptr, 10);
  std::printf("%.*s: seed %llu\n", static_cast<int>(test.size()), test.data(), value);
  return value;
}

}  // namespace segproof::test
