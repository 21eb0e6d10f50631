// SPDX-License-Identifier: Apache-2.0
// The XML output of nmap (`-oX`): hosts that are up, their addresses and names, and what the scan tells about ports.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/text_guard.h"
#include "input/inventory/host_list.h"
#include "input/inventory/inventory.h"
#include "input/inventory/nmap_ports.h"
#include "input/inventory/reporter.h"
#include "input/inventory/values.h"

namespace segproof::input {
namespace inventory {
namespace {

// Tags and attributes together; each costs some 60 bytes in the library's tree.
constexpr std::ptrdiff_t most_marks = 8'000'000;
// Elements that may speak of one address, and intervals of ports that all hosts may hold together.
constexpr unsigned most_statements = 64;
constexpr std::size_t most_intervals = 16'000'000;

std::string_view name_of(const pugi::xml_node& node) {
  return node.name();
}

class NmapReader {
 public:
  explicit NmapReader(Reporter& reporter) : reporter_(reporter), list_(reporter) {}

  Inventory run(const pugi::xml_node& root) {
    for (const pugi::xml_node& node : root.children()) {
      if (name_of(node) == "scaninfo") {
        read_scan(node);
      }
    }
    for (const pugi::xml_node& node : root.children()) {
      if (name_of(node) == "host") {
        read_host(node);
      }
    }
    check_end(root);
    report_down();
    finish_hosts();
    return std::move(list_).finish();
  }

 private:
  struct State {
    PortKnowledge knowledge;
    bool told = false;  // some element of the host has ports
    unsigned statements = 1;
    SourceSpan span;
  };

  [[nodiscard]] SourceSpan span(const pugi::xml_node& node) const {
    return reporter_.span_at(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)),
                             name_of(node).size());
  }

  // The value of an attribute with its place. An attribute that stands twice is an error: the library takes the first.
  std::optional<Value> attribute(const pugi::xml_node& node, const char* name) {
    std::optional<Value> found;
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      if (std::string_view(attribute.name()) != name) {
        continue;
      }
      if (found) {
        reporter_.error(DiagnosticCode::nmap_value_invalid, span(node),
                        fmt::format("`{}` has two attributes `{}`", node.name(), name));
        return found;
      }
      found = Value{.text = attribute.value(), .span = value_span(node, name)};
    }
    return found;
  }

  // As attribute(); one that is missing is an error.
  std::optional<Value> required(const pugi::xml_node& node, const char* name) {
    std::optional<Value> found = attribute(node, name);
    if (!found) {
      reporter_.error(DiagnosticCode::nmap_value_invalid, span(node),
                      fmt::format("`{}` has no attribute `{}`", node.name(), name));
    }
    return found;
  }

