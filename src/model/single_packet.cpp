// SPDX-License-Identifier: Apache-2.0
#include "model/single_packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace segproof::model {
namespace {

std::optional<AddressType> fixed_type(const Address& address) {
  if (address.family == Family::ipv4) {
    const Bits first = address.bits >> 24U;
    if (first == 0 || address.bits == 0xffffffffU)
      return AddressType::broadcast;
    if (first == 127)
      return AddressType::local;
    if (first >= 224 && first < 240)
      return AddressType::multicast;
    return std::nullopt;
  }
  if (address.bits == 0)
    return AddressType::unspecified;
  if (address.bits == 1)
    return AddressType::local;
  if (address.bits >> 120U == 0xff)
    return AddressType::multicast;
  return std::nullopt;
}

bool is_loopback(const Address& address) {
  return address.family == Family::ipv4 ? address.bits >> 24U == 127 : address.bits == 1;
}

bool is_broadcast_of(const InterfaceAddress& own, const Address& address) {
  return address.family == Family::ipv4 && own.prefix.length < 31 && own.prefix.contains(address) &&
         address.bits == own.prefix.last();
}

// None, unless its protocol is one or it is a part of a fragmented packet: then others may stand before it.
Truth has_extension_header(const Packet& packet) {
  constexpr std::array<std::uint8_t, 6> headers{0, 43, 44, 51, 60, 135};
  const bool is_one = std::ranges::find(headers, packet.protocol()) != headers.end();
  return is_one || packet[Field::fragment] != 0 ? Truth::unknown : Truth::no;
}

// The first test of the condition that no configuration decides, alternatives included; null when there is none.
const UnknownTest* first_unknown(const Condition& condition) {
  for (const Test& test : condition.tests) {
    if (const auto* unknown = std::get_if<UnknownTest>(&test))
      return unknown;
    const auto* any = std::get_if<AnyTest>(&test);
    if (any == nullptr)
      continue;
    for (const Condition& alternative : any->alternatives) {
      if (const UnknownTest* unknown = first_unknown(alternative))
        return unknown;
    }
  }
  return nullptr;
}

// The walk of a packet over the hooks of its way.
class Journey {
 public:
  Journey(const RuleSet& rules, const SinglePacket& start, const OwnAddresses* own, std::optional<TrackState> state)
      : rules_(rules), start_(start), world_(start, own), state_(state) {
    result_.flight.packet = start.packet;
    result_.flight.packet[Field::state] = 0;
    result_.flight.packet[Field::translated] = 0;
  }

  Judgement go() {
    if (walk_all())
      result_.fate = Fate::accept;
    return std::move(result_);
  }

 private:
  bool walk_all() {
    if (start_.ingress.empty()) {
      return at_hook(Hook::originate, "", start_.egress) && at_hook(Hook::egress, "", start_.egress);
    }
    if (!at_hook(Hook::ingress, start_.ingress, "") || !route())
      return false;
    if (result_.delivered)
      return at_hook(Hook::deliver, start_.ingress, "");
    return at_hook(Hook::forward, start_.ingress, start_.egress) &&
           at_hook(Hook::egress, start_.ingress, start_.egress);
  }

  bool at_hook(Hook hook, std::string_view ingress, std::string_view egress) {
    Flight& flight = result_.flight;
    flight.ingress = ingress;
    flight.egress = egress;
    is_translated_ = false;
    const std::vector<const Stage*> stages = rules_.at(hook, flight.packet.family);
    if (tracks(stages))
      flight.packet[Field::state] = static_cast<Bits>(TrackState::invalid);
    for (const Stage* stage : stages) {
      if (stage->kind == StageKind::track) {
        track();
        continue;
      }
      // The first translation of a hook stays: later chains are not asked.
      if (stage->kind == StageKind::translate && (is_translated_ || flight.packet[Field::state] != new_state))
        continue;
      if (!pass(*stage, hook))
        return false;
    }
    return true;
  }

  void track() {
    Flight& flight = result_.flight;
    const TrackState state = flight.untracked ? TrackState::untracked
                             : state_         ? *state_
                                              : first_packet_state(start_.packet);
    flight.packet[Field::state] = static_cast<Bits>(state);
  }

