// SPDX-License-Identifier: Apache-2.0
// Inventories as tables: the first row names the columns, each further row is a host or one more address of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/text_guard.h"
#include "input/inventory/csv_table.h"
#include "input/inventory/host_list.h"
#include "input/inventory/host_range.h"
#include "input/inventory/inventory.h"
#include "input/inventory/reporter.h"
#include "input/inventory/values.h"

namespace segproof::input {
namespace inventory {
namespace {

enum class Role : std::uint8_t { name, address, interface, zone, segment, vrf, services, tags, labels, groups };
constexpr std::size_t role_count = 10;

struct UsualName {
  std::string_view name;
  Role role;
  std::optional<Family> family;
};

// Compared in lower case with `_` for blanks and hyphens.
constexpr std::array<UsualName, 45> usual_names{{{"name", Role::name, {}},
                                                 {"hostname", Role::name, {}},
                                                 {"host_name", Role::name, {}},
                                                 {"host", Role::name, {}},
                                                 {"fqdn", Role::name, {}},
                                                 {"dns_name", Role::name, {}},
                                                 {"alias", Role::name, {}},
                                                 {"aliases", Role::name, {}},
                                                 {"address", Role::address, {}},
                                                 {"addresses", Role::address, {}},
                                                 {"ip", Role::address, {}},
                                                 {"ips", Role::address, {}},
                                                 {"ip_address", Role::address, {}},
                                                 {"ip_addresses", Role::address, {}},
                                                 {"ipaddress", Role::address, {}},
                                                 {"ip_addr", Role::address, {}},
                                                 {"ipv4", Role::address, Family::ipv4},
                                                 {"ipv4_address", Role::address, Family::ipv4},
                                                 {"ipv6", Role::address, Family::ipv6},
                                                 {"ipv6_address", Role::address, Family::ipv6},
                                                 {"interface", Role::interface, {}},
                                                 {"nic", Role::interface, {}},
                                                 {"zone", Role::zone, {}},
                                                 {"security_zone", Role::zone, {}},
                                                 {"segment", Role::segment, {}},
                                                 {"network_segment", Role::segment, {}},
                                                 {"vrf", Role::vrf, {}},
                                                 {"service", Role::services, {}},
                                                 {"services", Role::services, {}},
                                                 {"port", Role::services, {}},
                                                 {"ports", Role::services, {}},
                                                 {"open_ports", Role::services, {}},
                                                 {"listening", Role::services, {}},
                                                 {"listening_ports", Role::services, {}},
                                                 {"tag", Role::tags, {}},
                                                 {"tags", Role::tags, {}},
                                                 {"label", Role::labels, {}},
                                                 {"labels", Role::labels, {}},
                                                 {"data_label", Role::labels, {}},
                                                 {"data_labels", Role::labels, {}},
                                                 {"data", Role::labels, {}},
                                                 {"group", Role::groups, {}},
                                                 {"groups", Role::groups, {}},
                                                 {"host_group", Role::groups, {}},
                                                 {"host_groups", Role::groups, {}}}};

std::string_view role_name(Role role) {
  switch (role) {
    case Role::name:
      return "name";
    case Role::address:
      return "address";
    case Role::interface:
      return "interface";
    case Role::zone:
      return "zone";
    case Role::segment:
      return "segment";
    case Role::vrf:
      return "vrf";
    case Role::services:
      return "services";
    case Role::tags:
      return "tags";
    case Role::labels:
      return "labels";
    case Role::groups:
      return "groups";
  }
  return "";
}

std::string normal(std::string_view name) {
  std::string text = to_lower(trim(name));
  std::ranges::replace_if(
      text, [](char c) { return c == ' ' || c == '-'; }, '_');
  return text;
}

// A host of more rows is a mistake or an attack.
constexpr std::size_t most_rows = 4096;

// A role that one column only may have.
bool is_single(Role role) {
  return role == Role::interface || role == Role::zone || role == Role::segment || role == Role::vrf;
}

struct Column {
  std::size_t index;
  std::optional<Family> family;
  Value header;
};

// Which column means what.
class Header {
 public:
  Header(std::vector<Value> cells, const CsvColumns& columns, Reporter& reporter)
      : cells_(std::move(cells)), taken_(cells_.size(), false), reporter_(reporter) {
    const std::array<const std::string*, role_count> given{
        &columns.name, &columns.address,  &columns.interface, &columns.zone,   &columns.segment,
        &columns.vrf,  &columns.services, &columns.tags,      &columns.labels, &columns.groups};
    report_repeated();
    for (std::size_t role = 0; role < role_count; ++role) {
      if (!given[role]->empty()) {
        take_given(static_cast<Role>(role), *given[role]);
      }
    }
    for (const UsualName& usual : usual_names) {
      if (given[static_cast<std::size_t>(usual.role)]->empty()) {
        take_usual(usual);
      }
    }
    report_unknown();
    if (of(Role::name).empty() && of(Role::address).empty() && usable_) {
      usable_ = false;
      reporter_.error(DiagnosticCode::csv_column_missing, cells_.front().span,
                      "no column holds the name or the address of hosts",
                      "the first row names the columns, for example `name,address,zone,services`");
    }
  }

