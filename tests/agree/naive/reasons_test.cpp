// SPDX-License-Identifier: Apache-2.0
// A law over random networks: whatever is not decided says why, with a place. SEGPROOF_SEED sets the first network,
// SEGPROOF_AGREE_ROUNDS their number.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>

#include "agree/naive/dump.h"
#include "agree/naive/random_network.h"
#include "claim/session.h"
#include "support/skip.h"

namespace segproof::naive {
namespace {

constexpr unsigned usual_rounds = 40;

unsigned rounds() {
  const char* text = std::getenv("SEGPROOF_AGREE_ROUNDS");
  return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : usual_rounds;
}

// Lines for what attach_sources leaves without: segments, interfaces, routing rules.
void attach_the_rest(model::Network& network, SourceStore& store) {
  std::vector<SourceSpan*> spans;
  std::string lines;
  const auto add = [&](SourceSpan& span, const std::string& line) {
    spans.push_back(&span);
    lines += line + '\n';
  };
  for (model::Segment& segment : network.segments) {
    add(segment.origin, segment.name);
  }
  for (model::Interface& interface : network.interfaces) {
    add(interface.origin, interface.name);
  }
  for (model::Node& node : network.nodes) {
    for (model::Routing& routing : node.routing) {
      for (model::RouteRule& rule : routing.rules) {
        add(rule.origin, "rule of " + node.name);
      }
    }
  }
  const FileId file = store.add("wiring.yaml", lines);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    *spans[i] = SourceSpan{file, static_cast<std::uint32_t>(i + 1), 1, 1};
  }
}

struct Count {
  unsigned inconclusive = 0;
  unsigned by_themselves = 0;  // no place but the claim's own line
};

void check_reasons(RandomCase made, Count& count) {
  SourceStore store;
  attach_sources(made.network, made.claims, store);
  attach_the_rest(made.network, store);
  claim::Options options;
  options.jobs = 1;
  for (const claim::Verdict& verdict : claim::verify(made.network, made.claims, store, options).verdicts) {
    if (verdict.outcome != claim::Outcome::inconclusive) {
      continue;
    }
    ++count.inconclusive;
    CAPTURE(made.seed);
    CAPTURE(verdict.id);
    CHECK_FALSE(verdict.undecided.empty());
    for (const claim::UndecidedInput& input : verdict.undecided) {
      CHECK_FALSE(input.why.empty());
      CHECK_MESSAGE(input.span.file.valid(), input.why);
      count.by_themselves += input.span == verdict.location ? 1U : 0U;
    }
  }
}

}  // namespace

TEST_CASE("what is inconclusive says why, and where") {
  const std::uint64_t first = test::seed("reasons", 1);
  Count count;
  for (std::uint64_t seed = first; seed < first + rounds(); ++seed) {
    check_reasons(random_case(seed, Flavour::decided), count);
    check_reasons(random_case(seed, Flavour::undecided), count);
  }
  fmt::print("{} inconclusive, {} of them by themselves\n", count.inconclusive, count.by_themselves);
  CHECK(count.inconclusive > rounds() / 4);
}

}  // namespace segproof::naive
