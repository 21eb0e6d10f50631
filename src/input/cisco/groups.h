// SPDX-License-Identifier: Apache-2.0
// Groups that contain groups, to any depth. The value of a group is the union of its own members and of the groups that
// it names; a group that contains itself, or one that is not defined, has an unclear value and is reported once.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace segproof::cisco {

template <class Value>
class Groups {
 public:
  struct Reference {
    std::string name;
    std::size_t statement;
  };
  // `circle` and `missing` are told the reference, and give the value that stands in its place.
  using Replace = std::function<Value(const Reference&)>;

  // Adds a group, or opens it again.
  void open(std::string_view name, std::size_t statement) {
    current_ = &groups_.try_emplace(std::string(name), Group{statement, {}, {}, Mark::unseen}).first->second;
  }
  [[nodiscard]] bool contains(std::string_view name) const { return groups_.find(name) != groups_.end(); }
  void erase(std::string_view name) {
    if (const auto found = groups_.find(name); found != groups_.end())
      groups_.erase(found);
  }
  void add(const Value& value) { current_->values.push_back(value); }
  // The value of an object, which has only one: a later one takes the place of an earlier one.
  void set(const Value& value) { current_->values.assign(1, value); }
  void refer(std::string_view name, std::size_t statement) {
    current_->references.push_back({std::string(name), statement});
  }
  [[nodiscard]] std::size_t statement_of(std::string_view name) const { return groups_.find(name)->second.statement; }
  [[nodiscard]] bool is_empty(std::string_view name) const {
    const Group& group = groups_.find(name)->second;
    return group.values.empty() && group.references.empty();
  }

  // Every group gets its value. Linear in members and references, without recursion.
  void resolve(const Replace& circle, const Replace& missing, const std::function<Value(std::vector<Value>)>& unite) {
    for (auto& [name, group] : groups_)
      visit(group, circle, missing, unite);
  }
  // Precondition: resolve() was called and the group exists.
  [[nodiscard]] const Value& operator[](std::string_view name) const {
    return groups_.find(name)->second.values.front();
  }
  [[nodiscard]] const auto& all() const { return groups_; }

 private:
  enum class Mark { unseen, open, done };
  struct Group {
    std::size_t statement;
    std::vector<Value> values;
    std::vector<Reference> references;
    Mark mark;
  };

  void visit(Group& root, const Replace& circle, const Replace& missing,
             const std::function<Value(std::vector<Value>)>& unite) {
    if (root.mark != Mark::unseen)
      return;
    std::vector<std::pair<Group*, std::size_t>> path = {{&root, 0}};
    root.mark = Mark::open;
    while (!path.empty()) {
      auto& [group, next] = path.back();
      if (next == group->references.size()) {
        group->values.assign(1, unite(std::move(group->values)));
        group->mark = Mark::done;
        path.pop_back();
        continue;
      }
      const Reference& reference = group->references[next];
      const auto found = groups_.find(reference.name);
      if (found == groups_.end()) {
        group->values.push_back(missing(reference));
        ++next;
      } else if (found->second.mark == Mark::open) {
        group->values.push_back(circle(reference));
        ++next;
      } else if (found->second.mark == Mark::done) {
        group->values.push_back(found->second.values.front());
        ++next;
      } else {
        found->second.mark = Mark::open;
        path.emplace_back(&found->second, 0);
      }
    }
  }

  std::map<std::string, Group, std::less<>> groups_;
  Group* current_ = nullptr;
};

}  // namespace segproof::cisco
