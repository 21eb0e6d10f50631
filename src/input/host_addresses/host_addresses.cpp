// SPDX-License-Identifier: Apache-2.0
#include "input/host_addresses/host_addresses.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace segproof {
namespace {

using nlohmann::json;

const json* member(const json& object, const char* name) {
  if (!object.is_object())
    return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// Adds the addresses of one interface; false when an entry has another form than `ip -j addr` gives it.
bool add_interface(const json& interface, model::OwnAddresses& own) {
  const json* name = member(interface, "ifname");
  const json* addresses = member(interface, "addr_info");
  if (name == nullptr || !name->is_string())
    return interface.is_object() && interface.empty();
  if (addresses == nullptr)
    return true;
  if (!addresses->is_array())
    return false;
  for (const json& entry : *addresses) {
    const json* local = member(entry, "local");
    const json* length = member(entry, "prefixlen");
    if (local == nullptr)
      continue;
    if (!local->is_string() || length == nullptr || !length->is_number_unsigned())
      return false;
    const auto text = fmt::format("{}/{}", local->get<std::string>(), length->get<unsigned>());
    const auto address = parse_interface_address(text);
    if (!address)
      return false;
    own.entries.push_back({name->get<std::string>(), *address});
  }
  return true;
}

}  // namespace

Result<model::OwnAddresses> read_host_addresses(const std::string& folder, const FileSystem& files) {
  const auto names = files.list_folder(folder);
  if (!names)
    return names.failure();
  model::OwnAddresses own;
  bool found = false;
  for (const std::string& name : names.value()) {
    if (!name.ends_with(".json"))
      continue;
    const std::string path = join_path(folder, name);
    const auto text = files.read_file(path);
    if (!text)
      return text.failure();
    const json parsed = json::parse(text.value(), nullptr, false);
    if (parsed.is_discarded())
      return Failure{fmt::format("{}: not JSON", path)};
    if (!parsed.is_array() || parsed.empty() || member(parsed.front(), "addr_info") == nullptr)
      continue;
    found = true;
    for (const json& interface : parsed) {
      if (!add_interface(interface, own))
        return Failure{fmt::format("{}: not what `ip -j addr` prints", path)};
    }
  }
  if (!found)
    return Failure{fmt::format("{}: no file with the output of `ip -j addr`", folder)};
  return own;
}

}  // namespace segproof
