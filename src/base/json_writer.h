// SPDX-License-Identifier: Apache-2.0
// Writes JSON (RFC 8259) into a string, in the order of the calls. A call that would not be JSON (a value without its
// key, an end without its begin) is a fault of ours and fails a contract; repeated keys are not looked for.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace segproof {

enum class JsonLayout { compact, indented };

// Invariant: the text so far is a prefix of a JSON text. Not thread-safe.
class JsonWriter {
 public:
  explicit JsonWriter(JsonLayout layout = JsonLayout::compact) : layout_(layout) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  // Inside an object, before each value.
  JsonWriter& key(std::string_view name);

  // Control characters are escaped, bytes that are not UTF-8 become U+FFFD.
  JsonWriter& string(std::string_view text);
  template <std::signed_integral T>
  JsonWriter& number(T value) {
    return signed_number(value);
  }
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) JsonWriter& number(T value) { return unsigned_number(value); }
  // The shortest text that reads back as the same number. Precondition: finite.
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // A text, or null for an empty one.
  JsonWriter& string_or_null(std::string_view text) { return text.empty() ? null() : string(text); }

  // The whole text; the indented layout ends with a line break. Precondition: one value was written, and it is closed.
  [[nodiscard]] std::string take() &&;

 private:
  enum class Scope { object, array };
  struct Level {
    Scope scope;
    bool empty = true;
  };

  JsonWriter& signed_number(std::int64_t value);
  JsonWriter& unsigned_number(std::uint64_t value);
  void before_value();
  void separate();
  void new_line();
  JsonWriter& begin(Scope scope, char mark);
  JsonWriter& end(Scope scope, char mark);
  void append_string(std::string_view text);

  JsonLayout layout_;
  std::string text_;
  std::vector<Level> levels_;
  bool after_key_ = false;
  bool complete_ = false;
};

}  // namespace segproof
