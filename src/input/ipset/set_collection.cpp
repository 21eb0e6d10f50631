// SPDX-License-Identifier: Apache-2.0
#include "input/ipset/set_collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "input/ipset/answer.h"

namespace segproof {
namespace {

constexpr unsigned most_lists_deep = 8;

std::string key_of(const model::SetQuestion& question) {
  std::string key = fmt::format("{} {} {} ", question.name, static_cast<int>(question.family), question.return_nomatch);
  for (const model::Endpoint end : question.directions) {
    key += end == model::Endpoint::source ? 's' : 'd';
  }
  return key;
}

}  // namespace

model::SetAnswer SetCollection::answer(const model::SetQuestion& question) {
  const std::string key = key_of(question);
  const auto known = answers_.find(key);
  if (known != answers_.end()) {
    return known->second;
  }
  return answers_.emplace(key, computed(question, 0)).first->second;
}

model::SetAnswer SetCollection::computed(const model::SetQuestion& question, unsigned depth) const {
  const auto found = sets_.find(question.name);
  if (found == sets_.end()) {
    return {{}, "it is not in the file"};
  }
  const Set& set = found->second;
  if (!set.doubt.empty()) {
    return {{}, set.doubt};
  }
  const ipset::SetType& type = *set.shape.type;
  const bool fits = question.directions.size() >= type.dimensions.size() &&
                    (type.of_any_family || set.shape.family == question.family);
  if (!fits) {
    return {};  // the kernel then finds no packet in it
  }
  if (type.dimensions.front() != ipset::Dimension::set) {
    return ipset::answer_of(set.shape, set.elements, question);
  }
  model::SetAnswer either;
  for (const ipset::Element& element : set.elements) {
    if (depth == most_lists_deep) {
      return {{}, "lists of lists"};
    }
    model::SetQuestion inner = question;
    inner.name = element.member;
    model::SetAnswer answer = computed(inner, depth + 1);
    if (!answer.undecided.empty()) {
      return {{}, fmt::format("of its member `{}`: {}", element.member, answer.undecided)};
    }
    std::ranges::move(answer.content.alternatives, std::back_inserter(either.content.alternatives));
  }
  return either;
}

void SetCollection::doubt(std::string_view name, const std::string& why) {
  std::vector<std::string_view> todo{name};
  std::set<std::string_view> seen;
  answers_.clear();
  while (!todo.empty()) {
    const auto found = sets_.find(todo.back());
    todo.pop_back();
    if (found == sets_.end() || !seen.insert(found->first).second) {
      continue;
    }
    if (found->second.doubt.empty()) {
      found->second.doubt = why;
    }
    for (const ipset::Element& element : found->second.elements) {
      if (!element.member.empty()) {
        todo.push_back(element.member);
      }
    }
  }
}

}  // namespace segproof
