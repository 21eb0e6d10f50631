// SPDX-License-Identifier: Apache-2.0
// What readers made of the files of one reading, for the next reading of nearly the same files: a file that is where it
// was, in the order of reading too (places in it then have the same FileId), with the same bytes, is not read again by
// its reader. What the reader said of it is said again. Not thread-safe.
#pragma once

#include <any>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"

namespace segproof::input {

class ReadingMemory {
 public:
  // To be called before each reading: what the last two readings did not use is dropped.
  void begin();

  // What `read` makes, given a sink; from memory where it was made under this key before. The key says everything that
  // the outcome depends on.
  template <class T>
  [[nodiscard]] std::shared_ptr<const T> once(const std::string& key, DiagnosticSink& sink,
                                              const std::function<T(DiagnosticSink&)>& read) {
    if (const Entry* known = find(key)) {
      repeat(*known, sink);
      return std::any_cast<std::shared_ptr<const T>>(known->value);
    }
    DiagnosticSink said;
    auto value = std::make_shared<const T>(read(said));
    if (said.suppressed() > 0) {  // too much to keep: as if there were no memory
      ++read_;
      return std::make_shared<const T>(read(sink));
    }
    repeat(keep(key, value, said.all()), sink);
    return value;
  }

  // Of the reading at hand: how often something was read, and how often it was not, being known.
  [[nodiscard]] std::size_t read() const { return read_; }
  [[nodiscard]] std::size_t known() const { return known_; }

 private:
  struct Entry {
    std::any value;
    std::vector<Diagnostic> said;
    std::size_t used = 0;  // in which reading
  };
  [[nodiscard]] const Entry* find(const std::string& key);
  const Entry& keep(const std::string& key, std::any value, std::vector<Diagnostic> said);
  static void repeat(const Entry& entry, DiagnosticSink& sink);

  std::map<std::string, Entry> entries_;
  std::size_t reading_ = 0;
  std::size_t read_ = 0;
  std::size_t known_ = 0;
};

}  // namespace segproof::input
