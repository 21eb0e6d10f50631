// SPDX-License-Identifier: Apache-2.0
// The claims that look at configuration rather than at traffic between parties: anti-spoofing at the edge of a zone,
// and names and addresses that nothing may refer to any more.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "claim/denials.h"
#include "claim/header_only.h"
#include "claim/judge.h"
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

// The device interfaces on the segments of the zone.
std::vector<Ingress> ingresses_of(const Resolved& zone, const Network& network) {
  std::set<SegmentId> segments;
  for (const PlacePart& part : zone.parts) {
    if (part.place.segment.valid()) {
      segments.insert(part.place.segment);
    }
  }
  std::vector<Ingress> result;
  for (const SegmentId segment : segments) {
    for (const InterfaceId interface : network.segment(segment).attached) {
      if (network.node(network.interface(interface).node).kind == model::NodeKind::device) {
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

  [[nodiscard]] const std::vector<std::string>& not_addresses() const { return not_addresses_; }

  std::vector<Denial> find() {
    for (const model::Node& node : network_->nodes) {
      for (const model::Chain& chain : node.rules.chains) {
        for (const model::Rule& rule : chain.rules) {
          if (mentions(rule.condition) || mentions(rule.action) || named(rule.origin)) {
            add(node, rule.origin);
          }
        }
      }
      for (const Family family : families) {
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
               within(mask->family.value_or(Family::ipv4), IntervalSet::single(mask->value));
      }
      if (const auto* any = std::get_if<model::AnyTest>(&test)) {
        return std::any_of(any->alternatives.begin(), any->alternatives.end(),
                           [&](const model::Condition& alternative) { return mentions(alternative); });
      }
      return false;
    });
  }
  [[nodiscard]] bool mentions(const model::Action& action) const {
    const auto* translate = std::get_if<model::Translate>(&action);
    if (translate == nullptr) {
      const auto* copy = std::get_if<model::Duplicate>(&action);
      return copy != nullptr && copy->gateway &&
             within(copy->gateway->family, IntervalSet::single(copy->gateway->bits));
    }
    return member_within(translate->family, IntervalSet::of(translate->addresses)) ||
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
  if (!network_->gaps.empty()) {
    verdict.outcome = Outcome::inconclusive;
    verdict.reason = "no line that is understood refers to it, but some lines are not understood";
    for (const model::Gap& gap : network_->gaps) {
      verdict.undecided.push_back({gap.span, gap.code, gap.why});
    }
    return;
  }
  verdict.outcome = Outcome::proved;
  verdict.reason = "no rule, translation, route or group that was read refers to it";
}

namespace {

// A packet with a foreign source, replayed into the interface, that gets past the device.
std::optional<Witness> foreign_packet(const Packet& found, const PacketSet& foreign, const Ingress& ingress,
                                      const World& world, const SourceStore& sources) {
  const Network& network = world.network();
  const Packet packet = header_only(found);
  // What leaves may carry a translated source: the packet that came in has a foreign one.
  Packet untranslated = packet;
  untranslated[Field::source] = foreign.values(Field::source).min();
  for (const Packet& sent : {packet, untranslated}) {
    if (!foreign.contains(sent)) {
      continue;
    }
    reach::Replay replay(network, world.family());
    for (const reach::ReplayPath& path : replay.send_to(ingress.interface, sent)) {
      if (!path.crossed.empty() || path.fate == reach::ReplayFate::delivered) {
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
  const std::vector<Ingress> ingresses = ingresses_of(zone, *network_);
  if (ingresses.empty()) {
    static_cast<void>(vacuous({fmt::format("`{}` meets no device interface", verdict.from)}, verdict));
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
      for (UndecidedInput& input : undecided_on_the_way(zone, *world)) {
        verdict.undecided.push_back(std::move(input));
      }
    }
  }
}

}  // namespace segproof::claim
