// SPDX-License-Identifier: Apache-2.0
// The claims that look at configuration rather than at traffic between parties: anti-spoofing at the edge of a zone,
// and names and addresses that nothing may refer to any more.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "claim/denials.h"
#include "claim/header_only.h"
#include "claim/judge.h"
#include "claim/undecided.h"
#include "claim/witness.h"

namespace segproof::claim {
namespace {

using model::InterfaceId;
using model::Network;
using model::NodeId;
using model::SegmentId;

constexpr std::array<Family, 2> families{Family::ipv4, Family::ipv6};

struct Ingress {
  SegmentId segment;
  InterfaceId interface;
};

// The interfaces on the segments of the zone that lead on: of devices, and of hosts that forward or may do so.
std::vector<Ingress> ingresses_of(const Resolved& zone, const Worlds& worlds, const Network& network) {
  const auto leads_on = [&](model::NodeId node) {
    const auto worlds_of_both = worlds.all();
    return network.node(node).kind == model::NodeKind::device ||
           std::any_of(worlds_of_both.begin(), worlds_of_both.end(), [&](World* world) {
             const reach::CompiledNode& compiled = world->compiled().node(node);
             return compiled.forwards || compiled.passes_freely;
           });
  };

  std::set<SegmentId> segments;
  for (const PlacePart& part : zone.parts) {
    if (part.place.segment.valid()) {
      segments.insert(part.place.segment);
    }
  }
  std::vector<Ingress> result;
  for (const SegmentId segment : segments) {
    for (const InterfaceId interface : network.segment(segment).attached) {
      if (leads_on(network.interface(interface).node)) {
        result.push_back({segment, interface});
      }
    }
  }
  return result;
}

IntervalSet legitimate_sources(const Resolved& zone, const std::vector<Ingress>& ingresses, const Network& network,
                               Family family) {
  std::vector<Interval> result;
  for (const Ingress& ingress : ingresses) {
    for (const Prefix& prefix : network.segment(ingress.segment).prefixes) {
      if (prefix.address.family == family) {
        result.push_back(prefix.interval());
      }
    }
  }
  IntervalSet sources = IntervalSet::of(std::move(result));
  for (const PlacePart& part : zone.parts) {
    sources = sources | part.addresses[model::index_of(family)];
  }
  return sources;
}

// Every operand of a rule that lies within the addresses.
class References {
 public:
  References(const Claim& claim, const Network& network, const SourceStore& sources)
      : network_(&network), sources_(&sources) {
    for (const Name& name : claim.addresses) {
      if (const auto prefix = parse_prefix(name.text)) {
        IntervalSet& set = within_[model::index_of(prefix->address.family)];
        set = set | IntervalSet{prefix->interval()};
      } else {
        not_addresses_.push_back(name.text);
      }
    }
    for (const Name& name : claim.names) {
      names_.push_back(name.text);
    }
  }

  // Rules of which it is not known whether they refer to the addresses; after find().
  [[nodiscard]] const std::vector<UndecidedInput>& doubts() const { return doubts_; }
  [[nodiscard]] const std::vector<std::string>& not_addresses() const { return not_addresses_; }

