// SPDX-License-Identifier: Apache-2.0
#include "confirm/confirm.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "confirm/blueprint.h"
#include "confirm/experiment.h"
#include "confirm/process.h"
#include "confirm/trial.h"

namespace segproof::confirm {
namespace {

using model::InterfaceId;
using model::Network;
using model::NodeId;
using model::SegmentId;

constexpr std::size_t most_namespaces = 1500;
constexpr std::size_t controls = 40;
constexpr std::uint64_t control_seed = 0x636f6e74726f6c;

// What is known of one verdict before the kernel is asked.
struct Question {
  std::size_t verdict = 0;
  std::optional<std::size_t> trial;
  std::string reason;  // why there is none
};

struct Work {
  std::vector<Question> questions;
  std::vector<Trial> trials;
  std::optional<std::size_t> control;
};

Work work_of(const input::Snapshot& snapshot, const Options& options, const claim::Results& results) {
  Work work;
  for (std::size_t i = 0; i < results.verdicts.size(); ++i) {
    const claim::Verdict& verdict = results.verdicts[i];
    const auto claim = std::ranges::find(snapshot.claims, verdict.id, &claim::Claim::id);
    if (verdict.advisory || claim == snapshot.claims.end()) {
      continue;
    }
    std::optional<TrialOrReason> trial;
    if (verdict.outcome == claim::Outcome::refuted) {
      trial = verdict.witness ? trial_of(*verdict.witness, snapshot)
                              : TrialOrReason(std::string("it is refuted without a packet"));
    } else if (verdict.outcome == claim::Outcome::proved) {
      trial = sample_of(*claim, snapshot, options.seed + i, options.probes);
    } else {
      continue;
    }
    Question& question = work.questions.emplace_back(Question{.verdict = i, .trial = {}, .reason = {}});
    if (Trial* found = std::get_if<Trial>(&*trial)) {
      question.trial = work.trials.size();
      work.trials.push_back(std::move(*found));
    } else {
      question.reason = std::get<std::string>(*trial);
    }
  }
  Trial control = controls_of(snapshot, options.seed ^ control_seed, controls);
  if (!control.shots.empty() && !work.trials.empty()) {
    work.control = work.trials.size();
    work.trials.push_back(std::move(control));
  }
  return work;
}

NodeId owner_of(const Address& address, const Network& network) {
  for (const model::Interface& interface : network.interfaces) {
    if (std::ranges::find(interface.addresses, address, &InterfaceAddress::address) != interface.addresses.end()) {
      return interface.node;
    }
  }
  return {};
}

// Works out who has to be there for the packets to go their way.
class NeedFinder {
 public:
  explicit NeedFinder(const input::Snapshot& snapshot) : snapshot_(snapshot), network_(snapshot.network) {}

  Needs find(const std::vector<Trial>& trials) {
    for (const NodeId node : routers_of(network_)) {
      need(node);
    }
    for (const Trial& trial : trials) {
      for (const NodeId node : trial.nodes) {
        need(node);
      }
      for (const Shot& shot : trial.shots) {
        add(shot);
      }
    }
    add_translated();
    for (const NodeId node : needs_.nodes) {
      add_gateways(node);
    }
    return std::move(needs_);
  }

 private:
  void need(NodeId node) {
    if (node.valid() && why_not_linux(node, snapshot_).empty()) {
      needs_.nodes.insert(node);
    }
  }

  void add(const Shot& shot) {
    needs_.segments.insert(shot.wire);
    if (shot.expected) {
      need(shot.expected->node);
      if (shot.expected->segment.valid()) {
        needs_.segments.insert(shot.expected->segment);
      }
    }
    add_target(shot.packet.destination());
    if (!shot.through.valid()) {
      return;
    }
    const Address to = shot.packet.destination();
    for (const InterfaceId out : network_.node(shot.through).interfaces) {
      if (network_.interface(out).segment != shot.wire) {
        continue;
      }
      Way way{shot.through, to, out, std::nullopt};
      if (owner_of(to, network_) != network_.interface(shot.receiver).node) {
        for (const InterfaceAddress& address : network_.interface(shot.receiver).addresses) {
          if (address.address.family == to.family) {
            way.gateway = address.address;
          }
        }
      }
      needs_.ways.insert(way);
    }
  }

  void add_target(const Address& address) {
    if (const NodeId owner = owner_of(address, network_); owner.valid()) {
      return need(owner);
    }
    for (std::size_t s = 0; s < network_.segments.size(); ++s) {
      const bool is_here = std::ranges::any_of(network_.segments[s].prefixes,
                                               [&](const Prefix& prefix) { return prefix.contains(address); });
      if (is_here && !network_.segments[s].complete) {
        needs_.segments.insert(SegmentId(s));
        needs_.neighbours.insert({SegmentId(s), address});
      }
    }
  }

  // Where translations lead to.
  void add_translated() {
    for (const model::Node& node : network_.nodes) {
      for (const model::Chain& chain : node.rules.chains) {
        for (const model::Rule& rule : chain.rules) {
          if (const auto* translate = std::get_if<model::Translate>(&rule.action)) {
            for (const Interval& interval : translate->addresses) {
              add_target({translate->family, interval.low});
            }
          }
        }
      }
    }
  }

