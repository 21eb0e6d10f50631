// SPDX-License-Identifier: Apache-2.0
#include "proof/condition_text.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "base/assert.h"
#include "base/secrets.h"

namespace segproof::proof {
namespace {

std::string_view field_word(Field field) {
  switch (field) {
    case Field::protocol:
      return "protocol";
    case Field::source:
      return "source";
    case Field::destination:
      return "destination";
    case Field::source_port:
      return "sport";
    case Field::destination_port:
      return "dport";
    case Field::tcp_flags:
      return "flags";
    case Field::fragment:
      return "fragment";
    case Field::origin:
    case Field::ingress:
    case Field::egress:
    case Field::state:
    case Field::translated:
    case Field::mark:
    case Field::connection_mark:
      break;  // tests of their own ask for these
  }
  SEGPROOF_UNREACHABLE();
}

std::string field_of_family(Field field, std::optional<Family> family) {
  return fmt::format("{}{}", field_word(field), !family ? "" : *family == Family::ipv4 ? "/4" : "/6");
}

std::string_view turned(bool negated) {
  return negated ? " not" : "";
}

std::string_view state_word(std::size_t state) {
  constexpr std::array<std::string_view, track_state_count> words = {"new", "established", "related", "invalid",
                                                                     "untracked"};
  return words[state];
}

std::string_view type_word(model::AddressType type) {
  switch (type) {
    case model::AddressType::unspecified:
      return "unspecified";
    case model::AddressType::unicast:
      return "unicast";
    case model::AddressType::local:
      return "local";
    case model::AddressType::broadcast:
      return "broadcast";
    case model::AddressType::multicast:
      return "multicast";
    case model::AddressType::anycast:
      return "anycast";
    case model::AddressType::unreachable:
      return "unreachable";
    case model::AddressType::blackhole:
      return "blackhole";
    case model::AddressType::prohibit:
      return "prohibit";
  }
  SEGPROOF_UNREACHABLE();
}

std::string_view measure_words(model::Measure measure) {
  switch (measure) {
    case model::Measure::total_length:
      return "total length";
    case model::Measure::hop_limit:
      return "hop limit";
    case model::Measure::traffic_class:
      return "traffic class";
    case model::Measure::packet_kind:
      return "kind of packet";
  }
  SEGPROOF_UNREACHABLE();
}

// The words whose bit is set, joined by commas.
template <class Word>
std::string chosen(unsigned bits, std::size_t count, const Word& word) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if ((bits >> i & 1U) != 0) {
      text += text.empty() ? "" : ",";
      text += word(i);
    }
  }
  return text.empty() ? "none" : text;
}

class TestWriter {
 public:
  TestWriter(std::size_t depth, Page& page) : depth_(depth), page_(page) {}

  void operator()(const model::FieldTest& test) const {
    const bool is_address = test.field == Field::source || test.field == Field::destination;
    const std::string values = is_address && test.family ? set_word(test.values, *test.family) : set_word(test.values);
    page_.line(depth_, fmt::format("is {} {}", field_of_family(test.field, test.family), values));
  }
  void operator()(const model::MaskTest& test) const {
    page_.line(depth_, fmt::format("mask{} {} {} {}", turned(test.negated), field_of_family(test.field, test.family),
                                   hexadecimal(test.value), hexadecimal(test.mask)));
  }
  void operator()(const model::InterfaceTest& test) const {
    page_.line(depth_, fmt::format("{}{} {}{}", test.direction == model::Direction::ingress ? "in" : "out",
                                   turned(test.negated), quoted(test.name), test.is_prefix ? "*" : ""));
  }
  void operator()(const model::TrackTest& test) const {
    page_.line(depth_,
               fmt::format("state{} {}{}", turned(test.negated), chosen(test.states, track_state_count, state_word),
                           test.translated == 0 ? "" : fmt::format(" translated {}", test.translated)));
  }
  void operator()(const model::MarkTest& test) const {
    page_.line(depth_, fmt::format("{}{} {} {}", test.kind == model::MarkKind::packet ? "mark" : "connmark",
                                   turned(test.negated), hexadecimal(test.value), hexadecimal(test.mask)));
  }
  void operator()(const model::AddressTypeTest& test) const {
    const std::string_view limit = !test.interface_limit                                ? ""
                                   : *test.interface_limit == model::Direction::ingress ? " in"
                                                                                        : " out";
    const auto word = [](std::size_t type) { return type_word(static_cast<model::AddressType>(type)); };
    page_.line(depth_,
               fmt::format("type{} {}{} {}", turned(test.negated),
                           test.endpoint == model::Endpoint::source ? "source" : "destination", limit,
                           chosen(test.types, static_cast<std::size_t>(model::AddressType::prohibit) + 1, word)));
  }
  void operator()(const model::MeasureTest& test) const {
    unknown(fmt::format("{} {}", measure_words(test.measure), set_word(test.values)), false);
  }
  void operator()(const model::UnknownTest& test) const {
    // What packets must hold may be a password, and a part that is not understood may be anything.
    const bool is_told = test.kind != model::Unknown::content && test.kind != model::Unknown::not_understood;
    unknown(is_told ? fmt::format("{}: {}", model::unknown_name(test.kind), test.text)
                    : std::string(model::unknown_name(test.kind)),
            test.negated);
  }
  void operator()(const model::AnyTest& test) const {
    page_.line(depth_, fmt::format("any{}", turned(test.negated)));
    for (const model::Condition& alternative : test.alternatives) {
      page_.line(depth_ + 1, "or");
      write_tests(alternative, depth_ + 2, page_);
    }
  }

 private:
  void unknown(const std::string& text, bool negated) const {
    page_.line(depth_, fmt::format("unknown{} {}", turned(negated), quoted(without_secrets(text))));
  }

  std::size_t depth_;
  Page& page_;
};

}  // namespace

void write_tests(const model::Condition& condition, std::size_t depth, Page& page) {
  for (const model::Test& test : condition.tests) {
    std::visit(TestWriter(depth, page), test);
  }
}

}  // namespace segproof::proof
