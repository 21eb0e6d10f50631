// SPDX-License-Identifier: Apache-2.0
#include "kernel_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "constants.h"

namespace segproof::oracle {
namespace {

using model::Fate;

std::string_view word(Fate fate) {
  switch (fate) {
    case Fate::accept:
      return "accept";
    case Fate::drop:
      return "drop";
    case Fate::reject:
      return "reject";
    case Fate::unknown:
      return "unknown";
  }
  return {};
}

bool is_own(const Address& address) {
  return std::ranges::any_of(Sandbox::own_addresses().entries,
                             [&](const auto& entry) { return entry.address.address == address; });
}

bool is_the_probe(const Probe& probe, std::uint16_t number, const Seen& seen) {
  if (!seen.is_numbered || seen.number != number || seen.packet.protocol() != probe.packet.protocol())
    return false;
  // An answer to a ping quotes it.
  const bool has_type = !has_ports(seen.packet.protocol());
  return !has_type || seen.packet[Field::destination_port] == probe.packet[Field::destination_port];
}

const DraftChain* base_chain(const Draft& draft, const std::string& table, const std::string& name) {
  for (const DraftTable& candidate : draft.tables) {
    if (candidate.name.substr(candidate.name.find(' ') + 1) != table)
      continue;
    const auto chain = std::ranges::find(candidate.chains, name, &DraftChain::name);
    if (chain != candidate.chains.end() && chain->is_base)
      return &*chain;
  }
  return nullptr;
}

std::uint32_t line_of(const Rendered& rendered, const TraceEvent& event) {
  if (event.kind == TraceEvent::Kind::policy)
    return rendered.line_of(event.table, event.chain, std::nullopt);
  return event.is_known ? rendered.line_of(event.table, event.chain, event.rule) : 0;
}

// Nothing is said about a refusal that cannot be seen: the packet is one that gets no answer, or the answer might be
// dropped on its way.
bool may_stay_silent(const model::RuleSet& rules, const Probe& probe, const model::Flight& flight) {
  const Packet& packet = probe.packet;
  const Bits type = packet[Field::destination_port] >> 8U;
  if (packet.protocol() == protocol_number::icmp && packet.family == Family::ipv4 &&
      !(type == 0 || type == 8 || (type >= 13 && type <= 18))) {
    return true;
  }
  if (packet.protocol() == protocol_number::icmpv6 && packet.family == Family::ipv6 && (type < 128 || type == 137))
    return true;
  if (packet.protocol() == protocol_number::tcp && (packet[Field::tcp_flags] & tcp_flag::rst) != 0)
    return true;
  if (probe.ingress.empty() || is_own(packet.source()))
    return true;
  // An ICMP error about a packet that stays here comes from the address that the packet went to, after translation too:
  // from the address of another there is no answer.
  const bool open = flight.open[static_cast<std::size_t>(Field::destination)].has_value();
  if (probe.way.empty() && (open || !is_own(flight.packet.destination()) || !is_own(packet.destination())))
    return true;
  // Before it answers, the kernel looks at a checksum that not every protocol has.
  const std::uint8_t icmp = packet.family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6;
  if (packet.protocol() != protocol_number::tcp && packet.protocol() != protocol_number::udp &&
      packet.protocol() != icmp) {
    return true;
  }
  for (const model::Hook hook : {model::Hook::originate, model::Hook::egress}) {
    for (const model::Stage* stage : rules.at(hook, packet.family)) {
      if (stage->kind != model::StageKind::track &&
          (!rules.chain(stage->chain).rules.empty() || stage->policy != model::Verdict::accept)) {
        return true;
      }
    }
  }
  return false;
}

// The fields of an accepted packet that the kernel has otherwise than segproof allows.
std::string header_difference(const model::Flight& flight, const Packet& seen) {
  std::string found;
  std::vector<Field> fields{Field::source, Field::destination};
  if (has_ports(seen.protocol()) && seen[Field::fragment] == 0) {
    fields.push_back(Field::source_port);
    fields.push_back(Field::destination_port);
  }
  for (const Field field : fields) {
    const auto& open = flight.open[static_cast<std::size_t>(field)];
    if (open ? !open->contains(seen[field]) : flight.packet[field] != seen[field])
      found += fmt::format(" {}", field_name(field));
  }
  return found;
}

std::string fate_text(const model::Judgement& judged) {
  return fmt::format("{} {} line {} ({})", word(judged.fate), model::header_text(judged.flight), judged.decided_by.line,
                     judged.reason);
}

std::string fate_text(const KernelAnswer& answer, std::uint32_t line) {
  model::Flight flight;
  flight.packet = answer.packet;
  if (answer.fate != Fate::accept)
    return fmt::format("{} line {}", word(answer.fate), line);
  return fmt::format("accept {} at {} line {}", model::header_text(flight),
                     answer.interface.empty() ? "LOCAL" : answer.interface, line);
}

// Why the sandbox cannot say what a network would do with the packet, or nothing.
std::string outside(const Probe& probe, const model::Judgement& judged) {
  const model::Flight& flight = judged.flight;
  const Address destination = flight.packet.destination();
  const bool open = flight.open[static_cast<std::size_t>(Field::destination)].has_value();
  if (!open && destination == probe.packet.destination())
    return {};
  if (probe.ingress.empty() && (open || is_own(destination) || !is_plain(destination)))
    return "sent from here and turned around";
  return !open && !is_plain(destination) ? "translated to an address that is not routed" : "";
}

}  // namespace

KernelAnswer answer_of(const Probe& probe, std::uint16_t number, const std::vector<Sighting>& sightings) {
  KernelAnswer answer;
  for (const Sighting& sighting : sightings) {
    if (is_the_probe(probe, number, sighting.seen)) {
      answer.fate = Fate::accept;
      answer.interface = sighting.interface;
      answer.packet = sighting.seen.packet;
      return answer;
    }
    if (sighting.seen.is_refusal)
      answer.fate = Fate::reject;
  }
  return answer;
}

std::uint32_t deciding_line(const Draft& draft, const Rendered& rendered, const Probe& probe,
                            const KernelAnswer& answer) {
  if (answer.fate != Fate::accept) {
    for (std::size_t i = answer.trace.size(); i-- > 0;) {
      if (answer.trace[i].drops)
        return line_of(rendered, answer.trace[i]);
    }
    return 0;
  }
  const std::string hook = probe.ingress.empty() ? "output" : answer.interface.empty() ? "input" : "forward";
  const DraftChain* base = nullptr;
  std::uint32_t line = 0;
  for (const TraceEvent& event : answer.trace) {
    if (const DraftChain* found = base_chain(draft, event.table, event.chain))
      base = found;
    const bool ends = event.accepts && event.kind != TraceEvent::Kind::come_back;
    if (ends && base != nullptr && base->hook == hook && !base->is_nat) {
      if (const std::uint32_t at = line_of(rendered, event); at != 0)
        line = at;
    }
  }
  return line;
}

model::Judgement judge(const model::RuleSet& rules, const Probe& probe) {
  const model::OwnAddresses& own = Sandbox::own_addresses();
  const model::SinglePacket by_way{probe.packet, probe.ingress, probe.way};
  model::Judgement judged = model::judge(rules, by_way, &own);
  const bool was_own = !probe.ingress.empty() && is_own(probe.packet.destination());
  const bool is_still = judged.flight.packet.destination() == probe.packet.destination() &&
                        !judged.flight.open[static_cast<std::size_t>(Field::destination)];
  if (was_own && is_still && !probe.way.empty())
    return model::judge(rules, {probe.packet, probe.ingress, std::string()}, &own);
  return judged;
}

Comparison compare(const Draft& draft, const Rendered& rendered, const model::RuleSet& rules, const Probe& probe,
                   const KernelAnswer& answer) {
  const model::Judgement judged = judge(rules, probe);
  if (judged.fate == Fate::unknown)
    return {Agreement::unknown, judged.reason};
  if (std::string why = outside(probe, judged); !why.empty())
    return {Agreement::outside, std::move(why)};
  // Where a rule may match, the verdict may be certain and the rule not.
  const bool traced = draft.backend != Backend::legacy && !judged.met_undecided;
  const std::uint32_t line = traced ? deciding_line(draft, rendered, probe, answer) : 0;
  std::string what;
  const bool silent =
      judged.fate == Fate::reject && answer.fate == Fate::drop && may_stay_silent(rules, probe, judged.flight);
  if (judged.fate != answer.fate && !silent) {
    what = "verdict";
  } else if (answer.fate == Fate::accept) {
    what = header_difference(judged.flight, answer.packet);
    if (judged.delivered != answer.interface.empty() && !probe.ingress.empty())
      what += " place";
  }
  const bool decided_by_routing = judged.fate == Fate::drop && !judged.decided_by.file.valid();
  // Where no chain of the deciding hook speaks, segproof names what permitted the packet before or after it.
  const bool elsewhere = judged.fate == Fate::accept && judged.stage != nullptr &&
                         (judged.stage->hook == model::Hook::ingress || judged.stage->hook == model::Hook::egress);
  if (what.empty() && traced && !decided_by_routing && !elsewhere && line != judged.decided_by.line)
    what = "rule";
  if (what.empty())
    return {};
  return {Agreement::different,
          fmt::format("{}\n  segproof: {}\n  kernel:   {}", what, fate_text(judged), fate_text(answer, line))};
}

Comparison compare_listed(const Comparison& found, const std::string& reader, const model::RuleSet& rules,
                          const model::RuleSet& listed, const Probe& probe, const KernelAnswer& answer) {
  const model::Judgement one = judge(rules, probe);
  const model::Judgement other = judge(listed, probe);
  const bool alike =
      one.fate == other.fate && one.delivered == other.delivered && one.flight.packet == other.flight.packet;
  // A listing may know more than the text (`th` bytes of ICMP as its type): then it is held to the kernel.
  const bool knows_more = one.fate == Fate::unknown && other.fate == answer.fate &&
                          (answer.fate != Fate::accept || header_difference(other.flight, answer.packet).empty());
  if (alike || knows_more || (one.fate == Fate::unknown && other.fate == Fate::unknown))
    return found;
  return {Agreement::different,
          fmt::format("listing ({})\n  text:    {}\n  listing: {}", reader, fate_text(one), fate_text(other))};
}

}  // namespace segproof::oracle
