// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace segproof::cisco {
namespace {

struct Application {
  std::string_view name;
  std::uint8_t protocol;  // 0: TCP and UDP
  Interval ports;
};

// Applications whose inspection opens further connections, with their usual ports. Others only look at content.
constexpr std::array applications = {
    Application{"ctiqbe", 6, {2748, 2748}}, Application{"dcerpc", 6, {135, 135}},
    Application{"ftp", 6, {21, 21}},        Application{"gtp", 17, {2123, 2123}},
    Application{"h323", 0, {1718, 1720}},   Application{"mgcp", 17, {2427, 2727}},
    Application{"mmp", 6, {5443, 5443}},    Application{"netbios", 17, {137, 138}},
    Application{"pptp", 6, {1723, 1723}},   Application{"ipsec-pass-thru", 17, {500, 500}},
    Application{"rsh", 6, {514, 514}},      Application{"rtsp", 6, {554, 554}},
    Application{"sip", 0, {5060, 5060}},    Application{"skinny", 6, {2000, 2000}},
    Application{"sqlnet", 6, {1521, 1521}}, Application{"sunrpc", 0, {111, 111}},
    Application{"tftp", 17, {69, 69}},      Application{"xdmcp", 17, {177, 177}},
    Application{"waas", 6, {1, 65535}},     Application{"m3ua", 132, {2905, 2905}},
    Application{"stun", 0, {3478, 3478}},   Application{"diameter", 6, {3868, 3868}},
};

const Application* find_application(std::string_view name) {
  const auto* const found = std::ranges::find(applications, name, &Application::name);
  return found == applications.end() ? nullptr : found;
}

std::vector<model::Test> port_tests(std::uint8_t protocol, const IntervalSet& ports) {
  const IntervalSet both{{protocol_number::tcp, protocol_number::tcp}, {protocol_number::udp, protocol_number::udp}};
  return {field_in(Field::protocol, protocol == 0 ? both : IntervalSet::single(protocol)),
          field_in(Field::destination_port, ports)};
}

class InspectionReader {
 public:
  explicit InspectionReader(Device& device) : device_(device), statements_(*device.statements) {}

  Inspection read() {
    statements_.for_each_below(no_statement, [&](std::size_t at) { top_level(at); });
    for (const std::string& policy : in_service_) {
      const auto found = policies_.find(policy);
      if (found != policies_.end())
        serve(found->second);
    }
    return std::move(result_);
  }

 private:
  void top_level(std::size_t at) {
    Words words(statements_[at].text);
    const std::string_view word = words.take();
    if (word == "class-map")
      return class_map(words, at);
    if (word == "policy-map")
      return policy_map(words, at);
    if (word == "service-policy") {
      in_service_.emplace_back(words.take());
      return device_.findings->modelled(at);
    }
    if (word == "fixup" && words.take_if("protocol"))
      return fixup(words, at);
    if (word == "no" && words.peek() == "fixup")
      device_.findings->modelled(at);
  }

  void class_map(Words& words, std::size_t at) {
    if (words.peek() == "type")
      return device_.findings->all_below(at, model::LineUse::irrelevant);  // looks into content
    if (words.peek().starts_with("match-"))
      words.skip(1);
    classes_.emplace(std::string(words.take()), at);
    device_.findings->all_below(at, model::LineUse::modelled);
  }

  // Maps of a type say how an application's content is looked at.
  void policy_map(Words& words, std::size_t at) {
    if (words.peek() == "type")
      return device_.findings->all_below(at, model::LineUse::irrelevant);
    policies_.emplace(std::string(words.take()), at);
    device_.findings->all_below(at, model::LineUse::modelled);
  }

  void fixup(Words& words, std::size_t at) {
    const std::string_view name = words.take();
    device_.findings->modelled(at);
    if (name == "icmp") {
      result_.icmp = result_.icmp || words.peek() != "error";
      return;
    }
    const Application* application = find_application(name);
    if (application == nullptr)
      return;
    IntervalSet ports{application->ports};
    if (words.peek() == "h225" || words.peek() == "ras")
      words.skip(1);
    std::string_view text = words.peek();
    const std::size_t dash = text.find('-');
    const auto low = parse_number(text.substr(0, dash), 65535);
    const auto high = dash == std::string_view::npos ? low : parse_number(text.substr(dash + 1), 65535);
    if (low && high && *low <= *high)
      ports = IntervalSet::range(*low, *high);
    result_.helpers.push_back({std::string(name), port_tests(application->protocol, ports), device_.span(at)});
  }

  void serve(std::size_t policy) {
    statements_.for_each_below(policy, [&](std::size_t at) {
      Words words(statements_[at].text);
      if (!words.take_if("class"))
        return;
      const std::string name(words.take());
      statements_.for_each_below(at, [&](std::size_t deed) {
        Words line(statements_[deed].text);
        const std::string_view word = line.take();
        if (word == "inspect")
          return inspect(name, line, deed);
        if (word == "set" && statements_[deed].text.find("tcp-state-bypass") != std::string_view::npos) {
          result_.bypasses_state = true;
          device_.findings->undecided(deed, "packets without a connection may pass");
        } else if (word == "police" || word == "ips" || word == "csc" || word == "cxsc" || word == "sfr") {
          device_.findings->undecided(deed, "drops some of the packets");
        }
      });
    });
  }

  void inspect(const std::string& class_name, Words& words, std::size_t at) {
    const std::string_view name = words.take();
    if (name == "icmp") {
      result_.icmp = result_.icmp || words.peek() != "error";
      return;
    }
    const Application* application = find_application(name);
    if (application == nullptr)
      return;
    std::vector<model::Test> tests = class_tests(class_name, *application);
    result_.helpers.push_back({std::string(name), std::move(tests), device_.span(at)});
  }

  // Which connections a class holds.
  std::vector<model::Test> class_tests(const std::string& name, const Application& application) {
    const auto found = classes_.find(name);
    if (name == "class-default" || found == classes_.end())
      return {};
    std::vector<model::Test> tests;
    bool known = false;
    statements_.for_each_below(found->second, [&](std::size_t at) {
      Words words(statements_[at].text);
      if (!words.take_if("match"))
        return;
      if (words.take_if("default-inspection-traffic")) {
        tests = port_tests(application.protocol, IntervalSet{application.ports});
        known = true;
      } else if (words.take_if("port")) {
        const std::uint8_t protocol = words.take() == "udp" ? protocol_number::udp : protocol_number::tcp;
        if (const auto ports = Definitions::take_ports(words)) {
          tests = port_tests(protocol, ports->ports);
          known = true;
        }
      }
    });
    return known ? tests : std::vector<model::Test>();
  }

  Device& device_;
  const Statements& statements_;
  Inspection result_;
  std::map<std::string, std::size_t, std::less<>> classes_;
  std::map<std::string, std::size_t, std::less<>> policies_;
  std::vector<std::string> in_service_;
};

}  // namespace

Inspection read_inspection(Device& device) {
  return InspectionReader(device).read();
}

}  // namespace segproof::cisco
