// SPDX-License-Identifier: Apache-2.0
#include "network_reader.h"

namespace segproof::test {
namespace {

using claim::Claim;

std::vector<claim::Name> names(const std::vector<std::string>& texts) {
  std::vector<claim::Name> result;
  for (const std::string& text : texts) {
    result.push_back({text, {}});
  }
  return result;
}

claim::Allowed read_entry(LineWords& words) {
  claim::Allowed entry;
  entry.service = read_service(words);
  if (words.has("from")) {
    entry.from = names(words.strings());
  }
  if (words.has("to")) {
    entry.to = names(words.strings());
  }
  entry.expires = words.has("expired") ? "0000-00-00" : "";
  return entry;
}

// A word of a fixed list, by the table of the model.
template <class Parse>
auto read_word(LineWords& words, const Parse& parse) {
  const auto value = parse(words.word());
  if (!value) {
    words.fail("a word of the list");
  }
  return *value;
}

void read_line(LineWords& words, std::size_t kind, Claim& claim) {
  std::vector<claim::Name>* const lists[] = {&claim.from,  &claim.to,    &claim.through,   &claim.zones,
                                             &claim.hosts, &claim.names, &claim.addresses, &claim.from_addresses};
  if (kind >= 7 && kind < 15) {
    lists[kind - 7]->push_back({words.string(), {}});
    return;
  }
  switch (kind) {
    case 0:
      claim.text = words.string();
      break;
    case 1:
      claim.spoofing = read_word(words, claim::parse_spoofing);
      break;
    case 2:
      claim.trust_source_host = true;
      break;
    case 3:
      claim.pivot = read_word(words, claim::parse_pivot);
      break;
    case 4:
      claim.responder = static_cast<claim::Responder>(words.one_of({"include", "report", "ignore"}));
      break;
    case 5:
      claim.hops = static_cast<unsigned>(words.number(~0U));
      break;
    case 6:
      claim.assumptions.push_back(words.string());
      break;
    case 15:
      claim.services.push_back(read_entry(words));
      break;
    case 16:
      claim.except.push_back(read_entry(words));
      break;
    default:
      if (words.has("to")) {
        claim.as_sent_to = claim::Name{words.string(), {}};
      } else {
        words.must("service");
        claim.as_sent_service = read_service(words);
      }
  }
}

}  // namespace

claim::ServiceSpec read_service(LineWords& words) {
  claim::ServiceSpec service;
  if (!words.has("any")) {
    service.protocol = static_cast<std::uint8_t>(words.number(255));
  }
  service.ports = words.set(std::nullopt);
  return service;
}

Claim read_claim(LineWords& words, const TextLine& line, Places& places) {
  Claim claim;
  claim.id = words.string();
  claim.kind = read_word(words, claim::parse_kind);
  claim.origin = places.span(words.place());
  words.end();
  Order order;
  std::vector<std::size_t> seen(18, 0);
  for (const TextLine& below : line.below) {
    LineWords part(below);
    const std::size_t kind =
        part.one_of({"text", "spoofing", "trust-source-host", "pivot", "responder", "hops", "assuming", "from", "to",
                     "through", "zone", "host", "name", "address", "from-address", "service", "except", "as-sent"});
    order.at(kind, part);
    ++seen[kind];
    if (kind < 6 && seen[kind] > 1) {
      part.fail("it once");
    }
    read_line(part, kind, claim);
    part.leaf();
  }
  if (seen[1] != 1 || seen[4] != 1) {
    words.fail("spoofing and responder below");
  }
  return claim;
}

}  // namespace segproof::test