  // True when the packet goes on.
  bool pass(const Stage& stage, Hook hook) {
    const StageResult met = walk_stage(rules_, stage, result_.flight, world_);
    result_.met_undecided = result_.met_undecided ||
                            std::ranges::any_of(met.steps, [](const Step& step) { return step.matched != Truth::yes; });
    const Rule* last = met.decided_by.rule;
    is_translated_ = is_translated_ || (last != nullptr && std::holds_alternative<Translate>(last->action));
    const bool decides = hook == Hook::forward || hook == Hook::deliver || hook == Hook::originate;
    if (met.fate == Fate::accept && (!decides || stage.kind != StageKind::filter)) {
      note_early_permit(stage, met.decided_by, hook);
      return true;
    }
    result_.fate = met.fate;
    result_.stage = &stage;
    result_.rule = met.decided_by.rule;
    if (result_.rule != nullptr) {
      result_.decided_by = result_.rule->origin;
      result_.reason = fmt::format("rule of {}", rules_.chain(met.decided_by.chain).name);
    } else {
      result_.decided_by = stage.policy_origin;
      result_.reason = fmt::format("policy of {}", stage.label);
    }
    if (met.fate == Fate::unknown)
      result_.reason = unknown_reason();
    return met.fate == Fate::accept;
  }

  // A device may filter where packets come in or go out; what permits there is said unless another hook decides.
  void note_early_permit(const Stage& stage, const Step& step, Hook hook) {
    if (stage.kind != StageKind::filter || step.rule == nullptr || (hook == Hook::egress && result_.stage != nullptr))
      return;
    result_.stage = &stage;
    result_.rule = step.rule;
    result_.decided_by = step.rule->origin;
    result_.reason = fmt::format("rule of {}", rules_.chain(step.chain).name);
  }

  [[nodiscard]] std::string unknown_reason() const {
    if (result_.rule == nullptr)
      return "undecided";
    if (const UnknownTest* unknown = first_unknown(result_.rule->condition))
      return fmt::format("undecided: {} ({})", unknown_name(unknown->kind), unknown->text);
    if (const auto* anything = std::get_if<Anything>(&result_.rule->action)) {
      return fmt::format("undecided: {}", anything->text);
    }
    if (std::ranges::any_of(result_.flight.open, [](const auto& field) { return field.has_value(); })) {
      return "undecided: a part of the header that the device chooses";
    }
    return "undecided: marks that depend on undecided rules";
  }

  // Where the packet goes after translation of its destination. False when the routing code drops it.
  bool route() {
    const Flight& flight = result_.flight;
    const bool open = flight.open[static_cast<std::size_t>(Field::destination)].has_value();
    const Address destination = flight.packet.destination();
    result_.delivered = start_.egress.empty();
    if (open || destination == start_.packet.destination()) {
      // A redirect leads to an address of the device, whichever it is.
      if (open && redirected())
        result_.delivered = true;
      return !open || result_.delivered || leads_one_way();
    }
    if (is_loopback(destination) && start_.ingress != "lo") {
      result_.fate = Fate::drop;
      result_.reason = fmt::format("destination {} of a packet from outside", to_string(destination));
      return false;
    }
    if (world_.type_of(destination, "") == AddressType::local)
      result_.delivered = true;
    return true;
  }

  // Whether it is the same for all destinations that the device may choose if they are its own.
  bool leads_one_way() {
    const IntervalSet& chosen = *result_.flight.open[static_cast<std::size_t>(Field::destination)];
    const IntervalSet own = world_.own_addresses(result_.flight.packet.family);
    result_.delivered = own.contains(chosen);
    if (result_.delivered || !own.intersects(chosen))
      return true;
    result_.fate = Fate::unknown;
    result_.reason = "undecided: a part of the header that the device chooses";
    return false;
  }

  [[nodiscard]] bool redirected() const {
    const IntervalSet own = world_.addresses_of(start_.ingress, result_.flight.packet.family);
    const IntervalSet everything = IntervalSet::range(0, field_max(Field::destination, result_.flight.packet.family));
    const IntervalSet& now = *result_.flight.open[static_cast<std::size_t>(Field::destination)];
    return now == everything || (!own.is_empty() && own.contains(now));
  }

  static constexpr Bits new_state = static_cast<Bits>(TrackState::fresh);
  const RuleSet& rules_;
  const SinglePacket& start_;
  SinglePacketWorld world_;
  std::optional<TrackState> state_;
  Judgement result_;
  bool is_translated_ = false;  // at this hook
};

}  // namespace

