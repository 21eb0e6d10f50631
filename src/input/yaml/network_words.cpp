// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/network_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace segproof::input::yaml {
namespace {

// What is wrong with a text that is not read as an address or prefix, and what may have been meant.
struct AddressFault {
  std::string message;
  std::string hint;
};

AddressFault address_fault(std::string_view text, std::string_view wanted) {
  const std::size_t slash = text.find('/');
  const std::string_view head = text.substr(0, slash);
  const std::optional<Address> address = parse_address(head);
  if (!address) {
    if (head.find_first_not_of("0123456789.") == std::string_view::npos && std::ranges::count(head, '.') == 3) {
      return {.message = "each of the four numbers is 0 to 255 without leading zeros", .hint = ""};
    }
    if (head.find('%') != std::string_view::npos) {
      return {.message = "an address stands without its interface", .hint = "leave `%` and what follows out"};
    }
    return {.message = fmt::format("it is not {}", wanted), .hint = ""};
  }
  if (slash == std::string_view::npos) {
    return {.message = "its length is missing",
            .hint = fmt::format("write `{}/{}`", head, address->family == Family::ipv4 ? 24 : 64)};
  }
  const auto length = parse_unsigned<unsigned>(text.substr(slash + 1), 0, address_width(address->family));
  if (!length) {
    return {.message = fmt::format("the length of an {} prefix is 0 to {}", family_text(address->family),
                                   address_width(address->family)),
            .hint = ""};
  }
  if (wanted == "an address") {
    return {.message = "an address stands without a length", .hint = fmt::format("write `{}`", head)};
  }
  const Prefix meant = make_prefix(*address, *length);
  return {.message = fmt::format("bits behind the length /{} are set", *length),
          .hint = fmt::format("did you mean `{}/{}`?", to_string(meant.address), *length)};
}

void report(Faults& faults, const Word& word, std::string_view what, std::string_view wanted) {
  AddressFault fault = address_fault(word.text, wanted);
  faults.error(DiagnosticCode::bad_address, word.span,
               fmt::format("{} {} cannot be read: {}", what, quote(word.text), fault.message), std::move(fault.hint));
}

}  // namespace

std::string_view family_text(Family family) {
  return family == Family::ipv4 ? "IPv4" : "IPv6";
}

std::optional<PlacedAddress> read_address(Faults& faults, const View& view, std::string_view what) {
  const std::optional<Word> word = read_word(faults, view, what);
  if (!word) {
    return std::nullopt;
  }
  if (const std::optional<Address> address = parse_address(word->text)) {
    return PlacedAddress{.address = *address, .span = word->span};
  }
  report(faults, *word, what, "an address");
  return std::nullopt;
}

std::optional<PlacedPrefix> read_prefix(Faults& faults, const View& view, std::string_view what) {
  const std::optional<Word> word = read_word(faults, view, what);
  if (!word) {
    return std::nullopt;
  }
  if (const std::optional<Prefix> prefix = parse_prefix(word->text)) {
    return PlacedPrefix{.prefix = *prefix, .span = word->span};
  }
  report(faults, *word, what, "an address or a prefix");
  return std::nullopt;
}

std::optional<PlacedInterfaceAddress> read_interface_address(Faults& faults, const View& view, std::string_view what) {
  const std::optional<Word> word = read_word(faults, view, what);
  if (!word) {
    return std::nullopt;
  }
  const bool has_length = word->text.find('/') != std::string::npos;
  if (const auto address = has_length ? parse_interface_address(word->text) : std::nullopt) {
    return PlacedInterfaceAddress{.address = *address, .span = word->span};
  }
  report(faults, *word, what, "an address with a length");
  return std::nullopt;
}

std::optional<PlacedService> read_service(Faults& faults, const View& view, std::string_view what) {
  const std::optional<Word> word = read_word(faults, view, what);
  if (!word) {
    return std::nullopt;
  }
  if (std::optional<claim::ServiceSpec> service = claim::parse_service(word->text)) {
    return PlacedService{.service = std::move(*service), .span = word->span};
  }
  faults.error(DiagnosticCode::bad_service, word->span, fmt::format("{} {} cannot be read", what, quote(word->text)),
               "write `any`, a protocol, `tcp/443`, `udp/5000-5010` or `icmp/8`; ports are 0 to 65535");
  return std::nullopt;
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
  if (const std::optional<Prefix> prefix = parse_prefix(text)) {
    return AddressRange{.family = prefix->address.family, .range = prefix->interval()};
  }
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::optional<Address> low = parse_address(text.substr(0, dash));
  const std::optional<Address> high = parse_address(text.substr(dash + 1));
  if (!low || !high || low->family != high->family || low->bits > high->bits) {
    return std::nullopt;
  }
  return AddressRange{.family = low->family, .range = {low->bits, high->bits}};
}

bool looks_like_address(std::string_view text) {
  return text.find(':') != std::string_view::npos || text.find('/') != std::string_view::npos ||
         text.find_first_not_of("0123456789.-") == std::string_view::npos;
}

void report_bad_address(Faults& faults, const Word& word, std::string_view what) {
  report(faults, word, what, "an address, a prefix or a range");
}

std::optional<IntervalSet> read_ports(Faults& faults, const View& view, std::string_view what) {
  std::vector<Interval> ranges;
  bool good = true;
  for_each_item(view, [&](const View& item) {
    const std::optional<Word> word = read_word(faults, item, what);
    const auto service =
        word && word->text.find(',') == std::string::npos ? claim::parse_service("tcp/" + word->text) : std::nullopt;
    if (service) {
      const auto intervals = service->ports.intervals();
      ranges.insert(ranges.end(), intervals.begin(), intervals.end());
      return;
    }
    good = false;
    if (word) {
      faults.error(DiagnosticCode::bad_service, word->span,
                   fmt::format("{} {} is not a port or a range of ports", what, quote(word->text)),
                   "ports are 0 to 65535: `443`, `1024-65535`");
    }
  });
  return good ? std::optional<IntervalSet>(IntervalSet::of(std::move(ranges))) : std::nullopt;
}

std::vector<PlacedPrefix> prefixes_at(const Section& section, std::string_view key) {
  std::vector<PlacedPrefix> prefixes;
  if (const std::optional<View> view = section.get(key)) {
    for_each_item(*view, [&](const View& item) {
      if (const auto prefix = read_prefix(section.faults(), item, fmt::format("`{}`: prefix", key))) {
        prefixes.push_back(*prefix);
      }
    });
  }
  return prefixes;
}

}  // namespace segproof::input::yaml
