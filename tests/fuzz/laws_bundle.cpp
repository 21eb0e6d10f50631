// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>

#include "check/core/question.h"
#include "check/envelope/bundle.h"
#include "check/envelope/digest.h"
#include "laws.h"

namespace segproof::fuzz {
namespace {

using check::Files;

constexpr std::size_t longest_reason = 1 << 16U;
constexpr const char* sums_name = "SHA256SUMS";

// "@NAME@" stands for the hash of that file, so that changed files are looked at and not only their hashes. Files name
// only what stands before them here.
constexpr std::array<std::string_view, 7> in_order = {
    "inputs/", "network.txt", "certificates/", "results.json", "statement.json", "statement.dsse.json", "manifest"};

std::string with_hashes(std::string text, const Files& files) {
  std::size_t from = 0;
  while ((from = text.find('@', from)) != std::string::npos) {
    const std::size_t end = text.find('@', from + 1);
    if (end == std::string::npos)
      break;
    const auto named = files.find(text.substr(from + 1, end - from - 1));
    if (named == files.end()) {
      from = end;
      continue;
    }
    const std::string hash = check::sha256(named->second);
    text.replace(from, end - from + 1, hash);
    from += hash.size();
  }
  return text;
}

Files files_of(std::string_view text) {
  Files files;
  for (const NamedText& file : split_files(text))
    files[file.name] = file.text;
  for (const std::string_view prefix : in_order) {
    for (auto& [name, bytes] : files) {
      if (name.starts_with(prefix))
        bytes = with_hashes(bytes, files);
    }
  }
  if (!files.contains(sums_name)) {
    std::string sums;
    for (const auto& [name, bytes] : files) {
      if (name != "SHA256SUMS.sig")
        sums += check::sha256(bytes) + "  " + name + '\n';
    }
    files[sums_name] = sums;
  }
  return files;
}

// Why it is rejected; empty: it is not.
std::optional<std::string> rejected(const Files& files) {
  try {
    static_cast<void>(check::check_bundle(files, std::nullopt));
  } catch (const check::Rejected& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace

bool takes_bundle(std::string_view text) {
  return !rejected(files_of(text));
}

std::string broken_by_bundle(std::string_view text) {
  const Files files = files_of(text);
  const std::optional<std::string> why = rejected(files);
  if (rejected(files) != why)
    return "two answers about one bundle";
  if (why)
    return why->empty() || why->size() > longest_reason ? "no reason, or one of great length" : "";
  for (const auto& [name, bytes] : files) {
    if (name == "SHA256SUMS.sig")
      continue;  // nobody asked for a signature
    Files changed = files;
    changed[name] += '\n';
    if (!rejected(changed))
      return "a file with a line more is taken";
    changed.erase(name);
    if (!rejected(changed))
      return "a bundle without one of its files is taken";
    changed = files;
    changed[name + "x"] = bytes;
    if (!rejected(changed))
      return "a bundle with a file more is taken";
  }
  return {};
}

}  // namespace segproof::fuzz
