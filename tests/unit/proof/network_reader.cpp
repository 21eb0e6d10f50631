// SPDX-License-Identifier: Apache-2.0
#include "network_reader.h"

#include <algorithm>

#include "whole.h"

namespace segproof::test {
namespace {

using namespace model;

Prefix read_prefix_line(const TextLine& line) {
  LineWords words(line);
  words.must("prefix");
  const Prefix prefix = words.prefix();
  words.leaf();
  return prefix;
}

void read_epoch(LineWords& words, Network& network) {
  network.epoch = words.string();
  words.must("date");
  network.date = words.string();
  network.state_flushed = words.one_of({"flushed", "kept"}) == 0;
  words.leaf();
}

void read_input(LineWords& words, ReadNetwork& result) {
  const std::string hash = words.word();
  const bool is_hash = hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_hash) {
    words.fail("a SHA-256");
  }
  std::pair<std::string, std::string> input(hash, words.string());
  if (!result.inputs.empty() && result.inputs.back().second > input.second) {
    words.fail("paths in order");
  }
  result.inputs.push_back(std::move(input));
  words.leaf();
}

void read_assumption(LineWords& words, const TextLine& line, Network& network) {
  Assumption& assumption = network.assumptions.emplace_back();
  assumption.id = words.string();
  words.end();
  for (const TextLine& below : line.below) {
    LineWords part(below);
    part.must("harmless");
    assumption.harmless.push_back(service_text(read_service(part)));
    part.leaf();
  }
}

void read_segment(LineWords& words, const TextLine& line, Network& network) {
  Segment segment;
  segment.name = words.string();
  segment.complete = words.one_of({"complete", "open"}) == 0;
  const std::size_t kind = words.one_of({"internal", "external", "internet"});
  segment.external = kind > 0;
  segment.internet = kind == 2;
  words.end();
  for (const TextLine& below : line.below) {
    segment.prefixes.push_back(read_prefix_line(below));
  }
  network.segments.push_back(std::move(segment));
}

NodeId known_node(LineWords& words, const Network& network) {
  const std::string name = words.string();
  const auto found = std::ranges::find(network.nodes, name, &Node::name);
  if (found == network.nodes.end()) {
    words.fail("a node");
  }
  return NodeId(static_cast<std::size_t>(found - network.nodes.begin()));
}

void read_zone(LineWords& words, const TextLine& line, Network& network, std::vector<std::string>& parents) {
  Zone zone;
  zone.name = words.string();
  words.must("parent");
  parents.push_back(words.has("none") ? std::string() : words.string());
  zone.external = words.one_of({"internal", "external"}) == 1;
  zone.external_falls = words.one_of({"falls", "stays"}) == 0;
  words.end();
  Order order;
  for (const TextLine& below : line.below) {
    LineWords part(below);
    const std::size_t kind = part.one_of({"prefix", "member", "tagged", "port", "wire"});
    order.at(kind, part);
    if (kind == 0) {
      zone.prefixes.push_back(part.prefix());
    } else if (kind == 1) {
      zone.nodes.push_back(known_node(part, network));
    } else if (kind == 2) {
      zone.tags.push_back(part.string());
    } else if (kind == 3) {
      const Node& node = network.node(known_node(part, network));
      zone.interfaces.push_back(node.interfaces.at(static_cast<std::size_t>(part.number(0xffffffffU))));
    } else {
      zone.segments.push_back(network.find_segment(part.string()));
      if (!zone.segments.back().valid()) {
        part.fail("a segment");
      }
    }
    part.leaf();
  }
  network.zones.push_back(std::move(zone));
}

void read_gap(LineWords& words, Network& network, Places& places) {
  Gap gap{places.span(words.place()), {}, {}, {}};
  const std::string code = words.word();
  const std::span<const CatalogueEntry> codes = diagnostic_catalogue();
  const auto found =
      std::ranges::find(codes, code, [](const CatalogueEntry& entry) { return std::string(code_text(entry.code)); });
  if (found == codes.end()) {
    words.fail("the code of a diagnostic");
  }
  gap.code = found->code;
  if (!words.has("everywhere")) {
    words.must("node");
    gap.node = known_node(words, network);
  }
  gap.why = words.string();
  words.leaf();
  network.gaps.push_back(std::move(gap));
}

}  // namespace

SourceSpan Places::span(const WrittenPlace& place) {
  if (!place.path) {
    return {};
  }
  const auto found = std::ranges::find(paths_, *place.path);
  const FileId file(static_cast<std::size_t>(found - paths_.begin()));
  if (found == paths_.end()) {
    static_cast<void>(sources_.add(*place.path, ""));
    paths_.push_back(*place.path);
  }
  return {.file = file, .line = place.line, .column = 0, .length = 0};
}

void Order::at(std::size_t position, const LineWords& words) {
  if (position < last_) {
    words.fail("the order of the grammar");
  }
  last_ = position;
}

ReadNetwork read_network(std::string_view text) {
  ReadNetwork result;
  Network& network = result.network;
  Places places(result.sources);
  Order order;
  std::vector<std::string> parents;
  const std::vector<TextLine> lines = read_tree(text);
  for (const TextLine& line : lines) {
    LineWords words(line);
    const std::size_t kind =
        words.one_of({"segproof-network", "epoch", "input", "assumption", "segment", "node", "zone", "gap", "claim"});
    order.at(kind, words);
    if ((kind < 2) != (line.number <= 2)) {
      words.fail("the head once");
    }
    if (kind == 0) {
      words.must("1");
      words.leaf();
    } else if (kind == 1) {
      read_epoch(words, network);
    } else if (kind == 2) {
      read_input(words, result);
    } else if (kind == 3) {
      read_assumption(words, line, network);
    } else if (kind == 4) {
      read_segment(words, line, network);
    } else if (kind == 5) {
      read_node(words, line, network, places);
    } else if (kind == 6) {
      read_zone(words, line, network, parents);
    } else if (kind == 7) {
      read_gap(words, network, places);
    } else {
      result.claims.push_back(read_claim(words, line, places));
    }
  }
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (!parents[i].empty()) {
      network.zones[i].parent = network.find_zone(parents[i]);
      if (!network.zones[i].parent.valid()) {
        throw NotTheGrammar("no zone is called " + parents[i]);
      }
    }
  }
  if (lines.size() < 2 || lines[0].words[0] != "segproof-network") {
    throw NotTheGrammar("the head is missing");
  }
  return result;
}

}  // namespace segproof::test
