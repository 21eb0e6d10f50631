// SPDX-License-Identifier: Apache-2.0
// DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "input/iptables/builders.h"
#include "input/iptables/values.h"

namespace segproof::iptables {
namespace {

using model::Action;
using model::Endpoint;
using model::Translate;

// The kernel registers these targets for the nat table only.
bool in_nat_table(const ExtensionUse& use, RuleDraft& draft) {
  draft.tracks = true;
  if (draft.table == "nat")
    return true;
  draft.fail(fmt::format("target {} works in table `nat` only", quote(use.name)), use.column);
  return false;
}

// "80", "80-90", "http", "80-90/70" (the offset form; the port then lies in the range).
bool read_ports(std::string_view text, const OptionUse& option, RuleDraft& draft, Translate& change) {
  if (!draft.protocol || !has_ports(*draft.protocol)) {
    draft.fail("a new port needs `-p` with a protocol that has ports", option.column);
    return false;
  }
  const std::size_t slash = text.find('/');
  const auto ports = parse_ports(text.substr(0, slash), '-', *draft.protocol);
  if (!ports || ports->is_name) {
    draft.fail(fmt::format("bad port {}", quote(text)), option.column);
    return false;
  }
  change.ports = ports->ports;
  if (slash != std::string_view::npos)
    change.keeps_port = false;
  return true;
}

bool read_addresses(std::string_view text, const OptionUse& option, RuleDraft& draft, Translate& change) {
  if (text.empty())
    return true;
  const std::size_t dash = text.find('-');
  const auto low = parse_plain_address(text.substr(0, dash), draft.family);
  const auto high = dash == std::string_view::npos ? low : parse_plain_address(text.substr(dash + 1), draft.family);
  if (!low || !high || *low > *high) {
    draft.fail(fmt::format("bad address {}", quote(text)), option.column);
    return false;
  }
  change.addresses.push_back({*low, *high});
  return true;
}

// "ADDRESS[-ADDRESS][:PORT[-PORT]]"; IPv6 puts the addresses in brackets when ports follow.
void read_destination(const OptionUse& option, RuleDraft& draft, Translate& change) {
  std::string_view text = option.values.front();
  std::string_view ports;
  bool has_ports_part = false;
  if (draft.family == Family::ipv6) {
    if (text.starts_with('[')) {
      // "[a]:80", "[a-b]:80", "[a]-[b]:80"
      const std::size_t close = text.rfind(']');
      if (close == std::string_view::npos) {
        return draft.fail(fmt::format("bad address {}", quote(text)), option.column);
      }
      std::string_view rest = text.substr(close + 1);
      text = text.substr(1, close - 1);
      has_ports_part = rest.starts_with(':');
      if (has_ports_part)
        ports = rest.substr(1);
      if (!has_ports_part && !rest.empty()) {
        return draft.fail(fmt::format("bad address {}", quote(option.values.front())), option.column);
      }
    } else if (std::ranges::count(text, ':') == 1) {
      // One colon makes no address.
      has_ports_part = true;
      ports = text.substr(text.find(':') + 1);
      text = text.substr(0, text.find(':'));
    }
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    has_ports_part = true;
    ports = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  if (has_ports_part && !read_ports(ports, option, draft, change))
    return;
  if (text.empty() && !has_ports_part)
    return draft.fail("empty address", option.column);
  if (const std::size_t middle = text.find("]-["); middle != std::string_view::npos) {
    const std::string joined = fmt::format("{}-{}", text.substr(0, middle), text.substr(middle + 3));
    read_addresses(joined, option, draft, change);
  } else {
    read_addresses(text, option, draft, change);
  }
}

Action translation(const ExtensionUse& use, RuleDraft& draft, Endpoint endpoint, std::string_view wanted) {
  if (!in_nat_table(use, draft))
    return model::GoOn{};
  Translate change;
  change.endpoint = endpoint;
  change.family = draft.family;
  bool given = false;
  for (const OptionUse& option : use.options) {
    if (option.name == wanted) {
      if (given)
        draft.fail(fmt::format("more than one --{}", wanted), option.column);
      given = true;
      read_destination(option, draft, change);
    } else if (option.name == "random" || option.name == "random-fully") {
      change.keeps_port = false;
    }
  }
  if (!given)
    draft.fail(fmt::format("target {} needs --{}", quote(use.name), wanted), use.column);
  return change;
}

// MASQUERADE and REDIRECT: an address of the interface, and perhaps other ports.
Action interface_translation(const ExtensionUse& use, RuleDraft& draft, Endpoint endpoint) {
  if (!in_nat_table(use, draft))
    return model::GoOn{};
  Translate change;
  change.endpoint = endpoint;
  change.to = Translate::To::interface_address;
  change.family = draft.family;
  for (const OptionUse& option : use.options) {
    if (option.name == "to-ports") {
      read_ports(option.values.front(), option, draft, change);
    } else {
      change.keeps_port = false;  // random, random-fully
    }
  }
  return change;
}

}  // namespace

Action target_dnat(const ExtensionUse& use, RuleDraft& draft) {
  return translation(use, draft, Endpoint::destination, "to-destination");
}
Action target_snat(const ExtensionUse& use, RuleDraft& draft) {
  return translation(use, draft, Endpoint::source, "to-source");
}
Action target_masquerade(const ExtensionUse& use, RuleDraft& draft) {
  return interface_translation(use, draft, Endpoint::source);
}
Action target_redirect(const ExtensionUse& use, RuleDraft& draft) {
  return interface_translation(use, draft, Endpoint::destination);
}

Action target_netmap(const ExtensionUse& use, RuleDraft& draft) {
  if (!in_nat_table(use, draft))
    return model::GoOn{};
  const OptionUse* to = use.find("to");
  if (to == nullptr) {
    draft.fail("target `NETMAP` needs --to", use.column);
    return model::GoOn{};
  }
  const ParsedAddress parsed = parse_masked_address(to->values.front(), draft.family);
  const auto length = prefix_length(parsed.address.mask, draft.family);
  if (parsed.fault != AddressFault::none || !length) {
    draft.fail(fmt::format("bad network {}", quote(to->values.front())), to->column);
    return model::GoOn{};
  }
  Translate change;
  change.endpoint = Endpoint::destination;  // decided by the hook, when the table is complete
  change.to = Translate::To::network;
  change.family = draft.family;
  change.network = make_prefix({draft.family, parsed.address.value}, *length);
  return change;
}

}  // namespace segproof::iptables