  // The next router of an external zone is nobody that the topology lists.
  void add_gateways(NodeId id) {
    for (const model::Routing& routing : network_.node(id).routing) {
      for (const model::RouteTable& table : routing.tables) {
        for (const model::Route& route : table.routes) {
          for (const model::NextHop& hop : route.hops) {
            if (hop.gateway && !owner_of(*hop.gateway, network_).valid()) {
              add_gateway(id, *hop.gateway);
            }
          }
        }
      }
    }
  }
  void add_gateway(NodeId id, const Address& gateway) {
    for (const InterfaceId interface : network_.node(id).interfaces) {
      const SegmentId segment = network_.interface(interface).segment;
      if (segment.valid() && network_.segment(segment).external) {
        needs_.neighbours.insert({segment, gateway});
      }
    }
  }

  const input::Snapshot& snapshot_;
  const Network& network_;
  Needs needs_;
};

std::string kernel_name() {
  utsname name{};
  if (uname(&name) != 0) {
    return "Linux";
  }
  const std::string release(std::begin(name.release));
  return fmt::format("{} {}", std::begin(name.sysname), release.substr(0, release.find('-')));
}

std::string places(const std::set<Seat>& seats, const Network& network) {
  std::string text;
  for (const Seat& seat : seats) {
    text += (text.empty() ? "" : ", ") + seat_name(seat, network);
  }
  return text;
}

std::vector<claim::Contradiction> differences_of(const Trial& trial, const std::vector<std::set<Seat>>& seen,
                                                 const Network& network) {
  std::vector<claim::Contradiction> differences;
  for (std::size_t i = 0; i < trial.shots.size(); ++i) {
    const Shot& shot = trial.shots[i];
    if (!is_as_expected(shot, seen[i])) {
      differences.push_back({.actor = shot.actor,
                             .packet = shot.packet,
                             .expected = shot.expected ? seat_name(*shot.expected, network) : std::string(),
                             .seen = places(seen[i], network)});
    }
  }
  return differences;
}

// A node that the trial depends on and that could not be built as it is.
std::string fault_of(const Trial& trial, const Observations& observations, const Network& network) {
  std::set<NodeId> nodes = trial.nodes;
  for (const Shot& shot : trial.shots) {
    if (shot.expected && shot.expected->node.valid()) {
      nodes.insert(shot.expected->node);
    }
  }
  for (const NodeId node : nodes) {
    if (const auto fault = observations.faults.find(node); fault != observations.faults.end()) {
      return fmt::format("{} cannot be built: {}", network.node(node).name, fault->second);
    }
  }
  return {};
}

void add_answers(const Work& work, const Observations& observations, const Network& network, const Options& options,
                 claim::Results& results) {
  claim::ConfirmationRun& run = results.confirmation.emplace();
  run.kernel = kernel_name();
  run.seed = options.seed;
  for (const Question& question : work.questions) {
    claim::Confirmation& answer = results.verdicts[question.verdict].confirmation.emplace();
    answer.says = claim::KernelSays::not_confirmable;
    answer.kernel = run.kernel;
    answer.reason = question.reason;
    if (!question.trial) {
      continue;
    }
    const Trial& trial = work.trials[*question.trial];
    answer.reason = fault_of(trial, observations, network);
    if (!answer.reason.empty()) {
      continue;
    }
    answer.probes = static_cast<unsigned>(trial.shots.size());
    answer.differences = differences_of(trial, observations.seen[*question.trial], network);
    answer.says = answer.differences.empty() ? claim::KernelSays::confirmed : claim::KernelSays::differs;
    run.probes += answer.probes;
    run.differences += static_cast<unsigned>(answer.differences.size());
  }
  if (work.control && fault_of(work.trials[*work.control], observations, network).empty()) {
    const Trial& trial = work.trials[*work.control];
    run.controls = static_cast<unsigned>(trial.shots.size());
    run.control_differences = differences_of(trial, observations.seen[*work.control], network);
    run.probes += run.controls;
    run.differences += static_cast<unsigned>(run.control_differences.size());
  }
}

}  // namespace

Result<bool> confirm(const input::Snapshot& snapshot, const SourceStore& sources, const Options& options,
                     claim::Results& results) {
  const Work work = work_of(snapshot, options, results);
  Observations observations;
  if (!work.trials.empty()) {
    for (const char* program : {"ip", "nft"}) {
      if (!is_installed(program)) {
        return Failure{fmt::format("the kernel cannot be asked: the program `{}` is not installed", program)};
      }
    }
    const Blueprint blueprint = blueprint_of(snapshot, sources, NeedFinder(snapshot).find(work.trials));
    if (blueprint.nodes.size() + blueprint.wires.size() > most_namespaces) {
      return Failure{fmt::format("the kernel cannot be asked: {} namespaces are too many to be built here",
                                 blueprint.nodes.size() + blueprint.wires.size())};
    }
    Result<Observations> observed = experiment(blueprint, work.trials);
    if (!observed) {
      return Failure{fmt::format("the kernel cannot be asked: {}", observed.failure().message)};
    }
    observations = std::move(observed).value();
  }
  add_answers(work, observations, snapshot.network, options, results);
  return true;
}

}  // namespace segproof::confirm
