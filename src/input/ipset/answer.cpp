// SPDX-License-Identifier: Apache-2.0
#include "input/ipset/answer.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "input/ipset/painting.h"
#include "packet/field.h"

namespace segproof::ipset {
namespace {

using model::Condition;
using model::Endpoint;
using model::SetAnswer;
using model::SetQuestion;

constexpr std::size_t most_port_pieces = 4'000'000;

Field address_field(Endpoint endpoint) {
  return endpoint == Endpoint::source ? Field::source : Field::destination;
}
Field port_field(Endpoint endpoint) {
  return endpoint == Endpoint::source ? Field::source_port : Field::destination_port;
}

// Elements of one protocol and one range of ports; 0 where the type has no ports.
struct PortKey {
  std::uint8_t protocol = 0;
  Interval ports{};
  friend auto operator<=>(const PortKey&, const PortKey&) = default;
};

class Builder {
 public:
  Builder(const SetShape& shape, const std::vector<Element>& elements, const SetQuestion& question)
      : shape_(shape), elements_(elements), question_(question), width_(address_width(shape.family)) {}

  SetAnswer build() {
    if (shape_.type->dimensions.front() == Dimension::bare_port) {
      bare_ports();
    } else if (shape_.type->dimensions.front() == Dimension::mac) {
      mac_only();
    } else if (has(Dimension::port)) {
      with_ports();
    } else if (has(Dimension::interface)) {
      with_interfaces();
    } else if (has(Dimension::mark)) {
      with_marks();
    } else if (has(Dimension::mac)) {
      with_macs();
    } else {
      addresses_only();
    }
    return std::move(answer_);
  }

 private:
  [[nodiscard]] bool has(Dimension dimension) const {
    return std::ranges::find(shape_.type->dimensions, dimension) != shape_.type->dimensions.end();
  }
  [[nodiscard]] Endpoint end_of(std::size_t dimension) const { return question_.directions[dimension]; }
  [[nodiscard]] Endpoint end_of(Dimension dimension) const {
    const auto found = std::ranges::find(shape_.type->dimensions, dimension);
    return end_of(static_cast<std::size_t>(found - shape_.type->dimensions.begin()));
  }
  // An element that an address falls on and that makes it match.
  [[nodiscard]] bool hits(const Element& element) const {
    return !shape_.type->takes_nomatch || element.nomatch == question_.return_nomatch;
  }
  void give_up(std::string why) { answer_.undecided = std::move(why); }
  void add(Condition condition) { answer_.content.alternatives.push_back(std::move(condition)); }

  // Ends of the packet that give the address dimensions, in order.
  [[nodiscard]] std::vector<Endpoint> address_ends() const {
    std::vector<Endpoint> ends;
    for (std::size_t i = 0; i < shape_.type->dimensions.size(); ++i) {
      const Dimension dimension = shape_.type->dimensions[i];
      if (dimension == Dimension::ip || dimension == Dimension::net) {
        ends.push_back(end_of(i));
      }
    }
    return ends;
  }

  void add_addresses(Condition& condition, Endpoint end, IntervalSet values) const {
    condition.tests.emplace_back(model::FieldTest{address_field(end), std::move(values), shape_.family});
  }
  void add_rectangle(Condition condition, const Rectangle& rectangle) {
    const std::vector<Endpoint> ends = address_ends();
    add_addresses(condition, ends[0], rectangle.first);
    if (ends.size() > 1) {
      add_addresses(condition, ends[1], rectangle.second);
    }
    add(std::move(condition));
  }

  // Exceptions decide by the longest prefix, which single addresses have; ranges of them are not cut up here.
  [[nodiscard]] bool mixes_ranges_and_exceptions() const {
    const bool exceptions = std::ranges::any_of(elements_, &Element::nomatch);
    return exceptions && shape_.type->dimensions.front() == Dimension::ip &&
           std::ranges::any_of(elements_,
                               [](const Element& e) { return e.first.addresses.low != e.first.addresses.high; });
  }
  [[nodiscard]] bool mask_has_holes() const {
    const Bits hidden = low_ones(width_) & ~shape_.address_mask;
    return (hidden & (hidden + 1)) != 0;
  }

