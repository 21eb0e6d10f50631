// SPDX-License-Identifier: Apache-2.0
#include "model/condition.h"

#include "base/assert.h"

namespace segproof::model {

std::string_view unknown_name(Unknown kind) {
  switch (kind) {
    case Unknown::rate:
      return "rate limit";
    case Unknown::history:
      return "packet history";
    case Unknown::chance:
      return "chance";
    case Unknown::content:
      return "packet content";
    case Unknown::clock:
      return "time of day";
    case Unknown::quota:
      return "quota";
    case Unknown::connection_count:
      return "number of connections";
    case Unknown::mac_address:
      return "MAC address";
    case Unknown::socket_owner:
      return "socket owner";
    case Unknown::ipsec_policy:
      return "IPsec policy";
    case Unknown::bridge_port:
      return "bridge port";
    case Unknown::reverse_path:
      return "reverse path";
    case Unknown::set_content:
      return "content of a set";
    case Unknown::unresolved_name:
      return "name that is not resolved";
    case Unknown::extension_header:
      return "extension header";
    case Unknown::not_understood:
      return "a part that is not understood";
  }
  SEGPROOF_UNREACHABLE();
}

bool operator==(const AnyTest& a, const AnyTest& b) {
  return a.negated == b.negated && a.alternatives == b.alternatives;
}

}  // namespace segproof::model
