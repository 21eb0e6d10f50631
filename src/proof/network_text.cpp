// SPDX-License-Identifier: Apache-2.0
#include "proof/network_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/secrets.h"
#include "proof/claim_text.h"
#include "proof/node_text.h"
#include "proof/words.h"

namespace segproof::proof {
namespace {

void write_head(const model::Network& network, std::vector<Input> inputs, Page& page) {
  page.line(0, "segproof-network 1");
  page.line(0, fmt::format("epoch {} date {} {}", quoted(network.epoch), quoted(network.date),
                           network.state_flushed ? "flushed" : "kept"));
  std::ranges::sort(inputs, {}, [](const Input& input) { return std::tie(input.path, input.sha256); });
  for (const Input& input : inputs) {
    page.line(0, fmt::format("input {} {}", input.sha256, quoted(input.path)));
  }
  for (const model::Assumption& assumption : network.assumptions) {
    page.line(0, "assumption " + quoted(assumption.id));
    for (const std::string& text : assumption.harmless) {
      if (const auto service = claim::parse_service(text)) {
        page.line(1, "harmless " + service_words(*service));
      }
    }
  }
}

void write_segment(const model::Segment& segment, Page& page) {
  page.line(0, fmt::format("segment {} {} {}", quoted(segment.name), segment.complete ? "complete" : "open",
                           segment.internet   ? "internet"
                           : segment.external ? "external"
                                              : "internal"));
  for (const Prefix& prefix : segment.prefixes) {
    page.line(1, "prefix " + prefix_word(prefix));
  }
}

void write_zone(const model::Network& network, const model::Zone& zone, Page& page) {
  page.line(0, fmt::format("zone {} parent {} {} {}", quoted(zone.name),
                           zone.parent.valid() ? quoted(network.zone(zone.parent).name) : "none",
                           zone.external ? "external" : "internal", zone.external_falls ? "falls" : "stays"));
  for (const Prefix& prefix : zone.prefixes) {
    page.line(1, "prefix " + prefix_word(prefix));
  }
  for (const model::NodeId member : zone.nodes) {
    page.line(1, "member " + quoted(network.node(member).name));
  }
  for (const std::string& tag : zone.tags) {
    page.line(1, "tagged " + quoted(tag));
  }
  for (const model::InterfaceId id : zone.interfaces) {
    const model::Node& node = network.node(network.interface(id).node);
    page.line(1, fmt::format("port {} {}", quoted(node.name),
                             std::ranges::find(node.interfaces, id) - node.interfaces.begin()));
  }
  for (const model::SegmentId segment : zone.segments) {
    page.line(1, "wire " + quoted(network.segment(segment).name));
  }
}

void write_gap(const model::Network& network, const model::Gap& gap, const SourceStore& sources, Page& page) {
  page.line(0, fmt::format("gap {} {} {} {}", place_word(gap.span, sources), code_text(gap.code),
                           gap.node.valid() ? "node " + quoted(network.node(gap.node).name) : "everywhere",
                           quoted(without_secrets(gap.why))));
}

}  // namespace

std::string network_text(const model::Network& network, const std::vector<claim::Claim>& claims,
                         const std::vector<Input>& inputs, const SourceStore& sources) {
  Page page;
  write_head(network, inputs, page);
  for (const model::Segment& segment : network.segments) {
    write_segment(segment, page);
  }
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    write_node(network, model::NodeId(i), sources, page);
  }
  for (const model::Zone& zone : network.zones) {
    write_zone(network, zone, page);
  }
  for (const model::Gap& gap : network.gaps) {
    write_gap(network, gap, sources, page);
  }
  for (const claim::Claim& claim : claims) {
    write_claim(claim, network.date, sources, page);
  }
  return page.take();
}

}  // namespace segproof::proof