  std::optional<std::vector<Rectangle>> painted(const std::vector<const Element*>& elements) {
    std::vector<Layer> layers;
    layers.reserve(elements.size());
    for (const Element* element : elements) {
      layers.push_back({element->first, element->second, hits(*element)});
    }
    auto rectangles = paint(std::move(layers));
    if (!rectangles) {
      give_up("it has too many exceptions");
    }
    return rectangles;
  }

  [[nodiscard]] std::vector<const Element*> all() const {
    std::vector<const Element*> list;
    list.reserve(elements_.size());
    for (const Element& element : elements_) {
      list.push_back(&element);
    }
    return list;
  }

  // Addresses that are looked for at all.
  void restrict(IntervalSet& addresses) const {
    if (shape_.range) {
      addresses = addresses & IntervalSet{*shape_.range};
    }
    if (shape_.type->refuses_zero) {
      addresses = addresses - IntervalSet::range(0, low_ones(width_) & ~shape_.address_mask);
    }
  }

  void addresses_only() {
    if (mask_has_holes()) {
      return masked_addresses();
    }
    auto rectangles = painted(all());
    for (std::size_t i = 0; rectangles && i < rectangles->size(); ++i) {
      Rectangle& rectangle = (*rectangles)[i];
      restrict(rectangle.first);
      if (!rectangle.first.is_empty()) {
        add_rectangle({}, rectangle);
      }
    }
  }

  void masked_addresses() {
    if (shape_.type->dimensions.size() > 1) {
      return give_up("its bitmask has holes");
    }
    for (const Element& element : elements_) {
      if (element.first.addresses.low == 0 && shape_.type->refuses_zero) {
        continue;
      }
      add({{model::MaskTest{address_field(end_of(0)), element.first.addresses.low, shape_.address_mask, false,
                            shape_.family}}});
    }
  }

  void bare_ports() {
    std::vector<Interval> ports;
    for (const Element& element : elements_) {
      ports.push_back(element.ports);
    }
    IntervalSet values = IntervalSet::of(std::move(ports));
    if (shape_.range) {
      values = values & IntervalSet{*shape_.range};
    }
    if (values.is_empty()) {
      return;
    }
    const IntervalSet protocols{{protocol_number::tcp, protocol_number::tcp},
                                {protocol_number::udp, protocol_number::udp}};
    add({{model::FieldTest{Field::protocol, protocols}, model::FieldTest{Field::fragment, IntervalSet::single(0)},
          model::FieldTest{port_field(end_of(0)), std::move(values)}}});
  }

  static model::Test any_mac() { return model::UnknownTest{model::Unknown::mac_address, "a MAC address of a set"}; }

  void mac_only() {
    if (!elements_.empty()) {
      add({{any_mac()}});
    }
  }
  // bitmap:ip,mac without a MAC address takes that of the first packet that asks: every packet that has one matches.
  void with_macs() {
    auto rectangles = painted(all());
    for (std::size_t i = 0; rectangles && i < rectangles->size(); ++i) {
      Rectangle& rectangle = (*rectangles)[i];
      restrict(rectangle.first);
      if (!rectangle.first.is_empty()) {
        add_rectangle({{any_mac()}}, rectangle);
      }
    }
  }

  void with_marks() {
    std::map<std::uint32_t, std::vector<Interval>> by_mark;
    for (const Element& element : elements_) {
      by_mark[element.mark].push_back(element.first.addresses);
    }
    for (auto& [mark, addresses] : by_mark) {
      Condition condition{{model::MarkTest{model::MarkKind::packet, mark, shape_.mark_mask, false}}};
      add_addresses(condition, end_of(0), IntervalSet::of(std::move(addresses)));
      add(std::move(condition));
    }
  }

