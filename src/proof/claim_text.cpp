// SPDX-License-Identifier: Apache-2.0
#include "proof/claim_text.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "base/assert.h"
#include "claim/parties.h"

namespace segproof::proof {
namespace {

std::string_view responder_word(claim::Responder responder) {
  switch (responder) {
    case claim::Responder::include:
      return "include";
    case claim::Responder::report:
      return "report";
    case claim::Responder::ignore:
      return "ignore";
  }
  SEGPROOF_UNREACHABLE();
}

std::string names_word(std::string_view word, const std::vector<claim::Name>& names) {
  std::string text;
  for (const claim::Name& name : names) {
    text += fmt::format("{}{}", text.empty() ? fmt::format(" {} ", word) : ",", quoted(name.text));
  }
  return text;
}

class ClaimWriter {
 public:
  ClaimWriter(const claim::Claim& claim, const std::string& date, Page& page)
      : claim_(claim), date_(date), page_(page) {}

  void write() const {
    if (!claim_.text.empty()) {
      page_.line(1, "text " + quoted(claim_.text));
    }
    page_.line(1, fmt::format("spoofing {}", claim::spoofing_name(claim_.spoofing)));
    if (claim_.trust_source_host) {
      page_.line(1, "trust-source-host");
    }
    if (claim_.pivot) {
      page_.line(1, fmt::format("pivot {}", claim::pivot_name(*claim_.pivot)));
    }
    page_.line(1, fmt::format("responder {}", responder_word(claim_.responder)));
    if (claim_.hops) {
      page_.line(1, fmt::format("hops {}", *claim_.hops));
    }
    for (const std::string& id : claim_.assumptions) {
      page_.line(1, "assuming " + quoted(id));
    }
    names("from", claim_.from);
    names("to", claim_.to);
    names("through", claim_.through);
    names("zone", claim_.zones);
    names("host", claim_.hosts);
    names("name", claim_.names);
    names("address", claim_.addresses);
    names("from-address", claim_.from_addresses);
    entries("service", claim_.services);
    entries("except", claim_.except);
    if (claim_.as_sent_to) {
      page_.line(1, "as-sent to " + quoted(claim_.as_sent_to->text));
    }
    if (claim_.as_sent_service) {
      page_.line(1, "as-sent service " + service_words(*claim_.as_sent_service));
    }
  }

 private:
  void names(std::string_view word, const std::vector<claim::Name>& names) const {
    for (const claim::Name& name : names) {
      page_.line(1, fmt::format("{} {}", word, quoted(name.text)));
    }
  }

  void entries(std::string_view word, const std::vector<claim::Allowed>& entries) const {
    for (const claim::Allowed& entry : entries) {
      page_.line(1, fmt::format("{} {}{}{}{}", word, service_words(entry.service), names_word("from", entry.from),
                                names_word("to", entry.to), claim::has_expired(entry, date_) ? " expired" : ""));
    }
  }

  const claim::Claim& claim_;
  const std::string& date_;
  Page& page_;
};

}  // namespace

std::string service_words(const claim::ServiceSpec& service) {
  return fmt::format("{} {}", service.protocol ? fmt::format("{}", *service.protocol) : "any",
                     ports_word(service.ports));
}

void write_claim(const claim::Claim& claim, const std::string& date, const SourceStore& sources, Page& page) {
  page.line(0, fmt::format("claim {} {} {}", quoted(claim.id), claim::kind_name(claim.kind),
                           place_word(claim.origin, sources)));
  ClaimWriter(claim, date, page).write();
}

}  // namespace segproof::proof