  [[nodiscard]] const std::vector<Column>& of(Role role) const { return columns_[static_cast<std::size_t>(role)]; }
  [[nodiscard]] bool usable() const { return usable_; }
  [[nodiscard]] std::size_t size() const { return cells_.size(); }

 private:
  void report_repeated() {
    std::map<std::string, const Value*> seen;
    for (const Value& cell : cells_) {
      const auto [first, is_new] = seen.try_emplace(normal(cell.text), &cell);
      if (!is_new && !cell.text.empty()) {
        usable_ = false;
        reporter_.add(Severity::error, DiagnosticCode::csv_column_repeated, cell.span,
                      fmt::format("there are two columns {}", quote(cell.text)),
                      {.span = first->second->span, .message = "first here"});
      }
    }
  }

  void take(Role role, std::size_t index, std::optional<Family> family) {
    std::vector<Column>& columns = columns_[static_cast<std::size_t>(role)];
    taken_[index] = true;
    if (is_single(role) && !columns.empty()) {
      usable_ = false;
      reporter_.add(Severity::error, DiagnosticCode::csv_column_repeated, cells_[index].span,
                    fmt::format("column {} means the {} as does {}", quote(cells_[index].text), role_name(role),
                                quote(columns.front().header.text)),
                    {.span = columns.front().header.span, .message = "the other column is here"},
                    "say which one counts where the file is named");
      return;
    }
    columns.push_back({.index = index, .family = family, .header = cells_[index]});
  }

  void take_given(Role role, const std::string& name) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (same_word(trim(cells_[i].text), trim(name))) {
        return take(role, i, std::nullopt);
      }
    }
    std::vector<std::string> names;
    for (const Value& cell : cells_) {
      names.push_back(cell.text);
    }
    usable_ = false;
    reporter_.error(DiagnosticCode::csv_column_missing, cells_.front().span,
                    fmt::format("there is no column {} for the {}", quote(name), role_name(role)),
                    did_you_mean_hint(name, names));
  }

  void take_usual(const UsualName& usual) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (!taken_[i] && normal(cells_[i].text) == usual.name) {
        take(usual.role, i, usual.family);
      }
    }
  }

  void report_unknown() {
    std::vector<std::string> unknown;
    std::optional<SourceSpan> first;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (!taken_[i]) {
        first = first ? first : cells_[i].span;
        unknown.push_back(cells_[i].text);
        reporter_.doubt(LineUse::unmodelled, cells_[i].span, DiagnosticCode::csv_column_unknown,
                        fmt::format("column {} is not used", quote(cells_[i].text)));
      }
    }
    if (first) {
      reporter_.note(DiagnosticCode::csv_column_unknown, *first,
                     unknown.size() == 1
                         ? fmt::format("column {} is not used", quote(unknown.front()))
                         : fmt::format("{} columns are not used: {}", unknown.size(), some_names(unknown)));
    }
  }

  std::vector<Value> cells_;
  std::vector<bool> taken_;
  std::array<std::vector<Column>, role_count> columns_;
  Reporter& reporter_;
  bool usable_ = true;
};

