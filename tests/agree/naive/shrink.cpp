// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/shrink.h"

#include <algorithm>

namespace segproof::naive {

namespace {

using Edit = std::function<void(model::Network&)>;

void rule_edits(const model::Network& network, std::size_t n, std::vector<Edit>& edits) {
  const auto& rules = network.nodes[n].rules;
  for (std::size_t c = 0; c < rules.chains.size(); ++c) {
    for (std::size_t r = 0; r < rules.chains[c].rules.size(); ++r) {
      edits.push_back([=](model::Network& net) {
        auto& list = net.nodes[n].rules.chains[c].rules;
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(r));
      });
      for (std::size_t t = 0; t < rules.chains[c].rules[r].condition.tests.size(); ++t) {
        edits.push_back([=](model::Network& net) {
          auto& list = net.nodes[n].rules.chains[c].rules[r].condition.tests;
          list.erase(list.begin() + static_cast<std::ptrdiff_t>(t));
        });
      }
    }
  }
  for (std::size_t s = 0; s < rules.stages.size(); ++s) {
    if (rules.stages[s].kind != model::StageKind::track) {
      edits.push_back([=](model::Network& net) {
        auto& list = net.nodes[n].rules.stages;
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(s));
      });
    }
  }
}

void node_edits(const model::Network& network, std::size_t n, std::vector<Edit>& edits) {
  const auto& node = network.nodes[n];
  if (!node.rules.stages.empty()) {
    edits.push_back([=](model::Network& net) { net.nodes[n].rules = {}; });
  }
  if (node.services_known) {
    edits.push_back([=](model::Network& net) {
      net.nodes[n].services_known = false;
      net.nodes[n].services.clear();
    });
  }
  for (std::size_t i = 0; i < node.interfaces.size(); ++i) {
    if (node.interfaces.size() > 1 || node.kind == model::NodeKind::host) {
      edits.push_back([=](model::Network& net) {
        auto& list = net.nodes[n].interfaces;
        for (auto& segment : net.segments) {
          std::erase(segment.attached, list[i]);
        }
        net.interfaces[list[i].index()].is_up = false;
        net.interfaces[list[i].index()].segment = {};
        net.interfaces[list[i].index()].addresses.clear();
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
  }
  for (std::size_t f = 0; f < 2; ++f) {
    for (std::size_t t = 0; t < node.routing[f].tables.size(); ++t) {
      for (std::size_t r = 0; r < node.routing[f].tables[t].routes.size(); ++r) {
        edits.push_back([=](model::Network& net) {
          auto& list = net.nodes[n].routing[f].tables[t].routes;
          list.erase(list.begin() + static_cast<std::ptrdiff_t>(r));
        });
      }
    }
    if (!node.routing[f].rules.empty()) {
      edits.push_back([=](model::Network& net) { net.nodes[n].routing[f].rules.clear(); });
    }
    if (node.forwarding[f] == model::Forwarding::unknown && node.kind == model::NodeKind::host) {
      edits.push_back([=](model::Network& net) { net.nodes[n].forwarding[f] = model::Forwarding::off; });
    }
  }
}

std::vector<Edit> edits_of(const model::Network& network) {
  std::vector<Edit> edits;
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    node_edits(network, n, edits);
    rule_edits(network, n, edits);
  }
  if (!network.previous_rules.empty()) {
    edits.emplace_back([](model::Network& net) {
      net.previous_rules.clear();
      net.earlier_rules.clear();
    });
  }
  if (!network.earlier_rules.empty()) {
    edits.emplace_back([](model::Network& net) { net.earlier_rules.clear(); });
  }
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    if (!network.segments[s].complete && !network.segments[s].external) {
      edits.push_back([=](model::Network& net) { net.segments[s].complete = true; });
    }
  }
  return edits;
}

}  // namespace

RandomCase shrink(RandomCase failing, const std::function<bool(const RandomCase&)>& fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const auto& edit : edits_of(failing.network)) {
      RandomCase candidate = failing;
      edit(candidate.network);
      if (fails(candidate)) {
        failing = std::move(candidate);
        smaller = true;
        break;
      }
    }
  }
  return failing;
}

}  // namespace segproof::naive