  // Where the value of an attribute is written: the library only knows where its element is.
  [[nodiscard]] SourceSpan value_span(const pugi::xml_node& node, std::string_view name) const {
    constexpr std::size_t window = 4096;
    const auto begin = static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0));
    const std::string_view tag = reporter_.text().substr(begin, window);
    for (std::size_t at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
      const std::size_t open = at + name.size() + 1;
      if (at > 0 && is_space(tag[at - 1]) && open < tag.size() && tag[open - 1] == '=' &&
          (tag[open] == '"' || tag[open] == '\'')) {
        const std::size_t close = std::min(tag.find(tag[open], open + 1), tag.size());
        return reporter_.span_at(begin + open + 1, close - open - 1);
      }
    }
    return span(node);
  }

  void invalid(const Value& value, std::string message) {
    reporter_.error(DiagnosticCode::nmap_value_invalid, value.span, std::move(message));
  }

  // Nothing for IP protocol scans, and after an error.
  std::optional<std::uint8_t> port_protocol(const Value& value) {
    if (value.text == "tcp" || value.text == "udp" || value.text == "sctp") {
      return parse_protocol(value.text);
    }
    if (value.text == "ip") {
      note_protocol_scan(value);
    } else {
      invalid(value, fmt::format("nmap does not scan a protocol {}", quote(value.text)));
    }
    return std::nullopt;
  }

  void note_protocol_scan(const Value& value) {
    const char* const why = "the scan for IP protocols is not used";
    reporter_.doubt(LineUse::unmodelled, value.span, DiagnosticCode::nmap_scan_not_used, why);
    if (!std::exchange(protocol_scan_noted_, true)) {
      reporter_.note(DiagnosticCode::nmap_scan_not_used, value.span, why);
    }
  }

  // "1,3-4,80".
  std::optional<IntervalSet> port_list(const Value& list) {
    std::vector<Interval> ports;
    for (const std::string_view part : split(list.text, ',')) {
      if (part.empty() && list.text.empty()) {
        break;
      }
      const std::size_t dash = part.find('-');
      const std::optional<std::uint16_t> low = parse_unsigned<std::uint16_t>(part.substr(0, dash));
      const std::optional<std::uint16_t> high =
          dash == std::string_view::npos || !low ? low : parse_unsigned<std::uint16_t>(part.substr(dash + 1), *low);
      if (!low || !high) {
        reporter_.error(DiagnosticCode::nmap_value_invalid, part.empty() ? list.span : reporter_.part_span(list, part),
                        part.empty() ? "the list of ports has an empty item"
                                     : fmt::format("{} is neither a port nor a range of ports", quote(part)));
        return std::nullopt;
      }
      ports.push_back({*low, *high});
    }
    return IntervalSet::of(std::move(ports));
  }

  void read_scan(const pugi::xml_node& node) {
    const std::optional<Value> protocol_value = required(node, "protocol");
    const std::optional<Value> services = attribute(node, "services");
    const std::optional<std::uint8_t> protocol = protocol_value ? port_protocol(*protocol_value) : std::nullopt;
    const std::optional<IntervalSet> ports = protocol && services ? port_list(*services) : std::nullopt;
    if (!ports) {
      return;  // what was scanned is not told, so only the ports that are named are known
    }
    if (const std::optional<Value> count = attribute(node, "numservices")) {
      if (parse_unsigned<std::uint32_t>(count->text) != static_cast<std::uint32_t>(ports->size())) {
        reporter_.warning(DiagnosticCode::nmap_value_invalid, count->span,
                          fmt::format("the scan counts {} ports and lists {}; the list is not used", quote(count->text),
                                      static_cast<std::uint32_t>(ports->size())));
        return;
      }
    }
    IntervalSet& scanned = scanned_[*protocol];
    scanned = scanned | *ports;
  }

  std::optional<PortState> port_state(const Value& value) {
    const std::string& text = value.text;
    if (text == "open") {
      return PortState::open;
    }
    if (text == "closed") {
      return PortState::closed;
    }
    if (text == "filtered" || text == "open|filtered" || text == "closed|filtered" || text == "unfiltered" ||
        text == "unknown") {
      return PortState::may_listen;
    }
    invalid(value, fmt::format("nmap knows no state {}", quote(text)));
    return std::nullopt;
  }

  void read_port(const pugi::xml_node& node, HostPorts& ports) {
    const std::optional<Value> protocol_value = required(node, "protocol");
    const std::optional<Value> number = required(node, "portid");
    const pugi::xml_node state_node = node.child("state");
    if (!state_node) {
      reporter_.error(DiagnosticCode::nmap_value_invalid, span(node), "`port` has no `state`");
      return;
    }
    const std::optional<Value> state_value = required(state_node, "state");
    const std::optional<std::uint8_t> protocol = protocol_value ? port_protocol(*protocol_value) : std::nullopt;
    if (!protocol || !number || !state_value) {
      return;
    }
    const std::optional<std::uint16_t> port = parse_unsigned<std::uint16_t>(number->text);
    if (!port) {
      return invalid(*number, fmt::format("{} is not a port from 0 to 65535", quote(number->text)));
    }
    const std::optional<PortState> state = port_state(*state_value);
    if (!state) {
      return;
    }
    const pugi::xml_node service = node.child("service");
    std::string name = service.attribute("name").value();
    const std::string product = service.attribute("product").value();
    if (!product.empty()) {
      name = name.empty() ? product : fmt::format("{} ({})", name, product);
    }
    ports.seen.push_back(
        {.protocol = *protocol, .port = *port, .state = *state, .name = std::move(name), .span = number->span});
  }

  void read_counted(const pugi::xml_node& node, HostPorts& ports) {
    const std::optional<Value> state_value = required(node, "state");
    const std::optional<Value> count = required(node, "count");
    if (!state_value || !count) {
      return;
    }
    const std::optional<PortState> state = port_state(*state_value);
    const std::optional<std::uint32_t> number = parse_unsigned<std::uint32_t>(count->text);
    if (!number) {
      return invalid(*count, fmt::format("{} is not a number", quote(count->text)));
    }
    if (!state) {
      return;
    }
    CountedPorts counted{.state = *state, .count = *number, .exact = true, .ports = {}, .span = state_value->span};
    std::uint64_t told = 0;
    for (const pugi::xml_node& reason : node.children("extrareasons")) {
      const std::optional<Value> list = attribute(reason, "ports");
      const std::optional<Value> protocol_value = attribute(reason, "proto");
      const std::optional<std::uint8_t> protocol = protocol_value ? port_protocol(*protocol_value) : std::nullopt;
      const std::optional<IntervalSet> told_ports = list && protocol ? port_list(*list) : std::nullopt;
      if (told_ports) {
        IntervalSet& set = counted.ports[*protocol];
        told += static_cast<std::uint64_t>(told_ports->size());
        set = set | *told_ports;
      }
    }
    counted.exact = told == counted.count;
    ports.counted.push_back(std::move(counted));
  }

  // The name that the user gave, then those of the DNS, each once.
  std::vector<std::string> host_names(const pugi::xml_node& node) {
    std::vector<std::string> names;
    for (const bool user : {true, false}) {
      for (const pugi::xml_node& child : node.child("hostnames").children("hostname")) {
        const std::string_view name = child.attribute("name").value();
        if ((std::string_view(child.attribute("type").value()) == "user") != user || std::ranges::count(names, name)) {
          continue;
        }
        if (name.empty() || std::ranges::any_of(name, [](char c) { return is_space(c) || (c >= 0 && c < 0x20); })) {
          reporter_.warning(DiagnosticCode::inventory_name_invalid, value_span(child, "name"),
                            fmt::format("{} is not the name of a host; it is left out", quote(name)));
          continue;
        }
        names.emplace_back(name);
        if (names.size() == 100) {
          return names;
        }
      }
    }
    return names;
  }

  std::optional<ListedHost> read_identity(const pugi::xml_node& node) {
    ListedHost host;
    host.origin = span(node);
    std::vector<std::string> names = host_names(node);
    host.name = names.empty() ? "" : names.front();
    bool any = false;
    for (const pugi::xml_node& child : node.children("address")) {
      const std::optional<Value> type = attribute(child, "addrtype");
      const std::string kind = type ? type->text : "ipv4";  // the default of nmap.dtd
      const std::optional<Value> address = required(child, "addr");
      if (!address || kind == "mac") {
        continue;
      }
      if (kind != "ipv4" && kind != "ipv6") {
        invalid(*type, fmt::format("nmap knows no addresses of type {}", quote(kind)));
        continue;
      }
      any = true;
      host.name = host.name.empty() ? address->text : host.name;
      host.origin = address->span;
      add_address(host, *address, kind == "ipv4" ? Family::ipv4 : Family::ipv6, "", NamesAllowed::no, reporter_);
    }
    if (!any) {
      reporter_.warning(DiagnosticCode::inventory_name_invalid, host.origin,
                        "the host has no IPv4 or IPv6 address; it is left out");
      return std::nullopt;
    }
    if (!names.empty()) {
      host.aliases.assign(names.begin() + 1, names.end());
      std::ranges::sort(host.aliases);
    }
    return host;
  }

  void read_host(const pugi::xml_node& node) {
    if (intervals_ > most_intervals) {
      return;
    }
    if (const pugi::xml_node status = node.child("status")) {
      const std::optional<Value> state = required(status, "state");
      if (state && (state->text == "down" || state->text == "unknown" || state->text == "skipped")) {
        down_span_ = down_ == 0 ? state->span : down_span_;
        ++down_;
        return;
      }
      if (state && state->text != "up") {
        return invalid(*state, fmt::format("nmap knows no state {}", quote(state->text)));
      }
    }
    std::optional<ListedHost> host = read_identity(node);
    if (!host) {
      return;
    }
    HostPorts ports;
    const pugi::xml_node port_node = node.child("ports");
    for (const pugi::xml_node& child : port_node.children()) {
      if (name_of(child) == "port") {
        read_port(child, ports);
      } else if (name_of(child) == "extraports") {
        read_counted(child, ports);
      }
    }
    State state;
    state.told = static_cast<bool>(port_node);
    state.span = host->origin;
    if (state.told) {
      state.knowledge = conclude(ports, scanned_);
      if (!has_room(state.knowledge, state.span)) {
        return;
      }
    }
    place(std::move(*host), std::move(state));
  }

  // Counts the ports that a host holds. False, and an error once, when all hosts hold too many.
  bool has_room(const PortKnowledge& knowledge, SourceSpan span) {
    if (intervals_ > most_intervals) {
      return false;
    }
    for (const auto& [protocol, ports] : knowledge.known) {
      intervals_ += ports.intervals().size();
    }
    for (const ListedService& service : knowledge.services) {
      intervals_ += service.ports.intervals().size();
    }
    if (intervals_ > most_intervals) {
      reporter_.error(DiagnosticCode::inventory_too_large, span,
                      fmt::format("the ports of all hosts together need more than {} ranges", most_intervals),
                      "split the scan into several files");
      return false;
    }
    return true;
  }

  // Puts the host into the list, or joins it with the one that has an address of it.
  void place(ListedHost host, State state) {
    for (const ListedAddress& address : host.addresses) {
      if (const auto known = by_address_.find(address.address); known != by_address_.end()) {
        return merge(known->second, std::move(host), std::move(state));
      }
    }
    if (host.addresses.empty()) {
      if (const auto known = by_name_.find(host.name); known != by_name_.end()) {
        return merge(known->second, std::move(host), std::move(state));
      }
    }
    if (!list_.has_room(1, host.origin)) {
      return;
    }
    name_apart(host);
    const std::size_t index = list_.size();
    by_name_.emplace(host.name, index);
    for (const ListedAddress& address : host.addresses) {
      by_address_.emplace(address.address, index);
    }
    list_.add(std::move(host));
    states_.push_back(std::move(state));
  }

  // Reverse DNS gives one name to many addresses; they are not one host for that.
  void name_apart(ListedHost& host) {
    const auto other = by_name_.find(host.name);
    if (other == by_name_.end() || host.addresses.empty()) {
      return;
    }
    const std::string address = to_string(host.addresses.front().address);
    reporter_.add(Severity::warning, DiagnosticCode::inventory_value_twice, host.origin,
                  fmt::format("the name {} belongs to two hosts; this one is called by its address", quote(host.name)),
                  {.span = list_.at(other->second).origin, .message = "the other host is here"});
    add_words(host.aliases, std::array{Value{.text = host.name, .span = host.origin}});
    host.name = address;
  }

  void merge(std::size_t index, ListedHost host, State state) {
    ListedHost& known = list_.at(index);
    State& before = states_[index];
    if (++before.statements > most_statements) {
      if (before.statements == most_statements + 1) {
        reporter_.error(DiagnosticCode::inventory_too_large, host.origin,
                        fmt::format("host {} was scanned more than {} times", quote(known.name), most_statements));
      }
      return;
    }
    if (parse_address(known.name) && !parse_address(host.name) && by_name_.try_emplace(host.name, index).second) {
      by_name_.erase(known.name);
      known.name = std::move(host.name);
    } else if (host.name != known.name && !parse_address(host.name)) {
      add_words(known.aliases, std::array{Value{.text = host.name, .span = host.origin}});
    }
    for (ListedAddress& address : host.addresses) {
      if (by_address_.try_emplace(address.address, index).second) {
        known.addresses.push_back(std::move(address));
      }
    }
    if (!before.told || !state.told) {
      before.knowledge = state.told ? std::move(state.knowledge) : std::move(before.knowledge);
      before.told = before.told || state.told;
      return;
    }
    PortSets disagreed;
    before.knowledge = join(before.knowledge, state.knowledge, disagreed);
    if (!disagreed.empty()) {
      const auto& [protocol, ports] = *disagreed.begin();
      reporter_.add(Severity::warning, DiagnosticCode::inventory_value_twice, state.span,
                    fmt::format("port {}/{} of host {} is open in one scan and closed in another; it may listen",
                                protocol == protocol_number::udp   ? "udp"
                                : protocol == protocol_number::tcp ? "tcp"
                                                                   : "sctp",
                                static_cast<unsigned>(ports.min()), quote(known.name)),
                    {.span = before.span, .message = "the other scan is here"});
    }
  }

  void report_down() {
    if (down_ > 0) {
      reporter_.note(DiagnosticCode::nmap_hosts_down, down_span_,
                     fmt::format("{} did not answer the scan and {} not listed",
                                 down_ == 1 ? "one host" : fmt::format("{} hosts", down_), down_ == 1 ? "is" : "are"));
    }
  }

  void check_end(const pugi::xml_node& root) {
    const pugi::xml_node finished = root.child("runstats").child("finished");
    const std::string_view exit = finished.attribute("exit").value();
    if (!finished) {
      reporter_.warning(DiagnosticCode::nmap_scan_incomplete, span(root),
                        "the file does not say that the scan finished");
    } else if (!exit.empty() && exit != "success") {
      reporter_.warning(DiagnosticCode::nmap_scan_incomplete, value_span(finished, "exit"),
                        fmt::format("the scan ended with {}", quote(exit)));
    }
  }

  void finish_hosts() {
    std::vector<std::string> unknown;
    SourceSpan first;
    for (std::size_t i = 0; i < list_.size(); ++i) {
      ListedHost& host = list_.at(i);
      State& state = states_[i];
      if (state.told ? !state.knowledge.complete : !scanned_.empty()) {
        first = unknown.empty() ? host.origin : first;
        unknown.push_back(host.name);
      }
      for (auto& [protocol, ports] : state.knowledge.known) {
        host.scanned.emplace_back(protocol, std::move(ports));
      }
      host.services = std::move(state.knowledge.services);
    }
    if (!unknown.empty()) {
      reporter_.note(DiagnosticCode::nmap_ports_unknown, first,
                     fmt::format("the file does not tell the state of all scanned ports of {}", some_names(unknown)),
                     "`--open` and time-outs leave ports out; anything may listen on those");
    }
  }

  Reporter& reporter_;
  HostList list_;
  std::vector<State> states_;  // of list_, by index
  std::map<Address, std::size_t> by_address_;
  std::map<std::string, std::size_t> by_name_;
  PortSets scanned_;
  std::size_t intervals_ = 0;
  std::size_t down_ = 0;
  SourceSpan down_span_;
  bool protocol_scan_noted_ = false;
};

