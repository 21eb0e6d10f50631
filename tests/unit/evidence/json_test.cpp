// SPDX-License-Identifier: Apache-2.0
#include "check/envelope/json.h"

#include <doctest/doctest.h>

#include <string>

#include "base/json_writer.h"
#include "check/core/text.h"

namespace segproof::test {
namespace {

TEST_CASE("what segproof writes is read, each value by its path") {
  JsonWriter writer(JsonLayout::indented);
  writer.begin_object().key("a").string("x\n\"\\\xe2\x80\x8b\xc3\xa9");
  writer.key("list").begin_array().number(-5).null().boolean(true).begin_object().end_object();
  writer.begin_array().end_array().begin_object().key("b/c").string("").end_object().end_array();
  writer.key("\n").number(0).end_object();
  const check::Json read = check::read_json(std::move(writer).take());
  const check::Json expected = {{"a", "\"x\\n\\\"\\\\\\u200b\xc3\xa9\""},
                                {"list", "["},
                                {"list\n0", "-5"},
                                {"list\n1", "null"},
                                {"list\n2", "true"},
                                {"list\n3", "{}"},
                                {"list\n4", "[]"},
                                {"list\n5", "{"},
                                {"list\n5\nb/c", "\"\""},
                                {"\\n", "0"}};
  CHECK(read == expected);
}

TEST_CASE("anything else is refused") {
  for (const char* text : {"",
                           "\n",
                           "{}\n",
                           "[]\n",
                           "{\n}",
                           "{\n  \"a\": 1",
                           "{\n  \"a\": 1\n",
                           "{\n  \"a\": 1\n}",
                           "{\n  \"a\": 1,\n}\n",
                           "{\n  \"a\": 1\n}\n\n",
                           "{\n  \"a\": 1\n}\n}\n",
                           "{\n  \"a\": 1\n  \"b\": 2\n}\n",
                           "{\n  \"a\": 1,\n  \"a\": 2\n}\n",
                           "{\n  \"a\": [\n    1\n  ],\n  \"a\": [\n    2\n  ]\n}\n",
                           "{\n  \"a\": 1,\n  \"\\u0061\": 2\n}\n",
                           "{\n \"a\": 1\n}\n",
                           "{\n   \"a\": 1\n}\n",
                           "{\n\t\"a\": 1\n}\n",
                           "{\n  a: 1\n}\n",
                           "{\n  \"\": 1\n}\n",
                           "{\n  \"a\" : 1\n}\n",
                           "{\n  \"a\":1\n}\n",
                           "{\n  \"a\": 1, \"b\": 2\n}\n",
                           "{\n  \"a\": \"x\", \"b\": \"y\"\n}\n",
                           "{\n  \"a\": \"x\n}\n",
                           "{\n  \"a\": \"x\\\"\n}\n",
                           "{\n  \"a\": \"\\x\"\n}\n",
                           "{\n  \"a\": \"\\u0041\"\n}\n",
                           "{\n  \"a\": \"\t\"\n}\n",
                           "{\n  \"a\": 1.5\n}\n",
                           "{\n  \"a\": +1\n}\n",
                           "{\n  \"a\": -\n}\n",
                           "{\n  \"a\": nul\n}\n",
                           "{\n  \"a\": {\n  }\n}\n",
                           "{\n  \"a\": {,\n    \"b\": 1\n  }\n}\n",
                           "{\n  \"a\": [\n    1\n  }\n}\n",
                           "{\n  \"a\": \"\\"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(static_cast<void>(check::read_json(text)), check::Malformed);
  }
}

}  // namespace
}  // namespace segproof::test
