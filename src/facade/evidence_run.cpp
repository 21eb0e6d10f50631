// SPDX-License-Identifier: Apache-2.0
#include "facade/evidence_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/display.h"
#include "base/secrets.h"
#include "base/text.h"
#include "check/envelope/bundle.h"
#include "facade/copied_files.h"
#include "proof/certificates.h"
#include "proof/network_text.h"
#include "proof/redact.h"
#include "proof/signing.h"
#include "report/json.h"
#include "segproof/version.h"

namespace segproof::api {
namespace {

// The line without what stands in its strings.
std::string without_strings(std::string_view line) {
  std::string result;
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      inside = !inside;
      result += '"';
    } else if (!inside) {
      result += line[i];
    } else if (line[i] == '\\') {
      ++i;
    }
  }
  return result;
}

// Whether the copies give the same network; strings in which something was removed may differ.
bool mean_the_same(std::string_view original, std::string_view copy) {
  const std::vector<std::string_view> before = split(original, '\n');
  const std::vector<std::string_view> after = split(copy, '\n');
  return std::ranges::equal(before, after, [](std::string_view a, std::string_view b) {
    return a == b || (b.find(removed_text) != std::string_view::npos && without_strings(a) == without_strings(b));
  });
}

proof::Standing standing_of(claim::Outcome outcome) {
  switch (outcome) {
    case claim::Outcome::proved:
      return proof::Standing::proved;
    case claim::Outcome::refuted:
      return proof::Standing::refuted;
    case claim::Outcome::inconclusive:
      return proof::Standing::inconclusive;
    case claim::Outcome::vacuous:
      return proof::Standing::vacuous;
    case claim::Outcome::not_evaluated:
      return proof::Standing::not_evaluated;
  }
  return proof::Standing::not_evaluated;
}

std::vector<proof::EvidenceRoot> roots_of(const input::SnapshotRequest& request) {
  using Kind = proof::EvidenceRoot::Kind;
  std::vector<proof::EvidenceRoot> roots;
  const bool is_folder = request.policy.empty() && request.claims.empty();
  for (const auto& [paths, kind] :
       {std::pair{&request.topology, is_folder ? Kind::folder : Kind::topology},
        std::pair{&request.policy, Kind::policy}, std::pair{&request.claims, Kind::claims}}) {
    for (const std::string& path : *paths) {
      roots.push_back({kind, path});
    }
  }
  return roots;
}

// A name that people cannot see is no evidence: it may look like another one.
std::optional<Failure> unseen_name(const proof::Evidence& evidence) {
  std::vector<std::string_view> names = {evidence.epoch, evidence.date};
  for (const proof::EvidenceRoot& root : evidence.roots) {
    names.push_back(root.path);
  }
  for (const proof::EvidenceInput& input : evidence.inputs) {
    names.push_back(input.path);
  }
  for (const proof::EvidenceClaim& claim : evidence.claims) {
    names.push_back(claim.id);
  }
  for (const std::string_view name : names) {
    if (escape_controls(name) != name) {
      return Failure{fmt::format("evidence cannot name {}: it holds bytes that nobody can see", quote(name))};
    }
  }
  return std::nullopt;
}

// What the checker says to it, with the signature where there is one.
Result<proof::Files> checked(proof::Files files, const std::string& secret_key) {
  std::optional<std::string> key;
  if (!secret_key.empty()) {
    Result<std::string> open = proof::open_half(secret_key);
    if (!open) {
      return open.failure();
    }
    key = std::move(open).value();
  }
  try {
    static_cast<void>(check::check_bundle(files, key));
  } catch (const std::exception& error) {
    return Failure{fmt::format("the evidence cannot be checked: {}", error.what())};
  }
  return files;
}

}  // namespace

Result<std::unique_ptr<Reading>> read_copies(const input::SnapshotRequest& request, const FileSystem& copies,
                                             const Originals& originals) {
  auto reading = std::make_unique<Reading>();
  DiagnosticSink sink;
  Result<input::Snapshot> snapshot = input::load_snapshot(request, copies, reading->sources, sink);
  if (!snapshot) {
    return snapshot.failure();
  }
  const auto error = std::ranges::find(sink.all(), Severity::error, &Diagnostic::severity);
  if (error != sink.all().end()) {
    return Failure{error->message};
  }
  reading->snapshot = std::move(snapshot).value();
  for (InputFile& file : reading->snapshot.inputs) {
    const auto original = originals.find(file.path);
    file.sha256 = original == originals.end() ? file.sha256 : original->second;
  }
  return reading;
}

