// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "input/cisco/catalogue.h"
#include "input/cisco/device.h"
#include "input/cisco/known_routes.h"
#include "input/cisco/routes.h"

namespace segproof {
namespace cisco {
namespace {

using namespace std::string_view_literals;

class Reader {
 public:
  Reader(FileId file, const SourceStore& sources, CiscoDialect dialect, DiagnosticSink& sink,
         const CiscoRouteTable* table)
      : dialect_(dialect),
        sink_(sink),
        table_(table),
        statements_(read_statements(file, sources)),
        findings_(file, statements_, sink),
        definitions_(dialect),
        ports_(definitions_, findings_),
        catalogue_(dialect) {}

  model::DeviceConfiguration read() {
    definitions_.read(statements_, findings_);
    ports_.read(statements_);
    const InterfaceAddresses addresses = ports_.addresses();
    AccessLists lists(definitions_, addresses, findings_);
    lists.read(statements_);
    device_.dialect = dialect_;
    device_.statements = &statements_;
    device_.findings = &findings_;
    device_.definitions = &definitions_;
    device_.ports = &ports_;
    device_.lists = &lists;
    read_routes(device_, result_);
    has_table_ = table_ != nullptr && take_route_table(*table_, ports_, sink_, result_);
    take_names();
    // Once to see which lines are taken, once more with what the others leave in doubt.
    static_cast<void>(rules());
    judge_the_rest();
    findings_.be_silent();
    result_.rules = rules();
    SEGPROOF_ASSERT(!model::flaw(result_.rules));
    describe();
    return std::move(result_);
  }

 private:
  model::RuleSet rules() {
    return dialect_ == CiscoDialect::asa ? firewall_rules(device_, result_.routes) : router_rules(device_);
  }

  void take_names() {
    statements_.for_each_below(no_statement, [&](std::size_t at) {
      Words words(statements_[at].text);
      const std::string_view first = words.take();
      if (first == "hostname" || first == "switchname") {
        result_.host_name = std::string(words.take());
        findings_.irrelevant(at);
      } else if (statements_[at].text == "ipv6 unicast-routing") {
        routes_ipv6_ = true;
        findings_.modelled(at);
      } else if (statements_[at].text == "no ip routing") {
        result_.forwarding[0] = model::Forwarding::off;
        findings_.modelled(at);
      } else if (statements_[at].text == "ip routing") {
        findings_.modelled(at);
      }
    });
  }

  // Lines that no part of the reader took: what the catalogue says of them, or unmodelled.
  void judge_the_rest() {
    for (const TextFault& fault : statements_.faults) {
      findings_.damaged(fault.line, fault.message);
      if (!device_.may_do_anything)
        device_.may_do_anything = Doubt{{findings_.whole_file().file, fault.line, 1, 1}, fault.message};
    }
    statements_.for_each_below(no_statement, [&](std::size_t at) {
      if (statements_[at].text.starts_with("interface ")) {
        statements_.for_each_below(at, [&](std::size_t below) { below_interface(below); });
        return;
      }
      if (findings_.is_taken(at)) {
        for (std::size_t below = at + 1; below < statements_[at].end; ++below)
          top(below);
        return;
      }
      top(at);
    });
  }

  // A command at the top, or one that nobody took below a header that was taken.
  void top(std::size_t at) {
    if (findings_.is_taken(at))
      return;
    if (is_empty_clear(at))
      return findings_.irrelevant(at);
    if (statements_[at].text.starts_with("vlan ") && statements_[at].text.find(" access-group ") != std::string::npos) {
      // As other vendors write it.
      findings_.undecided(at, "a list is bound to a VLAN");
      if (!device_.may_drop)
        device_.may_drop = Doubt{findings_.span(at), "a list is bound to a VLAN"};
      return;
    }
    const Command* command = catalogue_.top(statements_[at].text);
    if (command == nullptr) {
      not_understood(at);
      for (std::size_t below = at + 1; below < statements_[at].end; ++below) {
        if (!findings_.is_taken(below))
          findings_.unmodelled(below, DiagnosticCode::line_not_understood, "a line below one that is not understood");
      }
      return;
    }
    if (command->effect == Effect::none)
      return findings_.all_below(at, model::LineUse::irrelevant);
    if (is_in_the_table(*command))
      return findings_.all_below(at, model::LineUse::modelled);
    for (std::size_t below = at; below < statements_[at].end; ++below) {
      if (!findings_.is_taken(below))
        findings_.undecided(below, std::string(command->why));
    }
    effect_at_top(*command, at);
  }

  // A table says what the routing protocols found out. It speaks of the main instance and of IPv4.
  [[nodiscard]] bool knows_all_routes() const {
    return has_table_ && std::ranges::all_of(ports_.all(), [](const Port& port) { return port.vrf.empty(); });
  }
  // Of IPv6 such a command says nothing on a device that forwards none.
  [[nodiscard]] bool is_in_the_table(const Command& command) const {
    const bool routes_six =
        routes_ipv6_ || (dialect_ != CiscoDialect::ios && std::ranges::any_of(ports_.all(), &Port::speaks_ipv6));
    return knows_all_routes() && !routes_six && (command.begins == "router" || command.begins == "ip default-network");
  }

