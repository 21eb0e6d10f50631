// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/assert.h"
#include "base/text.h"
#include "packet/address.h"

namespace segproof::input::yaml {
namespace {

std::string listed(Keys choices) {
  std::string text;
  for (const std::string_view choice : choices) {
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", choice);
  }
  return text;
}

bool fit_for_names(std::string_view text) {
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    if (must_be_escaped(glyph) || (glyph.bytes.size() == 1 && is_space(glyph.bytes.front()))) {
      return false;
    }
    text.remove_prefix(glyph.bytes.size());
  }
  return true;
}

}  // namespace

void Faults::error(DiagnosticCode code, const SourceSpan& span, std::string message, std::string hint,
                   std::vector<DiagnosticNote> notes) {
  sink_->add({.code = code,
              .severity = Severity::error,
              .span = span,
              .message = std::move(message),
              .notes = std::move(notes),
              .hint = std::move(hint)});
}

void Faults::warning(DiagnosticCode code, const SourceSpan& span, std::string message, std::string hint) {
  sink_->add({.code = code,
              .severity = Severity::warning,
              .span = span,
              .message = std::move(message),
              .hint = std::move(hint)});
}

std::optional<Section> Section::open(Faults& faults, View view, std::string what, Keys keys) {
  if (view.shape() != Shape::map) {
    faults.error(DiagnosticCode::wrong_shape, view.span(),
                 fmt::format("{} is a mapping of keys, not {}", what, shape_text(view.shape())),
                 fmt::format("its keys are {}", listed(keys)));
    return std::nullopt;
  }
  for (const View::Entry& entry : view.entries()) {
    const Word key = word_of(entry.key);
    if (key.text.empty() || key.text == "<<") {
      continue;  // reported by read_tree
    }
    if (std::ranges::find(keys, key.text) == keys.end()) {
      std::string hint = did_you_mean_hint(key.text, keys);
      faults.error(DiagnosticCode::unknown_key, key.span, fmt::format("{} has no key {}", what, quote(key.text)),
                   hint.empty() ? fmt::format("its keys are {}", listed(keys)) : std::move(hint));
    } else if (entry.value.shape() == Shape::nothing) {
      faults.error(DiagnosticCode::wrong_shape, key.span, fmt::format("key {} has no value", quote(key.text)),
                   "leave the key out, or write `[]` or `{}` for none");
    }
  }
  return Section(faults, view, std::move(what));
}

std::optional<View> Section::get(std::string_view key) const {
  const std::optional<View> value = view_.find(key);
  return value && value->shape() != Shape::nothing ? value : std::nullopt;
}

std::optional<View> Section::require(std::string_view key, std::optional<SourceSpan> place) const {
  const std::optional<View> value = view_.find(key);
  if (!value) {
    faults_->error(DiagnosticCode::missing_key, place.value_or(span()), fmt::format("{} needs key `{}`", what_, key));
    return std::nullopt;
  }
  return value->shape() != Shape::nothing ? value : std::nullopt;
}

void check_file_kind(const Section& section, std::string_view kind) {
  const std::optional<View> view = section.require("segproof");
  if (view && view->text() != kind) {
    section.faults().error(DiagnosticCode::unknown_file_kind, view->span(),
                           fmt::format("`segproof` is not `{}` here, but {}", kind, quote(view->text())));
  }
}

Word word_of(const View& view) {
  return {.text = std::string(view.text()), .span = view.span()};
}

std::string_view shape_text(Shape shape) {
  switch (shape) {
    case Shape::nothing:
      return "nothing";
    case Shape::text:
      return "a text";
    case Shape::list:
      return "a list";
    case Shape::map:
      return "a mapping";
  }
  SEGPROOF_UNREACHABLE();
}

std::optional<Word> read_word(Faults& faults, const View& view, std::string_view what) {
  if (view.shape() != Shape::text) {
    faults.error(DiagnosticCode::wrong_shape, view.span(),
                 fmt::format("{} is a text, not {}", what, shape_text(view.shape())));
    return std::nullopt;
  }
  return word_of(view);
}

std::vector<Word> read_words(Faults& faults, const View& view, std::string_view what) {
  std::vector<Word> words;
  for_each_item(view, [&](const View& item) {
    std::optional<Word> word = read_word(faults, item, what);
    if (word && word->text.empty()) {
      faults.error(DiagnosticCode::bad_value, word->span, fmt::format("{} is empty", what));
    } else if (word) {
      words.push_back(std::move(*word));
    }
  });
  return words;
}

