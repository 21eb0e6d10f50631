// SPDX-License-Identifier: Apache-2.0
#include "proof/statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "base/sha256.h"
#include "proof/signing.h"

namespace segproof::proof {
namespace {

constexpr std::string_view payload_type = "application/vnd.in-toto+json";

void write_tests(const Evidence& evidence, std::string_view key, auto belongs, JsonWriter& json) {
  json.key(key).begin_array();
  for (const EvidenceClaim& claim : evidence.claims) {
    if (belongs(claim.standing)) {
      json.string(claim.id);
    }
  }
  json.end_array();
}

std::string_view result_of(const Evidence& evidence) {
  const auto any = [&](auto condition) {
    return std::ranges::any_of(evidence.claims, condition, &EvidenceClaim::standing);
  };
  if (any([](Standing standing) { return standing == Standing::refuted; })) {
    return "FAILED";
  }
  const bool all_proved =
      !evidence.claims.empty() && !any([](Standing standing) { return standing != Standing::proved; });
  return all_proved ? "PASSED" : "WARNED";
}

void write_digest(std::string_view name, std::string_view sha256, JsonWriter& json) {
  json.begin_object().key("name").string(name);
  json.key("digest").begin_object().key("sha256").string(sha256).end_object().end_object();
}

}  // namespace

std::string statement_json(const Evidence& evidence) {
  JsonWriter json(JsonLayout::indented);
  json.begin_object().key("_type").string("https://in-toto.io/Statement/v1");
  json.key("subject").begin_array();
  write_digest("network.txt", sha256_hex(evidence.network), json);
  json.end_array();
  json.key("predicateType").string("https://in-toto.io/attestation/test-result/v0.1");
  json.key("predicate").begin_object().key("result").string(result_of(evidence));
  json.key("configuration").begin_array();
  for (const EvidenceInput& input : evidence.inputs) {
    write_digest(input.path, input.sha256, json);
  }
  json.end_array();
  write_tests(
      evidence, "passedTests", [](Standing s) { return s == Standing::proved; }, json);
  write_tests(
      evidence, "warnedTests", [](Standing s) { return s != Standing::proved && s != Standing::refuted; }, json);
  write_tests(
      evidence, "failedTests", [](Standing s) { return s == Standing::refuted; }, json);
  json.end_object().end_object();
  return std::move(json).take();
}

std::string pre_authentication(std::string_view type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, payload.size(), payload);
}

Result<std::string> envelope_json(std::string_view statement, std::string_view secret_key) {
  const Result<std::string> signature = sign(pre_authentication(payload_type, statement), secret_key);
  if (!signature) {
    return signature.failure();
  }
  const Result<std::string> open = open_half(secret_key);
  const Result<std::string> id = open ? key_id(open.value()) : Result<std::string>(open.failure());
  if (!id) {
    return id.failure();
  }
  JsonWriter json(JsonLayout::indented);
  json.begin_object().key("payloadType").string(payload_type).key("payload").string(base64(statement));
  json.key("signatures").begin_array().begin_object();
  json.key("keyid").string(id.value()).key("sig").string(base64(signature.value()));
  json.end_object().end_array().end_object();
  return std::move(json).take();
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8U | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    const std::size_t used = std::min<std::size_t>(bytes.size() - at, 3) + 1;
    for (std::size_t i = 0; i < 4; ++i) {
      text += i < used ? digits[group >> (18U - 6U * i) & 63U] : '=';
    }
  }
  return text;
}

}  // namespace segproof::proof
