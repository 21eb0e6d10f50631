// SPDX-License-Identifier: Apache-2.0
// The values that mean the same in every inventory: lists, addresses, services. What cannot be read becomes a
// diagnostic and errs on the safe side (see inventory.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "input/inventory/inventory.h"
#include "input/inventory/reporter.h"

namespace segproof::input::inventory {

// The items of a list: separated by commas, semicolons, bars or white space; a Python or JSON list of strings
// (`['a', "b"]`) is one, too. Empty items are left out, and
// what is above the limit of the file (an error).
[[nodiscard]] std::vector<Value> list_items(const Value& list, Reporter& reporter);

// A template of Ansible (Jinja) or a vault secret: its value is not in the file.
[[nodiscard]] bool is_expression(std::string_view text);

// Adds the items to a list and leaves it sorted and without repetitions.
void add_words(std::vector<std::string>& words, std::span<const Value> items);

enum class NamesAllowed { no, yes };

// Adds an address, "10.0.0.1" or "10.0.0.1/24". Something that was meant as an address and is none is an error; with
// `names` a host name becomes an alias. Loopback and the like are reported and left out.
void add_address(ListedHost& host, const Value& value, std::optional<Family> family, std::string_view interface,
                 NamesAllowed names, Reporter& reporter);

// True for what can be an address of a host on a network: not unspecified, loopback, multicast, broadcast.
[[nodiscard]] bool usable(const Address& address);

// What a list of services says. `readable` false: some item is no service (an error was reported); `any`: everything.
struct ServiceList {
  std::vector<ListedService> services;
  bool readable = true;
  bool any = false;
};

// Items are `tcp/443`, `443/tcp`, `tcp/8000-8010`, `udp`, `gre`, `protocol number/ports`, with an optional name before
// (`web=tcp/443`) and tags after it (`tcp/443+vulnerable`); `none`: nothing listens; `any`: anything may. A bare port
// means TCP and UDP: `bare_port` is set to its place.
[[nodiscard]] ServiceList parse_services(std::span<const Value> items, std::optional<SourceSpan>& bare_port,
                                         Reporter& reporter);

// Sorts by protocol and ports and removes repetitions.
void sort_services(std::vector<ListedService>& services);

// "tcp" and the like, or a number up to 255.
[[nodiscard]] std::optional<std::uint8_t> parse_protocol(std::string_view text);

}  // namespace segproof::input::inventory
