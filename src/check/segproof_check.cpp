// SPDX-License-Identifier: Apache-2.0
// segproof-check: certificates against a network file, or all that an evidence bundle says. Exit codes: 0 every
// certificate verified, 1 something was rejected, 2 this is no certificate or bundle, 3 all verify, but what is
// required is not proved.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "check/core/verdict.h"
#include "check/envelope/bundle.h"
#include "check/envelope/digest.h"
#include "check/folder.h"

namespace {

constexpr const char* usage =
    "usage: segproof-check FOLDER [--key PUBLIC | --ignore-signature] [--require proved]\n"
    "       segproof-check CERTIFICATE... --network FILE [--require proved]\n";

constexpr const char* help =
    "\n"
    "Checks what `segproof verify --evidence FOLDER` wrote, or single certificates against their network file. It\n"
    "shares no code with segproof, searches nothing and needs nothing but what it is given.\n"
    "\n"
    "  --key PUBLIC        the bundle must be signed by this Ed25519 key (PEM). Have it from its owner, not from\n"
    "                      whoever gave you the bundle. Not given: the bundle must be unsigned\n"
    "  --ignore-signature  look at a signed bundle without a key, as if it were unsigned\n"
    "  --network FILE      the network file that the certificates are about\n"
    "  --require proved    end with 3 unless every claim has a certificate that proves it\n"
    "  --help, --version\n"
    "\n"
    "An unsigned bundle shows accidents, not forgery.\n"
    "\n"
    "Exit codes: 0 every certificate verifies, 1 something was rejected, 2 this is no certificate or bundle,\n"
    "3 all verify, but what --require asks for is missing.\n";

struct Arguments {
  std::vector<std::string> paths;
  std::optional<std::string> network, key;
  bool ignores_signature = false;
  bool requires_proved = false;
};

std::optional<Arguments> arguments_in(const std::vector<std::string>& words) {
  Arguments result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has_value = i + 1 < words.size();
    if (words[i] == "--network" && has_value && !result.network) {
      result.network = words[++i];
    } else if (words[i] == "--key" && has_value && !result.key) {
      result.key = words[++i];
    } else if (words[i] == "--require" && has_value && words[i + 1] == "proved") {
      result.requires_proved = true;
      ++i;
    } else if (words[i] == "--ignore-signature") {
      result.ignores_signature = true;
    } else if (words[i].starts_with("-")) {
      return std::nullopt;
    } else {
      result.paths.push_back(words[i]);
    }
  }
  const bool is_about_signatures = result.key || result.ignores_signature;
  const bool is_one_form = result.network ? !is_about_signatures : result.paths.size() == 1;
  const bool is_usable = !result.paths.empty() && is_one_form && !(result.key && result.ignores_signature);
  return is_usable ? std::optional(result) : std::nullopt;
}

// Names come from files: nothing in them reaches the terminal but what can be seen.
std::string visible(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte >= 0x7f ? '?' : c;
  }
  return result;
}

void say(const char* what, const std::string& about, const std::string& more) {
  std::printf("%s: %s: %s\n", what, visible(about).c_str(), visible(more).c_str());
}

std::string about(const std::string& claim, const std::string& kind, const std::string& from, const std::string& to) {
  return claim + " " + kind + (from.empty() ? "" : " from " + from) + (to.empty() ? "" : " to " + to);
}

// Prints it, and gives the exit code that it alone has.
int say(const check::Result& result, const std::string& path) {
  const std::string claim = about(result.claim, result.kind, result.from, result.to);
  switch (result.outcome) {
    case check::Outcome::verified:
      say("verified", claim, result.verdict);
      return 0;
    case check::Outcome::rejected:
      say("rejected", claim, result.why);
      return 1;
    case check::Outcome::not_a_certificate:
      say("not a certificate", path, result.why);
      return 2;
  }
  return 2;
}