  // Of all elements, whatever their interface, those with the longest prefix that holds the address decide alone. Those
  // of a bridge port never match a rule of iptables; they hide shorter prefixes only where their hash falls beside that
  // of the packet, which nobody can tell.
  void with_interfaces() {
    std::vector<AddressPart> parts;
    std::vector<Interval> of_bridge_ports;
    std::map<AddressPart, std::vector<const Element*>> groups;
    for (const Element& element : elements_) {
      if (element.interface.is_port) {
        of_bridge_ports.push_back(element.first.addresses);
        continue;
      }
      parts.push_back(element.first);
      groups[element.first].push_back(&element);
    }
    std::map<std::vector<InterfacePart>, std::vector<Interval>> by_interfaces;
    for (const Region& region : regions_of(parts)) {
      const std::vector<const Element*>& group = groups[parts[region.group]];
      if (order_matters(group)) {
        return give_up("elements and exceptions for one network overlap in their interfaces");
      }
      std::vector<InterfacePart> matching;
      for (const Element* element : group) {
        if (hits(*element)) {
          matching.push_back(element->interface);
        }
      }
      std::ranges::sort(matching);
      std::vector<Interval>& addresses = by_interfaces[std::move(matching)];
      addresses.insert(addresses.end(), region.addresses.intervals().begin(), region.addresses.intervals().end());
    }
    const IntervalSet unsure = IntervalSet::of(std::move(of_bridge_ports));
    for (auto& [interfaces, intervals] : by_interfaces) {
      const IntervalSet addresses = IntervalSet::of(std::move(intervals));
      add_interfaces(interfaces, addresses - unsure, {});
      add_interfaces(interfaces, addresses & unsure,
                     {{model::UnknownTest{model::Unknown::set_content, "an element beside one of a bridge port"}}});
    }
  }

  void add_interfaces(const std::vector<InterfacePart>& interfaces, const IntervalSet& addresses,
                      const Condition& besides) {
    const auto direction = end_of(1) == Endpoint::source ? model::Direction::ingress : model::Direction::egress;
    for (const InterfacePart& interface : interfaces) {
      if (addresses.is_empty()) {
        return;
      }
      Condition condition = besides;
      add_addresses(condition, end_of(0), addresses);
      condition.tests.emplace_back(model::InterfaceTest{direction, interface.name, interface.is_prefix, false});
      add(std::move(condition));
    }
  }

  // One name could fall on an element and on an exception: which one comes first depends on a hash.
  [[nodiscard]] bool order_matters(const std::vector<const Element*>& group) const {
    const auto covers = [](const InterfacePart& a, const InterfacePart& b) {
      return a.is_prefix ? b.name.starts_with(a.name) : a == b;
    };
    for (const Element* a : group) {
      for (const Element* b : group) {
        if (hits(*a) != hits(*b) && covers(a->interface, b->interface)) {
          return true;
        }
      }
    }
    return false;
  }

  // Port ranges that overlap without being equal, cut into ranges that do not.
  bool cut_ports(std::map<PortKey, std::vector<const Element*>>& by_key) {
    std::map<std::uint8_t, std::vector<Bits>> cuts;
    for (const Element& element : elements_) {
      cuts[element.protocol].push_back(element.ports.low);
      cuts[element.protocol].push_back(element.ports.high + 1);
    }
    for (auto& [protocol, points] : cuts) {
      std::ranges::sort(points);
      points.erase(std::unique(points.begin(), points.end()), points.end());
    }
    std::size_t pieces = 0;
    for (const Element& element : elements_) {
      const std::vector<Bits>& points = cuts[element.protocol];
      auto at = std::ranges::lower_bound(points, element.ports.low);
      for (; *at <= element.ports.high; ++at) {
        if (++pieces > most_port_pieces) {
          give_up("its ranges of ports are too many");
          return false;
        }
        by_key[{element.protocol, {*at, *(at + 1) - 1}}].push_back(&element);
      }
    }
    return true;
  }

  // The tests of protocol and ports that ip_set_get_port makes. ICMP has its type and code in place of a port, whatever
  // the direction; other protocols have port 0, and under IPv4 their fragments, too.
  std::optional<Condition> port_tests(std::uint8_t protocol, const IntervalSet& ports) const {
    using namespace protocol_number;
    const bool v4 = shape_.family == Family::ipv4;
    Condition condition{{model::FieldTest{Field::protocol, IntervalSet::single(protocol)}}};
    const model::FieldTest whole{Field::fragment, IntervalSet::single(0)};
    if (protocol == tcp || protocol == udp || protocol == udplite || protocol == sctp) {
      condition.tests.emplace_back(whole);
      condition.tests.emplace_back(model::FieldTest{port_field(end_of(Dimension::port)), ports});
      return condition;
    }
    if (is_icmp(protocol)) {
      condition.tests.emplace_back(whole);
      condition.tests.emplace_back(model::FieldTest{Field::destination_port, ports});
      return condition;
    }
    if (!v4) {
      condition.tests.emplace_back(whole);
      if (is_extension_header(protocol)) {
        condition.tests.emplace_back(model::UnknownTest{model::Unknown::extension_header, "a protocol of a set"});
      }
    }
    return ports.contains(0) ? std::optional(condition) : std::nullopt;
  }
  static bool is_extension_header(std::uint8_t protocol) {
    return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 || protocol == 59 || protocol == 60;
  }

