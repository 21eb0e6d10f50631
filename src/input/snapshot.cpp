// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/secrets.h"
#include "base/text.h"
#include "input/reading_memory.h"
#include "input/snapshot_assembly.h"
#include "input/snapshot_device.h"
#include "input/snapshot_found_devices.h"

namespace segproof::input {
namespace {

using namespace std::string_view_literals;

// Assumptions that verdicts lean on by themselves (docs/semantics.md); a claim may name them, nobody registers them.
constexpr std::array built_in_assumptions = {"A0"sv,    "A-STACK"sv, "A-ROUTES"sv, "A-FLUSH"sv,    "A-EXT"sv,
                                             "A-R2I"sv, "A-OWN"sv,   "A-FW"sv,     "A-COMPLETE"sv, "A-WIRES"sv};

// The epoch of the run: all policies agree on it.
void take_epoch(const Written& written, Assembly& assembly) {
  const yaml::PolicyFile* first = nullptr;
  for (const yaml::PolicyFile& policy : written.policies) {
    if (policy.epoch.empty()) {
      continue;  // reported
    }
    if (first == nullptr) {
      first = &policy;
    } else if (policy.epoch != first->epoch) {
      assembly.faults.error(
          DiagnosticCode::epochs_differ, policy.epoch_span,
          fmt::format("policies of epochs {} and {} in one run", quote(first->epoch), quote(policy.epoch)),
          "verify one epoch at a time", {{.span = first->epoch_span, .message = "the other epoch"}});
    }
    assembly.network.state_flushed |= policy.state_flushed;
  }
  if (first != nullptr) {
    assembly.network.epoch = first->epoch;
    assembly.network.date = first->date;
  }
}

void require_files(const Written& written, Assembly& assembly) {
  const auto require = [&](bool present, std::string_view kind, std::string_view option) {
    if (!present && !assembly.files->sink().has_errors()) {
      assembly.faults.error(DiagnosticCode::file_kind_missing, {},
                            fmt::format("no file begins with `segproof: {}`", kind),
                            fmt::format("name one, or its folder, with `{}`", option));
    }
  };
  require(!written.topologies.empty(), "topology/1", "--topology");
  require(!written.policies.empty(), "policy/1", "--policy");
}

void take_assumptions(const Written& written, Assembly& assembly) {
  const auto add = [&](const std::vector<model::Assumption>& list) {
    for (const model::Assumption& assumption : list) {
      std::vector<model::Assumption>& all = assembly.network.assumptions;
      const auto same = std::ranges::find(all, assumption.id, &model::Assumption::id);
      if (same != all.end()) {
        assembly.faults.error(DiagnosticCode::duplicate_id, assumption.origin,
                              fmt::format("assumption {} is registered twice", quote(assumption.id)), {},
                              {{.span = same->origin, .message = "it is registered here as well"}});
      } else {
        all.push_back(assumption);
      }
    }
  };
  for (const yaml::PolicyFile& policy : written.policies) {
    add(policy.assumptions);
  }
  for (const yaml::ClaimsFile& file : written.claims) {
    add(file.assumptions);
  }
}

void check_assumptions(const claim::Claim& claim, Assembly& assembly) {
  std::vector<std::string> known(built_in_assumptions.begin(), built_in_assumptions.end());
  for (const model::Assumption& assumption : assembly.network.assumptions) {
    known.push_back(assumption.id);
  }
  for (const std::string& id : claim.assumptions) {
    if (std::ranges::find(known, id) == known.end()) {
      assembly.faults.error(
          DiagnosticCode::unknown_reference, claim.origin,
          fmt::format("claim {} leans on assumption {}, which is not registered", quote(claim.id), quote(id)),
          did_you_mean_hint(id, known));
    }
  }
}

// Without a policy there is no date, and nothing says whether an entry has expired.
void check_expiry(const claim::Claim& claim, Assembly& assembly) {
  const auto expires = [](const claim::Allowed& allowed) { return !allowed.expires.empty(); };
  if (assembly.network.date.empty() &&
      (std::ranges::any_of(claim.services, expires) || std::ranges::any_of(claim.except, expires))) {
    assembly.faults.error(DiagnosticCode::bad_value, claim.origin,
                          fmt::format("an entry of claim {} expires, and the run has no date", quote(claim.id)),
                          "write a policy with `epoch` and `date`");
  }
}

std::vector<claim::Claim> take_claims(const Written& written, Assembly& assembly, std::vector<std::string>& notes) {
  std::vector<claim::Claim> claims;
  std::string others;
  std::map<std::string, SourceSpan> seen;
  const auto add = [&](const std::vector<claim::Claim>& list) {
    for (const claim::Claim& claim : list) {
      if (!assembly.is_now(claim.epochs)) {
        others += fmt::format("{}{}", others.empty() ? "" : ", ", claim.id);
        continue;
      }
      const auto [entry, added] = seen.emplace(claim.id, claim.origin);
      if (!added) {
        assembly.faults.error(DiagnosticCode::duplicate_id, claim.origin,
                              fmt::format("there are two claims {}", quote(claim.id)), {},
                              {{.span = entry->second, .message = "the other one"}});
        continue;
      }
      check_assumptions(claim, assembly);
      check_expiry(claim, assembly);
      claims.push_back(claim);
    }
  };
  for (const yaml::PolicyFile& policy : written.policies) {
    add(policy.claims);
  }
  for (const yaml::ClaimsFile& file : written.claims) {
    add(file.claims);
  }
  if (!others.empty()) {
    notes.push_back(fmt::format("claims for other epochs than {}, not part of this run: {}", assembly.network.epoch,
                                escape_controls(others)));
  }
  return claims;
}

// The segments that a node is on, sorted.
std::vector<model::SegmentId> segments_of(const model::Network& network, const model::Node& node) {
  std::vector<model::SegmentId> segments;
  for (const model::InterfaceId interface : node.interfaces) {
    if (network.interface(interface).segment.valid()) {
      segments.push_back(network.interface(interface).segment);
    }
  }
  std::ranges::sort(segments);
  return segments;
}

}  // namespace

void check_assembly(Assembly& assembly) {
  const model::Network& network = assembly.network;
  for (const model::Node& node : network.nodes) {
    const model::NodeId twin = node.twin ? network.find_node(*node.twin) : model::NodeId();
    if (twin.valid() && segments_of(network, node) != segments_of(network, network.node(twin))) {
      assembly.faults.warning(
          DiagnosticCode::twins_differ, node.origin,
          fmt::format("{} and its twin {} are not on the same segments", quote(node.name), quote(*node.twin)));
    }
  }
  for (const model::Segment& segment : network.segments) {
    const bool leads_on = std::ranges::any_of(segment.attached, [&](model::InterfaceId id) {
      const model::Node& node = network.node(network.interface(id).node);
      return node.kind == model::NodeKind::device || node.interfaces.size() > 1;
    });
    if (!leads_on) {
      assembly.faults.warning(DiagnosticCode::segment_unattached, segment.origin,
                              fmt::format("no device is attached to segment {}: claims about it hold for that reason "
                                          "alone",
                                          quote(segment.name)),
                              "wire a device to it, or leave it out");
    }
  }
}

Result<Snapshot> load_snapshot(const SnapshotRequest& request, const FileSystem& files, SourceStore& sources,
                               DiagnosticSink& sink, ReadingMemory* memory) {
  if (memory != nullptr) {
    memory->begin();
  }
  InputFiles input_files(files, sources, sink, memory);
  Result<Written> read = read_written(request, input_files);
  if (!read) {
    return read.failure();
  }
  Written& written = read.value();
  Assembly assembly(input_files);
  Snapshot snapshot;
  take_found_devices(written, assembly);
  require_files(written, assembly);
  assembly.all_names_known = !written.is_incomplete && !written.topologies.empty();
  take_epoch(written, assembly);
  assemble_segments(written, assembly);
  assemble_zones(written, assembly);
  read_host_folders(written, assembly);
  read_device_interfaces(written, assembly);
  assemble_nodes(written, assembly);
  assemble_inventories(written, assembly);
  assemble_zone_members(written, assembly);
  assemble_routing(written, assembly);
  assemble_rules(written, assembly);
  assemble_host_settings(assembly);
  assemble_previous(written, assembly);
  take_assumptions(written, assembly);
  snapshot.claims = take_claims(written, assembly, snapshot.notes);
  check_assembly(assembly);
  snapshot.network = std::move(assembly.network);
  for (model::Gap& gap : snapshot.network.gaps) {
    gap.why = without_secrets(gap.why);  // results repeat it, and it may quote any line
  }
  snapshot.node_files = std::move(assembly.node_files);
  snapshot.inputs = input_files.accounts();
  return snapshot;
}

}  // namespace segproof::input
