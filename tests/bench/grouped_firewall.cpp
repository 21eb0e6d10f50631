// SPDX-License-Identifier: Apache-2.0
#include "bench/grouped_firewall.h"

#include <fmt/format.h>

#include <iterator>
#include <string>

#include "bench/random.h"

namespace segproof::bench {

void add_grouped_firewall(const GroupedShape& shape, MemoryFileSystem& files) {
  Random random(shape.seed);
  std::string text =
      "ASA Version 9.8(2)\nhostname fw\n"
      "interface G0/0\n nameif outside\n security-level 0\n ip address 192.0.2.1 255.255.255.0\n"
      "interface G0/1\n nameif inside\n security-level 100\n ip address 10.0.0.1 255.0.0.0\n";
  const auto out = std::back_inserter(text);
  for (unsigned group = 0; group < shape.groups; ++group) {
    fmt::format_to(out, "object-group network G{}\n", group);
    for (unsigned host = 0; host < shape.hosts_per_group; ++host) {
      fmt::format_to(out, " network-object host 10.{}.{}.{}\n", random.below(256), random.below(256),
                     1 + random.below(254));
    }
  }
  for (unsigned rule = 0; rule < shape.rules; ++rule) {
    fmt::format_to(out, "access-list A extended permit tcp object-group G{} object-group G{} eq {}\n",
                   random.below(shape.groups), random.below(shape.groups), 1 + random.below(60000));
  }
  text += "access-group A in interface outside\n";
  files.add("net/fw.cfg", std::move(text));
  files.add("net/claims.yaml",
            "segproof: claims/1\nclaims:\n  - {id: C, kind: no-new-sessions, from: outside, to: inside}\n");
}

}  // namespace segproof::bench
