// SPDX-License-Identifier: Apache-2.0
#include "check/envelope/json.h"

#include <vector>

#include "check/core/text.h"

namespace check {
namespace {

struct Level {
  std::string path;
  char end = '}';
  std::size_t count = 0;
};

// The size of the string that `text` begins with, quotes included; 0 where there is none. Printable ASCII has one
// spelling, so no key has two.
std::size_t string_size(std::string_view text) {
  for (std::size_t i = 1; i < text.size() && text[0] == '"' && static_cast<unsigned char>(text[i]) >= 0x20; ++i) {
    if (text[i] == '"') {
      return i + 1;
    }
    const std::string_view escape = text.substr(i, 6);
    const bool is_ascii = escape.starts_with("\\u00") && escape.find_first_of("234567") == 4 && escape != "\\u007f";
    if (escape[0] == '\\' &&
        (escape.size() < 2 || is_ascii || std::string_view("\"\\bfnrtu").find(escape[1]) == std::string_view::npos)) {
      return 0;
    }
    i += escape[0] == '\\' ? 1U : 0U;
  }
  return 0;
}

bool is_scalar(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with("-") ? 1 : 0);
  return text == "{}" || text == "[]" || text == "true" || text == "false" || text == "null" ||
         (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos) ||
         (text.starts_with("\"") && string_size(text) == text.size());
}

}  // namespace

Json read_json(std::string_view text) {
  std::size_t number = 1;
  const auto require = [&number](bool condition) {
    if (!condition) {
      throw Malformed(number, "this is not JSON as segproof writes it");
    }
  };
  Json result;
  std::vector<Level> open(1);
  require(text.starts_with("{\n"));
  text.remove_prefix(2);
  for (bool more = true; !text.empty(); ++number) {
    require(!open.empty() && text.find('\n') != std::string_view::npos);
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    const std::size_t spaces = 2 * (open.size() - (more ? 0 : 1));
    require(line.size() > spaces && line.find_first_not_of(' ') == spaces);
    line.remove_prefix(spaces);
    const bool has_comma = line.ends_with(',');
    line.remove_suffix(has_comma ? 1 : 0);
    Level& level = open.back();
    if (!more) {
      require(line == std::string_view(&level.end, 1));
      open.pop_back();
      more = has_comma;
      continue;
    }
    std::string path = level.path + std::to_string(level.count++);
    if (level.end == '}') {
      const std::size_t size = string_size(line);
      require(size > 2 && line.substr(size, 2) == ": ");
      path = level.path + std::string(line.substr(1, size - 2));
      line.remove_prefix(size + 2);
    }
    const bool opens = line == "{" || line == "[";
    require((opens ? !has_comma : is_scalar(line)) && result.emplace(path, line).second);
    if (opens) {
      open.push_back({path + '\n', line == "{" ? '}' : ']'});
    }
    more = has_comma || opens;
  }
  require(open.empty());
  return result;
}

}  // namespace check