Result<std::unique_ptr<Reading>> read_again(const input::SnapshotRequest& request, const input::Snapshot& snapshot,
                                            const SourceStore& sources, Copies copies) {
  CopiedFiles files;
  Originals originals;
  for (const InputFile& file : snapshot.inputs) {
    const std::string_view text = sources.text(file.file);
    files.add(file.path, copies == Copies::redacted ? proof::redacted(text, file.format) : std::string(text));
    originals[file.path] = file.sha256;
  }
  Result<std::unique_ptr<Reading>> again = read_copies(request, files, originals);
  if (!again) {
    return Failure{fmt::format("the copies for the evidence cannot be read: {}", again.failure().message)};
  }
  const std::string before = network_file(snapshot, sources);
  const std::string after = network_file(again.value()->snapshot, again.value()->sources);
  if (copies == Copies::redacted ? !mean_the_same(before, after) : before != after) {
    return Failure{"the copies for the evidence give another network than what was read"};
  }
  return again;
}

std::string network_file(const input::Snapshot& snapshot, const SourceStore& sources) {
  std::vector<proof::Input> inputs;
  for (const InputFile& file : snapshot.inputs) {
    inputs.push_back({.path = file.path, .sha256 = file.sha256});
  }
  return proof::network_text(snapshot.network, snapshot.claims, inputs, sources);
}

Result<std::string> network_from_bundle(const std::string& folder) {
  try {
    const check::Files files = check::files_in(folder);
    const check::Manifest manifest = check::check_bundle(files, std::nullopt);
    input::SnapshotRequest request;
    for (const auto& [kind, path] : manifest.roots) {
      (kind == "policy" ? request.policy : kind == "claims" ? request.claims : request.topology).push_back(path);
    }
    CopiedFiles copies;
    Originals originals;
    for (std::size_t i = 0; i < manifest.inputs.size(); ++i) {
      copies.add(manifest.inputs[i].second, files.at(check::numbered("inputs/", i + 1)));
      originals[manifest.inputs[i].second] = manifest.inputs[i].first;
    }
    const Result<std::unique_ptr<Reading>> reading = read_copies(request, copies, originals);
    if (!reading) {
      return reading.failure();
    }
    return network_file(reading.value()->snapshot, reading.value()->sources);
  } catch (const std::exception& error) {
    return Failure{error.what()};
  }
}

Result<proof::Files> evidence_of(const Reading& reading, claim::Results& results, const EvidenceRequest& request) {
  proof::Evidence evidence;
  evidence.tool = "segproof";
  evidence.version = version;
  evidence.made = request.made;
  evidence.epoch = reading.snapshot.network.epoch;
  evidence.date = reading.snapshot.network.date;
  evidence.is_redacted = request.copies == Copies::redacted;
  evidence.roots = roots_of(request.inputs);
  evidence.network = network_file(reading.snapshot, reading.sources);
  evidence.secret_key = request.secret_key;
  for (const InputFile& file : reading.snapshot.inputs) {
    evidence.inputs.push_back({file.path, file.sha256, std::string(reading.sources.text(file.file))});
  }
  std::vector<proof::Certified> certified =
      proof::certify_all(evidence.network, results.verdicts, request.jobs, request.progress);
  std::size_t certificates = 0;
  for (std::size_t i = 0; i < certified.size(); ++i) {
    claim::Verdict& verdict = results.verdicts[i];
    verdict.certificate.reset();
    if (certified[i].certificate) {
      verdict.certificate = proof::certificate_name(++certificates);
    }
    verdict.uncertified = certified[i].certificate ? "" : certified[i].why;
    if (!verdict.advisory) {
      evidence.claims.push_back({verdict.id, standing_of(verdict.outcome), std::move(certified[i].certificate)});
    }
  }
  if (std::optional<Failure> failure = unseen_name(evidence)) {
    return *failure;
  }
  evidence.results = report::verify_json(results, reading.sources);
  Result<proof::Files> files = proof::evidence_files(evidence);
  return files ? checked(std::move(files).value(), request.secret_key) : std::move(files);
}

}  // namespace segproof::api
