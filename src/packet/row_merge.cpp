// SPDX-License-Identifier: Apache-2.0
#include "packet/row_merge.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <span>

#include "packet/diagram.h"
#include "packet/field_chain.h"

namespace segproof {
namespace {

constexpr std::array<Field, field_count> merge_order{
    Field::destination_port, Field::source,   Field::destination,     Field::source_port, Field::protocol,
    Field::tcp_flags,        Field::fragment, Field::state,           Field::translated,  Field::ingress,
    Field::egress,           Field::mark,     Field::connection_mark, Field::origin};

// Works on numbers that stand for interval sets: rows are compared often and their sets seldom change.
class RowMerger {
 public:
  explicit RowMerger(std::span<const Row> rows) {
    for (const Row& row : rows) {
      Numbers numbers{};
      for (std::size_t i = 0; i < field_count; ++i)
        numbers[i] = number_of(row.fields[i]);
      rows_.push_back(numbers);
    }
  }

  void run() {
    for (bool changed = true; changed && rows_.size() > 1;) {
      changed = false;
      for (const Field field : merge_order)
        changed = merge_over(static_cast<std::size_t>(field)) || changed;
    }
  }

  [[nodiscard]] std::vector<Row> rows(Family family) const {
    std::vector<Row> result(rows_.size());
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      result[r].family = family;
      for (std::size_t i = 0; i < field_count; ++i)
        result[r].fields[i] = *sets_[rows_[r][i]];
    }
    return result;
  }

 private:
  using Numbers = std::array<std::uint32_t, field_count>;

  std::uint32_t number_of(const IntervalSet& set) {
    const auto [place, fresh] = numbers_.try_emplace(set, static_cast<std::uint32_t>(sets_.size()));
    if (fresh)
      sets_.push_back(&place->first);
    return place->second;
  }

  // Joins all rows that agree in the other fields.
  bool merge_over(std::size_t index) {
    std::vector<std::size_t> order(rows_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key = [&](std::size_t r) {
      Numbers numbers = rows_[r];
      numbers[index] = 0;
      return numbers;
    };
    std::ranges::stable_sort(order, {}, key);
    std::vector<std::size_t> kept;  // the first row of each group
    for (auto begin = order.begin(); begin != order.end();) {
      auto end = begin;
      std::vector<Interval> values;
      const Numbers same = key(*begin);
      for (; end != order.end() && key(*end) == same; ++end) {
        if (end - begin == 1)
          append(values, rows_[*begin][index]);
        if (end != begin)
          append(values, rows_[*end][index]);
      }
      if (end - begin > 1)
        rows_[*begin][index] = number_of(IntervalSet::of(std::move(values)));
      kept.push_back(*begin);
      begin = end;
    }
    if (kept.size() == rows_.size())
      return false;
    std::ranges::sort(kept);
    std::vector<Numbers> merged;
    merged.reserve(kept.size());
    for (const std::size_t r : kept)
      merged.push_back(rows_[r]);
    rows_ = std::move(merged);
    return true;
  }

  void append(std::vector<Interval>& values, std::uint32_t number) const {
    const auto intervals = sets_[number]->intervals();
    values.insert(values.end(), intervals.begin(), intervals.end());
  }

  std::map<IntervalSet, std::uint32_t> numbers_;
  std::vector<const IntervalSet*> sets_;  // keys of numbers_
  std::vector<Numbers> rows_;
};

void widen(std::vector<Row>& rows, PacketSet may) {
  Space& space = may.space();
  for (Row& row : rows) {
    for (std::size_t index = field_count; index-- > 0;) {  // device-internal fields last
      const auto field = static_cast<Field>(index);
      const IntervalSet full = IntervalSet::range(0, field_max(field, space.family()));
      if (row.fields[index] == full)
        continue;
      Row wider = row;
      wider.fields[index] = full;
      if (row_set(space, wider).subset_of(may))
        row = std::move(wider);
    }
  }
}

void drop_superfluous(std::vector<Row>& rows, PacketSet must) {
  Space& space = must.space();
  std::vector<PacketSet> sets;
  for (const Row& row : rows)
    sets.push_back(row_set(space, row) & must);
  std::vector<PacketSet> later(rows.size() + 1, space.none());  // the union of all rows from i on
  for (std::size_t i = rows.size(); i-- > 0;)
    later[i] = later[i + 1] | sets[i];
  PacketSet kept = space.none();
  std::vector<Row> result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (sets[i].subset_of(kept | later[i + 1]))
      continue;
    kept |= sets[i];
    result.push_back(std::move(rows[i]));
  }
  rows = std::move(result);
}

}  // namespace

PacketSet row_set(Space& space, const Row& row) {
  NodeStore& store = space.diagram().store();
  NodeId node = Space::Diagram::all;
  for (std::size_t index = field_count; index-- > 0;) {
    node = interval_chain(store, static_cast<Field>(index), row.fields[index], node, Space::Diagram::none);
  }
  return space.wrap(node);
}

void merge_rows(std::vector<Row>& rows) {
  if (rows.size() < 2)
    return;
  RowMerger merger(rows);
  merger.run();
  rows = merger.rows(rows.front().family);
}

void tighten_rows(std::vector<Row>& rows, PacketSet must, PacketSet may) {
  constexpr std::size_t longest = 512;
  if (rows.size() > longest)
    return;
  widen(rows, may);
  merge_rows(rows);
  drop_superfluous(rows, must);
}

}  // namespace segproof
