// SPDX-License-Identifier: Apache-2.0
#include "input/nft/ruleset.h"

#include <algorithm>
#include <array>
#include <utility>

namespace segproof::nft {
namespace {

constexpr std::array<std::string_view, 6> family_names{"ip", "ip6", "inet", "arp", "bridge", "netdev"};

struct NamedPriority {
  std::string_view name;
  std::int32_t value;
};
constexpr std::array<NamedPriority, 6> ip_priorities{
    {{"raw", -300}, {"mangle", -150}, {"dstnat", -100}, {"filter", 0}, {"security", 50}, {"srcnat", 100}}};
constexpr std::array<NamedPriority, 4> bridge_priorities{
    {{"dstnat", -300}, {"filter", -200}, {"out", 100}, {"srcnat", 300}}};

// Finds the entry of that name in a deque with an index beside it, or makes it with make().
template <class Item, class Make>
Item& find_or_make(std::deque<Item>& items, std::map<std::string, std::size_t, std::less<>>& index,
                   std::string_view name, Make make) {
  if (const auto found = index.find(name); found != index.end())
    return items[found->second];
  index.emplace(name, items.size());
  return items.emplace_back(make());
}

}  // namespace

std::optional<TableFamily> find_table_family(std::string_view word) {
  const auto* found = std::ranges::find(family_names, word);
  if (found == family_names.end())
    return std::nullopt;
  return static_cast<TableFamily>(found - family_names.begin());
}

std::string_view table_family_name(TableFamily family) {
  return family_names[static_cast<std::size_t>(family)];
}

std::optional<std::int32_t> find_priority(std::string_view word, TableFamily family) {
  if (family == TableFamily::bridge) {
    const auto* found = std::ranges::find(bridge_priorities, word, &NamedPriority::name);
    return found == bridge_priorities.end() ? std::nullopt : std::optional(found->value);
  }
  const bool only_filter = family == TableFamily::netdev || family == TableFamily::arp;
  const auto* found = std::ranges::find(ip_priorities, word, &NamedPriority::name);
  if (found == ip_priorities.end() || (only_filter && word != "filter"))
    return std::nullopt;
  return found->value;
}

bool Set::has_flag(std::string_view flag) const {
  return std::ranges::find(flags, flag) != flags.end();
}

Chain& Table::chain(std::string_view chain_name, const SourceSpan& from) {
  return find_or_make(chains, chain_index_, chain_name, [&] {
    Chain made;
    made.name = chain_name;
    made.span = from;
    return made;
  });
}

const Chain* Table::find_chain(std::string_view chain_name) const {
  const auto found = chain_index_.find(chain_name);
  return found == chain_index_.end() ? nullptr : &chains[found->second];
}

void Table::rename_chain(std::string_view from, std::string_view to) {
  const auto found = chain_index_.find(from);
  if (found == chain_index_.end())
    return;
  const std::size_t index = found->second;
  chain_index_.erase(found);
  chains[index].name = to;
  chain_index_.insert_or_assign(chains[index].name, index);
}

Set& Table::set(std::string_view set_name, const SourceSpan& from) {
  return find_or_make(sets, set_index_, set_name, [&] {
    Set made;
    made.name = set_name;
    made.span = from;
    return made;
  });
}

const Set* Table::find_set(std::string_view set_name) const {
  const auto found = set_index_.find(set_name);
  return found == set_index_.end() ? nullptr : &sets[found->second];
}

Table& Ruleset::table(TableFamily family, std::string_view name, const SourceSpan& from) {
  for (Table& known : tables) {
    if (known.family == family && known.name == name)
      return known;
  }
  Table made;
  made.family = family;
  made.name = name;
  made.span = from;
  return tables.emplace_back(std::move(made));
}

const Table* Ruleset::find_table(TableFamily family, std::string_view name) const {
  for (const Table& known : tables) {
    if (known.family == family && known.name == name)
      return &known;
  }
  return nullptr;
}

}  // namespace segproof::nft
