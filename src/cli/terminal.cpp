// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/text.h"

namespace segproof::cli {
namespace {

constexpr std::size_t default_width = 80;

int descriptor(Stream stream) {
  return stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO;
}

}  // namespace

Written RealTerminal::write(Stream stream, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(descriptor(stream), text.data(), text.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return size < 0 && errno == EPIPE ? Written::closed : Written::failed;
    }
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return Written::all;
}

bool RealTerminal::is_terminal(Stream stream) const {
  return isatty(descriptor(stream)) == 1;
}

std::optional<std::size_t> RealTerminal::columns(Stream stream) const {
  winsize size{};
  if (ioctl(descriptor(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return std::nullopt;
  }
  return size.ws_col;
}

std::optional<std::string> RealTerminal::environment(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::chrono::steady_clock::time_point RealTerminal::now() const {
  return std::chrono::steady_clock::now();
}

Written MemoryTerminal::write(Stream stream, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (stream == Stream::err) {
    err += text;
    return Written::all;
  }
  if (fate == Written::all) {
    out += text;
  }
  return fate;
}

std::optional<std::string> MemoryTerminal::environment(const std::string& name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? std::nullopt : std::optional(found->second);
}

report::TextStyle style_for(const Terminal& terminal, Stream stream, ColourChoice choice) {
  report::TextStyle style = style_for_file(choice);
  if (!terminal.is_terminal(stream)) {
    return style;
  }
  if (choice == ColourChoice::automatic) {
    const bool refused = !terminal.environment("NO_COLOR").value_or("").empty();
    const std::string kind = terminal.environment("TERM").value_or("dumb");
    style.colour = refused || kind.empty() || kind == "dumb" ? report::Colour::off : report::Colour::on;
  }
  const std::optional<std::size_t> stated =
      parse_unsigned<std::size_t>(terminal.environment("COLUMNS").value_or(""), 1, 10000);
  style.width = terminal.columns(stream).value_or(stated.value_or(default_width));
  return style;
}

report::TextStyle style_for_file(ColourChoice choice) {
  return {.colour = choice == ColourChoice::always ? report::Colour::on : report::Colour::off, .width = default_width};
}

}  // namespace segproof::cli
