// SPDX-License-Identifier: Apache-2.0
#include "check/folder.h"

#include <cstdio>
#include <filesystem>
#include <memory>

#include "check/core/question.h"

namespace check {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest = std::size_t{1} << 30U;

void read_folder(const fs::path& folder, const std::string& prefix, std::size_t& left, Files& files) {
  std::error_code error;
  const std::size_t before = files.size();
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string name = prefix + entry->path().filename().string();
    const fs::file_type type = entry->symlink_status(error).type();
    if (!error && type == fs::file_type::directory && prefix.empty()) {
      read_folder(entry->path(), name + '/', left, files);
      continue;
    }
    auto text = !error && type == fs::file_type::regular ? contents(entry->path().string()) : std::nullopt;
    if (!text || text->size() >= left) {
      throw Rejected(name + ": no plain file that can be read, or too large");
    }
    left -= text->size() + 1;
    files.emplace(name, std::move(*text));
  }
  if (error || files.size() == before) {
    throw Rejected(prefix + ": this folder is empty, or cannot be read");
  }
}

}  // namespace

std::optional<std::string> contents(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  std::string result;
  std::string buffer(65536, '\0');
  while (file != nullptr && std::feof(file.get()) == 0) {
    const std::size_t read = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (std::ferror(file.get()) != 0 || read > largest - result.size()) {
      return std::nullopt;
    }
    result.append(buffer, 0, read);
  }
  return file == nullptr ? std::nullopt : std::optional(std::move(result));
}

Files files_in(const std::string& folder) {
  Files files;
  std::size_t left = 2 * largest;
  read_folder(folder, "", left, files);
  return files;
}

}  // namespace check
