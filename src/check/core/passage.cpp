// SPDX-License-Identifier: Apache-2.0
#include "check/core/passage.h"

#include <iterator>

namespace check {
namespace {

constexpr std::size_t most_ranges = 4096;

// The values v of a field with (v & mask) == value; nothing when they are too many ranges.
std::optional<Ranges> masked(Value value, Value mask, Value last) {
  if ((value & ~mask) != 0) {
    return Ranges{};
  }
  mask &= last;
  unsigned low = 0;  // free bits at the end
  while (low < 128 && (last >> low & 1U) != 0 && (mask >> low & 1U) == 0) {
    ++low;
  }
  std::vector<Value> starts{value};
  for (unsigned bit = low; bit < 128 && (last >> bit) != 0; ++bit) {
    if ((mask >> bit & 1U) == 0) {
      if (starts.size() * 2 > most_ranges) {
        return std::nullopt;
      }
      for (std::size_t i = 0, n = starts.size(); i < n; ++i) {
        starts.push_back(starts[i] | Value{1} << bit);
      }
    }
  }
  const Value tail = low == 0 ? 0 : ~Value{0} >> (128U - low);
  Ranges result;
  for (const Value start : starts) {
    result.push_back({start, start | tail});
  }
  return value > last ? Ranges{} : result;
}

bool asks_of_header(const Test& test) {
  return test.kind == Test::Kind::is || test.kind == Test::Kind::mask || test.kind == Test::Kind::type;
}

}  // namespace

Box header_of(const Passage& packets) {
  Box result = packets.box;
  for (std::size_t f = 0; f < field_count; ++f) {
    result[f] = packets.now[f] ? *packets.now[f] : result[f];
  }
  return result;
}

std::vector<Term> Asker::terms(const Tests& tests, const Passage& passage) const {
  Term first{passage.box, {}, true};
  // First what asks for no header, then what leaves one box.
  for (const bool asks_header : {false, true}) {
    for (const Test& test : tests) {
      if (test.kind != Test::Kind::any && asks_of_header(test) == asks_header && !narrow(test, passage, first)) {
        return {};
      }
    }
  }
  std::vector<Term> result{std::move(first)};
  for (const Test& test : tests) {
    if (test.kind != Test::Kind::any) {
      continue;
    }
    std::vector<Term> next;
    for (const Term& term : result) {
      for (Term& more : terms_of(test, passage, term.box)) {
        more.minus.insert(more.minus.end(), term.minus.begin(), term.minus.end());
        more.is_exact = more.is_exact && term.is_exact;
        next.push_back(std::move(more));
      }
    }
    result = std::move(next);
  }
  return result;
}

// A test of kind `any`.
std::vector<Term> Asker::terms_of(const Test& test, const Passage& passage, const Box& box) const {
  std::vector<Term> all;
  Passage narrowed = passage;
  narrowed.box = box;
  for (const Tests& alternative : test.alternatives) {
    for (Term& term : terms(alternative, narrowed)) {
      all.push_back(std::move(term));
    }
  }
  if (!test.negated) {
    return all;
  }
  Term none{box, {}, true};
  for (const Term& term : all) {
    const bool is_box = term.is_exact && term.minus.empty();
    if (is_box && term.box == box) {
      return {};
    }
    if (is_box) {
      none.minus.push_back(term.box);
    }
    none.is_exact = none.is_exact && is_box;
  }
  return {none};
}

// What of the term meets a test of another kind. False: nothing.
bool Asker::narrow(const Test& test, const Passage& passage, Term& term) const {
  Sets& sets = world_->sets();
  if (test.family && *test.family != sets.family()) {
    return false;
  }
  if (const std::optional<SetId> values = values_of(test, passage)) {
    const bool turned = test.negated && test.kind != Test::Kind::is;
    const SetId asked = turned ? sets.without(test.field, any_value, *values) : *values;
    const std::optional<SetId> now = passage.now[test.field];
    const SetId common = sets.meet(now ? *now : term.box[test.field], asked);
    if (now) {
      term.is_exact = term.is_exact && common == *now;
    } else {
      term.box[test.field] = common;
    }
    return common != no_value;
  }
  const std::optional<bool> answer = decided(test, passage);
  term.is_exact = term.is_exact && answer.has_value();
  return answer != test.negated;
}

// The test as values of its field, where it is one.
std::optional<SetId> Asker::values_of(const Test& test, const Passage& passage) const {
  Sets& sets = world_->sets();
  if (test.kind == Test::Kind::is) {
    return world_->values_of(test);
  }
  if (test.kind == Test::Kind::mask) {
    const std::optional<Ranges> ranges = masked(test.value, test.mask, sets.last(test.field));
    return ranges ? std::optional(sets.of(test.field, *ranges)) : std::nullopt;
  }
  if (test.kind != Test::Kind::type) {
    return std::nullopt;
  }
  std::optional<std::size_t> limit;
  if (test.interface_limit) {
    limit = *test.interface_limit == Hook::ingress ? passage.in : passage.out ? passage.out->interface : std::nullopt;
  }
  // Which addresses have no route depends on all routes together: that is not worked out here.
  constexpr unsigned routed_types = 1U << 1U | 1U << 6U | 1U << 7U | 1U << 8U;
  if ((test.bits & routed_types) != 0 && world_->has_ended_routes(node_)) {
    return std::nullopt;
  }
  SetId result = no_value;
  for (unsigned type = 0; type < 9; ++type) {
    const bool limited = type == 2 && test.interface_limit;
    if ((test.bits >> type & 1U) != 0 && (!limited || limit)) {
      result = sets.join(destination, result, world_->of_type(node_, type, limited ? limit : std::nullopt));
    }
  }
  return result;
}

std::optional<bool> Asker::decided(const Test& test, const Passage& passage) const {
  using Kind = Test::Kind;
  const auto named = [&](const std::optional<std::size_t>& interface) -> std::optional<bool> {
    static const std::string none;
    const std::string& name = interface ? world_->network().nodes[node_].interfaces[*interface].name : none;
    if (interface && name.empty()) {
      return std::nullopt;
    }
    return test.is_prefix ? name.starts_with(test.name) : name == test.name;
  };
  const auto marked = [&](const std::optional<Value>& mark) {
    return mark ? std::optional((*mark & test.mask) == test.value) : std::nullopt;
  };
  switch (test.kind) {
    case Kind::in:
      return named(passage.in);
    case Kind::out:
      return passage.out && !passage.out->interface ? std::nullopt
                                                    : named(passage.out ? passage.out->interface : std::nullopt);
    case Kind::state: {
      if ((test.bits >> passage.state & 1U) != 0) {
        return true;
      }
      bool is_sure = false;
      bool is_possible = false;
      for (std::size_t end = 0; end < 2 && passage.state != untracked; ++end) {
        const bool is_asked = (test.translated >> end & 1U) != 0;
        is_sure = is_sure || (is_asked && passage.translated[end] == true);
        is_possible = is_possible || (is_asked && passage.translated[end] != false);
      }
      return is_sure == is_possible ? std::optional(is_sure) : std::nullopt;
    }
    case Kind::mark:
      return marked(passage.mark);
    case Kind::connmark:
      return marked(passage.connection_mark);
    case Kind::unknown:
      return unknown ? std::optional(*unknown != test.negated) : std::nullopt;
    case Kind::is:
    case Kind::mask:
    case Kind::type:
    case Kind::any:
      break;
  }
  return std::nullopt;
}

bool Asker::keep(Passage& passage, Field field, SetId values) const {
  std::optional<SetId>& now = passage.now[field];
  SetId& set = now ? *now : passage.box[field];
  set = world_->sets().meet(set, values);
  return set != no_value;
}

bool Asker::split(const Tests& tests, const Passage& passage, std::vector<Passage>& yes,
                  std::vector<Passage>& no) const {
  Sets& sets = world_->sets();
  const std::vector<Term> all = terms(tests, passage);
  if (all.empty()) {
    return false;
  }
  std::vector<Passage> rest{passage};
  for (const Term& term : all) {
    yes.push_back(passage);
    yes.back().box = term.box;
    for (const Box& box : term.minus) {
      yes.back().except = std::make_shared<Except>(Except{box, yes.back().except});
    }
    if (!term.is_exact) {
      continue;
    }
    std::vector<Passage> next;
    for (Passage& other : rest) {
      for (const Box& box : term.minus) {
        Passage kept = other;
        kept.box = sets.meet(other.box, sets.meet(box, term.box));
        if (!Sets::is_empty(kept.box)) {
          next.push_back(std::move(kept));
        }
      }
      if (sets.within(other.box, term.box)) {
        continue;
      }
      // With one field told apart, what is left is a box again.
      std::size_t told = 0;
      Field which = protocol;
      for (std::size_t f = 0; f < field_count; ++f) {
        if (!sets.within(other.box[f], term.box[f])) {
          ++told;
          which = static_cast<Field>(f);
        }
      }
      if (told == 1) {
        other.box[which] = sets.without(which, other.box[which], term.box[which]);
      } else {
        other.except = std::make_shared<Except>(Except{term.box, other.except});
      }
      next.push_back(std::move(other));
    }
    rest = std::move(next);
  }
  std::move(rest.begin(), rest.end(), std::back_inserter(no));
  return true;
}

}  // namespace check
