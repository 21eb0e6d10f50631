// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/route_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"
#include "input/cisco/values.h"
#include "input/cisco/words.h"

namespace segproof {
namespace {

using namespace std::string_view_literals;
using cisco::Words;

enum class Command : std::uint8_t { cef, route };

// Lines that a terminal adds around the output of a command: "core1#", "core1>show ip cef".
bool is_prompt(std::string_view line) {
  const std::size_t mark = line.find_first_of("#>");
  if (mark == std::string_view::npos || mark == 0 || line.substr(0, mark).find(' ') != std::string_view::npos)
    return false;
  const std::string_view typed = trim(line.substr(mark + 1));
  return typed.empty() || typed.starts_with("sh") || typed.starts_with("term") || typed.starts_with("exit");
}

bool is_header_of_cef(std::string_view line) {
  const std::vector<std::string_view> words = split_words(line);
  return words.size() == 4 && words[0] == "Prefix" && words[1] == "Next" && words[2] == "Hop" &&
         words[3] == "Interface";
}

// Which command the text is the output of, and its first line below the header.
struct Beginning {
  Command command = Command::cef;
  std::size_t line = 0;
};

std::optional<Beginning> beginning_of(const std::vector<std::string_view>& lines) {
  constexpr std::size_t looked_at = 60;
  for (std::size_t at = 0; at < std::min(lines.size(), looked_at); ++at) {
    const std::string_view line = trim(lines[at]);
    if (is_header_of_cef(line))
      return Beginning{Command::cef, at + 1};
    if (line.starts_with("Codes: ") && line.find(" - ") != std::string_view::npos)
      return Beginning{Command::route, at + 1};
    if (!line.empty() && !is_prompt(line) && !line.starts_with("Routing Table"))
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Address> address_of(std::string_view word) {
  const auto value = cisco::parse_ipv4(word);
  return value ? std::optional(Address{Family::ipv4, *value}) : std::nullopt;
}

std::optional<Prefix> prefix_of(std::string_view word) {
  const std::optional<Prefix> prefix = parse_prefix(word);
  const bool has_length = word.find('/') != std::string_view::npos;
  return prefix && has_length && prefix->address.family == Family::ipv4 ? prefix : std::nullopt;
}

bool is_age(std::string_view word) {
  return word == "never" || (!word.empty() && is_digit(word.front()) &&
                             (word.find(':') != std::string_view::npos || word.find_first_of("dhwy") != word.npos));
}

class TableReader {
 public:
  TableReader(FileId file, const SourceStore& sources, DiagnosticSink& sink)
      : file_(file), sink_(sink), lines_(split(sources.text(file), '\n')) {}

  CiscoRouteTable read() {
    const std::optional<Beginning> beginning = beginning_of(lines_);
    if (!beginning) {
      unusable(1, "this is no table of routes that is understood",
               "give the output of `show ip cef`, `show ip route` or `show route`");
      return std::move(table_);
    }
    for (std::size_t at = beginning->line; at < lines_.size(); ++at) {
      line_ = static_cast<std::uint32_t>(at + 1);
      const std::string_view line = trim(lines_[at]);
      if (line.empty() || is_prompt(line))
        continue;
      const bool good = beginning->command == Command::cef ? cef_row(line) : route_row(line);
      if (!good)
        not_understood(line);
    }
    if (beginning->command == Command::cef && !has_end_ && table_.unmodelled.empty()) {
      unusable(static_cast<std::uint32_t>(lines_.size()),
               "the table is cut off: its last row, 255.255.255.255/32, is "
               "missing",
               "collect it again");
    }
    if (wants_more_)
      unusable(line_, "the table is cut off in the middle of a route", "collect it again");
    table_.is_whole = table_.unmodelled.empty();
    return std::move(table_);
  }

 private:
  [[nodiscard]] SourceSpan span() const { return {.file = file_, .line = line_, .column = 1, .length = 1}; }

  void unusable(std::uint32_t line, std::string why, std::string hint) {
    line_ = line;
    sink_.add({.code = DiagnosticCode::route_table_unusable,
               .severity = Severity::warning,
               .span = span(),
               .message = why,
               .hint = std::move(hint)});
    table_.unmodelled.push_back(
        {.span = span(), .code = DiagnosticCode::route_table_unusable, .why = std::move(why), .node = {}});
  }

  void not_understood(std::string_view line) {
    unusable(line_, fmt::format("the route {} is not understood, so the table is not used", quote(line, 60)), {});
  }

  model::ConfiguredRoute& add(const Prefix& destination, model::RouteKind kind) {
    model::ConfiguredRoute route;
    route.destination = destination;
    route.kind = kind;
    route.origin = span();
    table_.routes.push_back(std::move(route));
    return table_.routes.back();
  }

  // What a row says after its prefix: `GATEWAY INTERFACE`, `attached INTERFACE`, `receive`, `drop`.
  bool cef_row(std::string_view line) {
    Words words(line);
    if (const auto prefix = prefix_of(words.peek())) {
      words.skip(1);
      current_ = prefix;
      has_end_ = has_end_ || (prefix->length == 32 && prefix->address.bits == 0xffffffffU);
    } else if (!current_) {
      return false;
    }
    const std::string_view what = words.take();
    const std::string_view interface = words.take();
    if (!words.done())
      return false;
    static constexpr std::array dropped = {"drop"sv, "discard"sv, "null"sv};
    if (std::ranges::find(dropped, what) != dropped.end()) {
      add(*current_, model::RouteKind::blackhole);
      return true;
    }
    if (what == "no" && interface == "route")
      return true;
    if (what == "multicast" && interface.empty())
      return true;  // multicasts are never looked up here
    if (what == "receive") {
      add(*current_, model::RouteKind::local);
      return true;
    }
    if (interface.empty())
      return false;
    if (same_word(interface, "Null0")) {
      add(*current_, model::RouteKind::blackhole);
      return true;
    }
    const std::optional<Address> gateway = address_of(what);
    if (!gateway && what != "attached")
      return false;
    model::ConfiguredRoute& route = add(*current_, model::RouteKind::unicast);
    route.gateway = gateway;
    route.interface = std::string(interface);
    return true;
  }

  bool route_row(std::string_view line) {
    if (is_legend_) {
      // The legend ends with an empty line, which the caller skips: what follows `Gateway of last resort` is routes.
      if (line.find(" - ") != std::string_view::npos)
        return true;
      is_legend_ = false;
    }
    if (line.starts_with("Gateway of last resort"))
      return true;
    Words words(line);
    if (wants_more_ && words.peek().starts_with("["))
      return hop_of(words);
    if (words.peek().starts_with("[") && current_)
      return hop_of(words);
    if (wants_more_)
      return false;
    // Codes, then the destination.
    std::string codes;
    while (!words.done() && !destination_of(words)) {
      const std::string_view code = words.take();
      constexpr std::size_t longest_code = 3;
      if (code.size() > longest_code || code.find('>') != std::string_view::npos)
        return false;  // not Cisco's
      codes += code;
    }
    if (!found_)
      return false;
    const Prefix destination = *found_;
    if (words.peek() == "is" && words.rest().find("subnetted") != std::string::npos) {
      subnets_.reset();
      if (words.rest().find("variably") == std::string::npos)
        subnets_ = destination;
      current_.reset();
      return true;
    }
    current_ = destination;
    is_local_ = codes.starts_with("L");
    if (words.done()) {
      wants_more_ = true;
      return true;
    }
    return hop_of(words);
  }

  // "10.0.0.0/8", "10.0.0.0 255.0.0.0", or "10.1.2.0" below "10.0.0.0/24 is subnetted".
  bool destination_of(Words& words) {
    found_ = prefix_of(words.peek());
    if (found_) {
      words.skip(1);
      return true;
    }
    const std::optional<Address> address = address_of(words.peek());
    if (!address)
      return false;
    words.skip(1);
    if (const auto mask = cisco::parse_ipv4(words.peek())) {
      const auto length = cisco::netmask_length(*mask);
      if (!length)
        return false;
      words.skip(1);
      found_ = make_prefix(*address, *length);
    } else if (subnets_) {
      found_ = make_prefix(*address, subnets_->length);
    }
    return found_.has_value();
  }

  // "[110/20] via 10.1.1.9, 00:12:01, Vlan2", "is directly connected, Vlan2", "is a summary, 1d02h, Null0".
  bool hop_of(Words& words) {
    wants_more_ = false;
    if (words.peek().starts_with("["))
      words.skip(1);
    std::optional<Address> gateway;
    if (words.take_if("via")) {
      std::string_view text = words.take();
      text = text.substr(0, text.find(','));
      gateway = address_of(text);
      if (!gateway)
        return false;
    } else if (!words.take_if("is")) {
      return false;
    } else if (words.take_if("a")) {
      if (words.take() != "summary,")
        return false;
    } else if (!words.take_if("directly") || !words.take_if("connected,")) {
      return false;
    }
    std::string_view interface;
    while (!words.done()) {
      std::string_view word = words.take();
      if (word.ends_with(','))
        word.remove_suffix(1);
      if (is_age(word))
        continue;
      if (!interface.empty())
        return false;
      interface = word;
    }
    if (interface.empty() && !gateway)
      return false;
    if (same_word(interface, "Null0")) {
      add(*current_, model::RouteKind::blackhole);
      return true;
    }
    if (is_local_) {
      add(*current_, model::RouteKind::local);
      return true;
    }
    model::ConfiguredRoute& route = add(*current_, model::RouteKind::unicast);
    route.gateway = gateway;
    route.interface = std::string(interface);
    return true;
  }

  FileId file_;
  DiagnosticSink& sink_;
  std::vector<std::string_view> lines_;
  CiscoRouteTable table_;
  std::uint32_t line_ = 1;
  std::optional<Prefix> current_;
  std::optional<Prefix> subnets_;  // of "is subnetted"
  std::optional<Prefix> found_;
  bool is_legend_ = true;
  bool is_local_ = false;
  bool wants_more_ = false;  // the next hop of the destination stands in the next line
  bool has_end_ = false;
};

}  // namespace

bool looks_like_cisco_routes(std::string_view text) {
  constexpr std::size_t looked_at = 8192;
  return beginning_of(split(text.substr(0, looked_at), '\n')).has_value();
}

CiscoRouteTable read_cisco_routes(FileId file, const SourceStore& sources, DiagnosticSink& sink) {
  return TableReader(file, sources, sink).read();
}

}  // namespace segproof
