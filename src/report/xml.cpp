// SPDX-License-Identifier: Apache-2.0
#include "report/xml.h"

#include "base/display.h"

namespace segproof::report {
namespace {

constexpr std::string_view entity(std::string_view bytes) {
  return bytes == "&"    ? "&amp;"
         : bytes == "<"  ? "&lt;"
         : bytes == ">"  ? "&gt;"
         : bytes == "\"" ? "&quot;"
         : bytes == "'"  ? "&apos;"
                         : "";
}

std::string escape(std::string_view text, bool keep_line_breaks) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    const std::string_view name = entity(glyph.bytes);
    if (keep_line_breaks && glyph.bytes == "\n") {
      shown += '\n';
    } else if (must_be_escaped(glyph)) {
      shown += escape_glyph(glyph);
    } else if (glyph.code_point == 0xfffe || glyph.code_point == 0xffff) {
      shown += "\xef\xbf\xbd";
    } else {
      shown += name.empty() ? glyph.bytes : name;
    }
    text.remove_prefix(glyph.bytes.size());
  }
  return shown;
}

}  // namespace

std::string xml_escape(std::string_view text) {
  return escape(text, false);
}

std::string xml_escape_lines(std::string_view text) {
  return escape(text, true);
}

}  // namespace segproof::report
