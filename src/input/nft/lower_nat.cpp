// SPDX-License-Identifier: Apache-2.0
// snat, dnat, masquerade, redirect, with fixed arguments and with maps.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "input/nft/rule_lowering.h"
#include "packet/address.h"

namespace segproof::nft {
namespace {

using model::Endpoint;
using model::Test;
using model::Translate;
using model::Unknown;
using model::UnknownTest;

std::optional<Family> written_family(const Expression& expression) {
  const Expression* inner = &expression;
  while (!inner->parts.empty())
    inner = &inner->parts.front();
  const auto address = parse_address(inner->text);
  return address ? std::optional(address->family) : std::nullopt;
}

ValueReader address_reader(Family family) {
  return family == Family::ipv4 ? ValueReader(Datatype::ipv4_address, 32) : ValueReader(Datatype::ipv6_address, 128);
}

// One address, a range, or a prefix: the whole of it for `netmap`, else any address of it.
bool read_address(const Expression& expression, bool as_network, Translate& change) {
  const std::optional<Family> family = written_family(expression);
  if (!family)
    return false;
  change.family = *family;
  Values values;
  if (address_reader(*family).read(expression, values) || !values.unresolved.empty())
    return false;
  values.settle();
  if (values.numbers.size() == 0 || values.numbers.intervals().size() != 1)
    return false;
  const Interval range = values.numbers.intervals().front();
  if (as_network && expression.kind == ExpressionKind::prefix) {
    const auto length = parse_unsigned<unsigned>(expression.text, 0, address_width(*family));
    change.to = Translate::To::network;
    change.network = make_prefix({*family, range.low}, length.value_or(address_width(*family)));
    return true;
  }
  change.addresses.assign(1, range);
  return true;
}

bool read_ports(const Expression& expression, Translate& change) {
  Values values;
  if (ValueReader(Datatype::port, 16).read(expression, values) || !values.unresolved.empty())
    return false;
  values.settle();
  if (values.numbers.is_empty() || values.numbers.intervals().size() != 1)
    return false;
  change.ports = values.numbers.intervals().front();
  return true;
}

// The data of a map: an address, ports, or both.
bool read_data(const Expression& data, bool is_port, bool as_network, Translate& change) {
  if (data.kind == ExpressionKind::concatenation && data.parts.size() == 2)
    return read_address(data.parts[0], false, change) && read_ports(data.parts[1], change);
  return is_port ? read_ports(data, change) : read_address(data, as_network, change);
}

}  // namespace

RuleLowering::Next RuleLowering::nat(const Statement& statement) {
  const bool at_source = statement.word != "dnat" && statement.word != "redirect";
  if (scope_.context.nat != (at_source ? NatRole::source : NatRole::destination)) {
    return give_up(DiagnosticCode::line_not_understood, statement.span,
                   "this translation is not possible at every hook that reaches its chain");
  }
  if (statement.word == "fullcone") {
    uses_tracking();
    return undecided_effect(statement.text);
  }
  Translate change;
  change.endpoint = at_source ? Endpoint::source : Endpoint::destination;
  if (statement.word == "masquerade" || statement.word == "redirect")
    change.to = Translate::To::interface_address;
  if (asked_.family)
    change.family = *asked_.family;
  for (const std::string& flag : statement.flags) {
    if (flag == "random" || flag == "fully-random")
      change.keeps_port = false;
  }
  const bool as_network = std::ranges::find(statement.flags, "prefix") != statement.flags.end();
  if (!statement.family.empty())
    add_needs(*find_key(statement.family == "ip6" ? "ip6" : "ip", "saddr"), asked_, tests_);
  const bool address_map = statement.address && statement.address->kind == ExpressionKind::map;
  const bool port_map = statement.port && statement.port->kind == ExpressionKind::map;
  if (address_map && port_map)
    return undecided_effect(statement.text);
  if (statement.address && !address_map && !read_address(*statement.address, as_network, change)) {
    report({statement.address->span, "this address cannot be read"});
    return Next::ended;
  }
  if (statement.port && !port_map && !read_ports(*statement.port, change)) {
    report({statement.port->span, "these ports cannot be read"});
    return Next::ended;
  }
  if (statement.address && !address_map)
    add_needs(*find_key(change.family == Family::ipv4 ? "ip" : "ip6", "saddr"), asked_, tests_);
  // An address has one family, of which connections are tracked; a device has both.
  uses_tracking(change.to == Translate::To::interface_address ? std::nullopt : asked_.family);
  if (address_map)
    return nat_by_map(*statement.address, change, as_network ? Part::network : Part::address);
  if (port_map)
    return nat_by_map(*statement.port, change, Part::port);
  emit(change);
  return Next::ended;
}

RuleLowering::Next RuleLowering::nat_by_map(const Expression& map, const Translate& base, Part part) {
  if (map.parts.size() != 2)
    return undecided_effect("a map that cannot be read");
  const auto keys = subjects(map.parts[0]);
  if (!keys)
    return Next::ended;
  const std::optional<Content> pairs = content(map.parts[1]);
  if (!pairs)
    return Next::ended;
  has_action_ = true;
  if (pairs->open || pairs->shrinks) {
    std::vector<Test> tests = tests_;
    tests.emplace_back(UnknownTest{Unknown::set_content, pairs->why, false});
    emit_into(out_, std::move(tests), model::Anything{fmt::format("the translations of {}", pairs->why), false});
  }
  for (const Group& group : groups(*pairs)) {
    Translate change = base;
    if (!group.sample->data || !read_data(*group.sample->data, part == Part::port, part == Part::network, change)) {
      report({group.sample->key.span, "the data of this element cannot be read"});
      return Next::ended;
    }
    std::optional<Test> test = in_group(*keys, *pairs, group);
    if (!test)
      return Next::ended;
    std::vector<Test> tests = tests_;
    if (part != Part::port && asked_.family != change.family)
      tests.emplace_back(model::FieldTest{Field::protocol, IntervalSet::range(0, 255), change.family});
    tests.push_back(std::move(*test));
    if (pairs->shrinks)
      tests.emplace_back(UnknownTest{Unknown::set_content, pairs->why, false});
    emit_into(out_, std::move(tests), std::move(change));
  }
  return Next::ended;
}

}  // namespace segproof::nft
