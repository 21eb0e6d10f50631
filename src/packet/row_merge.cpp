// SPDX-License-Identifier: Apache-2.0
#include "packet/row_merge.h"

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "packet/diagram.h"
#include "packet/field_chain.h"

namespace segproof {
namespace {

constexpr std::array<Field, field_count> merge_order{
    Field::destination_port, Field::source,   Field::destination,     Field::source_port, Field::protocol,
    Field::tcp_flags,        Field::fragment, Field::state,           Field::translated,  Field::ingress,
    Field::egress,           Field::mark,     Field::connection_mark, Field::origin};

// All fields of a row but one, as a key.
std::string key_without(const Row& row, Field left_out) {
  std::string key;
  for (std::size_t i = 0; i < field_count; ++i) {
    if (static_cast<Field>(i) == left_out)
      continue;
    for (const Interval& interval : row.fields[i].intervals()) {
      const std::array<Bits, 2> ends{interval.low, interval.high};
      key.append(reinterpret_cast<const char*>(ends.data()), sizeof ends);  // NOLINT: bytes of plain numbers
    }
    key.push_back('|');  // intervals are 32 bytes each, so the lists cannot be confused
  }
  return key;
}

bool merge_over(std::vector<Row>& rows, Field field) {
  const auto index = static_cast<std::size_t>(field);
  std::unordered_map<std::string, std::size_t> places;
  std::vector<std::vector<Interval>> values;
  std::vector<Row> merged;
  for (Row& row : rows) {
    const auto [place, fresh] = places.try_emplace(key_without(row, field), merged.size());
    if (fresh) {
      merged.push_back(row);
      values.emplace_back();
    }
    const auto intervals = row.fields[index].intervals();
    values[place->second].insert(values[place->second].end(), intervals.begin(), intervals.end());
  }
  if (merged.size() == rows.size())
    return false;
  for (std::size_t i = 0; i < merged.size(); ++i)
    merged[i].fields[index] = IntervalSet::of(std::move(values[i]));
  rows = std::move(merged);
  return true;
}

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
  for (bool changed = true; changed && rows.size() > 1;) {
    changed = false;
    for (const Field field : merge_order)
      changed = merge_over(rows, field) || changed;
  }
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
