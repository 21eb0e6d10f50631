// SPDX-License-Identifier: Apache-2.0
#include "graph/wiring.h"

#include <algorithm>
#include <limits>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/filtered_graph.hpp>

namespace segproof::graph {
namespace {

using Cables = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;
using Vertex = boost::graph_traits<Cables>::vertex_descriptor;

constexpr unsigned unreached = std::numeric_limits<unsigned>::max();

// Leaves out the nodes that do not forward, and one more.
struct Passable {
  const std::vector<bool>* passable = nullptr;
  std::size_t removed = std::numeric_limits<std::size_t>::max();
  bool operator()(Vertex vertex) const { return vertex != removed && (*passable)[vertex]; }
};

}  // namespace

// Vertices: the nodes, then the segments.
struct Wiring::Graph {
  Cables cables;
  std::vector<bool> passable;
  std::size_t node_count = 0;

  [[nodiscard]] Vertex of(model::SegmentId segment) const { return node_count + segment.index(); }
  [[nodiscard]] std::vector<unsigned> distances(Vertex from, std::size_t removed) const {
    using Filtered = boost::filtered_graph<Cables, boost::keep_all, Passable>;
    const Filtered view(cables, boost::keep_all{}, Passable{&passable, removed});
    std::vector<unsigned> distance(boost::num_vertices(cables), unreached);
    distance[from] = 0;
    auto recorder = boost::make_bfs_visitor(boost::record_distances(distance.data(), boost::on_tree_edge{}));
    boost::breadth_first_search(view, from, boost::visitor(recorder));
    return distance;
  }
};

bool may_forward(const model::Node& node) {
  const bool recorded = node.forwarding[0] == model::Forwarding::on || node.forwarding[1] == model::Forwarding::on;
  if (node.interfaces.size() < 2) {
    return recorded;  // back to the same segment
  }
  return node.forwarding[0] != model::Forwarding::off || node.forwarding[1] != model::Forwarding::off;
}

Wiring::Wiring(const model::Network& network) : graph_(std::make_unique<Graph>()) {
  const std::size_t nodes = network.nodes.size();
  graph_->node_count = nodes;
  graph_->cables = Cables(nodes + network.segments.size());
  graph_->passable.assign(nodes + network.segments.size(), true);
  for (std::size_t n = 0; n < nodes; ++n) {
    graph_->passable[n] = may_forward(network.nodes[n]);
  }
  for (const model::Interface& interface : network.interfaces) {
    if (interface.segment.valid() && interface.is_up) {
      boost::add_edge(interface.node.index(), graph_->of(interface.segment), graph_->cables);
    }
  }
  std::vector<std::size_t> component(boost::num_vertices(graph_->cables));
  islands_ = component.empty() ? 0 : boost::connected_components(graph_->cables, component.data());

  std::vector<unsigned> nearest(nodes, unreached);
  for (std::size_t n = 0; n < nodes; ++n) {
    order_.emplace_back(n);
    const model::Node& node = network.nodes[n];
    for (const model::InterfaceId id : node.interfaces) {
      const model::SegmentId segment = network.interface(id).segment;
      if (segment.valid() && !network.segment(segment).complete) {
        nearest[n] = std::min(nearest[n], network.segment(segment).external ? 1U : 0U);
      }
    }
  }
  std::stable_sort(order_.begin(), order_.end(),
                   [&](model::NodeId a, model::NodeId b) { return nearest[a.index()] < nearest[b.index()]; });
}

Wiring::~Wiring() = default;
Wiring::Wiring(Wiring&&) noexcept = default;
Wiring& Wiring::operator=(Wiring&&) noexcept = default;

bool Wiring::connected(model::SegmentId from, model::SegmentId to, std::optional<model::NodeId> without) const {
  const std::size_t removed = without ? without->index() : std::numeric_limits<std::size_t>::max();
  return graph_->distances(graph_->of(from), removed)[graph_->of(to)] != unreached;
}

std::optional<unsigned> Wiring::distance(model::SegmentId from, model::SegmentId to) const {
  const unsigned steps = graph_->distances(graph_->of(from), std::numeric_limits<std::size_t>::max())[graph_->of(to)];
  if (steps == unreached) {
    return std::nullopt;
  }
  return steps / 2;  // each node between two segments is two cables
}

}  // namespace segproof::graph
