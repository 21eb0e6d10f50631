// SPDX-License-Identifier: Apache-2.0
// The grammar check rejects what is not the grammar: else "every line matches" would say nothing.
#include "network_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace segproof::test {
namespace {

const std::string head = "segproof-network 1\nepoch \"e\" date \"d\" kept\n";
const std::string node = "node \"a\" host\n  ipv4 given given on\n  ipv6 off off off\n  services known\n  rules now\n";

TEST_CASE("what the grammar allows is read") {
  CHECK_NOTHROW(static_cast<void>(read_network(head)));
  CHECK_NOTHROW(static_cast<void>(read_network(head + node)));
}

TEST_CASE("what the grammar does not allow is rejected") {
  const std::vector<std::string> wrong = {
      "",
      "segproof-network 1\n",
      "segproof-network 2\nepoch \"e\" date \"d\" kept\n",
      head.substr(0, head.size() - 1),
      head + "\n",
      head + "\nnode \"a\" host\n",
      head + head,
      head + "# comment\n",
      head + "input 00 \"a\"\n",
      head + "segment \"s\" open internal \n",
      head + "segment \"s\"  open internal\n",
      head + "segment \"s\" open internal more\n",
      head + "segment \"s\" open\n",
      head + "segment s open internal\n",
      head + "segment \"s open internal\n",
      head + "segment \"s\\n\" open internal\n",
      head + "segment \"s\\x0A\" open internal\n",
      head + "segment \"s\t\" open internal\n",
      head + "segment \"s\xff\" open internal\n",
      head + "segment \"s\" open internal\n   prefix 10.0.0.0/8\n",
      head + "segment \"s\" open internal\n    prefix 10.0.0.0/8\n",
      head + "segment \"s\" open internal\n  prefix 10.0.0.1/8\n",
      head + "segment \"s\" open internal\n  prefix 10.0.0.0\n",
      head + "segment \"s\" open internal\n  prefix 10.0.0.0/08\n",
      head + "segment \"s\" open internal\n  prefix 2001:DB8::/32\n",
      head + node + "segment \"s\" open internal\n",
      head + node + node,
      head + "node \"a\" host\n  ipv4 given given on\n  services known\n  rules now\n",
      head + node + "  rules now\n",
      head + node + "  rules before 2\n",
      head + node + "  tag \"late\"\n",
      head + node + "    chain \"c\"\n      rule @- jump 01\n",
      head + node + "    chain \"c\"\n      rule @- perhaps\n",
      head + node + "    chain \"c\"\n      rule @x:1 accept\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        is ttl 3\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        is not sport 3\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        is sport 3,4\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        is sport 5,3\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        is sport 3-3\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        is source/4 ::1\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        mask flags 0x02 0x3\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        mark 0x1 0x100000000\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        state established,new\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        any\n          is sport 3\n",
      head + node + "    chain \"c\"\n      rule @- accept\n        is sport 3\n          is sport 3\n",
      head + node + "    chain \"c\"\n      rule @- translate source to 10.0.0.1\n",
      head + node + "    stage forward filter order -0 chain 0 policy drop families 4 \"x\" @-\n",
      head + node + "    stage forward filter order 0 chain 0 policy drop families none \"x\" @-\n",
      head + "gap @- SP9999 everywhere \"w\"\n",
      head + "gap @- SP0301 node \"b\" \"w\"\n",
      head + "claim \"c\" isolated @-\n",
      head + "claim \"c\" sealed @-\n  spoofing any\n  responder include\n",
      head + "claim \"c\" isolated @-\n  spoofing any\n  responder include\n  service 6\n",
      head + "claim \"c\" isolated @-\n  spoofing any\n  responder include\n  service 6 22 to \"a\" from \"b\"\n",
      head + "zone \"z\" parent \"y\" internal stays\n",
  };
  for (const std::string& text : wrong) {
    CAPTURE(text);
    CHECK_THROWS_AS(static_cast<void>(read_network(text)), NotTheGrammar);
  }
}

}  // namespace
}  // namespace segproof::test
