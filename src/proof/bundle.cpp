// SPDX-License-Identifier: Apache-2.0
#include "proof/bundle.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/sha256.h"
#include "base/text.h"
#include "proof/signing.h"
#include "proof/statement.h"
#include "proof/words.h"

namespace segproof::proof {
namespace {

constexpr std::string_view sums_name = "SHA256SUMS";
constexpr std::string_view signature_name = "SHA256SUMS.sig";

std::string input_name(std::size_t number) {
  return fmt::format("inputs/{:04}", number);
}

std::string_view root_word(EvidenceRoot::Kind kind) {
  switch (kind) {
    case EvidenceRoot::Kind::folder:
      return "folder";
    case EvidenceRoot::Kind::topology:
      return "topology";
    case EvidenceRoot::Kind::policy:
      return "policy";
    case EvidenceRoot::Kind::claims:
      return "claims";
  }
  SEGPROOF_UNREACHABLE();
}

std::string manifest_text(const Evidence& evidence, const Files& files) {
  const auto hash_line = [&](std::string_view word, const std::string& name) {
    return fmt::format("{} {}", word, sha256_hex(files.at(name)));
  };
  Page page;
  page.line(0, "segproof-evidence 1");
  page.line(0, fmt::format("tool {} {}", quoted(evidence.tool), quoted(evidence.version)));
  if (!evidence.made.empty()) {
    page.line(0, "made " + quoted(evidence.made));
  }
  page.line(0, fmt::format("epoch {} date {}", quoted(evidence.epoch), quoted(evidence.date)));
  for (const EvidenceRoot& root : evidence.roots) {
    page.line(0, fmt::format("read {} {}", root_word(root.kind), quoted(root.path)));
  }
  page.line(0, evidence.is_redacted ? "inputs redacted" : "inputs whole");
  for (std::size_t i = 0; i < evidence.inputs.size(); ++i) {
    const EvidenceInput& input = evidence.inputs[i];
    page.line(0, fmt::format("input {} {} {} {}", input.sha256, quoted(input.path), sha256_hex(input.copy), i + 1));
  }
  page.line(0, hash_line("network", "network.txt"));
  page.line(0, hash_line("results", "results.json"));
  page.line(0, hash_line("statement", "statement.json"));
  if (files.contains("statement.dsse.json")) {
    page.line(0, hash_line("envelope", "statement.dsse.json"));
  }
  page.line(0, hash_line("verify", "VERIFY.md"));
  std::size_t certificates = 0;
  for (const EvidenceClaim& claim : evidence.claims) {
    const std::string certificate =
        claim.certificate ? fmt::format("{} {}", sha256_hex(*claim.certificate), ++certificates) : "none";
    page.line(0, fmt::format("claim {} {} {}", quoted(claim.id), standing_word(claim.standing), certificate));
  }
  return page.take();
}

std::string verify_text(const Evidence& evidence) {
  const bool is_signed = !evidence.secret_key.empty();
  const std::string_view how_signed =
      is_signed
          ? "It is signed with Ed25519. Take the public key, here `NAME.pub`, from its owner, never from a bundle.\n"
          : "It is not signed: what follows shows accidents, not forgery. Whoever can change a file can change\n"
            "SHA256SUMS, too.\n";
  const std::string_view openssl =
      is_signed ? "Without segproof-check, the signature is checked so:\n\n"
                  "    openssl pkeyutl -verify -pubin -inkey NAME.pub -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig\n\n"
                : "";
  const std::string_view copies =
      evidence.is_redacted
          ? "The inputs are copies without secrets and comments, and the run read these copies; the hashes of the\n"
            "originals stand in `manifest` and `network.txt`.\n"
          : "The inputs are the bytes that were read.\n";
  return fmt::format(
      "# How to check this evidence\n\n"
      "This folder holds what one run of segproof read and said. {}\n"
      "Two commands, in this folder, without a network. No byte changed:\n\n"
      "    sha256sum -c SHA256SUMS\n\n"
      "The files say the same, nothing is there that they do not list, and the verdicts follow from `network.txt`:\n\n"
      "    segproof-check .{}\n\n"
      "The second does what the first does, too. segproof-check is a program of its own, which shares no code with\n"
      "segproof; what it reads is described in docs/certificate.md and docs/evidence.md of segproof. It prints every\n"
      "claim with its verdict. `verified` means that the certificate shows it; `no certificate`, that nothing but\n"
      "segproof says it, and `results.json` says why. With `--require proved` it fails unless every claim is shown\n"
      "to be proved.\n\n"
      "{}"
      "## What is left to you\n\n"
      "`network.txt` says what was understood of the configurations, each thing with file and line: read it beside\n"
      "them. `inputs` holds every file that was read, and `manifest` says where it was and what its hash is. {}"
      "That they give the same network file, segproof itself can show:\n\n"
      "    segproof normalise --evidence . | cmp - network.txt\n\n"
      "Whether the claims ask the right questions (they stand at the end of `network.txt`, with their wording), and\n"
      "whether these were the running configurations, no file can say.\n",
      how_signed, is_signed ? " --key NAME.pub" : "", openssl, copies);
}

std::string time_text(std::uint64_t seconds) {
  const std::uint64_t day_seconds = seconds % 86400;
  // Days since 0000-03-01, by eras of 400 years (civil_from_days of H. Hinnant).
  const std::uint64_t days = seconds / 86400 + 719468;
  const std::uint64_t era = days / 146097;
  const std::uint64_t of_era = days % 146097;
  const std::uint64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::uint64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint64_t shifted = (5 * of_year + 2) / 153;  // months since March
  const std::uint64_t day = of_year - (153 * shifted + 2) / 5 + 1;
  const std::uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::uint64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, month, day, day_seconds / 3600,
                     day_seconds / 60 % 60, day_seconds % 60);
}

// Seconds since 1970 of YYYY-MM-DDTHH:MM:SSZ; of what is no time, those of another one.
std::optional<std::uint64_t> seconds_of(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  const auto fits = [](char c, char wanted) { return wanted == '0' ? is_digit(c) : c == wanted; };
  if (!std::ranges::equal(text, form, fits)) {
    return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : text.substr(at, size)) {
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
  };
  const std::uint64_t month = number(5, 2);
  const std::uint64_t year = number(0, 4) - (month <= 2 ? 1 : 0);
  if (number(0, 4) < 1970 || month == 0 || month > 12 || number(8, 2) == 0) {
    return std::nullopt;
  }
  // The other way round than in time_text.
  const std::uint64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + number(8, 2) - 1;
  const std::uint64_t days = year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719468;
  return days * 86400 + number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
}

}  // namespace