  std::vector<Denial> find() {
    for (const model::Node& node : network_->nodes) {
      for (const model::Chain& chain : node.rules.chains) {
        for (const model::Rule& rule : chain.rules) {
          if (mentions(rule.condition) || mentions(rule.action) || named(rule.origin)) {
            add(node, rule.origin);
          } else if (may_hide_member(rule.condition, rule.origin)) {
            doubts_.push_back({rule.origin, DiagnosticCode::choice_not_recorded,
                               "its list or range overlaps the addresses, and may name one of them"});
          }
        }
      }
      for (const Family family : families) {
        for (const model::RouteRule& rule : node.routing[model::index_of(family)].rules) {
          if (mentions(rule.condition) || named(rule.origin)) {
            add(node, rule.origin);
          }
        }
        for (const model::RouteTable& table : node.routing[model::index_of(family)].tables) {
          for (const model::Route& route : table.routes) {
            if (mentions(route) || named(route.origin)) {
              add(node, route.origin);
            }
          }
        }
      }
    }
    tidy(found_);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool within(Family family, const IntervalSet& operand) const {
    const IntervalSet& set = within_[model::index_of(family)];
    return !operand.is_empty() && set.contains(operand);
  }
  [[nodiscard]] bool member_within(Family family, const IntervalSet& group) const {
    const auto& members = group.intervals();
    return std::any_of(members.begin(), members.end(),
                       [&](const Interval& member) { return within(family, IntervalSet{member}); });
  }
  [[nodiscard]] bool mentions(const model::Condition& condition) const {
    return std::any_of(condition.tests.begin(), condition.tests.end(), [&](const model::Test& test) {
      if (const auto* field = std::get_if<model::FieldTest>(&test)) {
        if (field->field != Field::source && field->field != Field::destination) {
          return false;
        }
        return std::any_of(families.begin(), families.end(), [&](Family family) {
          if (field->family.value_or(family) != family) {
            return false;
          }
          const IntervalSet negated = field->values.complement(low_ones(address_width(family)));
          return member_within(family, field->values) || within(family, negated);
        });
      }
      if (const auto* mask = std::get_if<model::MaskTest>(&test)) {
        return (mask->field == Field::source || mask->field == Field::destination) && mask->mask != 0 &&
               std::any_of(families.begin(), families.end(), [&](Family family) {
                 return mask->family.value_or(family) == family && within(family, IntervalSet::single(mask->value));
               });
      }
      if (const auto* any = std::get_if<model::AnyTest>(&test)) {
        return std::any_of(any->alternatives.begin(), any->alternatives.end(),
                           [&](const model::Condition& alternative) { return mentions(alternative); });
      }
      return false;
    });
  }
  // Lists are kept as intervals, in which neighbours have become one. An interval that reaches beyond the addresses
  // hides none of them only where the line itself gives it as one prefix.
  [[nodiscard]] bool may_hide_member(const model::Condition& condition, const SourceSpan& origin) const {
    if (origin.file.valid() && origin.line == 0) {
      return false;  // a file as a whole: made of routes, which are looked at themselves
    }
    return std::any_of(condition.tests.begin(), condition.tests.end(), [&](const model::Test& test) {
      if (const auto* any = std::get_if<model::AnyTest>(&test)) {
        return std::any_of(any->alternatives.begin(), any->alternatives.end(),
                           [&](const model::Condition& alternative) { return may_hide_member(alternative, origin); });
      }
      const auto* field = std::get_if<model::FieldTest>(&test);
      if (field == nullptr || (field->field != Field::source && field->field != Field::destination)) {
        return false;
      }
      return std::any_of(families.begin(), families.end(), [&](Family family) {
        if (field->family.value_or(family) != family) {
          return false;
        }
        const IntervalSet negated = field->values.complement(low_ones(address_width(family)));
        if (is_written(family, field->values, origin) || is_written(family, negated, origin)) {
          return false;
        }
        // The list of a negated test is the complement, which then has no more intervals than the values.
        return reaches_beyond(family, field->values) ||
               (negated.intervals().size() <= field->values.intervals().size() && reaches_beyond(family, negated));
      });
    });
  }
  [[nodiscard]] bool reaches_beyond(Family family, const IntervalSet& operand) const {
    const auto& intervals = operand.intervals();
    return std::any_of(intervals.begin(), intervals.end(), [&](const Interval& interval) {
      return IntervalSet{interval}.intersects(within_[model::index_of(family)]);
    });
  }
  [[nodiscard]] bool is_written(Family family, const IntervalSet& operand, const SourceSpan& origin) const {
    const auto& intervals = operand.intervals();
    return std::all_of(intervals.begin(), intervals.end(),
                       [&](const Interval& interval) { return is_written(family, interval, origin); });
  }
  // The line has the interval as a prefix, or with a mask.
  [[nodiscard]] bool is_written(Family family, const Interval& interval, const SourceSpan& origin) const {
    const unsigned width = address_width(family);
    if (interval.low == 0 && interval.high == low_ones(width)) {
      return true;  // no list
    }
    unsigned length = width;
    while (length > 0 && Prefix{{family, interval.low}, length}.last() < interval.high) {
      --length;
    }
    const Prefix prefix{{family, interval.low}, length};
    const Bits wildcard = low_ones(width - length);
    if (!origin.file.valid() || origin.line == 0 || prefix.last() != interval.high || (interval.low & wildcard) != 0) {
      return false;
    }
    const std::string_view line = sources_->line(origin.file, origin.line);
    const std::string address = to_string(prefix.address) + " ";
    const Bits netmask = low_ones(width) - wildcard;
    return line.find(to_string(prefix)) != std::string_view::npos ||
           line.find(address + to_string(Address{family, netmask})) != std::string_view::npos ||
           line.find(address + to_string(Address{family, wildcard})) != std::string_view::npos;
  }
  [[nodiscard]] bool mentions(const model::Action& action) const {
    const auto* translate = std::get_if<model::Translate>(&action);
    if (translate == nullptr) {
      const auto* copy = std::get_if<model::Duplicate>(&action);
      return copy != nullptr && copy->gateway &&
             within(copy->gateway->family, IntervalSet::single(copy->gateway->bits));
    }
    return std::any_of(translate->addresses.begin(), translate->addresses.end(),
                       [&](const Interval& addresses) { return within(translate->family, IntervalSet{addresses}); }) ||
           (translate->network && within(translate->family, IntervalSet{translate->network->interval()}));
  }
  [[nodiscard]] bool mentions(const model::Route& route) const {
    const Family family = route.destination.address.family;
    if (within(family, IntervalSet{route.destination.interval()})) {
      return true;
    }
    return std::any_of(route.hops.begin(), route.hops.end(), [&](const model::NextHop& hop) {
      return hop.gateway && within(hop.gateway->family, IntervalSet::single(hop.gateway->bits));
    });
  }
  // The line uses one of the names as a word.
  [[nodiscard]] bool named(const SourceSpan& span) const {
    if (names_.empty() || !span.file.valid() || span.line == 0) {
      return false;
    }
    const std::string_view line = sources_->line(span.file, span.line);
    return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
      for (std::size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
        const auto is_word = [](char c) {
          return c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                 (c >= 'A' && c <= 'Z');
        };
        const bool begins = at == 0 || !is_word(line[at - 1]);
        const bool ends = at + name.size() == line.size() || !is_word(line[at + name.size()]);
        if (begins && ends && !name.empty()) {
          return true;
        }
      }
      return false;
    });
  }
  void add(const model::Node& node, const SourceSpan& span) {
    found_.push_back({node.name, rule_ref(span, *sources_)});
  }

