// SPDX-License-Identifier: Apache-2.0
// The list on BuDDy: one bit each level, protocol above destination above source above ports above flags, the last rule
// first, runs of one action as one balanced union. Setting up its table is not counted.
#include "bench/list_engines.h"

#if SEGPROOF_BENCH_BUDDY
#include <array>
#include <ctime>

#include <bdd.h>
#endif

namespace segproof::bench {

#if SEGPROOF_BENCH_BUDDY
namespace {

constexpr int table_nodes = 2'000'000;
constexpr std::array<Field, 6> order{Field::protocol,         Field::destination, Field::source,
                                     Field::destination_port, Field::source_port, Field::tcp_flags};

int first_variable(Field field, Family family) {
  int first = 0;
  for (const Field other : order) {
    if (other == field) {
      break;
    }
    first += static_cast<int>(field_width(other, family));
  }
  return first;
}

bdd bounded(int first, int width, Bits bound, bool from_below) {
  bdd result = bddtrue;
  for (int bit = 0; bit < width; ++bit) {
    const bool set = (bound >> static_cast<unsigned>(bit) & 1U) != 0;
    const bdd variable = bdd_ithvar(first + width - 1 - bit);
    if (from_below) {
      result = set ? variable & result : variable | result;
    } else {
      const bdd other = !variable;
      result = set ? other | result : other & result;
    }
  }
  return result;
}

bdd of_rule(const ListRule& rule, Family family) {
  bdd result = bddtrue;
  for (auto field = order.rbegin(); field != order.rend(); ++field) {
    const Interval interval = rule.of(*field);
    const int width = static_cast<int>(field_width(*field, family));
    const int first = first_variable(*field, family);
    if (interval.low > 0) {
      result = bounded(first, width, interval.low, true) & result;
    }
    if (interval.high < field_max(*field, family)) {
      result = bounded(first, width, interval.high, false) & result;
    }
  }
  return result;
}

bdd any_of(const std::vector<bdd>& sets, std::size_t first, std::size_t count) {
  if (count == 1) {
    return sets[first];
  }
  return any_of(sets, first, count / 2) | any_of(sets, first + count / 2, count - count / 2);
}

bool holds(const bdd& set, const Packet& packet) {
  bdd node = set;
  while (node != bddtrue && node != bddfalse) {
    const int variable = bdd_var(node);
    bool bit = false;
    for (const Field field : order) {
      const int at = variable - first_variable(field, packet.family);
      const int width = static_cast<int>(field_width(field, packet.family));
      if (at >= 0 && at < width) {
        bit = (packet[field] >> static_cast<unsigned>(width - 1 - at) & 1U) != 0;
      }
    }
    node = bit ? bdd_high(node) : bdd_low(node);
  }
  return node == bddtrue;
}

}  // namespace

std::optional<Compiled> compile_on_buddy(const RuleList& list) {
  bdd_init(table_nodes, table_nodes / 8);
  bdd_gbc_hook(nullptr);
  bdd_setcacheratio(8);
  bdd_setmaxincrease(table_nodes);
  int variables = 0;
  for (const Field field : order) {
    variables += static_cast<int>(field_width(field, list.family));
  }
  bdd_setvarnum(variables);
  const std::clock_t start = std::clock();
  bdd permitted = bddfalse;
  const std::vector<Run> runs = runs_of(list);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    std::vector<bdd> sets;
    for (std::size_t i = 0; i < run->count; ++i) {
      sets.push_back(of_rule(list.rules[run->first + i], list.family));
    }
    const bdd matched = any_of(sets, 0, sets.size());
    permitted = list.rules[run->first].permit ? permitted | matched : permitted - matched;
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const auto nodes = static_cast<std::size_t>(bdd_nodecount(permitted));
  return Compiled{seconds, nodes, 2 * nodes, 0, [permitted](const Packet& packet) { return holds(permitted, packet); }};
}
#else
std::optional<Compiled> compile_on_buddy(const RuleList&) {
  return std::nullopt;
}
#endif

}  // namespace segproof::bench
