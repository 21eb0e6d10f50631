// SPDX-License-Identifier: Apache-2.0
#include "claim/row_texts.h"

#include <algorithm>

#include "claim/header_only.h"
#include "packet/rows.h"

namespace segproof::claim {
namespace {

// SYN without ACK, RST and FIN.
IntervalSet opening_flags() {
  using namespace tcp_flag;
  std::vector<Interval> bytes;
  for (unsigned flags = 0; flags < 256; ++flags) {
    if ((flags & (syn | ack | rst | fin)) == syn) {
      bytes.push_back({flags, flags});
    }
  }
  return IntervalSet::of(std::move(bytes));
}

}  // namespace

std::vector<std::string> row_texts(PacketSet packets, RowStyle style) {
  constexpr std::size_t most_rows = 1000;
  PacketSet headers = headers_only(packets);
  if (style == RowStyle::services_only) {
    headers = headers.forget(Field::source).forget(Field::destination);
  }
  // Opening SYNs are what makes TCP new: the flags say nothing more.
  Space& space = headers.space();
  const PacketSet tcp = headers & space.where(Field::protocol, protocol_number::tcp);
  const PacketSet any_flags = tcp.forget(Field::tcp_flags);
  if ((any_flags & space.where(Field::tcp_flags, opening_flags())) == tcp) {
    headers |= any_flags;
  }
  // Headers that cannot exist may be added to a protocol freely: they make the rows fewer.
  PacketSet impossible = space.valid().complement() & space.where(Field::protocol, headers.values(Field::protocol));
  const PacketSet later_fragments = space.where(Field::fragment, 1);
  if (!headers.intersects(later_fragments)) {  // sessions: whole packets need not be called whole
    impossible |= later_fragments;
  }
  const auto rows = cover(headers, headers | impossible, most_rows);
  if (!rows) {
    return {"..."};
  }
  std::vector<std::string> result;
  for (const Row& row : *rows) {
    std::string text = style == RowStyle::services_only ? service_text(row) : to_string(row);
    if (std::find(result.begin(), result.end(), text) == result.end()) {
      result.push_back(std::move(text));
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace segproof::claim