// An internal subset of the document type, where entities are declared.
std::optional<std::size_t> find_declarations(std::string_view text) {
  const std::string_view head = text.substr(0, text.find("<nmaprun"));
  const std::size_t type = head.find("<!DOCTYPE");
  if (type == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t end = head.find_first_of("[>", type);
  return end != std::string_view::npos && head[end] == '[' ? std::optional(type) : std::nullopt;
}

void report_syntax(const pugi::xml_parse_result& result, Reporter& reporter) {
  const std::size_t size = reporter.text().size();
  const auto offset = std::min(static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0)), size);
  const bool at_end = trim(reporter.text().substr(offset)).size() <= 1;
  if (result.status == pugi::status_no_document_element) {
    reporter.error(DiagnosticCode::nmap_not_a_scan, reporter.whole(),
                   size == 0 ? "the file is empty" : "there is no XML in the file", "write it with `nmap -oX FILE`");
  } else if (result.status == pugi::status_out_of_memory) {
    reporter.error(DiagnosticCode::nmap_xml_syntax, reporter.whole(), "there is not enough memory for the file");
  } else if (at_end) {
    reporter.error(DiagnosticCode::nmap_xml_syntax, reporter.span_at(offset, 1),
                   "the file ends before its elements are closed",
                   "was the scan interrupted? `nmap --resume` completes it");
  } else {
    reporter.error(DiagnosticCode::nmap_xml_syntax, reporter.span_at(offset, 1),
                   fmt::format("not well-formed XML: {}", to_lower(result.description())));
  }
}

