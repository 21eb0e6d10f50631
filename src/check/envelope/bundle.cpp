// SPDX-License-Identifier: Apache-2.0
#include "check/envelope/bundle.h"

#include <algorithm>
#include <set>

#include "check/core/question.h"
#include "check/envelope/digest.h"
#include "check/envelope/json.h"

namespace check {
namespace {

using std::string;
using std::to_string;

const string sums_name = "SHA256SUMS", signature_name = "SHA256SUMS.sig", network_name = "network.txt",
             results_name = "results.json", statement_name = "statement.json", envelope_name = "statement.dsse.json";
const std::vector<string> outcomes = {"proved", "refuted", "inconclusive", "vacuous", "not-evaluated"};

void require(bool condition, const string& what) {
  if (!condition) {
    throw Rejected(what);
  }
}

const string& file(const Files& files, const string& name) {
  const auto found = files.find(name);
  require(found != files.end(), name + ": it is missing");
  return found->second;
}

// Every file is listed with its hash, and nothing else is.
void check_sums(const Files& files) {
  const string& sums = file(files, sums_name);
  string written;
  for (const auto& [name, bytes] : files) {
    if (name != sums_name && name != signature_name) {
      const string line = sha256(bytes) + "  " + name + '\n';
      require(sums.find(line) != string::npos, name + ": " + sums_name + " does not list it with these bytes");
      written += line;
    }
  }
  const auto other = std::mismatch(sums.begin(), sums.end(), written.begin(), written.end()).first;
  const std::size_t from = sums.rfind('\n', static_cast<std::size_t>(other - sums.begin())) + 1;
  require(written == sums, sums_name + ": lists what is not there: " + sums.substr(from, sums.find('\n', from) - from));
}

// The words of lines, read one after the other and written anew: what comes out must be what is there.
class Anew {
 public:
  explicit Anew(const string& text) : lines_(read_lines(text)) {}

  // Whether the next line begins with this word; then it is begun.
  bool line(const string& word) {
    if (next_ == lines_.size() || lines_[next_].words.front() != word) {
      return false;
    }
    words_ = Words(lines_[next_++]);
    written += written.empty() ? "" : "\n";
    return takes(word);
  }
  // Whether the next word is this one; then it is taken.
  bool takes(const string& word) {
    const bool found = words_.take(word);
    written += (found && !written.empty() && written.back() != '\n' ? " " : "") + (found ? word : "");
    return found;
  }
  string one_of(const std::vector<string>& known) {
    const auto found = std::find_if(known.begin(), known.end(), [this](const string& word) { return takes(word); });
    require(found != known.end(), "line " + to_string(next_) + " says something else than the other files");
    return *found;
  }
  string any() {
    Words copy = words_;
    return one_of({string(copy.next())});
  }
  string text() {
    string result = words_.string();
    written += ' ' + quoted(result);
    return result;
  }

  string written;

