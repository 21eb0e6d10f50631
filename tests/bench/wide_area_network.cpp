// SPDX-License-Identifier: Apache-2.0
#include "bench/wide_area_network.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/random.h"

namespace segproof::bench {
namespace {

struct Link {
  unsigned a = 0;
  unsigned b = 0;
};

std::vector<Link> links_of(unsigned routers) {
  std::vector<Link> links;
  for (unsigned router = 0; router < routers; ++router) {
    links.push_back({router, (router + 1) % routers});
    if (router % 5 == 0 && router < routers / 2) {
      links.push_back({router, router + routers / 2});
    }
  }
  return links;
}

std::string on_link(std::size_t link, unsigned end) {
  return fmt::format("192.168.{}.{}", link / 60, 4 * (link % 60) + 1 + end);
}

// The link by which each router sends on to `target`: shortest paths, the first link of equal ones.
std::vector<std::size_t> links_towards(unsigned target, unsigned routers, const std::vector<Link>& links) {
  std::vector<std::size_t> result(routers, links.size());
  std::vector<bool> reached(routers, false);
  reached[target] = true;
  std::vector<unsigned> todo{target};
  for (std::size_t done = 0; done < todo.size(); ++done) {
    for (std::size_t link = 0; link < links.size(); ++link) {
      const unsigned here = todo[done];
      if (links[link].a != here && links[link].b != here) {
        continue;
      }
      const unsigned other = links[link].a == here ? links[link].b : links[link].a;
      if (!reached[other]) {
        reached[other] = true;
        result[other] = link;
        todo.push_back(other);
      }
    }
  }
  return result;
}

// Scattered over 10.0.0.0/8 in /24s and /26s, as allocations are: neighbours seldom share a router.
std::vector<std::string> make_prefixes(const WideAreaShape& shape) {
  Random random(shape.seed);
  const unsigned count = shape.routers * shape.prefixes_per_router;
  std::vector<unsigned> places(65536);
  for (unsigned i = 0; i < places.size(); ++i) {
    places[i] = i;
  }
  std::vector<std::string> prefixes;
  for (unsigned i = 0; i < count; ++i) {
    std::swap(places[i], places[i + random.below(static_cast<unsigned>(places.size()) - i)]);
    prefixes.push_back(fmt::format("10.{}.{}.0/{}", places[i] / 256, places[i] % 256, random.per_mille(300) ? 26 : 24));
  }
  return prefixes;
}

}  // namespace

void add_wide_area_network(const WideAreaShape& shape, MemoryFileSystem& files) {
  const std::vector<Link> links = links_of(shape.routers);
  const std::vector<std::string> prefixes = make_prefixes(shape);
  std::vector<std::vector<std::size_t>> towards;
  for (unsigned target = 0; target < shape.routers; ++target) {
    towards.push_back(links_towards(target, shape.routers, links));
  }
  std::string zones = "zones:\n";
  std::string segments = "segments:\n";
  std::string devices = "devices:\n";
  std::string policy = "segproof: policy/1\nepoch: bench\ndate: 2026-01-01\nrules:\n";
  for (std::size_t link = 0; link < links.size(); ++link) {
    segments +=
        fmt::format("  l{}: {{prefixes: [192.168.{}.{}/30], complete: true}}\n", link, link / 60, 4 * (link % 60));
  }
  for (unsigned router = 0; router < shape.routers; ++router) {
    std::string own;
    devices += fmt::format(
        "  r{0}:\n    ipv6: off\n    interfaces:\n      lan: {{segment: lan{0}, addresses: "
        "[172.16.{0}.1/24]}}\n",
        router);
    std::string routes = "    routes:\n";
    for (std::size_t link = 0; link < links.size(); ++link) {
      if (links[link].a == router || links[link].b == router) {
        devices += fmt::format("      l{0}: {{segment: l{0}, addresses: [{1}/30]}}\n", link,
                               on_link(link, links[link].a == router ? 0 : 1));
      }
    }
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      const auto target = static_cast<unsigned>(i / shape.prefixes_per_router);
      if (target == router) {
        own += ", " + prefixes[i];
        routes += fmt::format("      - {{to: {}, dev: lan}}\n", prefixes[i]);
        continue;
      }
      const std::size_t link = towards[target][router];
      routes +=
          fmt::format("      - {{to: {}, via: {}}}\n", prefixes[i], on_link(link, links[link].a == router ? 1 : 0));
    }
    zones += fmt::format("  z{0}: {{segments: [lan{0}]}}\n", router);
    segments += fmt::format("  lan{0}: {{prefixes: [172.16.{0}.0/24{1}]}}\n", router, own);
    devices += routes;
    policy += fmt::format("  r{}: none\n", router);
  }
  files.add("net/topology.yaml", "segproof: topology/1\nname: wide-area\n" + zones + segments + devices);
  files.add("net/policy.yaml", policy);
  files.add("net/claims.yaml",
            "segproof: claims/1\nclaims:\n  - {id: C0, kind: no-new-sessions, text: generated, author: bench, date: "
            "2026-01-01, from: z1, to: z0}\n");
}

}  // namespace segproof::bench
