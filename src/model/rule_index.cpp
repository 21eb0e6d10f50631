// SPDX-License-Identifier: Apache-2.0
#include "model/rule_index.h"

#include <algorithm>

namespace segproof::model {
namespace {

constexpr std::size_t shortest_indexed = 16;
constexpr std::size_t most_stretches = 64;  // a rule about more of them is asked every time

// The test of that field that leaves the fewest values; null when there is none.
const FieldTest* narrowest(const Rule& rule, Field field) {
  const FieldTest* best = nullptr;
  for (const Test& test : rule.condition.tests) {
    const auto* asked = std::get_if<FieldTest>(&test);
    if (asked != nullptr && asked->field == field && (best == nullptr || asked->values.size() < best->values.size())) {
      best = asked;
    }
  }
  return best;
}

// The stretch that holds the value.
std::size_t stretch_of(const std::vector<Bits>& starts, Bits value) {
  return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), value) - starts.begin()) - 1;
}

}  // namespace

RuleIndex::RuleIndex(const RuleSet& rules) : chains_(rules.chains.size()) {
  for (std::size_t c = 0; c < chains_.size(); ++c) {
    const Chain& chain = rules.chains[c];
    Listed& listed = chains_[c];
    listed.length = chain.rules.size();
    listed.is_indexed = chain.rules.size() >= shortest_indexed;
    if (!listed.is_indexed) {
      continue;
    }
    std::vector<Position> by_source;
    std::vector<Position> by_destination;
    for (std::size_t r = 0; r < chain.rules.size(); ++r) {
      const FieldTest* source = narrowest(chain.rules[r], Field::source);
      const FieldTest* destination = narrowest(chain.rules[r], Field::destination);
      const auto position = static_cast<Position>(r);
      if (source == nullptr && destination == nullptr) {
        listed.always.push_back(position);
      } else if (source == nullptr || (destination != nullptr && destination->values.size() <= source->values.size())) {
        by_destination.push_back(position);
      } else {
        by_source.push_back(position);
      }
    }
    spread(chain, Field::source, by_source, listed.source, listed);
    spread(chain, Field::destination, by_destination, listed.destination, listed);
    std::sort(listed.always.begin(), listed.always.end());
  }
}

void RuleIndex::spread(const Chain& chain, Field field, const std::vector<Position>& rules, ByField& into,
                       Listed& listed) {
  into.starts.push_back(0);
  for (const Position position : rules) {
    for (const Interval& interval : narrowest(chain.rules[position], field)->values.intervals()) {
      into.starts.push_back(interval.low);
      if (interval.high + 1 != 0) {
        into.starts.push_back(interval.high + 1);
      }
    }
  }
  std::sort(into.starts.begin(), into.starts.end());
  into.starts.erase(std::unique(into.starts.begin(), into.starts.end()), into.starts.end());
  into.rules.resize(into.starts.size());
  for (const Position position : rules) {
    std::vector<std::size_t> places;
    for (const Interval& interval : narrowest(chain.rules[position], field)->values.intervals()) {
      const std::size_t last = stretch_of(into.starts, interval.high);
      for (std::size_t at = stretch_of(into.starts, interval.low); at <= last && places.size() <= most_stretches;
           ++at) {
        places.push_back(at);
      }
    }
    if (places.size() > most_stretches) {
      listed.always.push_back(position);
      continue;
    }
    for (const std::size_t at : places) {
      into.rules[at].push_back(position);
    }
  }
}

std::size_t RuleIndex::next(ChainId chain, std::size_t from, const Flight& flight) const {
  const Listed& listed = chains_[chain.index()];
  const bool is_open = flight.open[static_cast<std::size_t>(Field::source)].has_value() ||
                       flight.open[static_cast<std::size_t>(Field::destination)].has_value();
  if (!listed.is_indexed || is_open) {
    return from;
  }
  std::size_t first = listed.length;
  const auto look_in = [&](const std::vector<Position>& positions) {
    const auto found = std::lower_bound(positions.begin(), positions.end(), from);
    if (found != positions.end()) {
      first = std::min(first, std::size_t{*found});
    }
  };
  look_in(listed.always);
  look_in(listed.source.rules[stretch_of(listed.source.starts, flight.packet[Field::source])]);
  look_in(listed.destination.rules[stretch_of(listed.destination.starts, flight.packet[Field::destination])]);
  return first;
}

}  // namespace segproof::model