class TableReader {
 public:
  TableReader(const Header& header, Reporter& reporter) : header_(header), reporter_(reporter), list_(reporter) {}

  void read_row(std::vector<Value> cells) {
    row_ = std::move(cells);
    if (row_.size() > header_.size()) {
      reporter_.error(DiagnosticCode::csv_row_length, row_[header_.size()].span,
                      fmt::format("the row has {} cells, there are {} columns", row_.size(), header_.size()),
                      "a cell with the delimiter in it needs quotes");
      return;
    }
    if (row_.size() < header_.size()) {
      reporter_.warning(
          DiagnosticCode::csv_row_length, row_.back().span,
          fmt::format("the row has {} of {} cells; the others count as empty", row_.size(), header_.size()));
    }
    std::optional<ListedHost> host = read_host();
    if (!host) {
      return;
    }
    const auto key = std::tuple(host->name, host->zone, host->segment, host->vrf);
    const auto found = places_.find(key);
    if (found == places_.end()) {
      if (list_.has_room(1, host->origin)) {
        places_.emplace(key, Place{.index = list_.size(), .rows = 1});
        list_.add(std::move(*host));
      }
      return;
    }
    if (++found->second.rows <= most_rows) {
      merge(list_.at(found->second.index), std::move(*host));
    } else if (found->second.rows == most_rows + 1) {
      reporter_.error(DiagnosticCode::inventory_too_large, host->origin,
                      fmt::format("host {} has more than {} rows", quote(host->name), most_rows));
    }
  }

  Inventory finish() && {
    for (const auto& [key, place] : places_) {
      if (place.rows > 1) {
        tidy(list_.at(place.index));
      }
    }
    return std::move(list_).finish();
  }

 private:
  // The cells of a role that are not empty.
  [[nodiscard]] std::vector<std::pair<const Column*, const Value*>> cells(Role role) const {
    std::vector<std::pair<const Column*, const Value*>> found;
    for (const Column& column : header_.of(role)) {
      if (column.index < row_.size() && !row_[column.index].text.empty()) {
        found.emplace_back(&column, &row_[column.index]);
      }
    }
    return found;
  }
  [[nodiscard]] std::string single(Role role) const {
    const auto found = cells(role);
    return found.empty() ? "" : std::string(trim(found.front().second->text));
  }
  [[nodiscard]] std::vector<Value> items(Role role) {
    std::vector<Value> all;
    for (const auto& [column, cell] : cells(role)) {
      std::ranges::move(list_items(*cell, reporter_), std::back_inserter(all));
    }
    return all;
  }