int check_certificates(const Arguments& arguments) {
  const std::optional<std::string> network = check::contents(*arguments.network);
  if (!network) {
    std::fprintf(stderr, "segproof-check: %s cannot be read\n", visible(*arguments.network).c_str());
    return 2;
  }
  const std::string hash = check::sha256(*network);
  int worst = 0;
  bool all_proved = true;
  for (const std::string& path : arguments.paths) {
    const std::optional<std::string> text = check::contents(path);
    check::Result result;
    result.why = "it cannot be read";
    if (text) {
      result = check::check_certificate(*text, *network, hash);
    }
    worst = std::max(worst, say(result, path));
    all_proved = all_proved && result.verdict == "proved";
  }
  return worst == 0 && arguments.requires_proved && !all_proved ? 3 : worst;
}

// The certificate of a claim must prove what the bundle says of it.
check::Result check_claim(const check::Files& files, const check::Manifest::Claim& claim, const std::string& hash) {
  check::Result result = check::check_certificate(files.at(claim.certificate), files.at("network.txt"), hash);
  if (result.outcome == check::Outcome::verified && (result.claim != claim.id || result.verdict != claim.verdict)) {
    result.outcome = check::Outcome::rejected;
    result.why = "the certificate is about " + result.claim + " and says " + result.verdict;
  }
  return result;
}

int check_claims(const check::Files& files, const check::Manifest& manifest, bool requires_proved) {
  const std::string hash = check::sha256(files.at("network.txt"));
  std::size_t certified = 0;
  std::size_t proved = 0;
  int code = 0;
  for (const check::Manifest::Claim& claim : manifest.claims) {
    if (claim.certificate.empty()) {
      say("no certificate", about(claim.id, claim.kind, claim.from, claim.to), claim.verdict + ", as segproof says");
      continue;
    }
    const check::Result result = check_claim(files, claim, hash);
    const bool is_verified = say(result, claim.certificate) == 0;
    code = is_verified ? code : 1;
    certified += is_verified ? 1U : 0U;
    proved += is_verified && result.verdict == "proved" ? 1U : 0U;
  }
  std::printf("%zu claims, %zu verified by their certificates\n", manifest.claims.size(), certified);
  return code == 0 && requires_proved && proved != manifest.claims.size() ? 3 : code;
}

int check_folder(const Arguments& arguments) {
  std::optional<std::string> key;
  if (arguments.key && !(key = check::contents(*arguments.key))) {
    std::fprintf(stderr, "segproof-check: %s cannot be read\n", visible(*arguments.key).c_str());
    return 2;
  }
  try {
    const check::Files files = check::files_in(arguments.paths.front());
    if (!files.contains("manifest") && !files.contains("SHA256SUMS")) {
      say("not a bundle", arguments.paths.front(), "it holds no manifest");
      return 2;
    }
    const bool is_signed = files.contains("SHA256SUMS.sig");
    if (is_signed && !key && !arguments.ignores_signature) {
      say("rejected", "SHA256SUMS.sig", "it is signed: say by whom with --key, or look away with --ignore-signature");
      return 1;
    }
    const check::Manifest manifest = check::check_bundle(files, key);
    say("bundle", std::to_string(files.size()) + " files",
        manifest.tool + " " + manifest.version + ", epoch " + manifest.epoch +
            (manifest.date.empty() ? "" : " of " + manifest.date) +
            (manifest.made.empty() ? "" : ", made " + manifest.made) + (manifest.is_redacted ? ", redacted" : ""));
    say("signature",
        key         ? "by the key that was given"
        : is_signed ? "not looked at"
                    : "none",
        key ? "the bundle is as its owner made it" : "this shows accidents, not forgery");
    return check_claims(files, manifest, arguments.requires_proved);
  } catch (const std::exception& error) {
    std::printf("rejected: %s\n", visible(error.what()).c_str());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (words == std::vector<std::string>{"--help"}) {
    std::printf("%s%s", usage, help);
    return 0;
  }
  if (words == std::vector<std::string>{"--version"}) {
    std::puts("segproof-check " SEGPROOF_VERSION);
    return 0;
  }
  const std::optional<Arguments> arguments = arguments_in(words);
  if (!arguments) {
    std::fputs(usage, stderr);
    return 2;
  }
  const int code = arguments->network ? check_certificates(*arguments) : check_folder(*arguments);
  return std::fflush(stdout) == 0 ? code : 2;
}