  const Network* network_;
  const SourceStore* sources_;
  model::PerFamily<IntervalSet> within_;
  std::vector<std::string> names_;
  std::vector<std::string> not_addresses_;
  std::vector<Denial> found_;
  std::vector<UndecidedInput> doubts_;
};

}  // namespace

void Judge::judge_unreferenced(const Claim& claim, Verdict& verdict) {
  const bool any_configuration =
      std::any_of(network_->nodes.begin(), network_->nodes.end(),
                  [](const model::Node& node) { return !node.rules.chains.empty() || !node.rules.stages.empty(); });
  if (!any_configuration) {
    static_cast<void>(vacuous({"no configuration was read"}, verdict));
    return;
  }
  References references(claim, *network_, *sources_);
  if (!references.not_addresses().empty()) {
    static_cast<void>(
        vacuous({fmt::format("`{}` is no address or prefix", references.not_addresses().front())}, verdict));
    return;
  }
  std::vector<Denial> found = references.find();
  if (!found.empty()) {
    verdict.outcome = Outcome::refuted;
    const RuleRef& first = found.front().rule;
    verdict.reason = fmt::format("{} still refers to it: {}", found.front().device, first.text);
    Witness witness;
    for (const Denial& mention : found) {
      WitnessStep step{mention.device, StepRole::mention, std::nullopt, "", {}};
      step.hops.push_back({mention.device, "configuration", "", "", "mention", mention.rule, std::nullopt});
      witness.steps.push_back(std::move(step));
    }
    verdict.witness = std::move(witness);
    return;
  }
  if (!network_->gaps.empty() || !references.doubts().empty()) {
    verdict.outcome = Outcome::inconclusive;
    verdict.reason = "no line that is understood surely refers to it, but some lines may";
    verdict.undecided = references.doubts();
    for (const model::Gap& gap : network_->gaps) {
      verdict.undecided.push_back({gap.span, gap.code, gap.why});
    }
    return;
  }
  verdict.outcome = Outcome::proved;
  verdict.reason = "no rule, translation, route or group that was read refers to it";
}