  // `clear config nat` and the like, as scripts begin: nothing of the kind stands before it.
  [[nodiscard]] bool is_empty_clear(std::size_t at) const {
    Words words(statements_[at].text);
    if (!words.take_if("clear"))
      return false;
    if (!words.take_if("config"))
      words.take_if("configure");
    const std::string_view kind = words.take();
    bool found = kind.empty() || !words.done();
    statements_.for_each_below(no_statement, [&](std::size_t before) {
      const std::string_view text = statements_[before].text;
      found = found || (before < at && text.starts_with(kind) && text.substr(kind.size()).starts_with(' '));
    });
    return !found;
  }

  void effect_at_top(const Command& command, std::size_t at) {
    const std::string why(command.why);
    if (command.effect == Effect::anything)
      device_.doubt_everything(at, why);
    if (command.effect == Effect::drops && !device_.may_drop)
      device_.may_drop = Doubt{findings_.span(at), why};
    if (command.effect != Effect::routes)
      return;
    static constexpr std::array of_all = {"router"sv, "ip default-network"sv, "mpls"sv};
    if (std::ranges::find(of_all, command.begins) != of_all.end())
      result_.routes_complete = {result_.routes_complete[0] && knows_all_routes(), false};
    if (command.begins == "ipv6 router")
      result_.routes_complete[1] = false;
    if (command.begins.find("multicast") != std::string_view::npos && !device_.routes_multicast)
      device_.routes_multicast = Doubt{findings_.span(at), why};
  }

  void not_understood(std::size_t at) {
    findings_.unmodelled(at, DiagnosticCode::line_not_understood,
                         fmt::format("{} is not understood", quote(statements_[at].text, 60)));
    device_.doubt_everything(at, "a line that is not understood");
  }

  void below_interface(std::size_t at) {
    if (findings_.is_taken(at)) {
      for (std::size_t below = at + 1; below < statements_[at].end; ++below) {
        if (!findings_.is_taken(below))
          findings_.irrelevant(below);
      }
      return;
    }
    Port* port = port_of(statements_[at].parent);
    const Command* command = catalogue_.on_interface(statements_[at].text);
    if (command == nullptr) {
      findings_.unmodelled(at, DiagnosticCode::line_not_understood,
                           fmt::format("{} below an interface is not understood", quote(statements_[at].text, 60)));
      for (std::size_t below = at + 1; below < statements_[at].end; ++below)
        findings_.unmodelled(below, DiagnosticCode::line_not_understood, "a line below one that is not understood");
      if (port != nullptr)
        port->doubts.push_back(at);
      return;
    }
    if (command->effect == Effect::none)
      return findings_.all_below(at, model::LineUse::irrelevant);
    for (std::size_t below = at; below < statements_[at].end; ++below)
      findings_.undecided(below, std::string(command->why));
    if (command->effect == Effect::anything && port != nullptr)
      port->doubts.push_back(at);
    if (command->effect == Effect::drops && !device_.may_drop)
      device_.may_drop = Doubt{findings_.span(at), std::string(command->why)};
  }

  Port* port_of(std::size_t block) {
    Words words(statements_[block].text);
    words.skip(1);
    std::string name(words.take());
    if (Port* found = ports_.find(name))
      return found;
    name += words.take();
    return ports_.find(name);
  }

  void describe() {
    bool speaks_ipv6 = false;
    for (const Port& port : ports_.all()) {
      speaks_ipv6 = speaks_ipv6 || port.speaks_ipv6;
      model::ConfiguredInterface interface;
      interface.name = port.name;
      interface.hardware = port.hardware == port.name ? std::string() : port.hardware;
      interface.routing_instance = port.vrf;
      interface.addresses = port.addresses;
      interface.shared_addresses = port.shared_addresses;
      interface.has_unknown_address = port.has_unknown_address;
      interface.is_up = port.is_up;
      const std::string hardware = to_lower(port.hardware);
      interface.is_tunnel = hardware.starts_with("tunnel") || hardware.starts_with("virtual-") ||
                            hardware.starts_with("nve") || hardware.starts_with("dialer");
      interface.is_inner = hardware.starts_with("loopback");
      interface.is_idle = !interface.is_tunnel && port.is_idle();
      interface.origin = findings_.span(port.statement);
      if (!port.is_switched)
        result_.interfaces.push_back(std::move(interface));
    }
    const bool routes_six = dialect_ == CiscoDialect::ios ? routes_ipv6_ : speaks_ipv6;
    result_.forwarding[1] = routes_six ? model::Forwarding::on : model::Forwarding::off;
    result_.undecided = findings_.undecided_lines();
    result_.unmodelled = findings_.unmodelled_lines();
    result_.lines = statements_.uses;
  }

  CiscoDialect dialect_;
  DiagnosticSink& sink_;
  const CiscoRouteTable* table_;
  bool has_table_ = false;
  Statements statements_;
  Findings findings_;
  Definitions definitions_;
  Ports ports_;
  Catalogue catalogue_;
  Device device_;
  model::DeviceConfiguration result_;
  bool routes_ipv6_ = false;
};

}  // namespace
}  // namespace cisco

model::DeviceConfiguration read_cisco(FileId file, const SourceStore& sources, CiscoDialect dialect,
                                      DiagnosticSink& sink, const CiscoRouteTable* table) {
  return cisco::Reader(file, sources, dialect, sink, table).read();
}

}  // namespace segproof
