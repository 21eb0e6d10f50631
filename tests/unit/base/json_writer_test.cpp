// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "death.h"
#include "support/skip.h"

namespace segproof {
namespace {

std::string written(std::string_view text) {
  JsonWriter json;
  json.string(text);
  return std::move(json).take();
}

template <class Action>
void fails_a_contract(Action action) {
  CHECK(test::run_to_death([&] {
          JsonWriter json;
          action(json);
        }).exit_code == 4);
}

// Writes a random value and returns what a JSON library should read.
nlohmann::json write_random(JsonWriter& json, std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0:
      json.null();
      return nullptr;
    case 1:
      json.boolean(true);
      return true;
    case 2: {
      const auto value = static_cast<std::int64_t>(random());
      json.number(value);
      return value;
    }
    case 3: {
      const double value = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100);
      json.number(value);
      return value;
    }
    case 4: {
      std::string text;
      for (std::size_t i = random() % 9; i > 0; --i) {
        text += static_cast<char>(random() % 128);
      }
      json.string(text);
      return text;
    }
    case 5: {
      nlohmann::json array = nlohmann::json::array();
      json.begin_array();
      for (std::size_t i = random() % 4; i > 0; --i) {
        array.push_back(write_random(json, random, depth - 1));
      }
      json.end_array();
      return array;
    }
    default: {
      nlohmann::json object = nlohmann::json::object();
      json.begin_object();
      for (std::size_t i = random() % 4; i > 0; --i) {
        const std::string key = "k" + std::to_string(i);
        json.key(key);
        object[key] = write_random(json, random, depth - 1);
      }
      json.end_object();
      return object;
    }
  }
}

}  // namespace

TEST_CASE("the compact layout") {
  JsonWriter json;
  json.begin_object().key("a").number(1).key("b").begin_array().string("x").boolean(false).null().end_array();
  json.key("c").begin_object().end_object().key("d").begin_array().end_array().key("e").string_or_null("").end_object();
  CHECK(std::move(json).take() == R"({"a":1,"b":["x",false,null],"c":{},"d":[],"e":null})");
}

TEST_CASE("the indented layout") {
  JsonWriter json(JsonLayout::indented);
  json.begin_object().key("a").begin_array().number(1U).number(2U).end_array().key("b").begin_object().end_object();
  json.end_object();
  CHECK(std::move(json).take() == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}\n");
}

TEST_CASE("strings are escaped") {
  CHECK(written("a\"b\\c/") == R"("a\"b\\c/")");
  CHECK(written("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(written(std::string_view("\0\x1b\x7f", 3)) == R"("\u0000\u001b\u007f")");
  CHECK(written("\xc3\xa4\xf0\x9f\x94\xa5") == "\"\xc3\xa4\xf0\x9f\x94\xa5\"");
  CHECK(written("a\xff\xc3") == "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(written("\xe2\x80\xae\xe2\x80\xa8") == R"("\u202e\u2028")");
}

TEST_CASE("numbers") {
  JsonWriter json;
  json.begin_array();
  json.number(std::numeric_limits<std::int64_t>::min()).number(std::numeric_limits<std::uint64_t>::max());
  json.number(std::uint8_t{7}).number(0.1).number(1e300).end_array();
  CHECK(std::move(json).take() == "[-9223372036854775808,18446744073709551615,7,0.1,1e+300]");
}

TEST_CASE("what would not be JSON fails a contract") {
  fails_a_contract([](JsonWriter& json) { json.begin_object().string("value without key"); });
  fails_a_contract([](JsonWriter& json) { json.begin_object().key("a").key("b"); });
  fails_a_contract([](JsonWriter& json) { json.begin_object().key("a").end_object(); });
  fails_a_contract([](JsonWriter& json) { json.begin_array().key("a"); });
  fails_a_contract([](JsonWriter& json) { json.begin_array().end_object(); });
  fails_a_contract([](JsonWriter& json) { json.key("a"); });
  fails_a_contract([](JsonWriter& json) { json.end_array(); });
  fails_a_contract([](JsonWriter& json) { json.null().null(); });
  fails_a_contract([](JsonWriter& json) { static_cast<void>(std::move(json).take()); });
  fails_a_contract([](JsonWriter& json) { static_cast<void>(std::move(json.begin_array()).take()); });
  fails_a_contract([](JsonWriter& json) { json.number(std::nan("")); });
  fails_a_contract([](JsonWriter& json) { json.number(std::numeric_limits<double>::infinity()); });
}

TEST_CASE("another library reads back what was written, in both layouts") {
  std::mt19937_64 random(test::seed("json", 21));
  for (int round = 0; round < 2000; ++round) {
    JsonWriter json(round % 2 == 0 ? JsonLayout::compact : JsonLayout::indented);
    const nlohmann::json expected = write_random(json, random, 4);
    CHECK(nlohmann::json::parse(std::move(json).take()) == expected);
  }
}

TEST_CASE("whatever the bytes, the result is JSON") {
  std::mt19937_64 random(test::seed("json bytes", 22));
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 16; i > 0; --i) {
      bytes += static_cast<char>(random() % 256);
    }
    CHECK(nlohmann::json::accept(written(bytes)));
  }
}

}  // namespace segproof