std::optional<AddressType> SinglePacketWorld::type_of(const Address& address, const std::string& limit) const {
  if (const std::optional<AddressType> fixed = fixed_type(address))
    return fixed;
  if (own_ != nullptr) {
    for (const OwnAddresses::Entry& entry : own_->entries) {
      if (entry.address.address.family != address.family)
        continue;
      const bool counts = limit.empty() || limit == entry.interface;
      if (counts && entry.address.address == address)
        return AddressType::local;
      if (counts && is_broadcast_of(entry.address, address))
        return AddressType::broadcast;
    }
    return AddressType::unicast;
  }
  const bool at_home = packet_.ingress.empty() || packet_.egress.empty();
  return at_home && limit.empty() ? AddressType::local : AddressType::unicast;
}

std::optional<Bits> SinglePacketWorld::measure(Measure measure, const Flight& flight) const {
  switch (measure) {
    case Measure::total_length: {
      const Bits ipv4 = flight.packet.protocol() == protocol_number::tcp ? Bits{44} : Bits{32};
      return flight.packet.family == Family::ipv4 ? ipv4 : ipv4 + 20;
    }
    case Measure::hop_limit:
      return !flight.ingress.empty() && !flight.egress.empty() ? Bits{63} : Bits{64};  // forwarding counts it down
    case Measure::traffic_class:
      return Bits{0};
    case Measure::packet_kind:
      return Bits{0};
  }
  SEGPROOF_UNREACHABLE();
}

Truth SinglePacketWorld::holds(const UnknownTest& test) const {
  switch (test.kind) {
    case Unknown::mac_address:
    case Unknown::socket_owner:
    case Unknown::ipsec_policy:
    case Unknown::bridge_port:
      return Truth::no;
    case Unknown::rate:
    case Unknown::history:
    case Unknown::chance:
    case Unknown::content:
    case Unknown::clock:
    case Unknown::quota:
    case Unknown::connection_count:
    case Unknown::reverse_path:
    case Unknown::set_content:
    case Unknown::unresolved_name:
    case Unknown::not_understood:
      return Truth::unknown;
    case Unknown::extension_header:
      return has_extension_header(packet_.packet);
  }
  SEGPROOF_UNREACHABLE();
}

IntervalSet SinglePacketWorld::addresses_of(const std::string& interface, Family family) const {
  std::vector<Interval> found;
  if (own_ != nullptr) {
    for (const OwnAddresses::Entry& entry : own_->entries) {
      const Address& address = entry.address.address;
      if (entry.interface == interface && address.family == family)
        found.push_back({address.bits, address.bits});
    }
  }
  return IntervalSet::of(std::move(found));
}

IntervalSet SinglePacketWorld::own_addresses(Family family) const {
  std::vector<Interval> found;
  if (own_ != nullptr) {
    for (const OwnAddresses::Entry& entry : own_->entries) {
      const Address& address = entry.address.address;
      if (address.family == family)
        found.push_back({address.bits, address.bits});
    }
  }
  return IntervalSet::of(std::move(found));
}

Judgement judge(const RuleSet& rules, const SinglePacket& packet, const OwnAddresses* own) {
  return Journey(rules, packet, own, std::nullopt).go();
}

Judgement judge_with_state(const RuleSet& rules, const SinglePacket& packet, TrackState state,
                           const OwnAddresses* own) {
  return Journey(rules, packet, own, state).go();
}

std::string header_text(const Flight& flight) {
  const Packet& packet = flight.packet;
  const bool ports = packet.protocol() == protocol_number::tcp || packet.protocol() == protocol_number::udp;
  const auto address = [&](Field field, const Address& value) {
    if (flight.open[static_cast<std::size_t>(field)])
      return std::string("*");
    return ports && value.family == Family::ipv6 ? fmt::format("[{}]", to_string(value)) : to_string(value);
  };
  const auto port = [&](Field field) {
    if (flight.open[static_cast<std::size_t>(field)])
      return std::string("*");
    return fmt::format("{}", static_cast<unsigned>(packet[field]));
  };
  std::string text =
      fmt::format("{}>{}", address(Field::source, packet.source()), address(Field::destination, packet.destination()));
  if (ports)
    text += fmt::format(":{}>{}", port(Field::source_port), port(Field::destination_port));
  return text;
}

}  // namespace segproof::model
