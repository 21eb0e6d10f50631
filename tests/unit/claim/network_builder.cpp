// SPDX-License-Identifier: Apache-2.0
#include "network_builder.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "input/iptables/reader.h"

namespace segproof::test {
namespace {

using model::Known;

[[noreturn]] void fail(const std::string& what) {
  throw std::logic_error("test plan: " + what);
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> result;
  std::string part;
  std::istringstream stream{std::string(text)};
  while (std::getline(stream, part, at)) {
    const auto first = part.find_first_not_of(" \t");
    if (first != std::string::npos) {
      result.push_back(part.substr(first, part.find_last_not_of(" \t") - first + 1));
    }
  }
  return result;
}

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Prefix prefix_of(const std::string& text) {
  const auto prefix = parse_prefix(text);
  return prefix ? *prefix : (fail("no prefix: " + text), Prefix{});
}

}  // namespace

Plan::Plan(std::string_view lines) {
  network_.epoch = "e0";
  network_.date = "2026-01-01";
  network_.state_flushed = true;
  for (const std::string& line : split(lines, '\n')) {
    add_line(split(line, ' '));
  }
}

void Plan::add_line(const std::vector<std::string>& words) {
  if (words[0] == "segment") {
    add_segment(words);
  } else if (words[0] == "zone") {
    add_zone(words);
  } else if (words[0] == "host") {
    add_node(words, model::NodeKind::host);
  } else if (words[0] == "device") {
    add_node(words, model::NodeKind::device);
  } else if (words[0] == "route") {
    add_route(words);
  } else {
    fail("no such line: " + words[0]);
  }
}

void Plan::add_segment(const std::vector<std::string>& words) {
  model::Segment segment;
  segment.name = words[1];
  segment.complete = has_word(words, "complete");
  segment.internet = has_word(words, "internet");
  segment.external = segment.internet || has_word(words, "external");
  for (const std::string& word : words) {
    if (word.find('/') != std::string::npos) {
      segment.prefixes.push_back(prefix_of(word));
    }
  }
  if (segment.external) {
    model::Zone zone;
    zone.name = segment.name;
    zone.external = true;
    zone.external_falls = has_word(words, "falls");
    zone.prefixes = segment.prefixes;
    zone.segments.emplace_back(network_.segments.size());
    network_.zones.push_back(std::move(zone));
  }
  network_.segments.push_back(std::move(segment));
}

void Plan::add_zone(const std::vector<std::string>& words) {
  model::Zone zone;
  zone.name = words[1];
  for (std::size_t w = 2; w < words.size(); ++w) {
    if (words[w] == "under") {
      zone.parent = network_.find_zone(words[++w]);
    } else if (words[w].find('/') != std::string::npos) {
      zone.prefixes.push_back(prefix_of(words[w]));
    } else {
      fail("zone word " + words[w]);
    }
  }
  network_.zones.push_back(std::move(zone));
}

void Plan::add_node(const std::vector<std::string>& words, model::NodeKind kind) {
  const model::NodeId id(network_.nodes.size());
  network_.nodes.emplace_back();
  {
    model::Node& node = network_.nodes.back();
    node.name = words[1];
    node.kind = kind;
    if (kind == model::NodeKind::device) {
      node.forwarding = {model::Forwarding::on, model::Forwarding::on};
      node.filter = {Known::given, Known::off};
      node.routes = {Known::given, Known::off};
    }
    for (model::Routing& routing : node.routing) {
      routing.tables.push_back({"main", {}});
    }
  }
  for (std::size_t w = 2; w < words.size(); ++w) {
    model::Node& node = network_.nodes.back();
    const std::string& word = words[w];
    if (word == "missing") {
      node.filter = node.routes = {Known::missing, Known::missing};
    } else if (word == "ipv6=off" || word == "ipv6=missing" || word == "ipv6=given") {
      const Known known = word == "ipv6=off" ? Known::off : word == "ipv6=missing" ? Known::missing : Known::given;
      node.filter[1] = node.routes[1] = known;
    } else if (word.starts_with("forwarding=")) {
      const auto forwarding = word.ends_with("=off") ? model::Forwarding::off : model::Forwarding::on;
      node.forwarding = {forwarding, forwarding};
    } else if (word.starts_with("twin=")) {
      node.twin = word.substr(5);
    } else if (word.starts_with("down=")) {
      network_.interfaces[network_.find_interface(id, word.substr(5)).index()].is_up = false;
    } else {
      add_interface(id, word);
    }
  }
}

void Plan::add_interface(model::NodeId node, const std::string& word) {
  const std::size_t equals = word.find('=');
  const std::size_t colon = word.find(':', equals);
  if (equals == std::string::npos || colon == std::string::npos) {
    fail("interface " + word);
  }
  const model::InterfaceId id(network_.interfaces.size());
  model::Interface interface;
  interface.name = word.substr(0, equals);
  interface.node = node;
  const std::string segment = word.substr(equals + 1, colon - equals - 1);
  if (segment != "-") {
    interface.segment = network_.find_segment(segment);
    if (!interface.segment.valid()) {
      fail("no segment " + segment);
    }
    network_.segments[interface.segment.index()].attached.push_back(id);
  }
  for (const std::string& text : split(word.substr(colon + 1), ',')) {
    const auto address = parse_interface_address(text);
    if (!address) {
      fail("address " + text);
    }
    interface.addresses.push_back(*address);
  }
  network_.nodes[node.index()].interfaces.push_back(id);
  network_.interfaces.push_back(std::move(interface));
}

void Plan::add_route(const std::vector<std::string>& words) {
  model::Route route;
  route.destination = prefix_of(words[2]);
  const model::NodeId node = network_.find_node(words[1]);
  for (std::size_t w = 3; w < words.size(); ++w) {
    if (words[w] == "via") {
      continue;
    }
    if (words[w] == "blackhole") {
      route.kind = model::RouteKind::blackhole;
    } else if (words[w] == "dev") {
      route.hops.push_back({std::nullopt, network_.find_interface(node, words[++w])});
    } else {
      route.hops.push_back({parse_address(words[w]), {}});
    }
  }
  model::Routing& routing = network_.nodes[node.index()].routing[model::index_of(route.destination.address.family)];
  routing.tables.front().routes.push_back(std::move(route));
}

model::RuleSet Plan::read(const std::string& path, const std::string& text, Family family) {
  DiagnosticSink sink;
  const FileId file = sources_.add(path, text);
  IptablesResult result = read_iptables_save(file, sources_, family, sink);
  if (!sink.all().empty()) {
    fail(path + ": " + sink.all().front().message);
  }
  for (std::vector<model::Gap>* gaps : {&result.undecided, &result.unmodelled}) {
    network_.gaps.insert(network_.gaps.end(), gaps->begin(), gaps->end());
  }
  return std::move(result.rules);
}

Plan& Plan::rules(const std::string& name, const std::string& text, Family family) {
  const std::size_t first_gap = network_.gaps.size();
  model::RuleSet read_rules = read(name + (family == Family::ipv4 ? ".rules" : ".rules6"), text, family);
  const model::NodeId id = network_.find_node(name);
  for (std::size_t g = first_gap; g < network_.gaps.size(); ++g) {
    network_.gaps[g].node = id;
  }
  node(name).rules.append(std::move(read_rules));
  node(name).filter[model::index_of(family)] = Known::given;
  node(name).routes[model::index_of(family)] = Known::given;
  return *this;
}

Plan& Plan::filter(const std::string& name, const std::string& rules_text, Family family) {
  return rules(name,
               "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" + rules_text + "\nCOMMIT\n",
               family);
}

Plan& Plan::earlier(const std::string& name, const std::string& text, std::size_t epochs_ago) {
  model::RuleSet read_rules = read(name + ".rules-before", text, Family::ipv4);
  network_.state_flushed = false;
  if (epochs_ago == 1) {
    network_.previous_rules[name] = std::move(read_rules);
  } else {
    network_.earlier_rules.resize(std::max(network_.earlier_rules.size(), epochs_ago - 1));
    network_.earlier_rules[epochs_ago - 2][name] = std::move(read_rules);
  }
  return *this;
}

Plan& Plan::first_in(const std::string& name, std::string_view ending, const model::Action& action) {
  bool found = false;
  for (model::Chain& chain : node(name).rules.chains) {
    if (chain.name.ends_with(ending)) {
      found = true;
      std::vector<model::Rule> rules;
      rules.reserve(chain.rules.size() + 1);
      rules.push_back(model::Rule{{}, action, {}});
      std::copy(chain.rules.begin(), chain.rules.end(), std::back_inserter(rules));
      chain.rules = std::move(rules);
    }
  }
  return found ? *this : (fail("no chain " + std::string(ending)), *this);
}

Plan& Plan::assume(const std::string& id, std::vector<std::string> harmless) {
  network_.assumptions.push_back({id, "assumed by the test", "", std::move(harmless), {}});
  return *this;
}

model::Node& Plan::node(std::string_view name) {
  const model::NodeId id = network_.find_node(name);
  return id.valid() ? network_.nodes[id.index()] : (fail("no node " + std::string(name)), network_.nodes.front());
}

model::Segment& Plan::segment(std::string_view name) {
  const model::SegmentId id = network_.find_segment(name);
  return id.valid() ? network_.segments[id.index()]
                    : (fail("no segment " + std::string(name)), network_.segments.front());
}

std::vector<claim::Verdict> Plan::verify_all(const claim::Claim& claim) const {
  claim::Options options;
  options.jobs = 1;
  return claim::verify(network_, std::span<const claim::Claim>(&claim, 1), sources_, options).verdicts;
}

claim::Verdict Plan::verify(const claim::Claim& claim) const {
  return verify_all(claim).front();
}

std::string Plan::outcome(const claim::Claim& claim) const {
  return std::string(claim::outcome_name(verify(claim).outcome));
}

claim::BlastAnswer Plan::blast(const std::string& from, claim::Pivot pivot, std::optional<unsigned> hops) const {
  const auto answer = claim::blast(network_, sources_, {names(from).front(), hops, pivot});
  return answer.ok() ? answer.value() : (fail("blast from " + from), claim::BlastAnswer{});
}

std::string Plan::trace(const std::string& from, const std::string& text) const {
  const auto packet = parse_packet(text);
  if (!packet) {
    fail("no packet: " + text);
  }
  const auto answer = claim::trace(network_, sources_, {from, *packet});
  if (!answer.ok()) {
    fail("trace from " + from);
  }
  std::string result;
  for (const claim::TracePath& path : answer.value().paths) {
    result += result.empty() ? "" : ", ";
    switch (path.fate) {
      case claim::TraceFate::delivered:
        result += "delivered " + path.delivered;
        break;
      case claim::TraceFate::denied:
        result += "denied " + (path.hops.empty() ? std::string() : path.hops.back().device);
        break;
      case claim::TraceFate::lost:
        result += "lost";
        break;
      case claim::TraceFate::undecided:
        result += "undecided";
        break;
    }
  }
  return result;
}

std::string told(const claim::Verdict& verdict) {
  std::string result(claim::outcome_name(verdict.outcome));
  result += ": " + verdict.reason;
  if (verdict.witness) {
    for (const claim::WitnessStep& step : verdict.witness->steps) {
      result += "\n  " + step.actor + " (" + std::string(claim::role_name(step.role)) + ") " +
                (step.packet ? to_string(*step.packet) : "") + " to " + step.delivered;
      for (const claim::Hop& hop : step.hops) {
        result += "\n    " + hop.device + " " + hop.stage + " " + hop.in + " " + hop.out + " " + hop.action + " " +
                  (hop.rule ? hop.rule->text : "") + (hop.packet_after ? " " + to_string(*hop.packet_after) : "");
      }
    }
  }
  return result;
}

std::vector<claim::Name> names(std::string_view text) {
  std::vector<claim::Name> result;
  for (std::string& word : split(text, ',')) {
    result.push_back({std::move(word), {}});
  }
  return result;
}

claim::Allowed allow(std::string_view service, std::string_view from, std::string_view to) {
  claim::Allowed allowed;
  const auto parsed = claim::parse_service(service);
  if (!parsed) {
    fail("service " + std::string(service));
  }
  allowed.service = *parsed;
  allowed.from = names(from);
  allowed.to = names(to);
  return allowed;
}

claim::Claim claim_of(claim::Kind kind, std::string_view from, std::string_view to) {
  claim::Claim claim;
  claim.id = "C";
  claim.kind = kind;
  claim.from = names(from);
  claim.to = names(to);
  return claim;
}

claim::Claim with_services(claim::Kind kind, std::string_view from, std::string_view to,
                           std::vector<claim::Allowed> services) {
  claim::Claim claim = claim_of(kind, from, to);
  claim.services = std::move(services);
  return claim;
}

std::string nat_and_filter(const std::string& nat_rules, const std::string& filter_rules) {
  return "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n" +
         nat_rules + "\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" +
         filter_rules + "\nCOMMIT\n";
}

}  // namespace segproof::test
