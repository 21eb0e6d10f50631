// SPDX-License-Identifier: Apache-2.0
#include "stairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "source_text.h"

namespace segproof::repo {
namespace {

struct Room {
  std::string_view name;
  std::vector<std::string_view> below;  // what it may include besides itself
};

const std::vector<Room>& rooms() {
  static const std::vector<Room> all = {
      {"base", {}},
      {"packet", {"base"}},
      {"model", {"base", "packet"}},
      {"input", {"base", "packet", "model"}},
      {"graph", {"base", "packet", "model"}},
      {"reach", {"base", "packet", "model", "graph"}},
      {"claim", {"base", "packet", "model", "graph", "reach"}},
      {"proof", {"base", "packet", "model", "graph", "reach", "claim", "check"}},
      {"confirm", {"base", "packet", "model", "input", "graph", "reach", "claim"}},
      {"report", {"base", "packet", "model", "graph", "reach", "claim"}},
      {"facade", {"base", "packet", "model", "input", "graph", "reach", "claim", "check", "proof", "report"}},
      {"check", {}},
      {"cli", {"base", "packet", "model", "input", "graph", "reach", "claim", "confirm", "proof", "report", "facade"}},
  };
  return all;
}

// The folder of src/ a path lies in, empty for none: "packet" of "src/packet/space.h".
std::string_view room_of(std::string_view path) {
  const std::vector<std::string_view> parts = split(path, '/');
  return parts.size() > 2 && parts[0] == "src" ? parts[1] : std::string_view();
}

// "yaml" of "input/yaml/tree.h"; empty for "input/snapshot.h".
std::string_view reader_of(std::string_view path_in_src) {
  const std::vector<std::string_view> parts = split(path_in_src, '/');
  return parts.size() > 2 && parts[0] == "input" ? parts[1] : std::string_view();
}

bool may_include(const Room& room, std::string_view target) {
  return target == room.name || std::ranges::find(room.below, target) != room.below.end();
}

// A library may be included by paths of one folder with one of the endings.
struct Place {
  std::string_view library;
  std::vector<std::string_view> prefixes;  // of the include
  std::vector<std::string_view> folders;   // where it may stand; none: nowhere in src and include
  bool only_cpp = true;
};

const std::vector<Place>& places() {
  static const std::vector<Place> all = {
      {"Boost.Graph", {"boost/graph/", "boost/property_map/"}, {"src/graph"}},
      {"CLI11", {"CLI/"}, {"src/cli"}},
      {"nlohmann-json", {"nlohmann/"}, {"src/input"}},
      {"pugixml", {"pugixml.hpp", "pugiconfig.hpp"}, {"src/input"}},
      {"yaml-cpp", {"yaml-cpp/"}, {"src/input"}},
      {"OpenSSL", {"openssl/"}, {"src/base", "src/proof", "src/check"}},
      {"iostreams", {"iostream", "fstream"}, {}},
      {"doctest", {"doctest/"}, {}},
  };
  return all;
}

}  // namespace

Complaints upward_steps(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    const std::string_view name = room_of(path);
    if (name.empty() || !is_cxx(path)) {
      continue;
    }
    const auto room = std::ranges::find(rooms(), name, &Room::name);
    if (room == rooms().end()) {
      complaints.push_back(fmt::format("{}:1: room {} is not on the stairs", path, quote(name)));
      continue;
    }
    for (const Include& include : includes_of(text)) {
      const std::string_view target = split(include.path, '/').front();
      const bool facade =
          target == "segproof" && (name == "cli" || name == "facade" || include.path == "segproof/version.h");
      if (include.quoted && !facade && !may_include(*room, target)) {
        complaints.push_back(
            fmt::format("{}:{}: {} may not include {}", path, include.line, quote(name), quote(include.path)));
      }
    }
  }
  return complaints;
}

Complaints readers_that_meet(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!is_below(path, "src/input") || !is_cxx(path)) {
      continue;
    }
    const std::string_view reader = reader_of(std::string_view(path).substr(4));
    if (reader.empty()) {
      continue;  // files of src/input itself bring the readers together
    }
    for (const Include& include : includes_of(text)) {
      if (include.quoted && include.path.starts_with("input/") && reader_of(include.path) != reader) {
        complaints.push_back(
            fmt::format("{}:{}: reader {} may not include {}", path, include.line, quote(reader), quote(include.path)));
      }
    }
  }
  return complaints;
}

Complaints stray_libraries(const Tree& tree) {
  Complaints complaints;
  std::set<std::string> command_lines;
  for (const auto& [path, text] : tree) {
    if (!is_cxx(path) || (!is_below(path, "src") && !is_below(path, "include"))) {
      continue;
    }
    for (const Include& include : includes_of(text)) {
      for (const Place& place : places()) {
        const auto begins = [&](std::string_view prefix) { return include.path.starts_with(prefix); };
        if (std::ranges::none_of(place.prefixes, begins)) {
          continue;
        }
        const auto holds = [&where = path](std::string_view folder) { return is_below(where, folder); };
        if (std::ranges::none_of(place.folders, holds) || (place.only_cpp && !has_extension(path, ".cpp"))) {
          complaints.push_back(fmt::format("{}:{}: no place for {}", path, include.line, place.library));
        } else if (place.library == "CLI11" && command_lines.insert(path).second && command_lines.size() > 1) {
          complaints.push_back(fmt::format("{}:{}: a second file includes CLI11", path, include.line));
        }
      }
    }
  }
  return complaints;
}

}  // namespace segproof::repo
