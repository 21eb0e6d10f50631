// SPDX-License-Identifier: Apache-2.0
#include "input/reading_memory.h"

namespace segproof::input {

void ReadingMemory::begin() {
  ++reading_;
  read_ = 0;
  known_ = 0;
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.used + 2 < reading_; });
}

const ReadingMemory::Entry* ReadingMemory::find(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    return nullptr;
  }
  found->second.used = reading_;
  ++known_;
  return &found->second;
}

const ReadingMemory::Entry& ReadingMemory::keep(const std::string& key, std::any value, std::vector<Diagnostic> said) {
  ++read_;
  return entries_.insert_or_assign(key, Entry{std::move(value), std::move(said), reading_}).first->second;
}

void ReadingMemory::repeat(const Entry& entry, DiagnosticSink& sink) {
  for (const Diagnostic& diagnostic : entry.said) {
    sink.add(diagnostic);
  }
}

}  // namespace segproof::input
