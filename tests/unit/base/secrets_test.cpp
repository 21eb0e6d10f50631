// SPDX-License-Identifier: Apache-2.0
#include "base/secrets.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace segproof {
namespace {

struct Case {
  std::string line;
  std::string without;
};

TEST_CASE("secrets are removed from a line, the rest stays") {
  const std::vector<Case> cases = {
      {"", ""},
      {"no secret at all", "no secret [removed]"},
      {"permit tcp any any eq 443", "permit tcp any any eq 443"},
      {"enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "enable secret [removed]"},
      {"username admin privilege 15 password 7 0822455D0A16", "username admin privilege 15 password [removed]"},
      {"snmp-server community s3cr3t RO 99", "snmp-server community [removed]"},
      {" pre-shared-key cisco123", " pre-shared-key [removed]"},
      {"failover key super_secret", "failover key [removed]"},
      {"`failover key super` is not understood", "`failover key [removed]` is not understood"},
      {"db: {password: \"a b\", port: 5}", "db: {password: [removed], port: 5}"},
      {"ansible_become_pass=hunter2 ansible_host=10.0.0.1", "ansible_become_pass=[removed] ansible_host=10.0.0.1"},
      {"api_key = 'x \\' y' z", "api_key = [removed] z"},
      {"{\"password\": \"x\", \"a\": 1}", "{\"password\": [removed], \"a\": 1}"},
      {"see https://bob:pw@host/x and http://host/y@z", "see https://[removed]@host/x and http://host/y@z"},
      {"hash $6$salt$abcdef, next", "hash [removed], next"},
      {"costs $5 and $6", "costs $5 and $6"},
      {"monkey keys keyboard bypass", "monkey keys keyboard bypass"},
      {"password", "password"},
      {"passwords:", "passwords:"},
  };
  for (const Case& c : cases) {
    CHECK(without_secrets(c.line) == c.without);
  }
}

TEST_CASE("what was removed stays removed") {
  for (const char* line :
       {"enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "a key b", "x=https://a:b@c/", "token: abc def", "`key a`"}) {
    const std::string once = without_secrets(line);
    CHECK(without_secrets(once) == once);
  }
}

TEST_CASE("words that speak of a secret") {
  for (const char* word : {"password", "Passwd", "pre-shared-key", "authentication-key", "ansible_ssh_pass", "api_key",
                           "key", "ldap-login-password", "community", "snmp_community"}) {
    CHECK(is_secret_word(word));
  }
  for (const char* word : {"", "keys", "compass", "pass", "community-list", "send-community-x", "key-exchange"}) {
    CHECK_FALSE(is_secret_word(word));
  }
}

}  // namespace
}  // namespace segproof