bool check_root(const pugi::xml_document& document, Reporter& reporter) {
  const pugi::xml_node root = document.document_element();
  const auto place = [&](const pugi::xml_node& node) {
    return reporter.span_at(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)),
                            name_of(node).size());
  };
  if (name_of(root) != "nmaprun") {
    reporter.error(DiagnosticCode::nmap_not_a_scan, place(root),
                   fmt::format("the file begins with {}, not with `nmaprun`", quote(name_of(root))),
                   "write it with `nmap -oX FILE`");
    return false;
  }
  if (const pugi::xml_node second = root.next_sibling()) {
    reporter.error(DiagnosticCode::nmap_xml_syntax, place(second), "something follows the end of the scan",
                   "each scan is a file of its own");
    return false;
  }
  return true;
}

}  // namespace
}  // namespace inventory

Inventory read_nmap_xml(FileId file, const SourceStore& sources, DiagnosticSink& sink) {
  using namespace inventory;
  Reporter reporter(file, sources, sink);
  constexpr TextLimits limits{.bytes = std::size_t{128} << 20U, .line_bytes = std::size_t{16} << 20U};
  Inventory nothing{.hosts = {}, .lines = sources.line_count(file), .notes = {}};
  if (!guard_text(sources, file, limits, sink)) {
    return nothing;
  }
  const std::string_view text = reporter.text();
  if (const std::optional<std::size_t> at = find_declarations(text)) {
    reporter.error(DiagnosticCode::nmap_declarations, reporter.span_at(*at, 9),
                   "the file declares a document type of its own");
    return nothing;
  }
  if (std::ranges::count_if(text, [](char c) { return c == '<' || c == '='; }) > most_marks) {
    reporter.error(DiagnosticCode::inventory_too_large, reporter.whole(),
                   fmt::format("the file has more than {} tags and attributes", most_marks),
                   "split the scan into several files");
    return nothing;
  }
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(
      text.data(), text.size(), pugi::parse_escapes | pugi::parse_wconv_attribute, pugi::encoding_utf8);
  if (!result) {
    report_syntax(result, reporter);
    return nothing;
  }
  return check_root(document, reporter) ? NmapReader(reporter).run(document.document_element()) : nothing;
}

}  // namespace segproof::input
