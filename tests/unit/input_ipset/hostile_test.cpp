// SPDX-License-Identifier: Apache-2.0
// Damaged files: whatever stands in them, no set is believed that may be another one.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "set_world.h"

namespace segproof::test {

TEST_CASE("a line that may concern any set puts all of them in doubt") {
  const std::string good = "create s hash:ip\nadd s 10.0.0.1\n";
  const char* packet = "udp 10.0.0.1:1 > 10.9.0.1:1";
  for (const std::string& bad :
       {std::string("gibberish\n"), std::string("add t 10.0.0.2\n"), std::string(20000, 'x') + "\n",
        std::string("add s 10.0.0.2 comment \"never closed\n"), std::string("add s 10.0\0.2\n", 14),
        std::string("create s hash:ip\n"), std::string("add s 10.0.0.1\n")}) {
    CAPTURE(bad.substr(0, 40));
    const SetWorld world(good + bad, "-m set --match-set s src");
    CHECK(world.complaints() != "");
    CHECK(world.ask(packet) == "perhaps");
  }
}

TEST_CASE("a file that is cut anywhere or has one byte changed still reads") {
  const std::string text =
      "create a hash:ip,port,net family inet\nadd a 10.0.0.1,tcp:80,10.0.0.0/8 nomatch\nadd a "
      "10.0.0.1,icmp:8/0,10.0.0.0/9\n"
      "create b hash:net,iface\nadd b 10.0.0.0/8,eth wildcard\nadd b 10.1.0.0/16,eth0 nomatch\ncreate l list:set\nadd "
      "l a\n"
      "add l b\n";
  for (std::size_t end = 0; end <= text.size(); ++end) {
    const SetWorld world(text.substr(0, end), "-m set --match-set l src,dst,src");
    static_cast<void>(world.ask("tcp 10.0.0.1:1 > 10.0.0.2:80"));
  }
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = text;
    damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
    const SetWorld world(damaged, "-m set --match-set l src,dst,src");
    static_cast<void>(world.ask("tcp 10.0.0.1:1 > 10.0.0.2:80"));
  }
}

}  // namespace segproof::test