  // A name may have blanks; a column of aliases is a list.
  std::vector<Value> host_names() {
    std::vector<Value> names;
    for (const auto& [column, cell] : cells(Role::name)) {
      const std::string header = normal(column->header.text);
      if (header == "alias" || header == "aliases") {
        std::ranges::move(list_items(*cell, reporter_), std::back_inserter(names));
      } else if (std::ranges::any_of(cell->text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; })) {
        reporter_.error(DiagnosticCode::inventory_name_invalid, cell->span,
                        fmt::format("{} is not the name of a host", quote(cell->text)));
      } else {
        names.push_back({.text = std::string(trim(cell->text)), .span = cell->span});
      }
    }
    std::erase_if(names, [](const Value& name) { return name.text.empty(); });
    return names;
  }

  std::optional<ListedHost> read_host() {
    const std::vector<Value> names = host_names();
    ListedHost host;
    const auto addresses = cells(Role::address);
    if (names.empty() && addresses.empty()) {
      reporter_.warning(DiagnosticCode::inventory_name_invalid, row_.front().span,
                        "the row has neither a name nor an address; it is left out");
      return std::nullopt;
    }
    host.name = names.empty() ? addresses.front().second->text : names.front().text;
    host.origin = names.empty() ? addresses.front().second->span : names.front().span;
    if (!names.empty()) {
      add_words(host.aliases, std::span(names).subspan(1));
    }
    host.zone = single(Role::zone);
    host.segment = single(Role::segment);
    host.vrf = single(Role::vrf);
    const std::string interface = single(Role::interface);
    for (const auto& [column, cell] : addresses) {
      for (const Value& item : list_items(*cell, reporter_)) {
        add_address(host, item, column->family, interface, NamesAllowed::no, reporter_);
      }
    }
    if (names.empty() && !host.addresses.empty()) {
      host.name = to_string(host.addresses.front().address);
    } else if (names.empty()) {
      return std::nullopt;  // its address was a fault
    }
    add_words(host.tags, items(Role::tags));
    add_words(host.labels, items(Role::labels));
    add_words(host.groups, items(Role::groups));
    read_services(host);
    return host;
  }

  void read_services(ListedHost& host) {
    const std::vector<Value> listed = items(Role::services);
    ServiceList services = parse_services(listed, list_.bare_port, reporter_);
    host.services_listed = services.readable && !services.any && !listed.empty();
    if (host.services_listed) {
      host.services = std::move(services.services);
    }
  }

  // One more row about a host: more addresses, more of everything.
  void merge(ListedHost& host, ListedHost row) {
    const auto knows = [&](const ListedAddress& address) {
      return std::ranges::find(host.addresses, address.address, &ListedAddress::address) != host.addresses.end();
    };
    const bool same_services = host.services_listed == row.services_listed &&
                               std::ranges::equal(host.services, row.services, {}, service_key, service_key);
    if (std::ranges::all_of(row.addresses, knows) && same_services && row.tags == host.tags) {
      reporter_.add(Severity::warning, DiagnosticCode::inventory_duplicate_host, row.origin,
                    fmt::format("host {} is listed twice with nothing new", quote(host.name)),
                    {.span = host.origin, .message = "first here"});
    }
    if (host.services_listed != row.services_listed) {
      reporter_.add(Severity::warning, DiagnosticCode::inventory_value_twice, row.origin,
                    fmt::format("one row of host {} lists services, another does not; what listens counts as unknown",
                                quote(host.name)),
                    {.span = host.origin, .message = "first here"}, "repeat the services in each row of the host");
      host.services_listed = false;
    }
    for (ListedAddress& address : row.addresses) {
      if (!knows(address)) {
        host.addresses.push_back(std::move(address));
      }
    }
    const auto append = [](auto& into, auto& from) { std::ranges::move(from, std::back_inserter(into)); };
    append(host.services, row.services);
    append(host.aliases, row.aliases);
    append(host.tags, row.tags);
    append(host.labels, row.labels);
    append(host.groups, row.groups);
  }

  // Sorting after each row would make a host of many rows quadratic.
  static void tidy(ListedHost& host) {
    if (!host.services_listed) {
      host.services.clear();
    }
    sort_services(host.services);
    add_words(host.aliases, {});
    add_words(host.tags, {});
    add_words(host.labels, {});
    add_words(host.groups, {});
  }

  static std::tuple<std::uint8_t, const IntervalSet&> service_key(const ListedService& service) {
    return {service.protocol, service.ports};
  }

  struct Place {
    std::size_t index;  // in the list
    std::size_t rows;
  };

  const Header& header_;
  Reporter& reporter_;
  HostList list_;
  std::vector<Value> row_;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, Place> places_;
};

}  // namespace
}  // namespace inventory

Inventory read_csv(FileId file, const SourceStore& sources, const CsvColumns& columns, DiagnosticSink& sink) {
  using namespace inventory;
  Reporter reporter(file, sources, sink);
  constexpr TextLimits limits{.bytes = std::size_t{128} << 20U};
  Inventory nothing{.hosts = {}, .lines = sources.line_count(file), .notes = {}};
  if (!guard_text(sources, file, limits, sink)) {
    return nothing;
  }
  CsvRows rows(reporter, columns.delimiter);
  std::optional<std::vector<Value>> first = rows.next();
  if (!first) {
    reporter.error(DiagnosticCode::csv_column_missing, reporter.whole(), "the file has no row that names the columns");
    return nothing;
  }
  const Header header(std::move(*first), columns, reporter);
  if (!header.usable()) {
    return nothing;
  }
  TableReader table(header, reporter);
  while (std::optional<std::vector<Value>> row = rows.next()) {
    table.read_row(std::move(*row));
  }
  return std::move(table).finish();
}

}  // namespace segproof::input