  // What one alternative asks: a protocol, ports, and two sets of addresses.
  struct Block {
    std::uint8_t protocol = 0;
    IntervalSet ports;
    Rectangle addresses;
  };

  // Keys with the same addresses are one block.
  std::optional<std::vector<Block>> blocks_by_addresses(const std::map<PortKey, std::vector<const Element*>>& by_key) {
    std::map<std::tuple<std::uint8_t, std::vector<Rectangle>>, std::vector<Interval>> merged;
    for (const auto& [key, elements] : by_key) {
      auto rectangles = painted(elements);
      if (!rectangles) {
        return std::nullopt;
      }
      if (!rectangles->empty()) {
        merged[{key.protocol, std::move(*rectangles)}].push_back(key.ports);
      }
    }
    std::vector<Block> blocks;
    for (auto& [key, ports] : merged) {
      const IntervalSet set = IntervalSet::of(std::move(ports));
      for (const Rectangle& rectangle : std::get<1>(key)) {
        blocks.push_back({std::get<0>(key), set, rectangle});
      }
    }
    return blocks;
  }

  // Without exceptions: addresses with the same ports are one block.
  [[nodiscard]] std::vector<Block> blocks_by_ports() const {
    using Place = std::tuple<std::uint8_t, AddressPart, AddressPart>;
    std::map<Place, std::vector<Interval>> ports_at;
    for (const Element& element : elements_) {
      if (hits(element)) {
        ports_at[{element.protocol, element.first, element.second}].push_back(element.ports);
      }
    }
    std::map<std::tuple<std::uint8_t, IntervalSet, IntervalSet>, std::vector<Interval>> merged;
    for (auto& [place, ports] : ports_at) {
      const auto& [protocol, first, second] = place;
      merged[{protocol, IntervalSet::of(std::move(ports)), IntervalSet{second.addresses}}].push_back(first.addresses);
    }
    std::vector<Block> blocks;
    for (auto& [key, first] : merged) {
      const auto& [protocol, ports, second] = key;
      blocks.push_back({protocol, ports, {IntervalSet::of(std::move(first)), second}});
    }
    return blocks;
  }

  void with_ports() {
    if (mask_has_holes()) {
      return give_up("its bitmask has holes");
    }
    if (mixes_ranges_and_exceptions()) {
      return give_up("it has exceptions beside ranges of addresses");
    }
    std::map<PortKey, std::vector<const Element*>> by_key;
    if (!cut_ports(by_key)) {
      return;
    }
    std::optional<std::vector<Block>> blocks = blocks_by_addresses(by_key);
    if (!blocks) {
      return;
    }
    if (blocks->size() > 1 && std::ranges::all_of(elements_, [&](const Element& e) { return hits(e); })) {
      std::vector<Block> others = blocks_by_ports();
      if (others.size() < blocks->size()) {
        blocks = std::move(others);
      }
    }
    for (Block& block : *blocks) {
      restrict(block.addresses.first);
      auto condition = port_tests(block.protocol, block.ports);
      if (condition && !block.addresses.first.is_empty()) {
        add_rectangle(std::move(*condition), block.addresses);
      }
    }
  }

  const SetShape& shape_;
  const std::vector<Element>& elements_;
  const SetQuestion& question_;
  unsigned width_;
  SetAnswer answer_;
};

}  // namespace

SetAnswer answer_of(const SetShape& shape, const std::vector<Element>& elements, const SetQuestion& question) {
  return Builder(shape, elements, question).build();
}

}  // namespace segproof::ipset
