// SPDX-License-Identifier: Apache-2.0
// Where answers and messages go: a small interface, so that tests need no terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "report/page.h"

namespace segproof::cli {

enum class Stream : std::uint8_t { out, err };
enum class Written : std::uint8_t {
  all,
  closed,  // the reader has gone (EPIPE): it had enough
  failed,
};

class Terminal {
 public:
  Terminal() = default;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  virtual ~Terminal() = default;

  // Thread-safe.
  [[nodiscard]] virtual Written write(Stream stream, std::string_view text) = 0;
  [[nodiscard]] virtual bool is_terminal(Stream stream) const = 0;
  // Columns of the terminal, nothing if it is none or does not say.
  [[nodiscard]] virtual std::optional<std::size_t> columns(Stream stream) const = 0;
  [[nodiscard]] virtual std::optional<std::string> environment(const std::string& name) const = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
};

class RealTerminal final : public Terminal {
 public:
  [[nodiscard]] Written write(Stream stream, std::string_view text) override;
  [[nodiscard]] bool is_terminal(Stream stream) const override;
  [[nodiscard]] std::optional<std::size_t> columns(Stream stream) const override;
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) const override;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override;
};

// For tests: what was written, and a clock that stands.
class MemoryTerminal final : public Terminal {
 public:
  [[nodiscard]] Written write(Stream stream, std::string_view text) override;
  [[nodiscard]] bool is_terminal(Stream) const override { return terminal; }
  [[nodiscard]] std::optional<std::size_t> columns(Stream) const override { return width; }
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) const override;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override { return time; }

  std::string out;
  std::string err;
  bool terminal = false;
  std::optional<std::size_t> width;
  std::map<std::string, std::string> variables;
  std::chrono::steady_clock::time_point time;
  Written fate = Written::all;  // of every write to standard output

 private:
  std::mutex mutex_;
};

// Whether and how wide to write to a stream: `auto` means colour on a terminal, unless NO_COLOR is set to anything or
// TERM is unset or "dumb". Columns are the terminal's, then COLUMNS; 80 where there is no terminal.
[[nodiscard]] report::TextStyle style_for(const Terminal& terminal, Stream stream, ColourChoice choice);

// A file is no terminal: 80 columns, colour only when it is asked for.
[[nodiscard]] report::TextStyle style_for_file(ColourChoice choice);

}  // namespace segproof::cli
