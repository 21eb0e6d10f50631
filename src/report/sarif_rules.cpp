// SPDX-License-Identifier: Apache-2.0
#include "report/sarif_rules.h"

#include <fmt/format.h>

#include <string>

#include "base/assert.h"

namespace segproof::report {
namespace {

constexpr std::string_view help =
    "error: a concrete packet breaks the claim; the related locations are the lines that pass it. warning: the claim "
    "is "
    "neither proved nor refuted (inconclusive: lines of the input are not decided; vacuous: it speaks of nothing; "
    "not-evaluated: it was not looked at). Run `segproof verify --only ID` for the packet and every hop.";

void write_text(JsonWriter& json, std::string_view key, std::string_view text) {
  json.key(key).begin_object();
  json.key("text").string(text);
  json.end_object();
}

}  // namespace

std::string_view kind_promise(claim::Kind kind) {
  switch (kind) {
    case claim::Kind::isolated:
      return "no packet at all goes one way";
    case claim::Kind::isolated_both_ways:
      return "no packet at all goes either way";
    case claim::Kind::no_new_sessions:
      return "no new session can be opened; replies may flow";
    case claim::Kind::only:
      return "new sessions stay within the listed services";
    case claim::Kind::contained:
      return "even when the source is compromised and pivots, the target is not reached";
    case claim::Kind::via:
      return "every path passes the named place";
    case claim::Kind::detached:
      return "nothing goes to or from these hosts, but for listed exceptions";
    case claim::Kind::reachable:
      return "the listed services work, and their replies come back";
    case claim::Kind::unreferenced:
      return "no active line of a configuration speaks of these addresses";
    case claim::Kind::anti_spoofed:
      return "packets with a foreign source die where they enter";
    case claim::Kind::no_exfiltration:
      return "nothing that falls can talk to an external zone";
    case claim::Kind::no_direct_exfiltration:
      return "no session goes to or comes from an external zone";
    case claim::Kind::withstands:
      return "the claim holds although some enforcement points fail open";
    case claim::Kind::at_no_time:
      return "the claim holds in every epoch and change window";
    case claim::Kind::approved_change:
      return "a change adds nothing but what was approved";
  }
  SEGPROOF_UNREACHABLE();
}

void write_sarif_rules(JsonWriter& json, std::span<const claim::Kind> kinds) {
  json.begin_array();
  for (const claim::Kind kind : kinds) {
    json.begin_object();
    json.key("id").string(claim::kind_name(kind));
    json.key("name").string(claim::kind_name(kind));
    write_text(json, "shortDescription", fmt::format("segmentation claim: {}", claim::kind_name(kind)));
    write_text(json, "fullDescription", fmt::format("A claim of this kind says: {}.", kind_promise(kind)));
    write_text(json, "help", help);
    json.key("defaultConfiguration").begin_object();
    json.key("level").string("error");
    json.end_object();
    json.key("properties").begin_object();
    json.key("tags").begin_array().string("security").string("network-segmentation").end_array();
    json.end_object();
    json.end_object();
  }
  json.end_array();
}

}  // namespace segproof::report
