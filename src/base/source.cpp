// SPDX-License-Identifier: Apache-2.0
#include "base/source.h"

#include <cstring>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace segproof {
namespace {

std::vector<std::uint32_t> find_line_starts(std::string_view text) {
  std::vector<std::uint32_t> starts;
  std::size_t at = 0;
  while (at < text.size()) {
    starts.push_back(static_cast<std::uint32_t>(at));
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) {
      break;
    }
    at = end + 1;
  }
  return starts;
}

}  // namespace

FileId SourceStore::add(std::string path, std::string text) {
  SEGPROOF_ASSERT(text.size() < std::numeric_limits<std::uint32_t>::max());
  std::vector<std::uint32_t> starts = find_line_starts(text);
  files_.push_back(File{.path = std::move(path), .text = std::move(text), .line_starts = std::move(starts)});
  return FileId(files_.size() - 1);
}

std::string_view SourceStore::path(FileId file) const {
  return at(file).path;
}

std::string_view SourceStore::text(FileId file) const {
  return at(file).text;
}

std::string_view SourceStore::line(FileId file, std::uint32_t number) const {
  const File& source = at(file);
  if (number == 0 || number > source.line_starts.size()) {
    return {};
  }
  const std::size_t begin = source.line_starts[number - 1];
  const std::size_t end = number < source.line_starts.size() ? source.line_starts[number] : source.text.size();
  std::string_view line = std::string_view(source.text).substr(begin, end - begin);
  if (line.ends_with('\n')) {
    line.remove_suffix(1);
  }
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

std::uint32_t SourceStore::line_count(FileId file) const {
  return static_cast<std::uint32_t>(at(file).line_starts.size());
}

const SourceStore::File& SourceStore::at(FileId file) const {
  SEGPROOF_ASSERT(file.valid() && file.index() < files_.size());
  return files_[file.index()];
}

}  // namespace segproof