 private:
  std::vector<Line> lines_;
  std::size_t next_ = 0;
  Words words_{lines_.front()};
};

Manifest read_manifest(const Files& files) {
  std::set<string> known{"manifest", sums_name, signature_name};
  const auto hash = [&](const string& name) { return known.insert(name), sha256(file(files, name)); };
  Anew page(file(files, "manifest"));
  const auto must = [&page](const string& word) { require(page.line(word), "the line " + word + " is missing"); };
  Manifest result;
  must("segproof-evidence");
  page.one_of({"1"});
  must("tool");
  result.tool = page.text();
  result.version = page.text();
  result.made = page.line("made") ? page.text() : "";
  must("epoch");
  result.epoch = page.text();
  page.one_of({"date"});
  result.date = page.text();
  while (page.line("read")) {
    const string kind = page.one_of({"folder", "topology", "policy", "claims"});
    result.roots.emplace_back(kind, page.text());
  }
  must("inputs");
  result.is_redacted = page.one_of({"whole", "redacted"}) == "redacted";
  while (page.line("input")) {
    const string copy = hash(numbered("inputs/", result.inputs.size() + 1));
    const string original = result.is_redacted ? page.any() : page.one_of({copy});
    result.inputs.emplace_back(original, page.text());
    page.one_of({copy});
    page.one_of({to_string(result.inputs.size())});
  }
  const auto says = [&](const string& word, const string& name) { must(word), page.one_of({hash(name)}); };
  says("network", network_name);
  says("results", results_name);
  says("statement", statement_name);
  if (files.contains(signature_name) || files.contains(envelope_name)) {
    says("envelope", envelope_name), file(files, signature_name);
  }
  says("verify", "VERIFY.md");
  for (std::size_t certificates = 0; page.line("claim");) {
    Manifest::Claim& claim = result.claims.emplace_back();
    claim.id = page.text();
    claim.verdict = page.one_of(outcomes);
    if (!page.takes("none")) {
      claim.certificate = numbered("certificates/", ++certificates) + ".cert";
      page.one_of({hash(claim.certificate)});
      page.one_of({to_string(certificates)});
    }
  }
  require(page.written + '\n' == file(files, "manifest"), "it is not in the form in which it is written");
  for (const auto& [name, bytes] : files) {
    require(known.contains(name), "it does not list " + name);
  }
  return result;
}

string joined(const std::vector<string>& names) {
  string result;
  for (const string& name : names) {
    result += (result.empty() ? "" : ", ") + name;
  }
  return result;
}

// The results are about the inputs of the manifest, and about all claims of the network file as they stand there.
void check_results(const string& text, const Network& network, Manifest& manifest) {
  const Json results = read_json(text);
  const auto expect = [&results](string path, const string& value) {
    const auto found = results.find(path);
    std::replace(path.begin(), path.end(), '\n', '/');
    require(found != results.end() && found->second == value, path + " is not " + value);
  };
  expect("schema", "\"segproof/result/1\"");
  expect("tool\nname", quoted(manifest.tool));
  expect("tool\nversion", quoted(manifest.version));
  for (std::size_t i = 0; i < manifest.inputs.size(); ++i) {
    expect("inputs\n" + to_string(i) + "\npath", quoted(manifest.inputs[i].second));
    expect("inputs\n" + to_string(i) + "\nsha256", quoted(manifest.inputs[i].first));
  }
  require(!results.contains("inputs\n" + to_string(manifest.inputs.size())), "it was read from other inputs");
  std::size_t next = 0;
  std::map<string, std::size_t> counts;
  for (std::size_t i = 0; results.contains("claims\n" + to_string(i)); ++i) {
    const string at = "claims\n" + to_string(i) + '\n';
    const auto is = [&](const char* key, const string& value) {
      expect(at + key, value.empty() ? "null" : quoted(value));
    };
    if (const auto advisory = results.find(at + "advisory"); advisory != results.end() && advisory->second == "true") {
      is("id", (next == 0 ? "" : manifest.claims[next - 1].id) + "/responder");
      is("certificate", "");
      continue;
    }
    expect(at + "advisory", "false");
    require(next < manifest.claims.size() && next < network.claims.size(), "a claim that nobody stated");
    Manifest::Claim& claim = manifest.claims[next];
    const Claim& stated = network.claims[next++];
    claim.kind = stated.kind;
    claim.from = joined(claim.kind == "detached"       ? stated.hosts
                        : claim.kind == "anti-spoofed" ? stated.zones
                                                       : stated.from);
    claim.to = joined(stated.to);
    if (const auto to = results.find(at + "to"); claim.to.empty() && to != results.end() && to->second != "null") {
      claim.to = claim.kind == "detached" ? "everything else" : "external zones";
    }
    is("id", stated.id);
    is("id", claim.id);
    is("kind", claim.kind);
    is("from", claim.from);
    is("to", claim.to);
    is("verdict", claim.verdict);
    is("certificate", claim.certificate);
    ++counts[claim.verdict];
  }
  require(next == manifest.claims.size() && next == network.claims.size(), "it answers other claims");
  for (const string& outcome : outcomes) {
    expect("summary\n" + (outcome == "not-evaluated" ? "not_evaluated" : outcome), to_string(counts[outcome]));
  }
}

// The run as an in-toto Statement.
void check_statement(const string& text, const Manifest& manifest, const string& network_hash) {
  Json expected{{"_type", quoted("https://in-toto.io/Statement/v1")},
                {"subject", "["},
                {"subject\n0", "{"},
                {"subject\n0\nname", quoted(network_name)},
                {"subject\n0\ndigest", "{"},
                {"subject\n0\ndigest\nsha256", quoted(network_hash)},
                {"predicateType", quoted("https://in-toto.io/attestation/test-result/v0.1")},
                {"predicate", "{"},
                {"predicate\nconfiguration", manifest.inputs.empty() ? "[]" : "["},
                {"predicate\npassedTests", "[]"},
                {"predicate\nwarnedTests", "[]"},
                {"predicate\nfailedTests", "[]"}};
  for (std::size_t i = 0; i < manifest.inputs.size(); ++i) {
    const string at = "predicate\nconfiguration\n" + to_string(i);
    expected.insert({{at, "{"},
                     {at + "\nname", quoted(manifest.inputs[i].second)},
                     {at + "\ndigest", "{"},
                     {at + "\ndigest\nsha256", quoted(manifest.inputs[i].first)}});
  }
  std::map<string, std::size_t> counts;
  for (const Manifest::Claim& claim : manifest.claims) {
    const string tests = claim.verdict == "proved" ? "passed" : claim.verdict == "refuted" ? "failed" : "warned";
    expected["predicate\n" + tests + "Tests"] = "[";
    expected["predicate\n" + tests + "Tests\n" + to_string(counts[tests]++)] = quoted(claim.id);
  }
  const bool all_passed = counts["passed"] > 0 && counts["passed"] == manifest.claims.size();
  expected["predicate\nresult"] = quoted(counts["failed"] > 0 ? "FAILED" : all_passed ? "PASSED" : "WARNED");
  require(read_json(text) == expected, "it states something else than the manifest");
}

// The DSSE envelope of the statement.
void check_envelope(const string& text, const string& statement, const std::optional<string>& key) {
  Json envelope = read_json(text);
  const string written = envelope["signatures\n0\nsig"], type = "application/vnd.in-toto+json";
  require(envelope["payloadType"] == quoted(type) && envelope["payload"] == quoted(base64(statement)) &&
              envelope["signatures\n0\nkeyid"].size() == 66 && envelope.size() == 6,
          "it holds something else than the statement");
  const string signed_text =
      "DSSEv1 " + to_string(type.size()) + ' ' + type + ' ' + to_string(statement.size()) + ' ' + statement;
  const string signature = written.size() < 2 ? "" : signature_in(written.substr(1, written.size() - 2));
  require(!key || is_signed(signed_text, signature, *key), "its signature is not by this key");
}

}  // namespace

string numbered(const string& folder, std::size_t number) {
  const string digits = to_string(number);
  return folder + string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

Manifest check_bundle(const Files& files, const std::optional<string>& key) {
  check_sums(files);
  string at = sums_name;
  try {
    require(!key || is_signed(file(files, at), file(files, signature_name), *key),
            signature_name + " is no signature of it by this key");
    at = "manifest";
    Manifest manifest = read_manifest(files);
    at = network_name;
    const Network network = read_network(file(files, at));
    require(network.epoch == manifest.epoch && network.date == manifest.date, "it is of another epoch");
    require(network.inputs == manifest.inputs, "it was read from other inputs");
    at = results_name;
    check_results(file(files, at), network, manifest);
    at = statement_name;
    check_statement(file(files, at), manifest, sha256(file(files, network_name)));
    at = envelope_name;
    if (files.contains(at)) {
      check_envelope(file(files, at), file(files, statement_name), key);
    }
    return manifest;
  } catch (const std::exception& error) {
    throw Rejected(at + ": " + error.what());
  }
}

}  // namespace check
