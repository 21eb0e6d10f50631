// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/assert.h"
#include "base/sha256.h"
#include "base/text.h"

namespace segproof::input {

namespace {

// Of two readings of a line the worse one counts.
void raise(LineUse& known, LineUse use) {
  known = known == LineUse::blank ? known : std::max(known, use);
}

void complete(InputFile& file, const SourceStore& sources) {
  LineAccount& account = file.account;
  if (account.uses.empty()) {
    const LineUse usual = file.format == "unrecognised" ? LineUse::unmodelled : LineUse::modelled;
    account.uses.reserve(file.lines);
    for (std::uint32_t line = 1; line <= file.lines; ++line) {
      account.uses.push_back(is_blank_or_comment(sources.line(file.file, line)) ? LineUse::blank : usual);
    }
  }
  // A rule set that stands on several nodes was read for each of them.
  std::ranges::sort(account.notes, {}, [](const LineNote& note) { return std::tie(note.span, note.use, note.why); });
  account.notes.erase(std::unique(account.notes.begin(), account.notes.end()), account.notes.end());
  for (const LineNote& note : account.notes) {
    if (note.span.line > 0 && note.span.line <= account.uses.size()) {
      raise(account.uses[note.span.line - 1], note.use);
    }
  }
}

}  // namespace

std::string normal_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") {
      continue;
    }
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !path.starts_with('/') || !parts.empty()) {
      parts.push_back(part);
    }
  }
  std::string normal = path.starts_with('/') ? "/" : "";
  for (const std::string_view part : parts) {
    normal += fmt::format("{}{}", normal.empty() || normal == "/" ? "" : "/", part);
  }
  return normal.empty() ? "." : normal;
}

Result<FileId> InputFiles::read(const std::string& path) {
  const std::string normal = normal_path(path);
  if (const auto found = ids_.find(normal); found != ids_.end()) {
    return found->second;
  }
  Result<std::string> text = files_->read_file(normal);
  if (!text) {
    return text.failure();
  }
  InputFile account;
  account.path = normal;
  account.sha256 = sha256_hex(text.value());
  account.format = "unrecognised";
  account.file = sources_->add(normal, std::move(text).value());
  account.lines = sources_->line_count(account.file);
  const FileId file = account.file;
  ids_.emplace(normal, file);
  accounts_.push_back(std::move(account));
  return file;
}

std::string InputFiles::memory_key(FileId file, std::string_view reader) {
  return fmt::format("{} {} {}", reader, file.index(), account(file).sha256);
}

std::string InputFiles::path_from(const claim::Name& name) const {
  if (name.text.starts_with('/')) {
    return normal_path(name.text);
  }
  return normal_path(join_path(folder_of(sources_->path(name.span.file)), name.text));
}

std::optional<FileId> InputFiles::read_named(const claim::Name& name) {
  const Result<FileId> file = read(path_from(name));
  if (!file) {
    sink_->add({.code = DiagnosticCode::file_unreadable, .span = name.span, .message = file.failure().message});
    return std::nullopt;
  }
  return file.value();
}

Result<std::vector<std::string>> InputFiles::paths_in(const std::string& folder) const {
  Result<std::vector<std::string>> names = files_->list_folder(folder);
  if (!names) {
    return names;
  }
  std::vector<std::string> paths;
  for (const std::string& name : names.value()) {
    std::string path = join_path(folder, name);
    if (!name.starts_with('.') && !name.ends_with(".md") && files_->kind(path) != FileKind::folder) {
      paths.push_back(std::move(path));
    }
  }
  std::ranges::sort(paths);
  return paths;
}

InputFile& InputFiles::entry(FileId file) {
  const auto found = std::ranges::find(accounts_, file, &InputFile::file);
  SEGPROOF_ASSERT(found != accounts_.end());
  return *found;
}

const InputFile& InputFiles::account(FileId file) {
  return entry(file);
}

void InputFiles::take_format(FileId file, std::string_view format) {
  entry(file).format = format;
}

void InputFiles::doubt(LineUse use, const std::vector<model::Gap>& gaps) {
  for (const model::Gap& gap : gaps) {
    doubt({use, gap.span, gap.code, gap.why});
  }
}

void InputFiles::doubt(LineNote note) {
  if (note.span.file.valid()) {
    entry(note.span.file).account.notes.push_back(std::move(note));
  }
}

void InputFiles::take_lines(FileId file, std::vector<LineUse> uses) {
  entry(file).account.uses = std::move(uses);
}

std::vector<InputFile> InputFiles::accounts() const {
  std::vector<InputFile> sorted = accounts_;
  for (InputFile& file : sorted) {
    complete(file, *sources_);
  }
  std::ranges::sort(sorted, {}, &InputFile::path);
  return sorted;
}

}  // namespace segproof::input