std::optional<bool> read_switch(Faults& faults, const View& view, std::string_view what) {
  const std::optional<Word> word = read_word(faults, view, what);
  if (!word) {
    return std::nullopt;
  }
  if (word->text == "true" || word->text == "on" || word->text == "yes") {
    return true;
  }
  if (word->text == "false" || word->text == "off" || word->text == "no") {
    return false;
  }
  faults.error(DiagnosticCode::bad_value, word->span,
               fmt::format("{} is `on` or `off`, not {}", what, quote(word->text)));
  return std::nullopt;
}

std::optional<std::size_t> read_choice(Faults& faults, const View& view, std::string_view what, Keys choices) {
  const std::optional<Word> word = read_word(faults, view, what);
  if (!word) {
    return std::nullopt;
  }
  const auto found = std::ranges::find(choices, word->text);
  if (found == choices.end()) {
    faults.error(DiagnosticCode::bad_value, word->span,
                 fmt::format("{} is one of {}, not {}", what, listed(choices), quote(word->text)),
                 did_you_mean_hint(word->text, choices));
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - choices.begin());
}

std::optional<std::uint32_t> read_number(Faults& faults, const View& view, std::string_view what, std::uint32_t max) {
  const std::optional<Word> word = read_word(faults, view, what);
  if (!word) {
    return std::nullopt;
  }
  const std::optional<std::uint32_t> number = parse_unsigned<std::uint32_t>(word->text, 0, max);
  if (!number) {
    faults.error(DiagnosticCode::bad_value, word->span,
                 fmt::format("{} is a number from 0 to {}, not {}", what, max, quote(word->text)));
  }
  return number;
}

std::optional<std::string> read_date(Faults& faults, const View& view, std::string_view what) {
  const std::optional<Word> word = read_word(faults, view, what);
  if (!word) {
    return std::nullopt;
  }
  const std::string_view text = word->text;
  const auto part = [&](std::size_t begin, std::size_t length) -> std::optional<unsigned> {
    unsigned number = 0;
    for (const char c : text.substr(begin, length)) {
      if (!is_digit(c)) {
        return std::nullopt;
      }
      number = number * 10 + static_cast<unsigned>(c - '0');
    }
    return number;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const auto year = part(0, 4);
    const auto month = part(5, 2);
    const auto day = part(8, 2);
    if (year && month && day) {
      const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                             std::chrono::day(*day)};
      if (date.ok()) {
        return word->text;
      }
    }
  }
  faults.error(DiagnosticCode::bad_value, word->span,
               fmt::format("{} is a day written YYYY-MM-DD, not {}", what, quote(word->text)));
  return std::nullopt;
}

std::string text_at(const Section& section, std::string_view key) {
  const std::optional<Word> word = word_at(section, key);
  return word ? word->text : std::string();
}

std::optional<Word> word_at(const Section& section, std::string_view key) {
  const std::optional<View> view = section.get(key);
  return view ? read_word(section.faults(), *view, fmt::format("`{}`", key)) : std::nullopt;
}

std::vector<Word> words_at(const Section& section, std::string_view key) {
  const std::optional<View> view = section.get(key);
  return view ? read_words(section.faults(), *view, fmt::format("`{}`", key)) : std::vector<Word>();
}

std::vector<std::string> texts_at(const Section& section, std::string_view key) {
  std::vector<std::string> texts;
  for (Word& word : words_at(section, key)) {
    texts.push_back(std::move(word.text));
  }
  return texts;
}

bool switch_at(const Section& section, std::string_view key, bool absent) {
  const std::optional<View> view = section.get(key);
  return view ? read_switch(section.faults(), *view, fmt::format("`{}`", key)).value_or(absent) : absent;
}

std::string date_at(const Section& section, std::string_view key) {
  const std::optional<View> view = section.get(key);
  return view ? read_date(section.faults(), *view, fmt::format("`{}`", key)).value_or("") : std::string();
}

bool usable_name(Faults& faults, const Word& name, std::string_view what, Names names) {
  static constexpr std::array<std::string_view, 3> taken = {"any", "unknown", "none"};
  std::string fault;
  if (name.text.empty()) {
    fault = "is empty";
  } else if (!fit_for_names(name.text)) {
    fault = "holds white space or invisible characters";
  } else if (names == Names::of_places && name.text.find_first_of(":@,/") != std::string::npos) {
    fault = "holds one of `:`, `@`, `,` and `/`, which have a meaning in claims";
  } else if (names == Names::of_places && std::ranges::find(taken, name.text) != taken.end()) {
    fault = "is a word that claims use themselves";
  } else if (names != Names::of_interfaces && parse_address(name.text)) {
    fault = "looks like an address";
  } else {
    return true;
  }
  faults.error(DiagnosticCode::bad_name, name.span, fmt::format("{}: the name {} {}", what, quote(name.text), fault));
  return false;
}

}  // namespace segproof::input::yaml
