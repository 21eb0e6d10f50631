// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or the reason why the world (a file, memory, a disk) did not give one. Faults in the user's
// files are diagnostics, not Results.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace segproof {

struct Failure {
  std::string message;  // lower case, no full stop, names the file
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}            // NOLINT: a value is a result
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT: so is a failure

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Precondition of value(): ok(). Of failure(): !ok().
  [[nodiscard]] const T& value() const& {
    SEGPROOF_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T& value() & {
    SEGPROOF_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    SEGPROOF_ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] const Failure& failure() const {
    SEGPROOF_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Failure> state_;
};

}  // namespace segproof
