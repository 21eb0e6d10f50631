// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "input/yaml/claim_keys.h"
#include "input/yaml/network_words.h"

namespace segproof::input::yaml {
namespace {

using namespace std::string_view_literals;
using claim::Kind;

std::optional<claim::Allowed> read_allowed(Faults& faults, const View& view) {
  static constexpr std::array keys = {"service"sv, "from"sv, "to"sv, "owner"sv, "reason"sv, "expires"sv};
  claim::Allowed allowed;
  allowed.span = view.span();
  std::optional<View> service = view;
  if (view.shape() != Shape::text) {
    const auto section = Section::open(faults, view, "an entry of an allow-list", keys);
    if (!section) {
      return std::nullopt;
    }
    service = section->require("service");
    allowed.from = words_at(*section, "from");
    allowed.to = words_at(*section, "to");
    allowed.owner = text_at(*section, "owner");
    allowed.reason = text_at(*section, "reason");
    allowed.expires = date_at(*section, "expires");
  }
  const auto spec = service ? read_service(faults, *service, "service") : std::nullopt;
  if (!spec) {
    return std::nullopt;
  }
  allowed.service = spec->service;
  return allowed;
}

std::vector<claim::Allowed> allowed_at(const Section& section, std::string_view key) {
  std::vector<claim::Allowed> list;
  if (const std::optional<View> view = section.get(key)) {
    for_each_item(*view, [&](const View& item) {
      if (std::optional<claim::Allowed> allowed = read_allowed(section.faults(), item)) {
        list.push_back(std::move(*allowed));
      }
    });
  }
  return list;
}

void read_as_sent(const Section& section, claim::Claim& claim) {
  static constexpr std::array keys = {"to"sv, "service"sv};
  const std::optional<View> view = section.get("as-sent");
  const auto header = view ? Section::open(section.faults(), *view, "`as-sent`", keys) : std::nullopt;
  if (!header) {
    return;
  }
  claim.as_sent_to = word_at(*header, "to");
  if (const std::optional<View> service = header->get("service")) {
    if (auto spec = read_service(section.faults(), *service, "service")) {
      claim.as_sent_service = std::move(spec->service);
    }
  }
  if (!header->get("to") && !header->get("service")) {
    section.faults().error(DiagnosticCode::missing_key, view->span(), "`as-sent` needs key `to` or `service`");
  }
}

void read_enumerations(const Section& section, claim::Claim& claim) {
  static constexpr std::array spoofing = {"any"sv, "segment"sv, "own"sv};
  static constexpr std::array pivots = {"direct"sv, "vulnerable"sv, "listening"sv, "worst-case"sv, "paranoid"sv};
  static constexpr std::array responders = {"include"sv, "report"sv, "off"sv, "false"sv};
  Faults& faults = section.faults();
  const auto choice_at = [&](std::string_view key, Keys words) -> std::optional<std::size_t> {
    const std::optional<View> view = section.get(key);
    return view ? read_choice(faults, *view, fmt::format("`{}`", key), words) : std::nullopt;
  };
  if (const auto choice = choice_at("spoofing", spoofing)) {
    claim.spoofing = *claim::parse_spoofing(spoofing[*choice]);
  }
  if (const auto choice = choice_at("pivot", pivots)) {
    claim.pivot = claim::parse_pivot(pivots[*choice]);
  }
  if (const auto choice = choice_at("responder-to-initiator", responders)) {
    claim.responder = *choice == 0   ? claim::Responder::include
                      : *choice == 1 ? claim::Responder::report
                                     : claim::Responder::ignore;
  }
  claim.trust_source_host = switch_at(section, "trust-source-host", false);
  if (const std::optional<View> hops = section.get("hops")) {
    claim.hops = read_number(faults, *hops, "`hops`", 1'000'000);
  }
}

std::optional<Kind> read_kind(Faults& faults, const View& view) {
  const std::optional<Word> word = read_word(faults, view, "`kind`");
  if (!word) {
    return std::nullopt;
  }
  const std::optional<Kind> kind = claim::parse_kind(word->text);
  if (!kind) {
    const std::vector<std::string_view> names = claim::kind_names();
    std::string hint = did_you_mean_hint(word->text, names);
    if (hint.empty()) {
      hint = fmt::format("the kinds are {}", fmt::join(names, ", "));
    }
    faults.error(DiagnosticCode::unknown_claim_kind, word->span,
                 fmt::format("there is no kind of claim {}", quote(word->text)), std::move(hint));
  }
  return kind;
}

void check_keys(const View& view, const Section& section, Kind kind) {
  for (const View::Entry& entry : view.entries()) {
    const std::string_view key = entry.key.text();
    if (std::ranges::find(all_claim_keys(), key) != all_claim_keys().end() && !claim_takes(kind, key)) {
      section.faults().error(
          DiagnosticCode::key_does_not_apply, entry.key.span(),
          fmt::format("key `{}` means nothing for a claim of kind `{}`", key, claim::kind_name(kind)));
    }
  }
  for (const std::string_view key : needed_claim_keys(kind)) {
    const std::optional<View> value = section.require(key);
    if (value && value->shape() == Shape::list && value->items().empty() && key != "services") {
      section.faults().error(DiagnosticCode::bad_value, value->span(), fmt::format("`{}` names nothing", key));
    }
  }
  if (kind == Kind::unreferenced && !section.get("names") && !section.get("addresses")) {
    section.faults().error(DiagnosticCode::missing_key, section.span(),
                           fmt::format("{} needs key `names` or `addresses`", section.what()));
  }
}

void read_claim(Faults& faults, const View& view, std::vector<claim::Claim>& claims) {
  const std::optional<View> id_view = view.find("id");
  const bool named = id_view && id_view->shape() == Shape::text;
  const auto section = Section::open(
      faults, view, named ? fmt::format("claim {}", quote(id_view->text())) : std::string("a claim"), all_claim_keys());
  if (!section) {
    return;
  }
  claim::Claim claim;
  const std::optional<View> id = section->require("id");
  const std::optional<View> kind_view = section->require("kind");
  const std::optional<Word> id_word = id ? read_word(faults, *id, "`id`") : std::nullopt;
  const std::optional<Kind> kind = kind_view ? read_kind(faults, *kind_view) : std::nullopt;
  if (kind) {
    check_keys(view, *section, *kind);
    claim.kind = *kind;
  }
  claim.text = text_at(*section, "text");
  claim.author = text_at(*section, "author");
  claim.date = date_at(*section, "date");
  claim.epochs = texts_at(*section, "epochs");
  claim.assumptions = texts_at(*section, "assumptions");
  claim.controls = texts_at(*section, "controls");
  read_enumerations(*section, claim);
  claim.from = words_at(*section, "from");
  claim.to = words_at(*section, "to");
  claim.through = words_at(*section, "through");
  claim.zones = words_at(*section, "zone");
  claim.hosts = words_at(*section, "hosts");
  claim.names = words_at(*section, "names");
  claim.addresses = words_at(*section, "addresses");
  claim.from_addresses = words_at(*section, "from-addresses");
  claim.services = allowed_at(*section, "services");
  claim.except = allowed_at(*section, "except");
  read_as_sent(*section, claim);
  if (id_word && usable_name(faults, *id_word, "claims", Names::of_interfaces)) {
    claim.id = id_word->text;
    claim.origin = id_word->span;
    claims.push_back(std::move(claim));
  }
}

void read_assumption(Faults& faults, const View& view, std::vector<model::Assumption>& assumptions) {
  static constexpr std::array keys = {"id"sv, "text"sv, "owner"sv, "date"sv, "harmless"sv};
  const auto section = Section::open(faults, view, "an assumption", keys);
  if (!section) {
    return;
  }
  model::Assumption assumption;
  const std::optional<View> id = section->require("id");
  const std::optional<View> text = section->require("text");
  assumption.owner = text_at(*section, "owner");
  static_cast<void>(date_at(*section, "date"));
  if (const std::optional<View> harmless = section->get("harmless")) {
    for_each_item(*harmless, [&](const View& item) {
      if (const auto service = read_service(faults, item, "service")) {
        assumption.harmless.push_back(service->service.text);
      }
    });
  }
  const std::optional<Word> text_word = text ? read_word(faults, *text, "`text`") : std::nullopt;
  const std::optional<Word> id_word = id ? read_word(faults, *id, "`id`") : std::nullopt;
  if (id_word && text_word && usable_name(faults, *id_word, "assumptions", Names::of_interfaces)) {
    assumption.id = id_word->text;
    assumption.text = text_word->text;
    assumption.origin = id_word->span;
    assumptions.push_back(std::move(assumption));
  }
}

bool is_list(Faults& faults, const View& view, std::string_view what) {
  if (view.shape() == Shape::list) {
    return true;
  }
  faults.error(DiagnosticCode::wrong_shape, view.span(),
               fmt::format("{} is a list, not {}", what, shape_text(view.shape())));
  return false;
}

}  // namespace

void read_claims(Faults& faults, const View& list, std::vector<claim::Claim>& claims) {
  if (is_list(faults, list, "`claims`")) {
    for (const View& item : list.items()) {
      read_claim(faults, item, claims);
    }
  }
}

void read_assumptions(Faults& faults, const View& list, std::vector<model::Assumption>& assumptions) {
  if (is_list(faults, list, "`assumptions`")) {
    for (const View& item : list.items()) {
      read_assumption(faults, item, assumptions);
    }
  }
}

ClaimsFile read_claims_file(const Tree& tree, DiagnosticSink& sink) {
  static constexpr std::array keys = {"segproof"sv, "name"sv,   "description"sv,
                                      "include"sv,  "claims"sv, "assumptions"sv};
  Faults faults(sink);
  ClaimsFile file;
  const auto section = Section::open(faults, tree.root(), "a claims file", keys);
  if (!section) {
    return file;
  }
  check_file_kind(*section, "claims/1");
  static_cast<void>(text_at(*section, "name"));
  static_cast<void>(text_at(*section, "description"));
  file.includes = words_at(*section, "include");
  if (const std::optional<View> claims = section->get("claims")) {
    read_claims(faults, *claims, file.claims);
  }
  if (const std::optional<View> assumptions = section->get("assumptions")) {
    read_assumptions(faults, *assumptions, file.assumptions);
  }
  return file;
}

}  // namespace segproof::input::yaml
