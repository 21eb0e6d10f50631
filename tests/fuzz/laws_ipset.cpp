// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "input/ipset/reader.h"
#include "laws.h"
#include "model/single_packet.h"

namespace segproof::fuzz {
namespace {

using model::Endpoint;
using model::Truth;

// The answers may split overlapping elements, each into what the others leave of it.
constexpr std::size_t most_intervals_per_byte = 1024;

std::uint64_t digest(const IpsetResult& result, const DiagnosticSink& sink) {
  Digest digest;
  for (const auto& [name, set] : result.sets.sets()) {
    digest.add(name).add(set.doubt).add(set.origin).add(set.elements.size());
    for (const ipset::Element& element : set.elements)
      digest.add(IntervalSet{element.first.addresses}).add(IntervalSet{element.ports}).add(std::uint64_t{element.line});
  }
  return digest.add(result.unmodelled).add(sink).add(result.lines).value();
}

std::size_t weight(const model::AnyTest& content) {
  model::RuleSet rules;
  rules.chains.push_back({"", {{{{content}}, model::GoOn{}, {}}}, {}});
  return fuzz::weight(rules);
}

Truth evaluate(const model::AnyTest& content, const Address& source) {
  model::SinglePacket packet;
  packet.packet.family = source.family;
  packet.packet[Field::source] = source.bits;
  packet.packet[Field::protocol] = protocol_number::udp;
  model::Flight flight;
  flight.packet = packet.packet;
  return model::evaluate({{content}}, flight, model::SinglePacketWorld(packet, nullptr));
}

bool of_addresses_only(const SetCollection::Set& set) {
  const auto dimensions = set.shape.type->dimensions;
  return dimensions.size() == 1 && (dimensions[0] == ipset::Dimension::ip || dimensions[0] == ipset::Dimension::net);
}

// What the kernel looks up: the element with the longest prefix that holds the masked address. Types without exceptions
// know no --return-nomatch.
Truth expected(const SetCollection::Set& set, Bits source, bool return_nomatch) {
  if (set.shape.range && (source < set.shape.range->low || source > set.shape.range->high))
    return Truth::no;
  const Bits wanted = source & set.shape.address_mask;
  const ipset::Element* best = nullptr;
  for (const ipset::Element& element : set.elements) {
    const ipset::AddressPart& part = element.first;
    const bool holds = part.addresses.low <= wanted && wanted <= part.addresses.high;
    if (holds && (best == nullptr || part.length > best->first.length))
      best = &element;
  }
  return best != nullptr && best->nomatch == (return_nomatch && set.shape.type->takes_nomatch) ? Truth::yes : Truth::no;
}

// Sets of addresses against a look-up that goes through all elements, at the ends of the first ones.
void ask_addresses(Laws& laws, const SetCollection::Set& set, const model::SetAnswer& answer, bool return_nomatch) {
  const Family family = set.shape.family;
  const std::size_t count = std::min<std::size_t>(set.elements.size(), 40);
  for (std::size_t i = 0; i < count; ++i) {
    const Interval& range = set.elements[i].first.addresses;
    for (const Bits source : {range.low, range.high, range.low - 1, range.high + 1}) {
      const bool exists = source <= low_ones(address_width(family)) && source != 0;
      laws.hold(!exists || evaluate(answer.content, {family, source}) == expected(set, source, return_nomatch),
                "a set of addresses holds others than its elements");
    }
  }
}

}  // namespace

std::string broken_by_ipset(std::string_view text) {
  SourceStore sources;
  const FileId file = sources.add("sets", std::string(text));
  Laws laws(sources);
  DiagnosticSink sink(100);
  IpsetResult result = read_ipset_save(file, sources, sink);
  laws.diagnostics(sink, Laws::Errors::never);
  laws.gaps(result.unmodelled);
  laws.hold(result.lines == sources.line_count(file), "the number of lines");
  laws.hold(result.unmodelled.empty() || !sink.all().empty(), "a gap without a message");
  DiagnosticSink again(100);
  const IpsetResult second = read_ipset_save(file, sources, again);
  laws.hold(digest(result, sink) == digest(second, again), "a second reading says something else");
  std::size_t asked = 0;
  for (const auto& [name, set] : result.sets.sets()) {
    if (++asked > 50)
      break;
    laws.hold(set.shape.type != nullptr || !set.doubt.empty(), "a set without a type is not in doubt");
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      for (const bool return_nomatch : {false, true}) {
        const model::SetAnswer answer = result.sets.answer(
            {name, family, {Endpoint::source, Endpoint::destination, Endpoint::source}, return_nomatch});
        laws.hold(set.doubt.empty() || !answer.undecided.empty(), "a set in doubt answers");
        laws.hold(weight(answer.content) <= 4096 + most_intervals_per_byte * text.size(),
                  "an answer much larger than its text");
        if (!answer.undecided.empty() || !of_addresses_only(set) || set.shape.family != family)
          continue;
        const model::SetAnswer one = result.sets.answer({name, family, {Endpoint::source}, return_nomatch});
        if (one.undecided.empty())
          ask_addresses(laws, set, one, return_nomatch);
      }
    }
  }
  return laws.broken();
}

}  // namespace segproof::fuzz