std::string_view standing_word(Standing standing) {
  switch (standing) {
    case Standing::proved:
      return "proved";
    case Standing::refuted:
      return "refuted";
    case Standing::inconclusive:
      return "inconclusive";
    case Standing::vacuous:
      return "vacuous";
    case Standing::not_evaluated:
      return "not-evaluated";
  }
  SEGPROOF_UNREACHABLE();
}

std::string certificate_name(std::size_t number) {
  return fmt::format("certificates/{:04}.cert", number);
}

std::string sums_text(const Files& files) {
  std::string text;
  for (const auto& [name, bytes] : files) {
    if (name != sums_name && name != signature_name) {
      text += fmt::format("{}  {}\n", sha256_hex(bytes), name);
    }
  }
  return text;
}

Result<Files> evidence_files(const Evidence& evidence) {
  Files files;
  files["network.txt"] = evidence.network;
  files["results.json"] = evidence.results;
  files["VERIFY.md"] = verify_text(evidence);
  files["statement.json"] = statement_json(evidence);
  for (std::size_t i = 0; i < evidence.inputs.size(); ++i) {
    files[input_name(i + 1)] = evidence.inputs[i].copy;
  }
  std::size_t certificates = 0;
  for (const EvidenceClaim& claim : evidence.claims) {
    if (claim.certificate) {
      files[certificate_name(++certificates)] = *claim.certificate;
    }
  }
  const bool is_signed = !evidence.secret_key.empty();
  if (is_signed) {
    Result<std::string> envelope = envelope_json(files["statement.json"], evidence.secret_key);
    if (!envelope) {
      return envelope.failure();
    }
    files["statement.dsse.json"] = std::move(envelope).value();
  }
  files["manifest"] = manifest_text(evidence, files);
  files[std::string(sums_name)] = sums_text(files);
  if (is_signed) {
    Result<std::string> signature = sign(files[std::string(sums_name)], evidence.secret_key);
    if (!signature) {
      return signature.failure();
    }
    files[std::string(signature_name)] = std::move(signature).value();
  }
  return files;
}

std::optional<std::string> made_at(std::string_view time) {
  const auto given = parse_unsigned<std::uint64_t>(time, 0, 253402300799U);  // 9999-12-31T23:59:59Z
  if (given) {
    return time_text(*given);
  }
  const std::optional<std::uint64_t> seconds = seconds_of(time);
  return seconds && time_text(*seconds) == time ? std::optional<std::string>(time) : std::nullopt;
}

}  // namespace segproof::proof