namespace {

// What leaves may carry a translated source: the packet that came in has a foreign one.
std::vector<Packet> foreign_packets(const Packet& found, const PacketSet& foreign) {
  const Packet packet = header_only(found);
  Packet untranslated = packet;
  untranslated[Field::source] = foreign.values(Field::source).min();
  std::vector<Packet> result{packet, untranslated};
  std::erase_if(result, [&](const Packet& sent) { return !foreign.contains(sent); });
  return result;
}

// The same as steps that nobody has replayed; under an address that hosts have, too.
std::vector<WitnessStep> may_enter(const Packet& found, const PacketSet& foreign, const std::string& sender) {
  std::vector<WitnessStep> result;
  const IntervalSet sources = foreign.values(Field::source) - never_a_source(found.family);
  for (Packet packet : foreign_packets(found, foreign)) {
    result.push_back({sender, StepRole::spoofed_open, packet, "", {}});
    if (!sources.is_empty()) {
      packet[Field::source] = sources.min();
      result.push_back({sender, StepRole::spoofed_open, packet, "", {}});
    }
  }
  return result;
}

// A packet with a foreign source, replayed into the interface, that gets past the device.
std::optional<Witness> foreign_packet(const Packet& found, const PacketSet& foreign, const Ingress& ingress,
                                      const World& world, const SourceStore& sources) {
  const Network& network = world.network();
  const bool is_device = network.node(network.interface(ingress.interface).node).kind == model::NodeKind::device;
  for (const Packet& sent : foreign_packets(found, foreign)) {
    reach::Replay replay(world.ground());
    for (const reach::ReplayPath& path : replay.send_to(ingress.interface, sent)) {
      if (!path.crossed.empty() || (is_device && path.fate == reach::ReplayFate::delivered)) {
        WitnessStep step{place_name({PlaceKind::unlisted, {}, ingress.segment, {}}, network), StepRole::spoofed_open,
                         sent, path.node.valid() ? network.node(path.node).name : "", hops_of(path, network, sources)};
        return Witness{{std::move(step)}};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

void Judge::judge_anti_spoofed(const Claim& claim, Verdict& verdict) {
  const Resolved zone = resolve(claim.zones, *network_);
  if (vacuous(zone.empty, verdict)) {
    return;
  }
  const std::vector<Ingress> ingresses = ingresses_of(zone, worlds_, *network_);
  if (ingresses.empty()) {
    static_cast<void>(vacuous({fmt::format("`{}` meets no device interface", verdict.from)}, verdict));
    return;
  }
  if (!zone.covers(Family::ipv4) && !zone.covers(Family::ipv6)) {
    static_cast<void>(vacuous({fmt::format("`{}` has no address", verdict.from)}, verdict));
    return;
  }
  verdict.outcome = Outcome::proved;
  verdict.reason = "packets with a source outside the zone die where they enter a device";
  for (World* world : worlds_.all()) {
    const Family family = world->family();
    if (!zone.covers(family)) {
      verdict.families[model::index_of(family)] = Coverage::not_covered;
      continue;
    }
    const PacketSet foreign =
        world->space().where(Field::source, legitimate_sources(zone, ingresses, *network_, family)).complement() &
        world->space().valid();
    for (const Ingress& ingress : ingresses) {
      const NodeId node = network_->interface(ingress.interface).node;
      if (!world->lets_in(ingress.interface, foreign, Approximation::over)) {
        continue;
      }
      const std::string where = network_->node(node).name + ":" + network_->interface(ingress.interface).name;
      const auto through = world->lets_in(ingress.interface, foreign, Approximation::under);
      std::optional<Witness> witness =
          through ? foreign_packet(*through, foreign, ingress, *world, *sources_) : std::nullopt;
      if (witness) {
        verdict.outcome = Outcome::refuted;
        verdict.reason = fmt::format("{} lets a packet in whose source is outside the zone", where);
        verdict.witness = std::move(witness);
        verdict.undecided.clear();
        return;
      }
      verdict.outcome = Outcome::inconclusive;
      verdict.reason = fmt::format("{} may let packets in whose source is outside the zone", where);
      verdict.perhaps.resize(1);
      for (WitnessStep& step : may_enter(*world->lets_in(ingress.interface, foreign, Approximation::over), foreign,
                                         place_name({PlaceKind::unlisted, {}, ingress.segment, {}}, *network_))) {
        verdict.perhaps.front().push_back(std::move(step));
      }
      for (UndecidedInput& input : undecided_on_the_way(zone, *world)) {
        verdict.undecided.push_back(std::move(input));
      }
    }
  }
}

}  // namespace segproof::claim
