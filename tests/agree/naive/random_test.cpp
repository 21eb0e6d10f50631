// SPDX-License-Identifier: Apache-2.0
// Laws of the naive engine on random networks, so that it is a judge worth listening to.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "agree/naive/dump.h"
#include "agree/naive/judge.h"
#include "agree/naive/random_network.h"
#include "agree/naive/universe.h"
#include "support/skip.h"

namespace segproof::naive {
namespace {

using claim::Kind;

std::vector<Probe> universe(const RandomCase& made) {
  UniverseLimits limits;
  limits.packets = 1500;
  limits.seed = made.seed;
  return universe_of(made.network, made.claims, made.family, limits);
}

TEST_CASE("the same seed gives the same network and the same findings") {
  const auto start = test::seed("naive same seed", 11);
  for (std::uint64_t seed = start; seed < start + 10; ++seed) {
    const auto one = random_case(seed, Flavour::undecided);
    const auto two = random_case(seed, Flavour::undecided);
    REQUIRE(text_of(one.network, one.family) == text_of(two.network, two.family));
    REQUIRE(one.claims.size() == two.claims.size());
    Judge first(one.network, one.family, universe(one), {});
    Judge second(two.network, two.family, universe(two), {});
    for (std::size_t i = 0; i < one.claims.size(); ++i) {
      const auto a = first.forbidden(one.claims[i]);
      const auto b = second.forbidden(two.claims[i]);
      CHECK(a.has_value() == b.has_value());
      CHECK((!a || !b || a->story == b->story));
    }
  }
}

// Stronger claims fail whenever weaker ones do, and more powers find no less.
TEST_CASE("findings grow with the powers of the attacker") {
  const auto start = test::seed("naive laws", 101);
  unsigned sessions = 0;
  unsigned without = 0;
  for (std::uint64_t seed = start; seed < start + 40; ++seed) {
    const auto made = random_case(seed, Flavour::undecided);
    const auto packets = universe(made);
    Setting own;
    own.spoofing = claim::Spoofing::own;
    Setting fixed;
    fixed.world.kind = World::Kind::no;
    Judge judge(made.network, made.family, packets, {});
    Judge judge_own(made.network, made.family, packets, own);
    Judge judge_fixed(made.network, made.family, packets, fixed);
    for (auto claim : made.claims) {
      if (claim.from.empty() || claim.to.empty()) {
        continue;
      }
      CAPTURE(seed);
      CAPTURE(text_of(claim));
      claim.kind = Kind::no_new_sessions;
      const bool session = judge.forbidden(claim).has_value();
      const bool session_own = judge_own.forbidden(claim).has_value();
      const bool session_fixed = judge_fixed.forbidden(claim).has_value();
      CHECK((session || !session_own));
      CHECK((session || !session_fixed));
      claim.kind = Kind::isolated;
      const bool packet = judge.forbidden(claim).has_value();
      CHECK((packet || !session));
      claim.kind = Kind::contained;
      claim.pivot = claim::Pivot::worst_case;
      claim.responder = claim::Responder::ignore;
      const bool falls = judge.forbidden(claim).has_value();
      const bool is_device = claim.to.front().text.starts_with("device:");
      CHECK((falls || is_device || !session));
      claim.pivot = claim::Pivot::paranoid;
      CHECK((judge.forbidden(claim).has_value() || !falls));
      claim.pivot = claim::Pivot::worst_case;
      claim.responder = claim::Responder::include;
      CHECK((judge.forbidden(claim).has_value() || !falls));
      (session ? sessions : without) += 1;
    }
  }
  CHECK(sessions > 10);
  CHECK(without > 10);
}

}  // namespace
}  // namespace segproof::naive
