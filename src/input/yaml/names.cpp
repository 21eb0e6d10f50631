// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/names.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/text.h"

namespace segproof::input::yaml {

namespace {

constexpr std::size_t deepest_nesting = 64;

}  // namespace

struct NameTable::Walk {
  std::vector<std::string> path;
  std::set<std::string> done;
  model::PerFamily<std::vector<Interval>> ranges;
  std::vector<std::string> unresolved;
  const Word* inside_itself = nullptr;  // a word that leads back to where the walk began
  bool too_deep = false;
  bool out_of_budget = false;
};

void NameTable::read(Faults& faults, const View& view) {
  std::vector<Word> added;
  for_each_named(faults, view, "names", Names::free, [&](const Word& name, const View& value) {
    if (name.text == "any" || name.text == "unresolved" || looks_like_address(name.text)) {
      faults.error(DiagnosticCode::bad_name, name.span,
                   fmt::format("{} cannot be a name for addresses", quote(name.text)));
      return;
    }
    members_[name.text] = read_words(faults, value, fmt::format("name {}: address", quote(name.text)));
    added.push_back(name);
  });
  for (const Word& name : added) {
    for (const Word& member : members_.at(name.text)) {
      if (looks_like_address(member.text) && !parse_address_range(member.text)) {
        report_bad_address(faults, member, "address");
      }
    }
    Walk walk;
    add(name, walk);
    if (report_budget(faults, name, walk)) {
      return;
    }
    if (walk.inside_itself != nullptr) {
      faults.error(DiagnosticCode::contradiction, walk.inside_itself->span,
                   fmt::format("name {} is a part of itself", quote(name.text)));
    } else if (walk.too_deep) {
      faults.error(
          DiagnosticCode::yaml_limit, name.span,
          fmt::format("name {} consists of names more than {} levels deep", quote(name.text), deepest_nesting));
    }
  }
}

Resolved NameTable::resolve(Faults& faults, const Word& word) const {
  if (looks_like_address(word.text) && !parse_address_range(word.text)) {
    report_bad_address(faults, word, "address");
    return {};
  }
  Walk walk;
  add(word, walk);
  if (report_budget(faults, word, walk)) {
    return {};
  }
  Resolved result;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const std::size_t index = model::index_of(family);
    result.addresses[index] = IntervalSet::of(std::move(walk.ranges[index]));
  }
  result.unresolved = std::move(walk.unresolved);
  return result;
}

void NameTable::add(const Word& word, Walk& walk) const {
  if (*budget_ == 0) {
    walk.out_of_budget = true;
    return;
  }
  --*budget_;
  if (const std::optional<AddressRange> range = parse_address_range(word.text)) {
    walk.ranges[model::index_of(range->family)].push_back(range->range);
    return;
  }
  if (!walk.path.empty() && walk.path.front() == word.text) {
    walk.inside_itself = &word;
  }
  if (walk.path.size() >= deepest_nesting) {
    walk.too_deep = true;
    return;
  }
  if (!walk.done.insert(word.text).second) {
    return;
  }
  const auto found = members_.find(word.text);
  if (found == members_.end()) {
    walk.unresolved.push_back(word.text);
    return;
  }
  walk.path.push_back(word.text);
  for (const Word& member : found->second) {
    if (member.text == "unresolved") {
      walk.unresolved.push_back(word.text);
    } else {
      add(member, walk);
    }
  }
  walk.path.pop_back();
}

bool NameTable::report_budget(Faults& faults, const Word& word, const Walk& walk) const {
  if (walk.out_of_budget) {
    faults.error(DiagnosticCode::yaml_limit, word.span, "names unfold into too many addresses", "use prefixes");
  }
  return walk.out_of_budget;
}

std::string NameTable::hint(const std::string& name) const {
  constexpr std::size_t looked_at = 500;
  if (has(name) || members_.size() > looked_at) {
    return {};
  }
  std::vector<std::string> names;
  for (const auto& [known, words] : members_) {
    names.push_back(known);
  }
  return did_you_mean_hint(name, names);
}

}  // namespace segproof::input::yaml
