// SPDX-License-Identifier: Apache-2.0
#include "base/excerpt.h"

#include <doctest/doctest.h>

namespace segproof {

TEST_CASE("the front of a text ends between code points") {
  CHECK(front_of("abc", 3) == "abc");
  CHECK(front_of("abcd", 3) == "abc");
  CHECK(front_of("ab\xc3\xa9x", 3) == "ab");
  CHECK(front_of("ab\xc3\xa9x", 4) == "ab\xc3\xa9");
  CHECK(front_of("a\xf0\x9f\x98\x80", 4) == "a");
  CHECK(front_of("\xf0\x9f\x98\x80", 2).empty());
  CHECK(front_of("\x80\x80\x80\x80\x80\x80", 4) == "\x80\x80\x80\x80");  // not UTF-8: cut where it is
}

}  // namespace segproof
