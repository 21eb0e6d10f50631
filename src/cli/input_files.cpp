// SPDX-License-Identifier: Apache-2.0
#include "cli/input_files.h"

#include <cstdio>

namespace segproof::cli {

FileKind InputFiles::kind(const std::string& path) const {
  return path == "-" ? FileKind::file : disk_.kind(path);
}

Result<std::string> InputFiles::read_file(const std::string& path, std::size_t limit) const {
  return path == "-" ? read_stream(stdin, "standard input", limit) : disk_.read_file(path, limit);
}

Result<std::vector<std::string>> InputFiles::list_folder(const std::string& path) const {
  return disk_.list_folder(path);
}

std::string InputFiles::stamp(const std::string& path) const {
  return path == "-" ? "" : disk_.stamp(path);
}

}  // namespace segproof::cli
